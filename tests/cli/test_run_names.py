"""RUN on the command line: an id, a beginning, `last`, a path."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perfpilot.cli.run_names import find_run
from perfpilot.domain.errors import RunDirectoryError
from perfpilot.tools.history.run_directory import RunDirectory
from tests.cli.command import perfpilot
from tests.reporting.sample_charts import charts
from tests.reporting.sample_results import go_result, no_go_result

FIRST, SECOND, THIRD = (
    "20261120-101010-shop-aaaaaa", "20261121-101010-shop-bbbbbb", "20261121-111111-cart-cccccc",
)  # fmt: skip


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for id_ in (SECOND, THIRD, FIRST):
        RunDirectory.create(tmp_path / "runs", id_)
    (tmp_path / "runs" / "history.sqlite").touch()
    (tmp_path / "runs" / "notes").mkdir()
    return tmp_path / "runs"


@pytest.mark.parametrize(
    ("name", "meant"),
    [(FIRST, FIRST), ("20261120", FIRST), ("20261121-11", THIRD), ("last", THIRD)],
)
def test_a_run_is_found_by_what_a_person_types(name: str, meant: str, runs: Path) -> None:
    assert find_run(name, runs).id == meant


def test_a_run_is_found_by_its_path(runs: Path, tmp_path: Path) -> None:
    assert find_run(str(runs / SECOND), tmp_path / "elsewhere").id == SECOND


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("20261121", "begins 2 runs"),
        ("2025", "holds no run '2025'"),
        ("", "holds no run ''"),
        ("notes", "holds no run 'notes'"),
        ("..", "is not a run"),
        ("../runs", "is not a run"),
    ],
)
def test_what_is_not_one_run_is_refused(name: str, said: str, runs: Path) -> None:
    with pytest.raises(RunDirectoryError, match=said):
        find_run(name, runs)


def test_the_list_shows_finished_unfinished_and_damaged_runs(runs: Path) -> None:
    RunDirectory(runs / FIRST).write("result.json", no_go_result())
    RunDirectory(runs / SECOND).write_text("spec.yaml", "test_name: night run\n")
    RunDirectory(runs / THIRD).write_text("result.json", '{"run": ')
    done = perfpilot("runs", "--json", cwd=runs.parent)
    rows = {row["id"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert list(rows) == [FIRST, SECOND, THIRD]
    assert (rows[FIRST]["status"], rows[FIRST]["verdict"]) == ("completed", "NO_GO")
    assert (rows[SECOND]["status"], rows[SECOND]["test"]) == ("unfinished", "night run")
    assert rows[SECOND]["when"] == "2026-11-21 10:10:10 UTC"
    assert rows[THIRD]["status"] == "damaged"
    table = perfpilot("runs", cwd=runs.parent).stdout.splitlines()
    assert len(table) == 4
    assert table[1].startswith(FIRST)


def test_stop_asks_a_run_that_goes_on_and_leaves_a_finished_one_alone(runs: Path) -> None:
    RunDirectory(runs / FIRST).write("result.json", go_result())
    assert "has ended already" in perfpilot("stop", FIRST, cwd=runs.parent).stdout
    assert not RunDirectory(runs / FIRST).stop_requested()
    assert perfpilot("stop", "last", cwd=runs.parent).returncode == 0
    assert RunDirectory(runs / THIRD).stop_requested()


def test_reports_are_written_anew_and_only_their_digests_change(runs: Path) -> None:
    from perfpilot.tools.history.manifest import Manifest, write_manifest

    run = RunDirectory(runs / FIRST)
    run.write("result.json", no_go_result())
    run.write("charts.json", charts())
    run.write_text("report.md", "old")
    write_manifest(run)
    run.write_text("spec.yaml", "added after the run")
    before = {file.path: file.sha256 for file in run.read("manifest.json", Manifest).files}
    done = perfpilot("report", FIRST, "--format", "markdown", "--format", "html", cwd=runs.parent)
    assert done.returncode == 0, done.stderr
    assert [Path(line).name for line in done.stdout.splitlines()] == ["report.html", "report.md"]
    assert "NO-GO" in (run.path / "report.md").read_text()
    after = {file.path: file.sha256 for file in run.read("manifest.json", Manifest).files}
    changed = {path for path in before | after if before.get(path) != after.get(path)}
    assert changed == {"report.html", "report.md"}
