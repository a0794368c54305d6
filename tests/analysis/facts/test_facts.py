"""The fact table: numbered, in order, above the floors, worded as people read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perfpilot.analysis.facts.book import FactBook, argument_of
from perfpilot.analysis.facts.facts import fact_table
from perfpilot.analysis.figures import figure, three_digits
from perfpilot.domain.capacity import Capacity
from perfpilot.domain.comparison import Comparison, MetricChange
from tests.analysis.observed import NAMED_RUNS, observe


def test_facts_are_numbered_without_gaps_and_their_names_are_unique() -> None:
    facts = fact_table(observe())
    assert [fact.id for fact in facts] == [f"F{n}" for n in range(1, len(facts) + 1)]
    assert len({fact.name for fact in facts}) == len(facts)


@pytest.mark.parametrize("name", NAMED_RUNS)
def test_the_same_observations_give_the_same_table(name: str) -> None:
    assert fact_table(observe(NAMED_RUNS[name])) == fact_table(observe(NAMED_RUNS[name]))


def test_a_shuffled_input_gives_the_same_table() -> None:
    seen = observe()
    phases = tuple(p.model_copy(update={"labels": p.labels[::-1]}) for p in seen.attempt.phases[::-1])
    attempt = seen.attempt.model_copy(update={"phases": phases})
    shuffled = type(seen)(**{**seen.__dict__, "attempt": attempt, "resources": seen.resources[::-1]})
    assert fact_table(shuffled) == fact_table(seen)


def test_a_share_is_a_fact_in_percent() -> None:
    book = FactBook(fact_table(observe(errors={"checkout": {"500": 0.1}}, seed=5)))
    rate = book.get("steady.error_rate", "checkout")
    assert rate is not None and rate.unit == "%" and 8 < rate.value < 12
    assert rate.text == f"error rate of checkout in the steady phase: {figure(rate.value, '%')}"


def test_a_percentile_below_its_number_of_samples_is_no_fact() -> None:
    few = FactBook(fact_table(observe(rate=6.0)))  # about 120 samples a label
    assert few.get("steady.p90_ms", "home") is not None
    assert few.get("steady.p95_ms", "home") is None
    assert few.get("steady.p95_ms") is not None
    assert few.get("steady.p99_ms") is None


def test_errors_are_counted_by_their_cause() -> None:
    seen = observe(errors={"home": {"503": 0.2, "assertion": 0.1}})
    book = FactBook(fact_table(seen))
    home = next(s for s in seen.attempt.phase("steady").labels if s.label == "home")
    for code, name in (("503", "503"), ("assertion", "assertion")):
        assert book.value(f"steady.errors.{name}", "home") == next(
            c.count for c in home.causes if c.code == code
        )


def test_without_a_steady_phase_the_whole_load_is_described() -> None:
    seen = observe()
    attempt = seen.attempt.model_copy(update={"phases": seen.attempt.phases[:1]})
    book = FactBook(fact_table(type(seen)(**{**seen.__dict__, "attempt": attempt})))
    assert book.phase == "all"
    assert book.value("steady.count") is None
    assert "over the whole load" in (book.get("all.p95_ms") or book.facts[0]).text


def test_an_attempt_without_samples_has_facts_of_its_plan_only() -> None:
    seen = observe()
    attempt = seen.attempt.model_copy(update={"phases": ()})
    bare = type(seen)(plan=seen.plan, attempt=attempt)
    names = [fact.name for fact in fact_table(bare)]
    assert "plan.users" in names
    assert not [name for name in names if not name.startswith(("plan.", "generator."))]


def test_the_share_of_the_target_is_of_the_cores_it_may_use() -> None:
    pinned = FactBook(fact_table(observe(target_cpu=0.45, target_cores=1.0)))
    free = FactBook(fact_table(observe(target_cpu=0.45, target_cores=2.0)))
    assert pinned.value("signal.target_cpu") == pytest.approx(90, abs=3)
    assert free.value("signal.target_cpu") == pytest.approx(45, abs=2)


def test_comparison_and_capacity_have_facts_of_their_own() -> None:
    change = MetricChange(metric="p95", label="home", before=80.0, after=100.0, unit="ms", change=0.25)
    book = FactBook(
        fact_table(
            observe(),
            comparison=Comparison(comparable=True, changes=(change,)),
            capacity=Capacity(estimated=True, rate_per_s=200, low_per_s=200, high_per_s=300),
        )
    )
    assert book.value("change.p95", "home") == 25.0
    assert book.value("baseline.p95", "home") == 80.0
    assert book.value("capacity.high_per_s") == 300


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (212.4, "ms", "212 ms"),
        (1234.0, "ms", "1,230 ms"),
        (12_345.0, "ms", "12.3 s"),
        (0.0431, "%", "0.0431 %"),
        (99.96, "%", "100 %"),
        (12_345, "samples", "12,345 samples"),
        (1, "samples", "1 sample"),
        (94.64, "/s", "94.6/s"),
        (0.0, "/s", "0/s"),
        (-12.34, "%", "-12.3 %"),
        (1.5 * 2**30, "bytes", "1.5 GiB"),
        (512, "bytes", "512 bytes"),
        (4.0, "times", "4 times"),
        (3.14159, "", "3.14"),
    ],
)
def test_a_figure_is_shown_as_people_read_it(value: float, unit: str, shown: str) -> None:
    assert figure(value, unit) == shown


def test_three_digits_never_use_an_exponent() -> None:
    assert [three_digits(v) for v in (1e-5, 9.999, 999.6, 1e7)] == ["0.00001", "10", "1,000", "10,000,000"]


def test_the_argument_of_a_name_may_hold_parentheses() -> None:
    assert argument_of("threshold.value(p95(checkout) < 400ms)") == "p95(checkout) < 400ms"
    assert argument_of("steady.count") == ""


def test_what_can_not_be_counted_ahead_is_said_to_be_at_most() -> None:
    seen = observe()
    whole = {fact.name: fact.text for fact in fact_table(seen)}
    first = seen.plan.scenarios[0]
    maybe = first.model_copy(update={"steps": (first.steps[0].model_copy(update={"only_if": "id"}),)})
    plan = seen.plan.model_copy(update={"scenarios": (maybe, *seen.plan.scenarios[1:])})
    unsure = {fact.name: fact.text for fact in fact_table(replace(seen, plan=plan))}
    assert "plan.asked_per_s" in whole and "plan.asked_per_s" not in unsure
    assert whole["plan.expected_samples"].startswith("samples planned: ")
    assert unsure["plan.expected_samples"].startswith("samples planned, at most: ")
    assert unsure["plan.peak_per_s"].startswith("highest rate asked, at most: ")
