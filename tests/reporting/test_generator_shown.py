from __future__ import annotations

from perfpilot.domain.measure import GeneratorHealth, IntendedTimes, LoadWindow
from perfpilot.reporting import generator_shown
from tests.reporting.sample_measures import phases
from tests.reporting.sample_outlook import health, with_intended


def test_what_nobody_measured_is_left_out() -> None:
    assert generator_shown.health_pairs(GeneratorHealth(limited=False)) == ()
    pairs = dict(generator_shown.health_pairs(health()))
    assert pairs["windows in which Little's law held"] == "3 of 4"
    assert pairs["time that JMeter's collector stood still"] == "0.41 %"
    assert pairs["sockets at the peak"] == "96"


def test_windows_of_an_open_load_say_nothing_of_users() -> None:
    open_load = GeneratorHealth(limited=False, windows=(LoadWindow(from_s=0, to_s=10, reached=1.0),))
    assert "windows in which Little's law held" not in dict(generator_shown.health_pairs(open_load))
    assert generator_shown.window_rows(open_load)[0].users == "–"


def test_of_many_windows_those_that_are_off_are_kept() -> None:
    windows = tuple(
        LoadWindow(from_s=10.0 * n, to_s=10.0 * n + 10, users=5.0, explained=5.0, ok=n != 150)
        for n in range(200)
    )
    rows = generator_shown.window_rows(GeneratorHealth(limited=False, windows=windows))
    assert len(rows) == 60 and "1,500 to 1,510 s" in [row.window for row in rows if row.tone == "bad"]


def test_what_waiting_hid_is_said_and_marked() -> None:
    phase = with_intended(phases()[1])
    assert "the p99 is 563 ms, not 182 ms" in generator_shown.intended_words(phase)
    first = generator_shown.intended_rows(phase)[0]
    assert first.label == "" and first.longer == (False, True, True)


def test_where_no_request_was_late_nothing_was_hidden() -> None:
    phase = phases()[1]
    pooled = phase.pooled
    same = IntendedTimes(label="", method="schedule", p50_ms=pooled.p50_ms, p95_ms=pooled.p95_ms,
                         p99_ms=pooled.p99_ms)  # fmt: skip
    words = generator_shown.intended_words(phase.model_copy(update={"intended": (same,)}))
    assert "nothing was hidden by waiting" in words and "the moments that the plan gave" in words


def test_why_there_are_none_is_said() -> None:
    phase = phases()[1].model_copy(update={"intended_because": "arrivals do not wait"})
    assert generator_shown.intended_words(phase) == "Arrivals do not wait."
    assert generator_shown.intended_words(phases()[1]) == ""
