"""Running a written plan on a real JMeter, as the runner does: in the attempt's directory, with -q files."""

from __future__ import annotations

import asyncio
import csv
import functools
import subprocess
from dataclasses import dataclass
from pathlib import Path

from perfpilot.tools.jmeter.installation.home import JMeterHome, find_jmeter
from perfpilot.tools.jmeter.installation.java import Java, find_java
from perfpilot.tools.jmeter.jmx.write import WrittenPlan
from perfpilot.tools.jmeter.properties import save_properties, write_properties
from perfpilot.tools.jmeter.running.stop import free_udp_port

FAST = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-Djava.awt.headless=true")


@functools.cache
def generator() -> tuple[Java, JMeterHome]:
    """Java and JMeter, installed into the cache where they are missing."""

    async def find() -> tuple[Java, JMeterHome]:
        java = await find_java()
        return java, await find_jmeter(java)

    return asyncio.run(find())


@dataclass(frozen=True)
class Ran:
    """What a run left: the rows of its result file, and its log."""

    rows: list[dict[str, str]]
    log: str


def lay_out(directory: Path, written: WrittenPlan, secrets: dict[str, str] | None = None) -> None:
    """Write all files of a plan."""
    (directory / "plan.jmx").write_bytes(written.xml)
    for name, text in {**written.control_files, **written.data_files}.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_bytes(text.encode())
    saved = save_properties(udp_port=free_udp_port())
    write_properties(directory / "perfpilot.properties", {**saved, **written.properties})
    write_properties(directory / "private.properties", secrets or {})


def start(directory: Path) -> subprocess.Popen[bytes]:
    """Start JMeter on the plan that was laid out; confined where there is a file for that, as in a run."""
    java, home = generator()
    flags = [*FAST, f"-Djdk.net.hosts.file={directory / 'hosts'}"] if (directory / "hosts").exists() else FAST
    command = [java.executable, *flags, "-jar", home.launcher, "-n", "-t", "plan.jmx", "-l", "results.jtl"]
    command += ["-j", "jmeter.log", "-q", "perfpilot.properties", "-q", "private.properties"]
    if (directory / "system.properties").exists():
        command += ["-S", "system.properties"]
    with (directory / "jmeter.out").open("wb") as out:
        return subprocess.Popen(command, cwd=directory, stdout=out, stderr=subprocess.STDOUT)


def run(directory: Path, written: WrittenPlan, secrets: dict[str, str] | None = None) -> Ran:
    """Run a plan to its end."""
    lay_out(directory, written, secrets)
    process = start(directory)
    try:
        process.wait(60)
    finally:
        process.kill()
        process.wait()
    return read(directory)


def read(directory: Path) -> Ran:
    """Read what a run left."""
    results = directory / "results.jtl"
    rows: list[dict[str, str]] = []
    if results.exists():
        with results.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    return Ran(rows, (directory / "jmeter.log").read_text(encoding="utf-8", errors="replace"))
