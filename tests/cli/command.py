"""The command as a real process, for tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def perfpilot(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `perfpilot` with these arguments and wait for its end."""
    return subprocess.run(
        [sys.executable, "-m", "perfpilot", *arguments],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "100", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
