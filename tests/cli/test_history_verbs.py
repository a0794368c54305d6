"""compare, trend, baseline and export, as real processes: what they print, and their exit codes."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from perfpilot.cli import compare
from perfpilot.cli.trend import sparkline
from perfpilot.domain.comparison import ChangeDecision, Comparison, MetricChange
from perfpilot.domain.history import PastRun, RunFigures
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.history.store import open_history
from tests.cli.command import perfpilot
from tests.reporting.sample_results import go_result, run_info
from tests.tools.history.databases import figures, past, version_1_file

IDS = [f"20261122-15000{number}-checkout-00000{number}" for number in range(4)]


def _record(runs_dir: Path, *runs: tuple[PastRun, RunFigures]) -> None:
    async def write() -> None:
        async with open_history(runs_dir) as history:
            for run, measured in runs:
                await history.record(run, measured)

    runs_dir.mkdir(exist_ok=True)
    asyncio.run(write())


def _finished(runs_dir: Path, run_id: str, p95_factor: float = 1.0, **changes: Any) -> None:
    """A run with a result that no history knows."""
    result = go_result(run=run_info(id=run_id, test_name="checkout"), **changes)
    attempt = result.scenarios[0]
    phases = tuple(
        phase.model_copy(
            update={"pooled": phase.pooled.model_copy(update={"p95_ms": phase.pooled.p95_ms * p95_factor})}
        )
        for phase in attempt.phases
        if phase.pooled.p95_ms
    )
    result = result.model_copy(update={"scenarios": (attempt.model_copy(update={"phases": phases}),)})
    RunDirectory.create(runs_dir, run_id).write("result.json", result)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["trend"], 2, "TEST"),
        (["trend", "chekout"], 2, "'checkout' is the nearest name"),
        (["trend", "checkout", "--metric", "p42"], 2, "one of p50, p90"),
        (["trend", "checkout", "--label", "nowhere"], 2, "it has browse, pay"),
        (["trend", "checkout", "--last", "0"], 2, "at least 1"),
        (["baseline"], 2, "ACTION"),
        (["baseline", "set", "nothing"], 2, "holds no run"),
        (["baseline", "clear", "checkout"], 2, "has no baseline"),
        (["baseline", "show"], 0, "no baseline is set"),
        (["compare", "run-001"], 2, "B"),
        (["compare", "run-001", "elsewhere"], 2, "holds no run"),
        (["compare", "run-00", "run-001"], 2, "holds no run"),
        (["compare", "run-001", "run-002", "--label", "nowhere"], 2, "they have browse, pay"),
        (["export", "another"], 2, "holds no run of"),
        (["export", "-o", "taken.csv"], 2, "exists and is left as it is"),
        (["export", "-o", "taken.csv/x"], 2, "can't be written"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_each_mistake_has_its_exit_code(arguments: list[str], code: int, said: str, tmp_path: Path) -> None:
    _record(tmp_path / "runs", (past(1), figures()), (past(2), figures()))
    (tmp_path / "taken.csv").write_text("mine")
    done = perfpilot(*arguments, cwd=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert said in done.stdout + done.stderr
    assert not code or done.stdout == ""
    assert (tmp_path / "taken.csv").read_text() == "mine"


@pytest.mark.parametrize("verb", [["trend", "x"], ["export"], ["baseline", "show"]], ids=lambda v: v[0])
def test_a_history_that_can_not_be_used_is_not_ready(verb: list[str], tmp_path: Path) -> None:
    done = perfpilot(*verb, cwd=tmp_path, PERFPILOT_HISTORY="postgresql://me:hush@127.0.0.1:1/runs")
    assert done.returncode == 4 and done.stdout == ""
    assert "127.0.0.1:1/runs can't be used: connection refused" in done.stderr
    assert "hush" not in done.stderr and "mend:" in done.stderr
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "history.sqlite").write_bytes(b"no database at all" * 100)
    done = perfpilot(*verb, cwd=tmp_path)
    assert done.returncode == 4 and "not a database" in done.stderr


def test_a_trend_shows_the_comparable_runs_under_one_load_newest_last(tmp_path: Path) -> None:
    runs = [(past(number), figures(200.0 + number)) for number in range(1, 8)]
    runs += [(past(8), figures(90.0, load="100/s")), (past(9, decided_by=0), figures(500.0))]
    runs += [(past(10), figures(230.0))]
    _record(tmp_path / "runs", *runs)
    done = perfpilot("trend", "checkout", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "checkout: p95 of all endpoints, 8 runs under 300/s"
    assert lines[1] == "1 of the last 50 under another load, left out"
    table = [line for line in lines if " UTC " in line and "run-" in line and "since" not in line]
    assert ["run-001" in table[0], "run-010" in table[-1], len(table)] == [True, True, 8]
    assert "230 ms" in table[-1] and "+11.1 %" in table[-1]
    assert "▁▁▁▂▂▂▂█  201 ms to 230 ms" in lines


def test_a_trend_tells_when_it_meets_the_limit_of_the_newest_run(tmp_path: Path) -> None:
    day_ms = 86_400_000
    # p99 is twice that: 140 ms in the newest run, and 2 ms more every day.
    runs = [(past(n, started_ms=n * day_ms), figures(50.0 + n + n % 2 / 2)) for n in range(1, 21)]
    _record(tmp_path / "runs", *runs)
    arguments = ["trend", "checkout", "--metric", "p99"]
    assert "meets" not in perfpilot(*arguments, cwd=tmp_path).stdout
    _finished(tmp_path / "runs", "run-020")  # with p99 < 180 ms
    (slope,) = (s for s in perfpilot(*arguments, cwd=tmp_path).stdout.splitlines() if s.startswith("slope"))
    found = re.fullmatch(r"slope: \+2 ms a day; meets 180 ms in (\d+) days \(\d+ days to \d+ days\)", slope)
    assert found and 18 <= int(found[1]) <= 22, slope
    as_json = json.loads(perfpilot(*arguments, "--json", cwd=tmp_path).stdout)
    assert as_json["trend"]["metrics"][0]["limit"] == 180


def test_a_trend_as_json_names_its_figures(tmp_path: Path) -> None:
    _record(tmp_path / "runs", *((past(number), figures()) for number in range(1, 6)))
    arguments = ["trend", "checkout", "--metric", "error_rate", "--label", "pay", "--last", "3", "--json"]
    found = json.loads(perfpilot(*arguments, cwd=tmp_path).stdout)
    assert (found["unit"], found["load"], found["label"]) == ("%", "300/s", "pay")
    assert [point["run_id"] for point in found["runs"]] == ["run-003", "run-004", "run-005"]
    assert [point["value"] for point in found["runs"]] == pytest.approx([1.0] * 3)
    assert found["trend"]["runs"] == 3


def test_runs_of_version_1_are_shown_by_what_their_results_say(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    runs.mkdir()
    rows = [(id_, "checkout", 1000 * number, "completed", "GO", 1, "GO") for number, id_ in enumerate(IDS)]
    version_1_file(runs, *rows)
    for number in (0, 2):
        _finished(runs, IDS[number])
    done = perfpilot("trend", "checkout", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [id_ in done.stdout for id_ in IDS] == [True, False, True, False]


@pytest.mark.parametrize("where", ["directories", "history"])
def test_two_runs_are_compared_with_and_without_their_directories(where: str, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    _finished(runs, IDS[0])
    _finished(runs, IDS[1], 1.5)
    if where == "history":
        for id_ in IDS[:2]:
            assert perfpilot("baseline", "set", id_, cwd=tmp_path).returncode == 0
            (runs / id_ / "result.json").unlink()
            (runs / id_ / "version.json").unlink()
            (runs / id_).rmdir()
    done = perfpilot("compare", IDS[0], IDS[1], "--metric", "p95", "--label", "", "--json", cwd=tmp_path)
    found = Comparison.model_validate_json(done.stdout)
    assert found.comparable and found.baseline_run == IDS[0]
    (change,) = found.changes
    assert change.change == pytest.approx(0.5)
    assert done.returncode == (1 if change.decision is ChangeDecision.REGRESSION else 3)
    shown = perfpilot("compare", IDS[0], IDS[1], cwd=tmp_path)
    assert "(all)" in shown.stdout and "+50 %" in shown.stdout and "LABEL" in shown.stdout


def test_a_run_that_decided_nothing_can_not_be_compared(tmp_path: Path) -> None:
    _finished(tmp_path / "runs", IDS[0], decided_by=0)
    _finished(tmp_path / "runs", IDS[1])
    done = perfpilot("compare", IDS[0], IDS[1], cwd=tmp_path)
    assert done.returncode == 3
    assert f"not comparable: no attempt of run {IDS[0]} decided anything" in done.stdout


@pytest.mark.parametrize(
    ("decisions", "comparable", "code"),
    [
        (["no_change"], True, 0),
        (["no_change", "improvement"], True, 0),
        (["no_change", "undecided"], True, 3),
        (["regression", "undecided", "improvement"], True, 1),
        (["regression"], False, 3),
        ([], True, 3),
    ],
)
def test_the_exit_code_is_the_worst_that_was_decided(
    decisions: list[str], comparable: bool, code: int, tmp_path: Path
) -> None:
    changes = tuple(
        MetricChange(
            metric="p95", label=str(number), before=1, after=2, unit="ms", change=1,
            decision=ChangeDecision(decision),
        )
        for number, decision in enumerate(decisions)
    )  # fmt: skip
    assert compare._exit_code(Comparison(comparable=comparable, changes=changes)) == code


def test_a_baseline_is_set_shown_and_cleared(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    _finished(runs, IDS[0])
    _finished(runs, IDS[1], decided_by=0)
    done = perfpilot("baseline", "set", IDS[0][:15], cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"the baseline of checkout is {IDS[0]}\n"), done.stderr
    refused = perfpilot("baseline", "set", "last", cwd=tmp_path)
    assert refused.returncode == 2 and "no attempt of it decided anything" in refused.stderr
    (shown,) = perfpilot("baseline", "show", "checkout", "--json", cwd=tmp_path).stdout.splitlines()
    assert json.loads(shown)["run_id"] == IDS[0]
    assert IDS[0] in perfpilot("baseline", "show", cwd=tmp_path).stdout
    assert perfpilot("baseline", "set", IDS[0], "--test", "another", cwd=tmp_path).returncode == 0
    assert perfpilot("baseline", "clear", "checkout", cwd=tmp_path).returncode == 0
    assert "another" in perfpilot("baseline", "show", cwd=tmp_path).stdout
    assert "no baseline is set for checkout" in perfpilot("baseline", "show", "checkout", cwd=tmp_path).stdout


def test_an_export_holds_a_row_for_each_run_and_endpoint(tmp_path: Path) -> None:
    many = [(past(number), figures(100.0 + number)) for number in range(1, 451)]  # more than a page
    _record(tmp_path / "runs", *many, (past(451, decided_by=0), figures(labels=())))
    done = perfpilot("export", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 3 * 450 + 1
    assert [rows[3]["run_id"], rows[4]["label"], rows[5]["p95_ms"]] == ["run-002", "browse", "102.0"]
    assert rows[-1]["run_id"] == "run-451" and rows[-1]["count"] == ""
    written = perfpilot("export", "checkout", "--format", "json", "-o", "all.json", cwd=tmp_path)
    assert written.stdout == "wrote 1351 rows to all.json\n"
    objects = json.loads((tmp_path / "all.json").read_text())
    assert len(objects) == 1351 and objects[4]["error_rate"] == pytest.approx(0.01)
    assert objects[-1]["p95_ms"] is None and objects[0]["limited"] is False
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.json", "runs"]


def test_an_export_of_nothing_is_whole(tmp_path: Path) -> None:
    assert json.loads(perfpilot("export", "--format", "json", cwd=tmp_path).stdout) == []
    assert perfpilot("export", cwd=tmp_path).stdout.count("\n") == 1
    assert not (tmp_path / "runs").exists()


def test_no_cell_of_an_export_can_become_a_formula(tmp_path: Path) -> None:
    labels = (figures().labels[0].model_copy(update={"label": "=cmd()"}),)
    _record(tmp_path / "runs", (past(1, headline="x"), figures(labels=labels)))
    assert "'=cmd()" in perfpilot("export", cwd=tmp_path).stdout


def test_a_newer_history_is_refused_by_the_command(tmp_path: Path) -> None:
    _record(tmp_path / "runs", (past(1), figures()))
    connection = sqlite3.connect(tmp_path / "runs" / "history.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    done = perfpilot("trend", "checkout", cwd=tmp_path)
    assert done.returncode == 4 and "newer perfpilot" in done.stderr


@pytest.mark.parametrize(
    ("values", "drawn"), [([1.0], "▄"), ([2.0, 2.0], "▄▄"), ([0.0, 7.0, 3.5], "▁█▅"), ([5.0, 1.0], "█▁")]
)
def test_a_sparkline_goes_from_the_least_to_the_greatest(values: list[float], drawn: str) -> None:
    assert sparkline(values) == drawn
