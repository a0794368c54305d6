"""First source of JMeter: Maven artefacts, each checked against our lock of SHA-512 sums."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.resources
import os
import shutil
import tempfile
from pathlib import Path

from perfpilot.tools.jmeter.installation.command import run_to_end
from perfpilot.tools.jmeter.installation.install import SourceFailed
from perfpilot.tools.jmeter.installation.layout import lay_out

VERSION = "5.6.3"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_TIMEOUT_S = 300.0


async def fill_from_maven(home: Path, *, java_home: str) -> None:
    """Lay out JMeter 5.6.3 in `home` with the `mvn` on PATH and the user's own Maven settings.

    Raises:
        SourceFailed: no `mvn`, `mvn` failed, or a jar differs from the lock.
    """
    mvn = await asyncio.to_thread(shutil.which, "mvn")
    if not mvn:
        raise SourceFailed("mvn is not on PATH")
    # A directory of its own, so that no .mvn folder or pom.xml of the current directory is taken.
    project = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="perfpilot-maven-"))
    try:
        await asyncio.to_thread(_write_pom, project / "pom.xml")
        await _copy_jars(mvn, project, home / "lib", java_home)
    finally:
        await asyncio.to_thread(shutil.rmtree, project, ignore_errors=True)
    await asyncio.to_thread(_verify_and_lay_out, home)


def locked_sums() -> dict[str, str]:
    """The lock: SHA-512 by jar name, for exactly the jars that the pom resolves to."""
    lines = _data(f"jmeter-{VERSION}.lock").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines if line)}


def verify_jars(directory: Path, sums: dict[str, str]) -> None:
    """Check that `directory` holds exactly the jars of `sums`, byte for byte.

    Raises:
        SourceFailed: names the first jar that is missing, unexpected or different.
    """
    present = {path.name: path for path in directory.glob("*.jar")}
    for name in sorted(sums.keys() ^ present.keys()):
        raise SourceFailed(f"{name} is {'missing' if name in sums else 'not in the lock file'}")
    for name, path in sorted(present.items()):
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha512").hexdigest() != sums[name]:
                raise SourceFailed(
                    f"the SHA-512 of {name} differs from the lock file: it is not the released jar"
                )


async def _copy_jars(mvn: str, project: Path, library: Path, java_home: str) -> None:
    # -C: a download whose checksum differs from the repository's fails instead of warning.
    argv = [mvn, "-B", "-q", "-C", _COPY, "-DincludeScope=runtime", f"-DoutputDirectory={library}"]
    env = {**os.environ, "JAVA_HOME": java_home}
    try:
        done = await run_to_end(argv, timeout_s=_TIMEOUT_S, env=env, cwd=project)
    except (OSError, TimeoutError) as error:
        raise SourceFailed(f"mvn did not end well within {_TIMEOUT_S:.0f} s: {error!r}") from error
    if done.returncode != 0:
        errors = [line for line in done.stdout.splitlines() if line.startswith("[ERROR]")]
        raise SourceFailed(f"mvn ended with {done.returncode}: {errors[0] if errors else done.last_words()}")


def _verify_and_lay_out(home: Path) -> None:
    verify_jars(home / "lib", locked_sums())
    try:
        lay_out(home, VERSION)
    except ValueError as error:
        raise SourceFailed(str(error)) from error


def _write_pom(path: Path) -> None:
    path.write_text(_data(f"jmeter-{VERSION}.pom.xml"), encoding="utf-8")


def _data(name: str) -> str:
    return (importlib.resources.files("perfpilot.tools.jmeter.installation") / name).read_text(
        encoding="utf-8"
    )
