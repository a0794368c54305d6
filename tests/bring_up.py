"""Make sure that the programs which the tests need are on this machine, or name the command that mends it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NEEDED = {
    "redis-server": lambda: shutil.which("redis-server"),
    "postgresql": lambda: (
        next(Path("/usr/lib/postgresql").glob("*/bin/initdb"), None) or shutil.which("initdb")
    ),
    "maven": lambda: shutil.which("mvn"),
    "faketime": lambda: shutil.which("faketime"),
    "chromium": lambda: shutil.which("chromium") or shutil.which("google-chrome"),
}


def main() -> int:
    """Install missing Debian packages where that is allowed without a question; 4 where it is not."""
    missing = [package for package, found in NEEDED.items() if not found()]
    if not missing:
        return 0
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    as_root = _prefix()
    if as_root is not None and shutil.which("apt-get"):
        print(f"installing for the tests: {' '.join(missing)}", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["apt-get", "update", "-q"], command):
            subprocess.run([*as_root, *step], check=False, env=quiet, stdout=subprocess.DEVNULL)
        missing = [package for package, found in NEEDED.items() if not found()]
    if missing:
        print(f"the tests need {' '.join(missing)}: sudo {' '.join(command)}", file=sys.stderr)
        return 4
    return 0


def _prefix() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    asks = sudo is None or subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode
    return None if asks else ["sudo", "-n"]


if __name__ == "__main__":
    raise SystemExit(main())
