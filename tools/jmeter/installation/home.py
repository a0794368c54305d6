"""Finding JMeter: the named home, then PATH, then perfpilot's cache; else installing it into the cache."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from pathlib import Path

from perfpilot.domain.base import Frozen
from perfpilot.domain.errors import NotReadyError
from perfpilot.tools.jmeter.installation.install import Progress, cache_directory, install_lock, read_install
from perfpilot.tools.jmeter.installation.install_jmeter import install_jmeter
from perfpilot.tools.jmeter.installation.java import Java
from perfpilot.tools.jmeter.installation.layout import LAUNCHER, jars, read_version


class JMeterHome(Frozen):
    """A whole JMeter home of at least 5.5.

    `source` says where it was found ("--jmeter-home", "JMETER_HOME", "PATH", "cache") or installed from
    ("maven", "archive", "pypi"); `passed_over` what was found before it and why it was not taken.
    """

    path: str
    version: str
    source: str
    passed_over: tuple[str, ...] = ()

    @property
    def launcher(self) -> str:
        """The jar for `java -jar`."""
        return str(Path(self.path) / LAUNCHER)

    def class_path(self) -> str:
        """All jars, for `java -Djmeter.home=<path> -cp <this> org.apache.jmeter.NewDriver`.

        Only this form of start can use a class-data archive. Reads two directories: from asynchronous code,
        call it with `asyncio.to_thread`.
        """
        return os.pathsep.join(str(jar) for jar in jars(Path(self.path)))


class Generator(Frozen):
    """What a load generator needs: a Java and a JMeter that runs on it."""

    java: Java
    jmeter: JMeterHome


async def find_jmeter(
    java: Java, *, jmeter_home: str | None = None, install: bool = True, progress: Progress | None = None
) -> JMeterHome:
    """The first usable JMeter, installed into the cache where there is none.

    Order: `jmeter_home` or `$JMETER_HOME`, `jmeter` on PATH if at least 5.5, the cache, then an install
    (Maven, Apache's archive, PyPI). `java` is the Java that Maven runs on. `progress` is told in words what
    takes long. A named home that is not usable is an error: perfpilot does not quietly take another.

    Raises:
        NotReadyError: names what is missing or wrong, and the command that mends it.
    """
    say = progress or _silent
    found, passed_over = await asyncio.to_thread(_look, jmeter_home)
    if found:
        return found
    if not install:
        raise _not_found(passed_over)
    directory = await asyncio.to_thread(cache_directory, "jmeter")
    for reason in passed_over:
        say(reason)
    async with install_lock(directory, say):
        cached = await asyncio.to_thread(_in_cache, [])  # another may have installed it while we waited
        if cached:
            return cached.model_copy(update={"passed_over": passed_over})
        installed, path = await install_jmeter(directory, java_home=java.home, progress=say)
    return JMeterHome(
        path=str(path), version=installed.version, source=installed.source, passed_over=passed_over
    )


async def look_for_jmeter(jmeter_home: str | None = None) -> JMeterHome:
    """As `find_jmeter`, but needs no Java and installs nothing.

    Raises:
        NotReadyError: there is none, or the named one is not usable.
    """
    found, passed_over = await asyncio.to_thread(_look, jmeter_home)
    if not found:
        raise _not_found(passed_over)
    return found


def _look(jmeter_home: str | None) -> tuple[JMeterHome | None, tuple[str, ...]]:
    passed_over: list[str] = []
    found = _named(jmeter_home) or _on_path(passed_over) or _in_cache(passed_over)
    if found:
        found = found.model_copy(update={"passed_over": tuple(passed_over)})
    return found, tuple(passed_over)


def _named(jmeter_home: str | None) -> JMeterHome | None:
    source = "--jmeter-home" if jmeter_home else "JMETER_HOME"
    named = jmeter_home or os.environ.get("JMETER_HOME", "")
    if not named:
        return None
    home = Path(named).expanduser().resolve()
    try:
        return JMeterHome(path=str(home), version=read_version(home), source=source)
    except (ValueError, OSError) as reason:
        mend = "unset JMETER_HOME" if source == "JMETER_HOME" else "leave out --jmeter-home"
        raise NotReadyError(
            f"{source} can't be used: {reason}.",
            mend=f"{mend} (perfpilot then finds or installs JMeter itself)",
        ) from reason


def _on_path(passed_over: list[str]) -> JMeterHome | None:
    script = shutil.which("jmeter")
    if not script:
        return None
    reasons: list[str] = []
    for home in _homes_of(Path(script)):
        try:
            return JMeterHome(path=str(home), version=read_version(home), source="PATH")
        except (ValueError, OSError) as reason:
            reasons.append(str(reason))
    passed_over.append(f"PATH: {script} was passed over: {reasons[-1]}")
    return None


def _homes_of(script: Path) -> list[Path]:
    """Where the home of a `jmeter` script may be: above it, or where a wrapper script points to."""
    resolved = script.resolve()
    homes = [resolved.parent.parent]
    if resolved.stat().st_size < 64 * 1024:
        # Homebrew and some packages put a two-line wrapper on PATH that calls the real script.
        text = resolved.read_text(encoding="utf-8", errors="replace")
        wrapped = (Path(match).resolve() for match in re.findall(r"(/[^\s\"']+)/bin/jmeter\b", text))
        homes[:0] = [home for home in wrapped if home != homes[0] and home.is_dir()]
    return homes


def _in_cache(passed_over: list[str]) -> JMeterHome | None:
    """The newest whole install; what is half finished or damaged is passed over."""
    directory = cache_directory("jmeter")
    for home in sorted(directory.glob("[0-9]*"), key=lambda path: path.name, reverse=True):
        try:
            marker = read_install(home)
            return JMeterHome(path=str(home), version=marker.version, source="cache")
        except ValueError as reason:
            passed_over.append(f"cache: {reason}")
    return None


def _not_found(passed_over: tuple[str, ...]) -> NotReadyError:
    reasons = "; ".join(passed_over)
    return NotReadyError(
        "No JMeter was found in JMETER_HOME, on PATH or in the cache"
        + (f" ({reasons})." if reasons else "."),
        mend="perfpilot doctor --install",
    )


def _silent(message: str) -> None:
    """Nobody asked for progress."""
