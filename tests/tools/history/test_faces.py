"""The faces: baselines with their files, figures of earlier runs, runs that were recorded without any."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from perfpilot.domain.errors import HistoryError
from perfpilot.domain.history import NamedBaseline
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.measure import Series
from perfpilot.domain.result import Charts, ClosedAttempt, Result
from perfpilot.tools.face import call
from perfpilot.tools.history import faces
from perfpilot.tools.history.completing import adopt, complete
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.history.run_figures import attempt_of, figures_of, load_in_words, past_run
from perfpilot.tools.history.store import open_history
from tests.reporting.sample_results import go_result, plan, run_info
from tests.servers import DataServer
from tests.tools.history.databases import figures, new_database, past, version_1_file

FACES = [faces.find_baselines, faces.past_figures, faces.record_run]
pytestmark = pytest.mark.usefixtures("no_blocking")


def _write(runs_dir: Path, run_id: str, name: str, model: BaseModel) -> None:
    RunDirectory.create(runs_dir, run_id).write(name, model)


async def _closed(runs_dir: Path, run_id: str, decided_by: int = 1) -> None:
    """The files of a run that decided."""
    result = go_result()
    closed = ClosedAttempt(
        attempt=result.scenarios[0].model_copy(update={"number": decided_by}), plan=plan(), thresholds=(),
        charts=Charts(series=Series(start_ms=0)),
    )  # fmt: skip
    await asyncio.to_thread(_write, runs_dir, run_id, f"attempts/{decided_by}/closed.json", closed)


async def _result(runs_dir: Path, run_id: str, **changes: Any) -> Result:
    result = go_result(run=run_info(id=run_id, test_name="checkout"), **changes)
    await asyncio.to_thread(_write, runs_dir, run_id, "result.json", result)
    return result


async def _find(
    runs_dir: Path, run_id: str = "previous", runs: int = 1, **more: Any
) -> tuple[str, list[str]]:
    message = await call(
        faces.find_baselines, runs_dir=str(runs_dir), test_name="checkout", before_ms=10_000, run_id=run_id,
        runs=runs, **more,
    )  # fmt: skip
    return str(message.content), [found.run_id for found in message.artifact]


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.name)
def test_a_model_can_read_what_every_argument_means(face: Any) -> None:
    assert face.description
    assert all(argument.get("description") for argument in face.args.values())


@pytest.fixture
async def runs_dir(tmp_path: Path) -> Path:
    """Runs 1 to 5 of a test; the directory of run 4 was deleted, run 3 decided nothing, 5 was of a file."""
    async with open_history(tmp_path) as history:
        for number in (1, 2, 3, 4):
            await history.record(past(number, decided_by=int(number != 3)), figures())
        await history.record(past(5), figures(source="file"))
    for number in (1, 2, 3, 5):
        await _closed(tmp_path, f"run-{number:03}")
    return tmp_path


async def test_the_previous_run_is_the_newest_that_still_has_its_files(runs_dir: Path) -> None:
    assert await _find(runs_dir) == ("baseline: run-002 (without files: run-004)", ["run-002"])
    message = await call(
        faces.find_baselines,
        runs_dir=str(runs_dir),
        test_name="checkout",
        before_ms=10_000,
        run_id="",
        runs=1,
    )
    (found,) = message.artifact
    assert found.run_id == "run-002" and found.closed.attempt.number == 1


@pytest.mark.parametrize(
    ("run_id", "runs", "found", "said"),
    [
        ("previous", 3, ["run-002", "run-001"], "without files: run-004"),
        ("run-002", 1, ["run-002"], "baseline: run-002"),
        ("run-002", 5, ["run-002", "run-001"], "baseline: run-002, run-001"),
        ("run-005", 1, ["run-005"], "baseline: run-005"),
        ("run-003", 1, [], "decided nothing, or its files are gone"),
        ("run-004", 1, [], "decided nothing, or its files are gone"),
        ("run-999", 1, [], "does not know the run run-999"),
        ("set", 1, [], "no baseline is set"),
    ],
)
async def test_a_baseline_is_what_was_asked_for(
    runs_dir: Path, run_id: str, runs: int, found: list[str], said: str
) -> None:
    content, ids = await _find(runs_dir, run_id, runs)
    assert ids == found and said in content


async def test_the_set_baseline_is_the_one_that_a_person_named(runs_dir: Path) -> None:
    async with open_history(runs_dir) as history:
        await history.set_baseline(NamedBaseline(test_name="checkout", run_id="run-001", set_ms=1))
    assert (await _find(runs_dir, "set"))[1] == ["run-001"]


async def test_analyses_of_files_are_compared_among_themselves(runs_dir: Path) -> None:
    assert (await _find(runs_dir, source="file"))[1] == ["run-005"]


async def test_a_damaged_record_is_no_baseline(runs_dir: Path) -> None:
    (runs_dir / "run-002" / "attempts" / "1" / "closed.json").write_text("{")
    content, ids = await _find(runs_dir)
    assert ids == ["run-001"] and "run-002" in content


async def test_an_id_from_elsewhere_is_no_path(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    await _closed(outside, "run-001")
    runs_dir = tmp_path / "runs"
    runs_dir.mkdir()
    async with open_history(runs_dir) as history:
        await history.record(past(1, run_id="../outside/run-001"))
    assert (await _find(runs_dir, "../outside/run-001"))[1] == []


async def test_figures_of_earlier_runs_come_oldest_first_and_under_one_load(runs_dir: Path) -> None:
    async with open_history(runs_dir) as history:
        await history.record(past(6), figures(load="100/s"))
    message = await call(
        faces.past_figures, runs_dir=str(runs_dir), test_name="checkout", before_ms=10_000, load="300/s"
    )
    assert [found.run.run_id for found in message.artifact] == ["run-001", "run-002", "run-004"]
    assert [len(found.labels) for found in message.artifact] == [3, 3, 3]
    assert message.content == "3 earlier runs, 1 under another load left out"


async def test_a_run_of_version_1_gets_its_figures_from_its_result(tmp_path: Path) -> None:
    rows = [
        (f"run-{number:03}", "checkout", 1000 * number, "completed", "GO", 1, "GO") for number in (1, 2, 3)
    ]
    version_1_file(tmp_path, *rows)
    await _result(tmp_path, "run-001")
    await _result(tmp_path, "run-003")
    (tmp_path / "run-003" / "result.json").write_text('{"run": ')
    for _ in range(2):  # the second time nothing is left to do
        message = await call(
            faces.past_figures, runs_dir=str(tmp_path), test_name="checkout", before_ms=10_000
        )
        (found,) = message.artifact
        assert (found.run.run_id, found.run.load, found.run.complete) == ("run-001", "300/s", True)
        assert found.labels[0].p95_ms == go_result().scenarios[0].phases[-1].pooled.p95_ms
    async with open_history(tmp_path) as history:
        left = [one for one in await history.latest() if not one.complete]
        assert [one.run_id for one in left] == ["run-003", "run-002"]
        assert not await complete(history, tmp_path, left)


async def test_a_run_is_recorded_with_what_it_measured(tmp_path: Path) -> None:
    result = go_result()
    row = past_run(result, "GO: all met")
    arguments = row.model_dump(
        include={"run_id", "test_name", "started_ms", "status", "verdict", "decided_by", "headline"}
    )
    await call(faces.record_run, runs_dir=str(tmp_path), figures=figures_of(result), **arguments)
    async with open_history(tmp_path) as history:
        (kept,) = await history.with_figures(await history.latest())
    assert kept.run.load == "300/s" and kept.run.test_type == "load"
    assert kept.labels[0].label == ""
    again = attempt_of(kept)
    steady, was = again and again.phase("steady"), result.scenarios[0].phase("steady")
    assert steady and was
    assert steady.pooled.p95_ms == was.pooled.p95_ms and steady.pooled.count == was.pooled.count
    assert {each.label for each in steady.labels} == {each.label for each in was.labels}


async def test_a_run_that_decided_nothing_has_no_figures(tmp_path: Path) -> None:
    assert figures_of(go_result(decided_by=0)).labels == ()
    await _result(tmp_path, "run-001", decided_by=0)
    async with open_history(tmp_path) as history:
        kept = await adopt(history, RunDirectory(tmp_path / "run-001"))
        assert kept is not None and kept.complete and kept.decided_by == 0
        (whole,) = await history.with_figures([kept])
        assert attempt_of(whole) is None


async def test_the_address_of_the_history_is_not_traced(
    postgresql_server: DataServer, tmp_path: Path
) -> None:
    from langchain_core.callbacks import AsyncCallbackHandler

    seen: list[str] = []

    class Tracer(AsyncCallbackHandler):
        async def on_tool_start(self, serialized: Any, input_str: str, **kwargs: Any) -> None:
            seen.append(f"{serialized} {input_str} {kwargs}")

        async def on_tool_error(self, error: BaseException, **kwargs: Any) -> None:
            seen.append(f"{error!r} {kwargs}")

    address = await new_database(postgresql_server)
    traced = faces.record_run.model_copy(update={"callbacks": [Tracer()]})
    row = past(1).model_dump(
        include={"run_id", "test_name", "started_ms", "status", "verdict", "decided_by", "headline"}
    )
    await call(traced, runs_dir=str(tmp_path), history=address, **row)
    with pytest.raises(HistoryError):
        await call(traced, runs_dir=str(tmp_path), history=address.replace("secret", "hush"), **row)
    assert len(seen) == 3 and "secret@" not in "".join(seen) and "hush" not in "".join(seen)
    async with open_history(tmp_path, address) as history:
        assert await history.find("run-001")


@pytest.mark.parametrize(
    ("unit", "segments", "words"),
    [
        ("rate_per_s", [(10, 0, 300), (50, 300, 300)], "300/s"),
        ("rate_per_s", [(10, 0, 100), (20, 100, 100), (30, 400, 400)], "280/s, 400/s at the peak"),
        ("users", [(10, 0, 25), (50, 25, 25)], "25 users"),
        ("rate_per_s", [(60, 0, 0)], ""),
    ],
)
def test_the_load_is_told_in_words(unit: Any, segments: list[tuple[float, float, float]], words: str) -> None:
    curve = LoadCurve(
        unit=unit, segments=tuple(Segment(duration_s=d, start=s, end=e) for d, s, e in segments)
    )
    scenario = plan().scenarios[0].model_copy(update={"curve": curve})
    assert load_in_words(plan().model_copy(update={"scenarios": (scenario,)}), 10, 60) == words
