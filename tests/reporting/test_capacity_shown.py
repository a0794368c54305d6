from __future__ import annotations

import pytest

from perfpilot.domain.capacity import Capacity, HeadRoom, Scalability, ScalingStep
from perfpilot.reporting import capacity_shown
from tests.reporting.sample_outlook import capacity

FOUND = capacity()


@pytest.mark.parametrize(
    ("made", "short"),
    [
        (FOUND, "341.2/s (318.0/s to 366.0/s)"),
        (Capacity(estimated=True, rate_per_s=90), "90.0/s"),
        (Capacity(estimated=False, users_kept=40, users_lost=45), "40 to 45 users"),
        (Capacity(estimated=False, users_kept=40), "40 or more users"),
        (Capacity(estimated=False, low_per_s=200, high_per_s=400), "between 200.0/s and 400.0/s"),
        (Capacity(estimated=False, low_per_s=200), "at least 200.0/s"),
        (Capacity(estimated=False, high_per_s=400), "less than 400.0/s"),
        (Capacity(estimated=False), ""),
    ],
)
def test_the_answer_in_short_says_no_more_than_is_known(made: Capacity, short: str) -> None:
    assert capacity_shown.short_answer(made) == short


def test_what_was_not_estimated_says_why_and_what_was_seen() -> None:
    made = Capacity(estimated=False, because="every level met the thresholds", low_per_s=300)
    assert capacity_shown.answer(made) == (
        "Not estimated: every level met the thresholds. From what was seen it is at least 300.0/s."
    )


def test_an_estimate_comes_with_its_interval_and_its_evidence() -> None:
    assert capacity_shown.answer(FOUND) == (
        "341.2/s is the highest arrival rate that meets the thresholds; with 95 % confidence it lies between "
        "318.0/s and 366.0/s. 300/s met the thresholds and 370/s did not."
    )


@pytest.mark.parametrize(
    ("room", "says"),
    [
        (HeadRoom(expected_per_s=260, share=0.3, low=0.2, high=0.4),
         "Head room: 30 % over the 260.0/s that is expected (+20 % to +40 %)."),
        (HeadRoom(expected_per_s=260, share=0.1, low=-0.05, high=0.2),
         "Head room: 10 % over the 260.0/s that is expected (-5 % to +20 %); the low end does not carry it."),
        (HeadRoom(expected_per_s=260, share=-0.2), "It is 20 % below the 260.0/s that is expected."),
        (None, ""),
    ],
)  # fmt: skip
def test_head_room_is_said_with_the_doubt_there_is(room: HeadRoom | None, says: str) -> None:
    assert capacity_shown.head_room_words(FOUND.model_copy(update={"head_room": room})) == says


def test_levels_stand_in_the_order_of_their_rates_with_what_became_of_them() -> None:
    shuffled = FOUND.model_copy(update={"levels": FOUND.levels[::-1]})
    rows = capacity_shown.level_rows(shuffled)
    assert [row.asked for row in rows][:3] == ["50.0", "100.0", "150.0"]
    assert [row.mark for row in rows][-3:] == ["?", "✗", "✗"]
    assert rows[-2].why == "p95 < 200ms was broken; within what chance could do"
    assert rows[-1].why == "368/s were completed while more came; saturated"


def test_a_law_that_was_not_fitted_says_why() -> None:
    law = Scalability(fitted=False, because="3 levels showed it, 6 are needed")
    assert capacity_shown.law_words(law).endswith("was not fitted: 3 levels showed it, 6 are needed.")


def test_a_fitted_law_without_a_peak_gives_no_peak() -> None:
    words = capacity_shown.law_words(FOUND.scalability)
    assert (
        "0.21 % of the work queues" in words and "not given (not reached" in words and "peaks at" not in words
    )
    peaked = FOUND.scalability.model_copy(update={"peak_per_s": 410.0, "peak_in_flight": 56.7})
    assert "It peaks at 410.0/s with 56.7 requests under way." in capacity_shown.law_words(peaked)


def test_where_no_number_of_instances_is_enough_it_is_said() -> None:
    scaling = FOUND.scaling
    assert scaling is not None
    step = ScalingStep(rate_per_s=9000, instances=80, instances_if_contended=None)
    rows = capacity_shown.scaling_rows(scaling.model_copy(update={"steps": (*scaling.steps, step)}))
    assert [row.contended for row in rows] == ["4", "5", "7", "12", "no number is enough"]
    assert rows[0].cost == "1.68 EUR" and rows[-1].cost == "–"


def test_costs_are_left_out_where_none_is_known() -> None:
    scaling = FOUND.scaling
    assert scaling is not None
    assert "a million requests cost 0.68 EUR" in capacity_shown.cost_words(scaling)
    assert capacity_shown.cost_words(scaling.model_copy(update={"cost_per_hour": None})) == ""
