"""Changed curves keep what was not asked to change: slopes, places, weights."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.planning.change import Change
from perfpilot.planning.load.changed import LONGEST_RAMP_S, changed, held


def curve(*pieces: tuple[float, float, float], unit: str = "rate_per_s") -> LoadCurve:
    """Pieces are (seconds, from, to)."""
    segments = tuple(Segment(duration_s=s, start=a, end=b) for s, a, b in pieces)
    return LoadCurve(unit=unit, segments=segments)  # type: ignore[arg-type]


def longer(seconds: float) -> Change:
    return Change(kind="duration_s", value=seconds, sentence="")


def steps(count: int, low: float, high: float, hold_s: float) -> Change:
    return Change(kind="steps", value=count, low=low, high=high, hold_s=hold_s, sentence="")


def levels(changed_curve: LoadCurve) -> list[float]:
    return [s.start for s in changed_curve.segments if s.start == s.end]


STEPS = curve((10, 0, 20), (30, 20, 20), (30, 40, 40), (30, 60, 60))


def test_a_longer_run_stretches_holds_and_keeps_slopes() -> None:
    (stretched,) = changed([STEPS], [longer(190)])
    assert [s.duration_s for s in stretched.segments] == pytest.approx([10, 60, 60, 60])


def test_a_curve_without_a_hold_is_stretched_as_a_whole() -> None:
    (stretched,) = changed([curve((10, 0, 20), (10, 20, 0))], [longer(60)])
    assert [s.duration_s for s in stretched.segments] == pytest.approx([30, 30])


def test_a_duration_that_is_no_longer_changes_nothing() -> None:
    assert changed([STEPS], [longer(100)]) == (STEPS,)
    assert changed([STEPS], [longer(5)]) == (STEPS,)


def test_changes_of_users_leave_curves_alone() -> None:
    assert changed([STEPS], [Change(kind="users", value=50, sentence="")]) == (STEPS,)


def test_patterns_keep_their_places_relative_to_each_other() -> None:
    base = curve((100, 10, 10))
    spike = curve((40, 0, 0), (5, 0, 50), (10, 50, 50), (5, 50, 0))
    longer_base, longer_spike = changed([base, spike], [longer(190)])
    # 90 of the 100 s stand still; the spike's flanks keep their five seconds.
    assert [s.duration_s for s in longer_spike.segments] == pytest.approx([80, 5, 20, 5])
    assert longer_base.duration_s == pytest.approx(190)


def test_a_pattern_that_ends_early_still_does() -> None:
    short, long = changed([curve((50, 5, 5)), curve((100, 5, 5))], [longer(200)])
    assert (short.duration_s, long.duration_s) == (pytest.approx(100), pytest.approx(200))


def test_steps_begin_with_a_ramp_and_hold_each_level() -> None:
    (stepped,) = changed([STEPS], [steps(3, 40, 60, 20)])
    assert [(s.duration_s, s.start, s.end) for s in stepped.segments] == [
        (20, 0, 40), (20, 40, 40), (20, 50, 50), (20, 60, 60),
    ]  # fmt: skip
    (slow,) = changed([STEPS], [steps(2, 40, 60, 600)])
    assert slow.segments[0].duration_s == LONGEST_RAMP_S


def test_weights_are_kept_in_steps() -> None:
    one, three = changed([STEPS, STEPS.scaled(3)], [steps(3, 160, 240, 20)])
    assert levels(one) == pytest.approx([40, 50, 60])
    assert levels(three) == pytest.approx([120, 150, 180])


def test_a_background_keeps_its_level_where_another_pattern_steps() -> None:
    background, stepped = changed([curve((100, 5, 5)), STEPS], [steps(3, 45, 65, 20)])
    assert levels(background) == pytest.approx([5, 5, 5])
    assert levels(stepped) == pytest.approx([40, 50, 60])


def test_above_the_highest_level_the_mix_is_that_of_the_highest() -> None:
    one, three = changed([STEPS, STEPS.scaled(3)], [steps(2, 240, 480, 20)])
    assert (levels(one), levels(three)) == (pytest.approx([60, 120]), pytest.approx([180, 360]))


def test_users_have_no_part_in_steps() -> None:
    users = curve((100, 7, 7), unit="users")
    assert changed([users, STEPS], [steps(2, 40, 60, 20)])[0] == users
    assert changed([users], [steps(2, 40, 60, 20)]) == (users,)


def test_changes_apply_in_their_order() -> None:
    (found,) = changed([STEPS], [longer(190), steps(2, 40, 60, 30), longer(180)])
    assert [s.duration_s for s in found.segments] == pytest.approx([30, 75, 75])


_levels = st.just(0.0) | st.floats(0.001, 50)  # a rate of one arrival in an age has no share to be kept
_curves = st.lists(
    st.lists(st.tuples(st.floats(1, 60), _levels, st.booleans()), min_size=1, max_size=5).map(
        lambda drawn: curve(*((s, level, level if hold else level + 10) for s, level, hold in drawn))
    ),
    min_size=1,
    max_size=3,
)
_changes = st.builds(longer, st.floats(1, 600)) | st.builds(
    lambda n, low, gap, hold: steps(n, low, low + gap, hold),
    st.integers(2, 8), st.floats(1, 100), st.floats(0.1, 100), st.floats(1, 60),
)  # fmt: skip


@given(_curves, _changes)
def test_the_same_change_twice_is_the_same_change(curves: list[LoadCurve], change: Change) -> None:
    once = changed(curves, [change])
    twice = changed(curves, [change, change])
    for one, two in zip(once, twice, strict=True):
        assert len(one.segments) == len(two.segments)
        for a, b in zip(one.segments, two.segments, strict=True):
            assert (a.duration_s, a.start, a.end) == pytest.approx((b.duration_s, b.start, b.end), abs=1e-6)


@given(_curves, st.floats(1, 600))
def test_a_longer_run_is_as_long_as_asked_and_no_higher(curves: list[LoadCurve], seconds: float) -> None:
    found = changed(curves, [longer(seconds)])
    before = max(c.duration_s for c in curves)
    assert max(c.duration_s for c in found) == pytest.approx(max(seconds, before))
    assert [c.peak for c in found] == [c.peak for c in curves]


@given(_curves, st.integers(2, 8), st.floats(1, 100), st.floats(0.1, 100), st.floats(1, 60))
def test_steps_have_the_levels_asked_in_total(
    curves: list[LoadCurve], count: int, low: float, gap: float, hold_s: float
) -> None:
    if not held(curves):
        return
    found = changed(curves, [steps(count, low, low + gap, hold_s)])
    ramp_s = min(hold_s, LONGEST_RAMP_S)
    for step in range(count):
        total = sum(c.level_at(ramp_s + (step + 0.5) * hold_s) for c in found)
        assert total == pytest.approx(low + gap * step / (count - 1))
