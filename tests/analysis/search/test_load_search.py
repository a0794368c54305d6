"""What a search never does, whatever it meets; and how it goes on, ends and speaks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.rows import Rows, no_rows
from perfpilot.analysis.search.load_search import LoadSearch
from perfpilot.domain.search import Search, SearchPhase, SearchStep
from perfpilot.domain.thresholds import parse_threshold
from tests.analysis.search.queue_simulator import START_MS, QueueTarget, Searched, rows_of, search_load


def _search(**other: object) -> Search:
    figures = {"unit": "rate_per_s", "start": 8, "end": 400, "precision": 0.05, "hold_s": 8, "longest_s": 600}
    return Search.model_validate({**figures, **other})


def _loop(search: Search, *lines: str, earlier: Sequence[SearchStep] = ()) -> LoadSearch:
    return LoadSearch(
        search,
        start_ms=START_MS,
        labels=["home", "case"],
        measured=lambda label: label == "home",
        requests_per_arrival=1.0,
        thresholds=[parse_threshold(line) for line in lines],
        earlier=earlier,
    )


def _assert_sane(found: Searched, search: Search) -> None:
    outcome = found.outcome
    assert outcome.because
    assert found.lowest_level >= 0 and found.highest_level <= search.end
    assert found.ended_s <= search.longest_s + 1
    if outcome.highest_kept is not None and outcome.lowest_lost is not None:
        assert outcome.highest_kept < outcome.lowest_lost
    numbers = [step.number for step in outcome.steps]
    assert numbers == sorted(set(numbers))
    for step in outcome.steps:
        assert step.why and step.to_s is not None and step.to_s >= step.from_s
        assert step.kept is not False or step.lost


@settings(max_examples=40, deadline=None)
@given(
    slots=st.integers(1, 8),
    capacity=st.floats(5, 120),
    start=st.floats(0.02, 3),
    end=st.floats(0.5, 8),
    precision=st.floats(0.01, 0.5),
    hold_s=st.floats(1, 12),
    longest_s=st.floats(5, 200),
    service=st.sampled_from(["deterministic", "exponential", "lognormal"]),
    even=st.booleans(),
    users=st.integers(1, 200),
    unit=st.sampled_from(["rate_per_s", "users"]),
    seed=st.integers(0, 99),
)
def test_no_search_exceeds_its_bounds(
    slots: int,
    capacity: float,
    start: float,
    end: float,
    precision: float,
    hold_s: float,
    longest_s: float,
    service: str,
    even: bool,
    users: int,
    unit: str,
    seed: int,
) -> None:
    scale = capacity if unit == "rate_per_s" else 4.0 * slots
    search = _search(
        unit=unit,
        start=min(start, end) * scale,
        end=max(end * scale, 1),
        precision=precision,
        hold_s=hold_s,
        longest_s=longest_s,
    )
    target = QueueTarget(slots, slots / capacity, service, users=users, even=even, seed=seed)
    _assert_sane(search_load(target, search, ["p95 < 2s"]), search)


_COLUMN = st.lists(
    st.tuples(st.integers(-5_000, 70_000), st.integers(-5, 90_000), st.booleans(), st.integers(0, 1)),
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_COLUMN, min_size=1, max_size=20))
def test_garbage_is_survived(batches: list[list[tuple[int, int, bool, int]]]) -> None:
    search = _search(longest_s=60)
    loop = _loop(search, "p95(home) < 100ms", "mean < 1s", "max < 9s", "apdex(0.5s) > 0.5", "error_rate < 1%")
    for index in range(200):
        batch = batches[index % len(batches)]
        none = np.zeros(len(batch), np.int64)
        start = np.array([START_MS + each[0] for each in batch], np.int64)
        elapsed = np.array([each[1] for each in batch], np.int64)
        good = np.array([each[2] for each in batch], np.bool_)
        label = np.array([each[3] for each in batch], np.int64)
        loop.add(Rows(start, elapsed, label, none, good, none, none, none, none))
        tick = loop.tick(index * 0.5)
        assert 0 <= tick.level <= search.end and math.isfinite(tick.level)
        assert loop.words
        if tick.outcome:
            assert tick.outcome.because
            return
    raise AssertionError("the search never ended")


def test_no_samples_at_all_end_the_search_without_an_answer() -> None:
    loop = _loop(_search())
    outcome = None
    for index in range(1400):
        loop.add(no_rows())
        tick = loop.tick(index * 0.5)
        if outcome := tick.outcome:
            break
    assert outcome is not None and outcome.because and not outcome.finished
    assert outcome.highest_kept is None and outcome.steps[0].lost == "no sample that began there has ended"


def test_a_target_that_only_fails_has_no_capacity() -> None:
    target = QueueTarget(4, 0.05, broken=lambda start_s, waited_s: True)
    found = search_load(target, _search())
    assert found.outcome.highest_kept is None and not found.outcome.finished and found.outcome.because


def test_a_start_that_is_lost_is_looked_below_and_given_up_after_a_few_levels() -> None:
    target = QueueTarget(4, 0.05)
    found = search_load(target, _search(start=40), ["p95 < 10ms"])
    assert found.outcome.highest_kept is None and not found.outcome.finished
    assert found.outcome.because == "even 5/s was lost"
    assert found.outcome.lowest_lost == 5


def test_the_load_generator_is_named_where_the_load_was_not_sent_and_response_times_are_calm() -> None:
    target = QueueTarget(16, 0.05)
    concern = "JMeter used 96 % of its host"
    found = search_load(
        target,
        _search(),
        sends=lambda level: min(level, 100.0),
        generator=lambda level: [concern] if level > 100 else [],
    )
    assert concern in found.outcome.generator_limited and not found.outcome.finished
    assert found.found == 64 and found.outcome.lowest_lost is None
    silent = search_load(QueueTarget(16, 0.05), _search(), sends=lambda level: min(level, 100.0))
    assert "users" in silent.outcome.generator_limited and silent.outcome.lowest_lost is None


def test_a_concern_does_not_excuse_a_target_that_became_slow() -> None:
    found = search_load(QueueTarget(4, 0.05), _search(), generator=lambda level: ["busy"])
    assert found.outcome.finished and not found.outcome.generator_limited
    assert any("busy" in step.lost for step in found.steps)


@pytest.mark.parametrize("killed_s", [3.0, 12.0, 24.0, 29.0, 40.0, 50.0])
def test_a_search_goes_on_from_what_was_recorded(killed_s: float) -> None:
    first = search_load(QueueTarget(4, 0.05), _search(), stop_s=killed_s)
    before = first.outcome
    assert not before.finished and before.because == "stopped"
    target = QueueTarget(4, 0.05)
    recorded = tuple(step for step in before.steps)
    second = search_load(target, _search(), earlier=recorded, begin_s=killed_s + 5)
    after = second.outcome
    assert second.steps[0].phase is SearchPhase.RECOVER
    assert after.finished and after.highest_kept == pytest.approx(80, rel=0.05)
    assert (after.highest_kept or 0) >= (before.highest_kept or 0)
    assert (after.lowest_lost or math.inf) <= (before.lowest_lost or math.inf)
    assert [step.number for step in after.steps] == list(range(1, len(after.steps) + 1))
    tried = [step.level for step in second.steps if step.phase is not SearchPhase.RECOVER]
    assert min(tried) >= (before.highest_kept or 0) - 1e-9


def test_a_recorded_search_that_was_over_needs_only_a_pause() -> None:
    first = search_load(QueueTarget(4, 0.05), _search()).outcome
    second = search_load(QueueTarget(4, 0.05), _search(), earlier=first.steps, begin_s=70)
    assert [step.phase for step in second.steps] == [SearchPhase.RECOVER]
    assert second.outcome.finished
    assert (second.outcome.highest_kept, second.outcome.lowest_lost) == (
        first.highest_kept,
        first.lowest_lost,
    )


def test_a_slower_target_never_gets_a_higher_answer() -> None:
    found = [search_load(QueueTarget(4, 0.05 * slow), _search()).found for slow in (1, 1.2, 1.5, 2, 4)]
    assert found == sorted(found, reverse=True)


def test_the_longest_time_ends_it_with_what_is_known() -> None:
    found = search_load(QueueTarget(4, 0.05), _search(longest_s=22))
    assert not found.outcome.finished and found.found == 64 and found.ended_s <= 22
    assert "time" in found.outcome.because


def test_a_short_pause_of_the_target_does_not_lose_a_level() -> None:
    class Pausing(QueueTarget):
        def _service(self) -> float:
            self.served = getattr(self, "served", 0) + 1
            return self.service_s + (0.25 if self.served % 700 == 0 else 0.0)

    found = search_load(Pausing(4, 0.05), _search())
    assert found.outcome.finished and found.found == pytest.approx(80, rel=0.06)


def test_samples_of_an_earlier_level_and_of_other_labels_do_not_count() -> None:
    loop = _loop(_search(start=20), "p95 < 100ms")
    loop.tick(0.0)
    slow = [(at / 20, at / 20 + 0.5, True) for at in range(20)]  # within the first second
    good = [(at / 20, at / 20 + 0.02, True) for at in range(30, 200)]
    case = rows_of([(at / 20, at / 20 + 5, False) for at in range(30, 80)])
    loop.add(rows_of(slow + good)._replace(label=np.zeros(190, np.int64)))
    loop.add(case._replace(label=np.ones(50, np.int64)))
    ended = [step for index in range(1, 20) for step in loop.tick(index * 0.5).ended]
    assert ended[0].kept and ended[0].level == 20


def test_words_tell_what_is_done_and_known() -> None:
    steps = [
        SearchStep(number=1, phase=SearchPhase.CLIMB, from_s=0, to_s=8, level=45, why="w", kept=True),
        SearchStep(
            number=2, phase=SearchPhase.CLIMB, from_s=8, to_s=16, level=52, why="w", kept=False, lost="slow"
        ),
    ]
    loop = _loop(_search(), earlier=steps)
    assert loop.words == "the search has not begun"
    loop.tick(20)
    assert loop.words == "letting the target recover at 11.25/s: kept 45/s, lost 52/s"
    loop.add(rows_of([(21 + at / 10, 21 + at / 10 + 0.02, True) for at in range(20)]))
    tick = loop.tick(24)
    assert tick.begun is not None and tick.begun.phase is SearchPhase.PROBE
    assert loop.words == "probing 48.37/s: kept 45/s, lost 52/s"
    outcome = loop.outcome("a person asked")
    assert outcome.because == "a person asked" and not outcome.finished
    assert (outcome.highest_kept, outcome.lowest_lost) == (45, 52)
