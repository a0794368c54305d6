"""How a series of runs is told at its end, and the exit code that it earns."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.cli.repeated import finish_repeated
from perfpilot.domain.comparison import ChangeDecision, Comparison, MetricChange
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.repeated import Repeated, Repetition

GO = Outcome(status=Status.COMPLETED, verdict=Verdict.GO, reasons=("all is well",))
SLOWER = Outcome(status=Status.COMPLETED, verdict=Verdict.NO_GO, reasons=("change(p95) <= 5%: broken",))
ROW = MetricChange(
    metric="p95", label="", before=100, after=130, unit="ms", change=0.3, low=0.2, high=0.4, visible=46200.0,
    decision=ChangeDecision.REGRESSION,
)  # fmt: skip
SERIES = Repeated(
    test_name="shop",
    repetitions=(
        Repetition(run_id="run-1", side="before", outcome=GO),
        Repetition(run_id="run-2", side="after", outcome=GO),
    ),
    outcome=SLOWER,
    comparison=Comparison(against="runs", comparable=True, method="Welch's test", changes=(ROW,)),
)


def test_the_table_says_what_changed_and_the_exit_code_is_that_of_the_series(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert finish_repeated(SERIES, Path("runs")) == 1
    told = capsys.readouterr().out
    for words in ("runs/run-1", "before", "+20 % to +40 %", "over 1,000 %", "regression", "VERDICT  NO_GO"):
        assert words in told


def test_as_json_stdout_holds_the_series_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    finish_repeated(SERIES, Path("runs"), json=True)
    assert Repeated.model_validate_json(capsys.readouterr().out) == SERIES


def test_a_killed_series_says_how_to_get_at_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    assert finish_repeated(None, Path("runs")) == 130
    assert "perfpilot resume last" in capsys.readouterr().err


def test_the_reports_that_were_written_are_told_with_their_paths(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last = tmp_path / "run-2"
    last.mkdir()
    for name in ("repeated.html", "repeated.json"):
        (last / name).touch()
    degraded = SERIES.model_copy(update={"degradations": ("the markdown report \x1b[31mfailed",)})
    finish_repeated(degraded, tmp_path)
    told = capsys.readouterr().out
    assert told.endswith(f"REPORTS\n  {last / 'repeated.html'}\n  {last / 'repeated.json'}\n")
    assert "  degraded: the markdown report failed\n" in told
