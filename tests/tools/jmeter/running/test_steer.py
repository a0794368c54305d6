"""Control files follow the curves, a moment ahead of what JMeter takes to read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.domain.events import EventKind
from perfpilot.domain.load import LoadCurve
from perfpilot.domain.plan import Engine
from perfpilot.domain.search import SearchOutcome, SearchPhase, SearchStep
from perfpilot.tools.history.event_log import read_events
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.prepare import Prepared
from perfpilot.tools.jmeter.running.steer import AHEAD_S, Steering, search_file
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt
from tests.tools.jmeter.jmx.examples import curve, plan, scenario, spec


def steering(tmp_path: Path, engine: Engine, load: LoadCurve) -> tuple[Steering, Path]:
    """Steering of the second scenario of a plan, and its control file."""
    made = plan(scenario("home", load=curve((9, 1, 1))), scenario("home", "home", load=load, engine=engine))
    (tmp_path / "control").mkdir()
    prepared = Prepared.model_construct(directory=str(tmp_path), plan=made, spec=spec())
    name = "users_2" if engine is Engine.STEERED_USERS else "rate_2"
    return Steering(RunDirectory(tmp_path), prepared), tmp_path / "control" / name


@pytest.mark.parametrize(
    ("t_s", "text"),
    [
        (-1.0, "0"),
        (4.0 - AHEAD_S, "4"),
        (5.3 - AHEAD_S, "5"),
        (9.4, "10"),
        (9.6, "4"),
        (14.9, "4"),
        (15.0, "0"),
        (99, "0"),
    ],
)
def test_users_are_written_as_whole_numbers_of_the_level_just_ahead(
    tmp_path: Path, t_s: float, text: str
) -> None:
    load = curve((10, 0, 10), (5, 4, 4), unit="users")
    moved, control = steering(tmp_path, Engine.STEERED_USERS, load)
    moved.follow(t_s)
    assert control.read_text() == text


def test_rates_are_written_in_samples_per_minute(tmp_path: Path) -> None:
    moved, control = steering(tmp_path, Engine.STEERED_RATE, curve((10, 2.5, 2.5)))
    moved.follow(1.0)
    assert control.read_text() == "300"  # iterations of two samples


def test_a_file_is_written_only_when_its_number_changes(tmp_path: Path) -> None:
    moved, control = steering(tmp_path, Engine.STEERED_USERS, curve((10, 3, 3), unit="users"))
    moved.follow(0.0)
    control.unlink()
    moved.follow(1.0)
    assert not control.exists()
    moved.follow(10.0)
    assert control.read_text() == "0"


async def test_a_search_begins_at_its_start_and_records_each_step_before_it_takes_effect(
    tmp_path: Path,
) -> None:
    run, prepared, moved = await _searching(tmp_path)
    control = Path(prepared.directory) / "control/rate_1"
    assert control.read_text() == "600", "10 a second from the first moment, not the 80 of the end"
    assert moved.follow(0.0) == ""
    (step,) = run.read(search_file(1), SearchOutcome).steps
    assert (step.level, step.to_s) == (10.0, 0.0), "its end is the time of the record"
    (event,) = read_events(run.path, EventKind.STEERING)
    assert event.data["level"] == 10.0
    assert moved.asked_per_s == 10.0
    assert moved.take_news() == (event.text,)


async def test_a_search_that_the_load_s_end_cuts_off_keeps_what_it_knows(tmp_path: Path) -> None:
    run, prepared, moved = await _searching(tmp_path)
    moved.follow(0.0)
    moved.follow(2.0)
    moved.floor("stopped on request")
    assert (Path(prepared.directory) / "control/rate_1").read_text() == "0"
    found = run.read(search_file(1), SearchOutcome)
    assert (found.finished, found.because, found.steps[-1].to_s) == (False, "stopped on request", 2.0)
    assert moved.follow(3.0) == "stopped on request"


async def test_a_search_goes_on_from_what_a_killed_perfpilot_had_recorded(tmp_path: Path) -> None:
    run, prepared, _ = await _searching(tmp_path)
    search = prepared.plan.search
    assert search
    known = [
        SearchStep(
            number=number,
            phase=SearchPhase.CLIMB,
            from_s=number * 10.0,
            to_s=number * 10.0 + 9,
            level=level,
            why="",
            kept=kept,
            highest_kept=20.0,
            lowest_lost=None if kept else 40.0,
        )
        for number, (level, kept) in enumerate([(20.0, True), (40.0, False)], start=1)
    ]
    run.write(search_file(1), SearchOutcome(search=search, steps=tuple(known)))
    moved = Steering(run, prepared)
    moved.begin(0, ["page"])
    moved.follow(60.0)
    found = run.read(search_file(1), SearchOutcome)
    assert [step.number for step in found.steps] == [1, 2, 3]
    assert found.steps[-1].phase is SearchPhase.RECOVER, "the queue of the last level must be gone first"
    assert (found.highest_kept, found.lowest_lost) == (20.0, 40.0)


async def _searching(tmp_path: Path) -> tuple[RunDirectory, Prepared, Steering]:
    run = made_run(tmp_path, load_patterns=[{"search": {"start": 10, "end": 80}}], test_type="breakpoint")
    prepared = await prepared_attempt(run)
    moved = Steering(run, prepared)
    moved.begin(0, ["page"])
    return run, prepared, moved
