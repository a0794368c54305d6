from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.tools.jmeter.doctor import (
    check_disk,
    check_generator,
    check_open_files,
    check_python,
    check_system,
    check_temporary_directory,
)
from tests.tools.jmeter.installation.made_up_home import make_home, make_java

NAMES = [
    "python",
    "operating system",
    "java",
    "jmeter",
    "disk of the cache",
    "disk of the runs",
    "open files",
    "ports",
    "temporary directory",
    "loads left behind",
]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with neither Java nor JMeter."""
    empty = tmp_path / "empty-path"
    empty.mkdir()
    for name in ("JAVA_HOME", "JMETER_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


async def test_what_is_missing_is_shown_with_the_mend_and_nothing_is_installed(bare: Path) -> None:
    checks = {check.name: check for check in await check_generator(runs_dir=str(bare / "runs"))}
    assert list(checks) == NAMES
    for name in ("java", "jmeter"):
        assert (checks[name].ok, checks[name].found) == (False, "none")
        assert checks[name].problem
        assert checks[name].mend == "perfpilot doctor --install"
    assert [path.name for path in _inside(bare)] == ["empty-path"]


async def test_what_was_found_is_shown_with_place_and_version_and_what_was_passed_over(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java, home = make_java(bare / "java", "21.0.1"), make_home(bare / "jmeter", "5.6.3")
    monkeypatch.setenv("JAVA_HOME", str(make_java(bare / "new", "26")))
    monkeypatch.setenv("PATH", str(java / "bin"))
    checks = {check.name: check for check in await check_generator(jmeter_home=str(home))}
    assert (checks["java"].ok, checks["java"].found) == (True, "21.0.1 (PATH)")
    assert checks["java"].where == str(java / "bin/java")
    assert "is Java 26" in checks["java"].problem
    assert (checks["jmeter"].ok, checks["jmeter"].found) == (True, "5.6.3 (--jmeter-home)")
    assert checks["jmeter"].where == str(home)


@pytest.mark.parametrize(
    ("version", "ok", "remark"), [((3, 10), False, True), ((3, 11), True, False), ((3, 14), True, True)]
)
def test_python_is_judged_by_what_was_tested(version: tuple[int, int], ok: bool, remark: bool) -> None:
    check = check_python(version)
    assert (check.ok, bool(check.problem)) == (ok, remark)


@pytest.mark.parametrize(
    ("system", "ok", "mend"), [("Linux", True, ""), ("Darwin", True, ""), ("Windows", False, "wsl --install")]
)
def test_the_operating_system_is_named_honestly(system: str, ok: bool, mend: str) -> None:
    check = check_system(system)
    assert (check.ok, check.mend) == (ok, mend)
    assert bool(check.problem) == (system != "Linux")


def test_too_little_disk_is_wrong_also_for_a_directory_that_is_not_there_yet(tmp_path: Path) -> None:
    assert check_disk("disk", tmp_path / "not/there", 0, "mend").ok
    check = check_disk("disk", tmp_path / "not/there", 1 << 40, "make room")
    assert (check.ok, check.mend) == (False, "make room")
    assert not (tmp_path / "not").exists()


@pytest.mark.parametrize(("limit", "ok"), [(256, False), (4096, True), (-1, True)])
def test_the_hard_limit_of_open_files_counts(limit: int, ok: bool) -> None:
    assert check_open_files(limit).ok is ok


def test_a_temporary_directory_that_cannot_be_written_is_wrong(tmp_path: Path) -> None:
    assert check_temporary_directory(tmp_path).ok
    assert list(tmp_path.iterdir()) == []
    check = check_temporary_directory(tmp_path / "none")
    assert not check.ok
    assert check.mend.startswith("export TMPDIR=")


def _inside(directory: Path) -> list[Path]:
    return sorted(directory.iterdir())
