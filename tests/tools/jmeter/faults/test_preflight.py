"""What a machine lacks is named before any load, with the mend."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfpilot.domain.load_outcome import Ended
from perfpilot.tools.jmeter.doctor import check_generator, check_ports
from tests.tools.jmeter.faults.real_load import java_through, laid_out
from tests.tools.jmeter.faults.targets import target, well
from tests.tools.jmeter.installation.made_up_home import make_home, make_java


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with neither Java nor JMeter."""
    for name in ("JAVA_HOME", "JMETER_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


async def _check(name: str, jmeter_home: Path | None = None) -> tuple[bool, str, str]:
    home = str(jmeter_home) if jmeter_home else None
    checks = {check.name: check for check in await check_generator(jmeter_home=home)}
    return checks[name].ok, checks[name].problem, checks[name].mend


async def test_a_java_that_is_too_old_alone_is_no_java(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(make_java(bare / "old", "1.7.0_80")))
    ok, problem, mend = await _check("java")
    assert (ok, mend) == (False, "perfpilot doctor --install")
    assert "is Java 1.7.0_80; JMeter runs on Java 8 to 24" in problem


@pytest.mark.parametrize("jar", ["bin/ApacheJMeter.jar", "lib/ext/ApacheJMeter_core.jar"])
@pytest.mark.parametrize("damage", ["missing", "cut", "empty"])
async def test_a_home_with_a_missing_or_damaged_jar_is_named(bare: Path, jar: str, damage: str) -> None:
    home = make_home(bare / "home", "5.6.3")
    if damage == "missing":
        (home / jar).unlink()
    else:
        data = (home / jar).read_bytes()
        (home / jar).write_bytes(data[: len(data) // 2] if damage == "cut" else b"")
    ok, problem, mend = await _check("jmeter", home)
    assert not ok
    assert Path(jar).name in problem, problem
    assert mend


@pytest.mark.parametrize(
    ("text", "ok"), [("32768\t60999\n", True), ("50000\t50099\n", False), ("rubbish", True), (None, True)]
)
def test_few_local_ports_are_named_with_the_mend(text: str | None, ok: bool, tmp_path: Path) -> None:
    path = tmp_path / "range"
    if text is not None:
        path.write_text(text)
    check = check_ports(path)
    assert check.ok is ok
    if not ok:
        assert check.found == "100 for connections"
        assert check.mend.startswith("sudo sysctl -w net.ipv4.ip_local_port_range")


@pytest.fixture
def nothing_runs_here(tmp_path: Path) -> Iterator[Path]:
    """A directory of which no program can be started."""
    directory = tmp_path / "noexec"
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "noexec,size=8m", "tmpfs", str(directory)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount")
    yield directory
    subprocess.run(["umount", "-l", str(directory)], check=True)


@pytest.mark.long
async def test_a_temporary_directory_of_which_nothing_can_be_started_is_no_trouble(
    nothing_runs_here: Path, tmp_path: Path
) -> None:
    options = f"export JAVA_TOOL_OPTIONS=-Djava.io.tmpdir={nothing_runs_here}"
    java = await asyncio.to_thread(java_through, tmp_path, options)
    with target({"/": well}) as port:
        load = await laid_out(
            tmp_path, port, java=java, load_patterns=[{"stages": [{"rate_per_s": 20, "duration": "2s"}]}]
        )
        loaded = await load.run_to_its_end()
    assert loaded.outcome.ended is Ended.COMPLETED, loaded.outcome
    assert loaded.closed.attempt.files.rows == pytest.approx(40, abs=3)
