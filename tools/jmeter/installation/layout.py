"""The layout of a JMeter home: what makes a directory one, its version, and laying one out from jars."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path, PurePosixPath

from perfpilot.tools.jmeter.installation.unpack import unpack_zip

LAUNCHER = "bin/ApacheJMeter.jar"
OLDEST = (5, 5)  # the first with the Open Model Thread Group

_NEEDED = (LAUNCHER, "bin/jmeter.properties", "bin/saveservice.properties")
_NEEDED_EXTENSIONS = ("core", "components", "functions", "http", "java")


def read_version(home: Path) -> str:
    """The version of the JMeter at `home`, from the manifest of its jars (`jmeter --version` costs 3 s).

    Raises:
        ValueError: `home` is no whole JMeter home of at least 5.5; the message says what is missing.
    """
    for name in _NEEDED:
        if not (home / name).is_file():
            raise ValueError(f"{home} is no JMeter home: {name} is missing")
    core = _extension(home, "core")
    for part in _NEEDED_EXTENSIONS:
        _extension(home, part)
    for jar in jars(home):
        if not zipfile.is_zipfile(jar):
            raise ValueError(f"{jar} is damaged: it is no jar file")
    version = _manifest_version(core) or _name_version(core)
    if not version:
        raise ValueError(f"{core} does not say which version it is")
    if _number(version) < OLDEST:
        raise ValueError(f"{home} is JMeter {version}; perfpilot needs {OLDEST[0]}.{OLDEST[1]} or newer")
    return version


def jars(home: Path) -> list[Path]:
    """All jars that JMeter itself would load: the launcher, then `lib`, then `lib/ext`."""
    return [home / LAUNCHER, *sorted((home / "lib").glob("*.jar")), *sorted((home / "lib/ext").glob("*.jar"))]


def lay_out(home: Path, version: str) -> None:
    """Turn the jars that lie in `home/lib` into a JMeter home.

    The launcher goes to `bin`, JMeter's own parts to `lib/ext` (functions and elements are found only
    there), and `bin` is completed from the configuration jar, which carries the property files.

    Raises:
        ValueError: a jar that a home needs is not among them, or is damaged.
    """
    library, extensions = home / "lib", home / "lib/ext"
    for directory in (home / "bin", extensions, library / "junit"):
        directory.mkdir(parents=True, exist_ok=True)
    launcher = library / f"ApacheJMeter-{version}.jar"
    if launcher.is_file():
        launcher.rename(home / LAUNCHER)
    for jar in library.glob(f"ApacheJMeter_*-{version}.jar"):
        jar.rename(extensions / jar.name)
    unpack_zip(_extension(home, "config"), home, _only_bin)
    found = read_version(home)
    if found != version:
        raise ValueError(f"the jars are JMeter {found} where {version} was expected")


def _only_bin(path: PurePosixPath) -> PurePosixPath | None:
    return path if path.parts[:1] == ("bin",) else None


def _extension(home: Path, part: str) -> Path:
    # Apache's archive has ApacheJMeter_core.jar, Maven ApacheJMeter_core-5.6.3.jar.
    for jar in sorted((home / "lib/ext").glob(f"ApacheJMeter_{part}*.jar")):
        if re.fullmatch(rf"ApacheJMeter_{part}(-\d.*)?\.jar", jar.name):
            return jar
    raise ValueError(f"{home} is no whole JMeter home: lib/ext/ApacheJMeter_{part}.jar is missing")


def _manifest_version(jar: Path) -> str:
    try:
        with zipfile.ZipFile(jar) as file:
            manifest = file.read("META-INF/MANIFEST.MF").decode(errors="replace")
    except KeyError:
        return ""
    except (zipfile.BadZipFile, OSError) as error:
        raise ValueError(f"{jar} is damaged: {error}") from error
    line = re.search(r"^Implementation-Version:\s*(\S+)", manifest, re.MULTILINE)
    return line.group(1) if line else ""


def _name_version(jar: Path) -> str:
    match = re.fullmatch(r"ApacheJMeter_core-(\d.*)\.jar", jar.name)
    return match.group(1) if match else ""


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
