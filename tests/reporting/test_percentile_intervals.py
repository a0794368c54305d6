from __future__ import annotations

from perfpilot.reporting.grouped import grouped
from perfpilot.reporting.percentile_intervals import MEANING, interval_notes, interval_words
from perfpilot.reporting.shown import endpoint_rows
from tests.reporting.sample_measures import phases
from tests.reporting.sample_outlook import with_intervals


def test_an_interval_is_written_without_needless_digits() -> None:
    phase = with_intervals(phases()[1])
    assert interval_words(phase.pooled, 95) == "79 to 89"
    assert interval_words(phase.labels[3], 99) == "" and interval_words(phase.pooled, 99.9) == ""


def test_too_short_for_an_interval_is_said_once() -> None:
    short = "too short for an interval: 48 s with samples, 300 s are needed"
    phase = phases()[1]
    labels = tuple(stats.model_copy(update={"no_interval": short}) for stats in phase.labels)
    pooled = phase.pooled.model_copy(update={"no_interval": short})
    phase = phase.model_copy(update={"labels": labels, "pooled": pooled})
    assert interval_notes(endpoint_rows(phase), pooled) == (f"No percentile has an interval: {short}.",)


def test_what_intervals_mean_is_said_where_there_are_some() -> None:
    phase = with_intervals(phases()[1])
    notes = interval_notes(endpoint_rows(phase), phase.pooled)
    assert notes[0] == MEANING and len(notes) == 2 and notes[1].startswith("checkout: too short")
    assert interval_notes(endpoint_rows(phases()[1]), phases()[1].pooled) == ()


def test_reasons_are_grouped_the_commonest_first() -> None:
    pairs = [("a", "few"), ("b", "noise"), ("c", "noise"), ("d", ""), *((f"e{n}", "late") for n in range(6))]
    assert grouped(pairs) == ("e0, e1, e2, e3 and 2 more: late", "b, c: noise", "a: few")
    assert grouped(pairs, most=1)[-1] == "3 more for other reasons, in result.json"
    assert grouped([]) == ()
