"""Made-up JMeter homes and Javas: the right file names and versions, nothing that runs."""

from __future__ import annotations

import zipfile
from pathlib import Path

PARTS = ("core", "components", "functions", "http", "java", "config")


def make_home(home: Path, version: str, *, maven_names: bool = False, in_manifest: bool = True) -> Path:
    """A directory that looks like a JMeter home of `version`, with Apache's jar names or Maven's."""
    (home / "bin").mkdir(parents=True)
    for name in ("jmeter.properties", "saveservice.properties"):
        (home / "bin" / name).write_text("# made up\n")
    script = home / "bin/jmeter"
    script.write_text("#!/bin/sh\nexit 1\n")
    script.chmod(0o755)
    make_jar(home / "bin/ApacheJMeter.jar", version)
    for part in PARTS:
        name = f"ApacheJMeter_{part}-{version}.jar" if maven_names else f"ApacheJMeter_{part}.jar"
        make_jar(home / "lib/ext" / name, version if in_manifest else "")
    make_jar(home / "lib/slf4j-api-1.7.36.jar", "1.7.36")
    return home


def make_jar(path: Path, version: str = "", **files: str) -> Path:
    """A jar with a manifest and `files` (a double underscore in a name stands for a slash)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    manifest = "Manifest-Version: 1.0\n" + (f"Implementation-Version: {version}\n" if version else "")
    with zipfile.ZipFile(path, "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", manifest)
        for name, text in files.items():
            jar.writestr(name.replace("__", "/"), text)
    return path


def make_java(home: Path, version: str) -> Path:
    """A fake `java` that answers the question for its version as a real one does."""
    executable = home / "bin/java"
    executable.parent.mkdir(parents=True)
    executable.write_text(
        f"#!/bin/sh\necho '    java.home = {home}' >&2\necho '    java.version = {version}' >&2\n"
    )
    executable.chmod(0o755)
    return home
