"""What a series leaves behind: its answer in any case, and the reports that its description asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.domain.benchmark import parse_benchmark
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.repeated import Repeated
from perfpilot.domain.result import Result
from perfpilot.domain.spec import Baseline, Spec
from perfpilot.nodes import series
from perfpilot.nodes.series import Made, Side, judge_series
from perfpilot.tools.history.manifest import Manifest, artifacts_of, write_manifest
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.spec.read import parse_spec
from tests.reporting.sample_results import go_result, no_go_result, run_info


def _spec(*formats: str) -> Spec:
    described = {
        "version": 1,
        "test_name": "shop",
        "environment": {"base_url": "http://127.0.0.1:1"},
        "endpoints": [{"name": "page", "path": "/"}],
        "load_patterns": [{"stages": [{"rate_per_s": 1, "duration": "5s"}]}],
    }
    return parse_spec(described | ({"reports": {"formats": list(formats)}} if formats else {}))


def _made(runs: Path, number: int, result: Result, side: Side = "after") -> Made:
    run_id = f"20261122-1520{number:02d}-shop-00aa{number:02d}"
    RunDirectory.create(runs, run_id)
    return Made(side, result.model_copy(update={"run": run_info(id=run_id)}))


def _in_turns(runs: Path) -> list[Made]:
    return [_made(runs, 0, go_result(), "before"), _made(runs, 1, no_go_result())]


def _left(runs: Path, made: list[Made]) -> set[str]:
    return {path.name for path in (runs / made[-1].result.run.id).iterdir()} - {"version.json"}


async def test_the_answer_and_its_reports_lie_in_the_directory_of_the_last_run(tmp_path: Path) -> None:
    made = _in_turns(tmp_path)
    answer = await judge_series(_spec(), made, tmp_path)
    assert answer.outcome.verdict is Verdict.NO_GO and answer.degradations == ()
    assert _left(tmp_path, made) == {"repeated.json", "repeated.html", "repeated.md"}
    assert _left(tmp_path, made[:1]) == set()
    directory = RunDirectory(tmp_path / made[-1].result.run.id)
    assert directory.read("repeated.json", Repeated) == answer
    assert 'id="verdict">NO-GO' in directory.read_text("repeated.html")
    assert directory.read_text("repeated.md").startswith("## NO-GO: shop\n")


@pytest.mark.parametrize(
    ("formats", "left"), [(["html"], {"repeated.html"}), (["markdown"], {"repeated.md"}), (["junit"], set())]
)
async def test_only_the_formats_that_the_description_wants_are_written(
    formats: list[str], left: set[str], tmp_path: Path
) -> None:
    made = _in_turns(tmp_path)
    await judge_series(_spec(*formats), made, tmp_path)
    assert _left(tmp_path, made) == {"repeated.json", *left}


async def test_a_report_that_fails_costs_a_sentence_and_not_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Repeated) -> str:
        raise RuntimeError("no template")

    monkeypatch.setattr(series, "render_series_html", broken)
    made = _in_turns(tmp_path)
    answer = await judge_series(_spec(), made, tmp_path)
    assert answer.outcome.verdict is Verdict.NO_GO
    why = "the html report of the series could not be written: RuntimeError: no template"
    assert answer.degradations == (why,)
    assert _left(tmp_path, made) == {"repeated.json", "repeated.md"}
    assert RunDirectory(tmp_path / made[-1].result.run.id).read("repeated.json", Repeated) == answer


async def test_one_side_with_nothing_before_it_says_that_nothing_was_compared(tmp_path: Path) -> None:
    made = [_made(tmp_path, number, go_result()) for number in range(2)]
    answer = await judge_series(_spec(), made, tmp_path)
    assert answer.outcome.verdict is Verdict.GO
    assert "there is no earlier run" in (tmp_path / made[-1].result.run.id / "repeated.html").read_text()


async def test_a_history_that_cannot_be_read_costs_the_comparison_and_not_the_answer(tmp_path: Path) -> None:
    made = [_made(tmp_path, number, no_go_result()) for number in range(2)]
    (tmp_path / "history.sqlite").write_bytes(b"this is no database" * 100)
    answer = await judge_series(_spec(), made, tmp_path)
    assert answer.outcome.verdict is Verdict.NO_GO
    assert answer.comparison.because.startswith("earlier runs could not be read: ")
    assert "earlier runs could not be read" in (tmp_path / made[-1].result.run.id / "repeated.md").read_text()


async def test_a_series_that_broke_off_has_reports_too(tmp_path: Path) -> None:
    stopped = Outcome(status=Status.STOPPED, reasons=("a signal",))
    last = go_result().model_copy(update={"outcome": stopped})
    made = [_made(tmp_path, 0, go_result(), "before"), _made(tmp_path, 1, last)]
    answer = await judge_series(_spec(), made, tmp_path)
    assert answer.outcome.status is Status.STOPPED
    text = (tmp_path / made[-1].result.run.id / "repeated.html").read_text()
    assert 'id="verdict">STOPPED' in text and "Nothing was compared: the series broke off." in text


async def test_a_series_of_one_description_is_compared_with_its_benchmark_table(tmp_path: Path) -> None:
    table = Baseline(benchmark=(parse_benchmark("p95 = 200ms"),), source="SLA")
    spec = _spec().model_copy(update={"baseline": table})
    made = [_made(tmp_path, number, go_result()) for number in range(2)]
    comparison = (await judge_series(spec, made, tmp_path)).comparison
    assert (comparison.against, comparison.baseline_run) == ("benchmark", "SLA")
    assert [change.before for change in comparison.changes] == [200]


async def test_the_reports_of_the_series_stand_in_the_manifest_of_its_last_run(tmp_path: Path) -> None:
    made = _in_turns(tmp_path)
    directory = RunDirectory(tmp_path / made[-1].result.run.id)
    write_manifest(directory)
    await judge_series(_spec(), made, tmp_path)
    manifest = directory.read("manifest.json", Manifest)
    assert {"repeated.html", "repeated.json", "repeated.md"} <= {file.path for file in manifest.files}
    assert manifest.files == artifacts_of(directory)
