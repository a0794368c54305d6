"""A run as the command shows and ends it: pipes, signals, approval, with real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reporting.sample_results import no_go_result

MADE_RUN = str(Path(__file__).with_name("made_run.py"))


def start(directory: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, MADE_RUN, str(directory), *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_run_in_a_pipeline_has_lines_a_summary_and_its_own_exit_code(tmp_path: Path) -> None:
    run_dir = tmp_path / no_go_result().run.id
    run_dir.mkdir()
    (run_dir / "report.html").touch()
    process = start(tmp_path)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err == ""
    lines = out.splitlines()
    assert lines[0] == "approve: begins"
    assert any(line.startswith("t=1s left=199s asked=154/s reached=149.6/s") for line in lines)
    assert "VERDICT  NO-GO" in lines
    assert f"  {run_dir / 'report.html'}" in lines
    assert "\x1b" not in out


def test_with_json_stdout_is_the_result_and_nothing_else(tmp_path: Path) -> None:
    out, err = start(tmp_path, "json").communicate(timeout=60)
    assert json.loads(out)["outcome"]["verdict"] == "NO_GO"
    assert "t=1s" in err
    assert "VERDICT  NO-GO" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_ends_the_load_and_the_report_follows(
    number: signal.Signals, tmp_path: Path
) -> None:
    process = start(tmp_path, "long")
    seen = _until(process, "t=1s")
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1  # what the result says; the run decides what a stop makes of it
    assert "ending the load, the report follows; once more kills" in seen + out
    assert "VERDICT" in out
    assert err == ""


def test_the_second_signal_kills_and_gives_130(tmp_path: Path) -> None:
    process = start(tmp_path, "long", "stubborn")
    _until(process, "t=1s")
    process.send_signal(signal.SIGINT)
    _until(process, "once more kills")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "JMeter killed" in err
    assert "perfpilot resume" in err
    assert "VERDICT" not in out


def test_without_a_terminal_nobody_is_asked(tmp_path: Path) -> None:
    process = start(tmp_path, "ask")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "[y/N]" not in out


def test_yes_approves_and_shows_what_was_approved(tmp_path: Path) -> None:
    process = start(tmp_path, "ask", "yes")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "10.0.0.5:80" in out
    assert "answered True" in out


def test_a_reader_that_goes_away_changes_neither_run_nor_exit_code(tmp_path: Path) -> None:
    process = start(tmp_path)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(60) == 1
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()


def _until(process: subprocess.Popen[str], part: str) -> str:
    """Read lines up to the one with this part."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if part in line:
            return seen
    raise AssertionError(f"{part!r} never came, only: {seen} {os.linesep}")
