"""What `perfpilot doctor` looks at on the load generator: each check is a plain typed result."""

from __future__ import annotations

import asyncio
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from perfpilot.domain.base import Frozen
from perfpilot.domain.errors import NotReadyError
from perfpilot.tools.jmeter.installation.home import find_jmeter, look_for_jmeter
from perfpilot.tools.jmeter.installation.install import Progress, cache_directory
from perfpilot.tools.jmeter.installation.java import Java, find_java
from perfpilot.tools.jmeter.running.unwatched import find_unwatched

MIN_PYTHON, NEWEST_TESTED_PYTHON = (3, 11), (3, 13)
MIN_CACHE_MIB = 512  # JMeter takes 73 MiB, Java 101 MiB, each twice while it is being installed
MIN_RUNS_MIB = 1024  # a result file grows by about 150 bytes a sample
MIN_OPEN_FILES = 4096  # JMeter needs about 200, and one more for each open connection
MIN_PORTS = 10_000  # one for each connection, and each is kept for a minute after its end

_PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


class Check(Frozen):
    """One thing that was looked at.

    `ok` says whether perfpilot can work with what was `found` (at `where`). `problem` is empty, or says
    what is wrong; on an `ok` check it is a remark. `mend` is the one command that mends it.
    """

    name: str
    ok: bool
    found: str
    where: str = ""
    problem: str = ""
    mend: str = ""


async def check_generator(
    *,
    jmeter_home: str | None = None,
    runs_dir: str = "runs",
    install: bool = False,
    progress: Progress | None = None,
) -> tuple[Check, ...]:
    """Check Python, the system, Java, JMeter, disk, open files, ports, the temporary directory, and loads
    that a crash left behind.

    With `install=False`, nothing is downloaded and nothing is written but one probe file in the temporary
    directory. With `install=True`, a missing Java or JMeter is installed first. Raises nothing: what is
    wrong is in the checks.
    """
    java, java_check = await _check_java(install, progress)
    jmeter_check = await _check_jmeter(java, jmeter_home, install, progress)
    machine = await asyncio.to_thread(_check_machine, runs_dir)
    return (check_python(), check_system(), java_check, jmeter_check, *machine)


def check_python(version: tuple[int, int] | None = None) -> Check:
    """Python 3.11 to 3.13 is tested; `version` is given by tests only."""
    found = version or (sys.version_info.major, sys.version_info.minor)
    text = ".".join(map(str, found))
    newest = ".".join(map(str, NEWEST_TESTED_PYTHON))
    if found < MIN_PYTHON:
        return Check(
            name="python", ok=False, found=text, where=sys.executable,
            problem="perfpilot needs Python 3.11 or newer", mend="install Python 3.12",
        )  # fmt: skip
    remark = f"not tested with Python newer than {newest}" if found > NEWEST_TESTED_PYTHON else ""
    return Check(name="python", ok=True, found=text, where=sys.executable, problem=remark)


def check_system(system: str | None = None) -> Check:
    """Linux is supported, macOS is best effort, Windows goes through WSL; `system` is given by tests only."""
    name = system or platform.system()
    found = f"{name} {platform.release()} {platform.machine()}"
    if name == "Linux":
        return Check(name="operating system", ok=True, found=found)
    if name == "Darwin":
        return Check(
            name="operating system", ok=True, found=found,
            problem="macOS is best effort: per-process figures of the target may be missing",
        )  # fmt: skip
    return Check(
        name="operating system", ok=False, found=found,
        problem="perfpilot runs on Linux, and on Windows only through WSL", mend="wsl --install",
    )  # fmt: skip


def check_disk(name: str, directory: Path, min_mib: int, mend: str) -> Check:
    """Free space where `directory` is, or would be made, against `min_mib` mebibytes."""
    existing = next(path for path in (directory.absolute(), *directory.absolute().parents) if path.exists())
    free_mib = shutil.disk_usage(existing).free >> 20
    problem = "" if free_mib >= min_mib else f"at least {min_mib} MiB must be free"
    return Check(
        name=name, ok=not problem, found=f"{free_mib} MiB free", where=str(directory.absolute()),
        problem=problem, mend=mend if problem else "",
    )  # fmt: skip


def check_open_files(limit: int | None = None) -> Check:
    """The hard limit of open files: a JVM raises its own soft limit to it. `limit` is given by tests only."""
    soft, hard = _open_file_limits() if limit is None else (limit, limit)
    unlimited = hard < 0
    found = f"soft {soft}, hard {'unlimited' if unlimited else hard}"
    problem = "" if unlimited or hard >= MIN_OPEN_FILES else f"JMeter may open no more than {hard} files"
    mend = "sudo prlimit --pid $$ --nofile=65536:65536" if problem else ""
    return Check(
        name="open files", ok=not problem, found=found, where="ulimit -Hn", problem=problem, mend=mend
    )


def check_temporary_directory(directory: Path) -> Check:
    """JMeter and installs write there."""
    try:
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(b"perfpilot")
    except OSError as error:
        return Check(
            name="temporary directory", ok=False, found="not writable", where=str(directory),
            problem=f"it can't be written: {error.strerror}", mend="export TMPDIR=<a writable directory>",
        )  # fmt: skip
    return Check(name="temporary directory", ok=True, found="writable", where=str(directory))


def check_ports(range_file: Path = _PORT_RANGE) -> Check:
    """Local ports that connections may use, on Linux. Another file is given by tests only."""
    try:
        first, last = map(int, range_file.read_text().split())
    except (OSError, ValueError):
        return Check(name="ports", ok=True, found="not known")
    count = last - first + 1
    problem = "" if count >= MIN_PORTS else f"at most {count} connections can be open or just closed"
    mend = 'sudo sysctl -w net.ipv4.ip_local_port_range="32768 60999"' if problem else ""
    return Check(
        name="ports", ok=not problem, found=f"{count} for connections", where=str(range_file),
        problem=problem, mend=mend,
    )  # fmt: skip


def check_unwatched() -> Check:
    """Loads that go on although nobody watches them; they hold the generator and their targets."""
    found = find_unwatched()
    if not found:
        return Check(name="loads left behind", ok=True, found="none")
    first = found[0]
    who = ", ".join(f"process {each.pid} of run {each.run_id}, attempt {each.attempt}" for each in found)
    mend = f"perfpilot resume {first.run_dir}  # watches it to its end; Ctrl-C there ends it"
    return Check(
        name="loads left behind", ok=False, found=str(len(found)), where=first.run_dir,
        problem=f"a JMeter runs that no perfpilot watches: {who}",
        mend=mend if first.run_dir else f"kill {first.pid}  # its run is gone",
    )  # fmt: skip


async def _check_java(install: bool, progress: Progress | None) -> tuple[Java | None, Check]:
    try:
        java = await find_java(install=install, progress=progress)
    except NotReadyError as error:
        return None, Check(name="java", ok=False, found="none", problem=error.problem, mend=error.mend)
    return java, Check(
        name="java", ok=True, found=f"{java.version} ({java.source})", where=java.executable,
        problem="; ".join(java.passed_over),
    )  # fmt: skip


async def _check_jmeter(
    java: Java | None, jmeter_home: str | None, install: bool, progress: Progress | None
) -> Check:
    try:
        if java and install:
            jmeter = await find_jmeter(java, jmeter_home=jmeter_home, progress=progress)
        else:
            jmeter = await look_for_jmeter(jmeter_home)
    except NotReadyError as error:
        return Check(name="jmeter", ok=False, found="none", problem=error.problem, mend=error.mend)
    return Check(
        name="jmeter", ok=True, found=f"{jmeter.version} ({jmeter.source})", where=jmeter.path,
        problem="; ".join(jmeter.passed_over),
    )  # fmt: skip


def _check_machine(runs_dir: str) -> tuple[Check, ...]:
    cache, runs = cache_directory("jmeter"), Path(runs_dir)
    return (
        check_disk(
            "disk of the cache", cache, MIN_CACHE_MIB, "export XDG_CACHE_HOME=<a directory with more room>"
        ),
        check_disk("disk of the runs", runs, MIN_RUNS_MIB, f"rm -r {runs}/<runs that are no longer needed>"),
        check_open_files(),
        check_ports(),
        check_temporary_directory(Path(tempfile.gettempdir())),
        check_unwatched(),
    )


def _open_file_limits() -> tuple[int, int]:
    try:
        import resource
    except ImportError:  # native Windows has no such limit, and check_system says what to do there
        return (-1, -1)
    return resource.getrlimit(resource.RLIMIT_NOFILE)
