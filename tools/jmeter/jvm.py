"""The command line that starts JMeter: one for load, one that starts fast for the smoke pass."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from perfpilot.tools.jmeter.installation.home import Generator

_OPENS = ("java.lang", "java.lang.invoke", "java.lang.reflect", "java.util", "java.text")
# Compiling little starts in 1.5 s instead of 2.6 to 4 s, at a lower peak rate: right for one user.
_FAST = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xms64m", "-Xmx256m")

# Short pauses, as `bin/jmeter` has them.
_LOAD = ("-XX:+UseG1GC", "-XX:MaxGCPauseMillis=100")

GC_LOG = "gc.log"
"""What the collector did during the load, beside it `gc.log.0` and so on; not with Java 8, which has other
flags. 90 bytes a pause, at most 30 MB."""

_GC_LOG = f"-Xlog:gc:file={GC_LOG}:timemillis:filecount=2,filesize=10m"

HOST_SHARE = 0.5
"""Of the memory that JMeter may use at all: the rest is for its threads, perfpilot, and what runs beside."""


def command_line(
    generator: Generator,
    directory: Path,
    *,
    plan: str,
    results: str,
    log: str,
    marker: str,
    property_files: Sequence[str],
    system_properties: str = "",
    heap_mb: int = 0,
) -> list[str]:
    """The whole command. File names are relative to `directory`, JMeter's working directory.

    `heap_mb`: the fixed heap of a load; without it a JVM that starts fast, for one user.
    `system_properties` names a file of properties of the JVM, such as `properties.confine` gives.
    No secret is ever an argument: arguments are seen by every user of the machine and logged by JMeter.
    """
    flags: tuple[str, ...] = (f"-Xms{heap_mb}m", f"-Xmx{heap_mb}m", *_LOAD) if heap_mb else _FAST
    command = [
        generator.java.executable,
        *flags,
        *((_GC_LOG,) if heap_mb and generator.java.major >= 9 else ()),
        "-XX:MaxMetaspaceSize=256m",
        "-XX:+ExitOnOutOfMemoryError",  # without it a JVM that is out of memory lives on and sends nothing
        f"-Djdk.net.hosts.file={directory / 'hosts'}",
        f"-Djava.util.prefs.userRoot={directory / 'prefs'}",
        "-Djava.security.egd=file:/dev/urandom",
        "-Djava.awt.headless=true",
        "-Duser.language=en",
        "-Duser.region=EN",
        "-Duser.timezone=UTC",
    ]
    if generator.java.major >= 9:
        command += [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENS]
    command += ["-jar", generator.jmeter.launcher, "-n", "-t", plan, "-l", results, "-j", log]
    # Looping users would log one warning a sample where the target sets cookies.
    command.append("-Lorg.apache.jmeter.protocol.http.sampler.HTTPSamplerBase=ERROR")
    for name in property_files:
        command += ["-q", name]
    if system_properties:
        command += ["-S", system_properties]
    return [*command, f"-Jperfpilot.run={marker}"]


def heap_within(wanted_mb: int, allowed_mb: int) -> int:
    """The heap that a host with so much memory can give."""
    return min(wanted_mb, max(int(allowed_mb * HOST_SHARE), 64))
