"""The run directory: whole files or none, attempts claimed once, secrets found wherever they stand."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from perfpilot.domain.errors import RunDirectoryError
from perfpilot.domain.events import EventKind
from perfpilot.domain.readiness import Quiet
from perfpilot.tools.history.event_log import append_event, read_events
from perfpilot.tools.history.leaks import find_leaks
from perfpilot.tools.history.manifest import artifacts_of, write_manifest
from perfpilot.tools.history.run_directory import RunDirectory, is_run_id, mint_run_id, write_atomically
from perfpilot.tools.spec.secrets import Redactor


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return RunDirectory.create(tmp_path, mint_run_id("Checkout, with blanks"))


def test_a_minted_id_is_known_as_one_and_paths_are_not() -> None:
    assert is_run_id(mint_run_id("Checkout, with blanks"))
    assert is_run_id(mint_run_id("äöü"))
    for other in ("", "../../etc", "20261122-150000-x", "a0b1c2d3-0000-4000-8000-000000000000"):
        assert not is_run_id(other)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, "first")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_text() == "first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_attempt_belongs_to_the_task_that_claimed_it(run: RunDirectory) -> None:
    assert run.claim_attempt(1, "thread/task-a")
    assert run.claim_attempt(1, "thread/task-a"), "the same task adopts it again"
    assert not run.claim_attempt(1, "thread/task-b")
    assert run.claim_attempt(2, "thread/task-b")
    assert run.attempts() == (1, 2)


def test_an_attempt_whose_claimer_died_between_two_writes_can_be_claimed(run: RunDirectory) -> None:
    run.attempt(1).mkdir(parents=True)
    assert run.claim_attempt(1, "thread/task-b")


def test_what_is_damaged_or_missing_is_an_error_with_its_name(run: RunDirectory) -> None:
    with pytest.raises(RunDirectoryError, match=r"has no quiet\.json"):
        run.read("quiet.json", Quiet)
    assert run.read_or_none("quiet.json", Quiet) is None
    run.write_text("quiet.json", '{"seconds": "many"}')
    with pytest.raises(RunDirectoryError, match="is damaged"):
        run.read("quiet.json", Quiet)


def test_another_major_version_is_refused(run: RunDirectory) -> None:
    run.write_text("version.json", '{"version": 2}')
    with pytest.raises(RunDirectoryError, match="another major version"):
        RunDirectory.open(run.path)


def test_events_are_numbered_and_a_torn_last_line_is_left_out(run: RunDirectory) -> None:
    append_event(run.path, EventKind.LOAD, "started", pid=1)
    append_event(run.path, EventKind.ALERT, "error burst")
    with (run.path / "events.jsonl").open("a") as file:
        file.write('{"seq": 3, "te')
    assert [(event.seq, event.kind) for event in read_events(run.path)] == [(1, "load"), (2, "alert")]
    assert [event.text for event in read_events(run.path, EventKind.ALERT)] == ["error burst"]


def test_the_manifest_names_every_file_but_itself(run: RunDirectory) -> None:
    run.write_text("attempts/1/results.jtl", "timeStamp\n")
    write_manifest(run)
    assert [file.path for file in artifacts_of(run)] == ["attempts/1/results.jtl", "version.json"]


def test_a_secret_is_found_in_whatever_form_it_was_written(run: RunDirectory) -> None:
    secret = "s3cret/with+signs"
    run.write_text("plain.log", f"password={secret}")
    run.write_text("encoded.log", base64.b64encode(f"user:{secret}".encode()).decode())
    run.write_text("far.log", "x" * (4 * 1024 * 1024 - 5) + secret)
    run.write_text("clean.log", "nothing")
    assert find_leaks(run.path, Redactor([secret])) == ("encoded.log", "far.log", "plain.log")
    assert find_leaks(run.path, Redactor([])) == ()


def test_an_event_after_a_torn_line_is_read_and_odd_line_breaks_tear_nothing(run: RunDirectory) -> None:
    append_event(run.path, EventKind.ALERT, "first")
    with (run.path / "events.jsonl").open("ab") as file:
        file.write('{"text": "ä'.encode()[:-1])  # torn within a character
    append_event(run.path, EventKind.ALERT, "second\u2028with a line separator")
    texts = [event.text for event in read_events(run.path)]
    assert texts == ["first", "second\u2028with a line separator"]


def test_a_run_is_held_by_one_and_let_go_of(run: RunDirectory) -> None:
    with (
        run.held(),
        pytest.raises(RunDirectoryError, match="another perfpilot"),
        RunDirectory.open(run.path).held(),
    ):
        pass
    with run.held():
        assert "lock" not in {artifact.path for artifact in artifacts_of(run)}


def test_a_place_where_no_run_can_be_kept_is_our_error(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file, no folder")
    with pytest.raises(RunDirectoryError, match="no run can be kept"):
        RunDirectory.create(tmp_path / "runs", mint_run_id("x"))
