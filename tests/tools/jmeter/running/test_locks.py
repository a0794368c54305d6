"""One load at a time: the second run is refused and told who holds what."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from perfpilot.domain.errors import NotReadyError
from perfpilot.tools.jmeter.running.locks import LOCKS_VARIABLE, held, require_free

TARGET = "127.0.0.1:8080"


@pytest.fixture(autouse=True)
def _own_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOCKS_VARIABLE, str(tmp_path / "locks"))


def test_a_second_run_is_refused_naming_the_holder(tmp_path: Path) -> None:
    with held("first", tmp_path / "runs/first", [TARGET]):
        with pytest.raises(NotReadyError, match=r"this load generator is held by run first") as refused:
            require_free("second", tmp_path, ["127.0.0.1:9"])
        assert "perfpilot stop" in refused.value.mend
    require_free("second", tmp_path, ["127.0.0.1:9"])


def test_a_target_is_held_even_from_another_generator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held("first", tmp_path, [TARGET]):
        (tmp_path / "locks/generator.lock").unlink()  # as another machine that shares the directory sees it
        with pytest.raises(NotReadyError, match=rf"the target {TARGET} is held by run first"):
            require_free("second", tmp_path, [TARGET])


def test_a_jmeter_holds_the_locks_of_its_perfpilot_that_was_killed(tmp_path: Path) -> None:
    with held("first", tmp_path, [TARGET]) as locks:
        jmeter = subprocess.Popen(["/bin/sleep", "30"], pass_fds=locks)
    try:
        with pytest.raises(NotReadyError, match="held by run first"):
            require_free("second", tmp_path, [TARGET])
        require_free("first", tmp_path, [TARGET])  # its own run may go on
    finally:
        jmeter.kill()
        jmeter.wait()
    require_free("second", tmp_path, [TARGET])


def test_a_lock_that_nobody_signed_is_a_lock(tmp_path: Path) -> None:
    with held("first", tmp_path, [TARGET]):
        for path in (tmp_path / "locks").iterdir():
            path.write_text("{")
        with pytest.raises(NotReadyError, match="another run of perfpilot"):
            require_free("second", tmp_path, [TARGET])


def test_names_of_targets_that_look_alike_are_told_apart(tmp_path: Path) -> None:
    with held("first", tmp_path, ["a/b:1"]):
        (tmp_path / "locks/generator.lock").unlink()
        require_free("second", tmp_path, ["a_b:1"])
