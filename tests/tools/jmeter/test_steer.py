"""Control files follow the curves, a moment ahead of what JMeter takes to read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.domain.load import LoadCurve
from perfpilot.domain.plan import Engine
from perfpilot.tools.jmeter.prepare import Prepared
from perfpilot.tools.jmeter.steer import AHEAD_S, Steering
from tests.tools.jmeter.jmx.examples import curve, plan, scenario, spec


def steering(tmp_path: Path, engine: Engine, load: LoadCurve) -> tuple[Steering, Path]:
    """Steering of the second scenario of a plan, and its control file."""
    made = plan(scenario("home", load=curve((9, 1, 1))), scenario("home", "home", load=load, engine=engine))
    (tmp_path / "control").mkdir()
    prepared = Prepared.model_construct(directory=str(tmp_path), plan=made, spec=spec())
    name = "users_2" if engine is Engine.STEERED_USERS else "rate_2"
    return Steering(prepared), tmp_path / "control" / name


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
