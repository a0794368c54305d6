"""The history in both databases: what is recorded is found again, newest first, and never twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from perfpilot.domain.errors import HistoryError
from perfpilot.domain.history import UNITS, NamedBaseline, points_of
from perfpilot.tools.history.store import History, open_history
from tests.servers import DataServer
from tests.tools.history.databases import Place, figures, new_database, past


@pytest.fixture(params=["sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Place(tmp_path)
    server: DataServer = request.getfixturevalue("postgresql_server")
    return Place(tmp_path, await new_database(server))


@pytest.fixture
async def history(place: Place, no_blocking: None) -> AsyncIterator[History]:
    async with open_history(place.runs_dir, place.address) as opened:
        yield opened


async def test_an_empty_history_finds_nothing(history: History, place: Place) -> None:
    assert await history.latest() == ()
    assert await history.previous("checkout", 10) is None
    assert await history.find("run-001") is None
    assert await history.series("checkout", "p95") == ()
    assert await history.baselines() == () and await history.test_names() == ()
    assert not (place.runs_dir / "history.sqlite").exists(), "reading makes no file"


async def test_a_run_is_found_as_it_was_recorded(history: History) -> None:
    await history.record(past(1), figures(capacity_per_s=412.5, limited=True, environment="staging"))
    found = await history.find("run-001")
    assert found == past(
        1, test_type="load", load="300/s", environment="staging", capacity_per_s=412.5, limited=True,
        complete=True,
    )  # fmt: skip
    assert found is not None
    (whole,) = await history.with_figures([found])
    assert whole.labels == figures().labels


async def test_recording_twice_leaves_one_row_and_one_set_of_figures(history: History) -> None:
    await history.record(past(1), figures(100.0))
    await history.record(past(1, verdict="NO_GO"), figures(200.0))
    (found,) = await history.latest()
    (whole,) = await history.with_figures([found])
    assert found.verdict == "NO_GO" and [each.p95_ms for each in whole.labels] == [200.0] * 3


async def test_recording_again_without_figures_keeps_those_that_are_there(history: History) -> None:
    await history.record(past(1), figures(100.0))
    await history.record(past(1, headline="resumed"))
    (found,) = await history.latest()
    assert (found.headline, found.load, found.complete) == ("resumed", "300/s", True)
    assert len((await history.with_figures([found]))[0].labels) == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"decided_by": 0}, {"status": "stopped"}, {"status": "failed"}, {"limited": True},
        {"source": "file"}, {"test_name": "another"},
    ],
    ids=str,
)  # fmt: skip
async def test_what_can_not_be_compared_is_no_previous_run(
    history: History, fields: dict[str, object]
) -> None:
    await history.record(past(1), figures())
    await history.record(past(2, **fields))
    found = await history.previous("checkout", 3000)
    assert found is not None and found.run_id == "run-001"
    assert await history.previous("checkout", 1000) is None, "a run is not before itself"


async def test_the_newest_runs_come_first_and_can_be_chosen(history: History) -> None:
    for number in range(1, 8):
        load = "300/s" if number % 2 else "100/s"
        await history.record(past(number, decided_by=int(number != 6)), figures(load=load))
    newest = await history.latest(limit=3)
    assert [found.run_id for found in newest] == ["run-007", "run-006", "run-005"]
    some = await history.latest("checkout", before_ms=7000, comparable=True, limit=10)
    assert [found.started_ms for found in some] == [5000, 4000, 3000, 2000, 1000]
    same = await history.latest("checkout", comparable=True, like=newest[0])
    assert [found.started_ms for found in same] == [7000, 5000, 3000, 1000]


async def test_runs_that_began_at_the_same_moment_are_paged_once_each(history: History) -> None:
    names = [f"run-{number:03}" for number in range(25)]
    for number, name in enumerate(names):
        await history.record(past(1, run_id=name, test_name="odd" if number % 5 == 0 else "even"))
    seen, last = [], None
    while page := await history.following(last, limit=4):
        seen += [found.run_id for found in page]
        last = page[-1]
    assert seen == names
    assert [found.run_id for found in await history.following(None, "odd")] == names[::5]


@pytest.mark.parametrize("label", ["", "pay"])
@pytest.mark.parametrize("metric", UNITS)
async def test_a_series_is_what_the_figures_of_the_runs_say(
    history: History, metric: str, label: str
) -> None:
    for number in range(1, 6):
        await history.record(past(number), figures(100.0 + number, capacity_per_s=400.0 + number))
    runs = await history.with_figures((await history.latest(limit=3))[::-1])
    points = await history.series("checkout", metric, label, limit=3)
    assert points == tuple(
        point.model_copy(update={"value": pytest.approx(point.value)})
        for point in points_of(runs, metric, label)
    )
    there = metric != "p99.9" and (metric != "capacity" or not label)
    assert len(points) == (3 if there else 0)
    assert [point.started_ms for point in points] == sorted(point.started_ms for point in points)


async def test_a_series_without_samples_has_no_error_rate(history: History) -> None:
    nothing = tuple(each.model_copy(update={"count": 0, "errors": 0}) for each in figures().labels)
    await history.record(past(1), figures(labels=nothing))
    assert await history.series("checkout", "error_rate") == ()
    assert await history.series("checkout", "throughput") == ()


async def test_a_metric_that_is_none_is_refused(history: History) -> None:
    with pytest.raises(ValueError, match="is none of p50"):
        await history.series("checkout", "p95; DROP TABLE runs")


async def test_text_that_no_database_takes_is_kept_without_it(history: History) -> None:
    odd = "a\0b \ud800 'quoted' $1 ?1 % \U0001f600"
    labels = (figures().labels[0].model_copy(update={"label": odd}),)
    await history.record(past(1, headline=odd), figures(labels=labels))
    (found,) = await history.latest()
    assert found.headline == "ab ? 'quoted' $1 ?1 % \U0001f600"
    assert (await history.with_figures([found]))[0].labels[0].label == found.headline


async def test_a_baseline_is_named_replaced_and_forgotten(history: History) -> None:
    await history.record(past(1))
    first = NamedBaseline(test_name="checkout", run_id="run-001", set_ms=1)
    await history.set_baseline(first)
    assert await history.baseline("checkout") == first
    assert await history.baseline("another") is None
    second = first.model_copy(update={"run_id": "run-002", "set_ms": 2**40})
    await history.set_baseline(second)
    assert await history.baselines() == (second,)
    await history.clear_baseline("checkout")
    assert await history.baselines() == ()


@pytest.mark.parametrize(
    ("text", "found"), [("run-00", 5), ("run-003", 1), ("run_00", 0), ("%", 0), ("\\", 0), ("x", 0)]
)
async def test_a_beginning_is_taken_literally(history: History, text: str, found: int) -> None:
    for number in range(1, 6):
        await history.record(past(number))
    assert len(await history.beginning_with(text)) == found


async def test_many_writers_lose_no_row(place: Place) -> None:
    async def write(number: int) -> None:
        async with open_history(place.runs_dir, place.address) as own:
            await own.record(past(number), figures())
            await own.record(past(99, headline=str(number)), figures(float(number + 1)))

    await asyncio.gather(*map(write, range(12)))
    async with open_history(place.runs_dir, place.address) as history:
        runs = await history.latest(limit=100)
        assert len(runs) == 13
        assert [len(each.labels) for each in await history.with_figures(runs)] == [3] * 13
        shared = (await history.with_figures(runs[:1]))[0]
        assert {each.p95_ms for each in shared.labels} == {float(shared.run.headline) + 1}


async def test_a_write_that_fails_midway_leaves_what_was_there(history: History) -> None:
    await history.record(past(1), figures(100.0))
    broken = tuple(each.model_copy(update={"rate_per_s": None}) for each in figures(500.0).labels)
    with pytest.raises(HistoryError, match="can't be used"):
        await history.record(past(1, verdict="NO_GO"), figures(labels=broken))
    (found,) = await history.latest()
    assert found.verdict == "GO"
    assert (await history.with_figures([found]))[0].labels == figures(100.0).labels


async def test_one_history_may_be_asked_several_things_at_once(history: History) -> None:
    for number in range(1, 4):
        await history.record(past(number), figures())
    found = await asyncio.gather(*(history.series("checkout", metric) for metric in ("p50", "p95", "mean")))
    assert [len(points) for points in found] == [3, 3, 3]
