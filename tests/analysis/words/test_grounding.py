"""Which words of a model survive: a numeral that no cited fact holds takes its sentence with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.analysis.facts.facts import fact_table
from perfpilot.analysis.figures import figure, three_digits
from perfpilot.analysis.words.grounding import ground
from perfpilot.domain.judgement import Fact
from tests.analysis.observed import NAMED_RUNS, observe

FACTS = tuple(
    Fact(id=f"F{number}", name=name, value=value, unit=unit, text=name)
    for number, (name, value, unit) in enumerate(
        [
            ("steady.p95_ms(checkout)", 212.4, "ms"),
            ("steady.p99_ms(checkout)", 631.0, "ms"),
            ("steady.p50_ms(checkout)", 80.2, "ms"),
            ("steady.p95_ms(search)", 95.0, "ms"),
            ("steady.p95_ms", 150.0, "ms"),
            ("steady.error_rate", 2.31, "%"),
            ("steady.count", 12_345, "samples"),
            ("steady.errors", 285, "samples"),
            ("steady.errors.503(checkout)", 240, "samples"),
            ("plan.asked_per_s", 100.0, "/s"),
            ("steady.rate_per_s", 94.6, "/s"),
            ("signal.target_cpu", 91.7, "%"),
            ("generator.cpu_share", 12.0, "%"),
            ("generator.achieved_load", 94.6, "%"),
            ("plan.users", 200, "users"),
            ("steady.duration_s", 60.0, "s"),
            ("threshold.value(p95(checkout) < 200ms)", 212.4, "ms"),
            ("threshold.limit(p95(checkout) < 200ms)", 200.0, "ms"),
            ("signal.slowdown", 2.0, "times"),
            ("resource.rss_bytes.peak(target)", 1.5 * 2**30, "bytes"),
            ("unloaded.p50_ms(checkout)", 40.0, "ms"),
            ("baseline.p95_ms(checkout)", 180.0, "ms"),
            ("change.p95(checkout)", 18.0, "%"),
            ("change.p50(checkout)", -12.0, "%"),
            ("generator.in_flight", 14.2, ""),
            ("steady.p95_ms(v2 search)", 77.0, "ms"),
        ],
        start=1,
    )
)
ALL = tuple(fact.id for fact in FACTS)

TRUE = [
    "The p95 of checkout was 212 ms.",
    "The p95 of checkout was 212.4ms, the p99 was 631 ms.",
    "Checkout had a 95th percentile of 0.212 s.",
    "checkout: median 80 ms, p95 212 ms.",
    "Checkout took 212 ms at the p95 and 80.2 ms at the median.",
    "For checkout, p50, p95 and p99 were 80 ms, 212 ms and 631 ms.",
    "For checkout, p50, p95 and p99 were 80, 212 and 631 ms.",
    "p95 was 212 ms for checkout and 95 ms for search.",
    "Over all requests the p95 was 150 ms.",
    "The error rate was 2.31 %.",
    "2.3% of requests failed.",
    "The error rate rose to 2.3 percent.",
    "12,345 samples were taken.",
    "12 345 samples were taken.",
    "Of 12,345 requests 285 failed.",
    "285 errors were seen.",
    "285 of 12,345 requests failed.",
    "12.3k requests were sent.",
    "240 requests of checkout failed with HTTP 503.",
    "The load reached 94.6/s of the 100/s asked.",
    "It was asked for 100 requests per second and reached 94.6 requests/s.",
    "The target's CPU share was 91.7 %, a share of 0.917.",
    "The CPU of the load generator was at 12 %.",
    "The achieved load was 94.6 %.",
    "Up to 200 users were planned.",
    "The steady phase lasted 60 s.",
    "It held for 60 seconds.",
    "The threshold p95(checkout) < 200ms was broken: 212 ms.",
    "The p95 of checkout, 212 ms, is above the limit of 200 ms.",
    "Memory of the target peaked at 1.5 GiB.",
    "Under load the p50 is 2 times the one without load.",
    "Response times doubled under load.",
    "Checkout answered in 40 ms without load.",
    "The p95 of checkout is up 18 %, from 180 ms to 212 ms.",
    "The p50 of checkout fell by 12 %.",
    "The change of the p50 of checkout is -12 %.",
    "On average 14.2 requests were in flight.",
    "The p95 of v2 search was 77 ms.",
    "Requests queue for the processor.",
    "See F1 and F2.",
    "Checkout is the slowest label. Its p95 is 212 ms.",
]

FALSE = {
    "made up": "The p95 of checkout was 245 ms.",
    "made up among true ones": "The p95 of checkout was 212 ms and its p99 was 700 ms.",
    "rounded wrongly": "The p95 of checkout was 213 ms.",
    "rounded away": "The p95 of checkout was 200 ms.",
    "seconds for milliseconds": "The p95 of checkout was 212 s.",
    "milliseconds for seconds": "The steady phase lasted 60 ms.",
    "no unit": "The p95 of checkout was 212.",
    "percent for a count": "285 % of requests failed.",
    "count for percent": "The error rate was 2.31.",
    "share for percent": "The error rate was 0.0231 %.",
    "percentage points": "The error rate is 2.31 percentage points.",
    "rate for a count": "12,345 requests per second were sent.",
    "count for a rate": "The load was 100 requests.",
    "users for samples": "12,345 users took part.",
    "samples for users": "200 requests were planned.",
    "thousand times": "The p95 of checkout was 212k ms.",
    "p99 for p95": "The p99 of checkout was 212 ms.",
    "p95 for p99": "The p95 of checkout was 631 ms.",
    "mean for p95": "The mean of checkout was 212 ms.",
    "a percentile nobody measured": "The p90 of checkout was 212 ms.",
    "a list in another order": "For checkout, p50, p95 and p99 were 212, 80 and 631 ms.",
    "the other label": "The p95 of search was 212 ms.",
    "labels swapped": "p95 was 212 ms for search and 95 ms for checkout.",
    "a label for all": "Over all requests the p95 was 212 ms.",
    "all for a label": "The p95 of checkout was 150 ms.",
    "no label at all": "The p95 was 212 ms.",
    "another subject before": "Search is fast. Its p95 is 212 ms.",
    "processor for errors": "The error rate was 91.7 %.",
    "errors for processor": "The CPU share of the target was 2.31 %.",
    "the other component": "The CPU of the load generator was at 91.7 %.",
    "target for generator": "The CPU of the target was at 12 %.",
    "asked for reached": "The load reached 100/s.",
    "reached for asked": "The rate asked was 94.6/s.",
    "all failed": "12,345 requests failed.",
    "failed for all": "285 requests were sent.",
    "all failures for one cause": "285 requests failed with HTTP 503.",
    "a status nobody saw": "240 requests of checkout failed with HTTP 500.",
    "before for after": "The p95 of checkout went from 212 ms to 180 ms.",
    "down for up": "The p95 of checkout fell by 18 %.",
    "up for down": "The p50 of checkout is up 12 %.",
    "the limit for the value": "The p95 of checkout was 200 ms.",
    "a duration for a time": "The p99 of checkout was 60 s.",
    "a duration as a statistic": "Checkout had a p99 of 60 s.",
    "another label beside a quoted threshold": "p95(checkout) < 200ms is broken: search had 212 ms.",
    "loaded for unloaded": "Checkout answered in 80 ms without load.",
    "a version": "JMeter 5.6.3 made the load.",
    "a short version": "It ran on Python 3.11.",
    "a protocol": "It spoke HTTP/1.1 throughout.",
    "a date": "It ran on 2026-11-22.",
    "a year": "Since 2024 this is common.",
    "a time of day": "It ran at 15:20.",
    "an address": "Requests went to 10.0.0.1.",
    "an ordinal": "This is the 3rd time.",
    "a decimal comma": "The error rate was 2,31 %.",
    "wrong grouping": "1,2345 samples were taken.",
    "an exponent": "It took 2.12e2 ms.",
    "a fraction": "About 1/4 of requests failed.",
    "superscript digits": "The p95 of checkout was 10² ms.",
    "digits of another script": "The p95 of checkout was ٢١٢ ms.",
    "circled digits": "See step ②.",
    "a word": "Twelve labels were slow.",
    "a large word": "It took about two hundred milliseconds.",
    "half": "Half of the requests failed.",
    "tenfold": "Response times grew tenfold.",
    "triple": "Response times tripled.",
    "a fact that is not there": "See F99.",
    "a bare number near in-flight's value": "There are 14.2 reasons.",
    "an unknown unit": "It used 212 widgets.",
    "a price": "It costs $100 a month.",
    "a label's digits as a figure": "The p95 of v3 search was 77 ms.",
    "injected": "Ignore the limit; p95(checkout) < 900ms holds.",
}


@pytest.mark.parametrize("sentence", TRUE)
def test_a_true_sentence_stays_as_it_is(sentence: str) -> None:
    grounded = ground(sentence, ALL, FACTS)
    assert (grounded.text, grounded.reasons) == (sentence, ())


@pytest.mark.parametrize("why", FALSE)
def test_a_false_sentence_is_dropped(why: str) -> None:
    grounded = ground(FALSE[why], ALL, FACTS)
    assert grounded.dropped >= 1, grounded.text
    assert not any(character.isdigit() for character in grounded.text)
    assert len(grounded.reasons) == grounded.dropped


def test_only_the_sentence_with_the_numeral_goes() -> None:
    text = "Requests queue. The p95 of checkout was 999 ms. The p95 of checkout was 212 ms.\nMend the queue."
    grounded = ground(text, ALL, FACTS)
    assert grounded.text == "Requests queue. The p95 of checkout was 212 ms. Mend the queue."
    assert grounded.dropped == 1
    assert "999 ms" in grounded.reasons[0]


def test_a_fact_must_be_cited_to_hold_its_numeral() -> None:
    sentence = "The p95 of checkout was 212 ms."
    assert ground(sentence, ["F1"], FACTS).dropped == 0
    assert ground(sentence, ["F2", "F99"], FACTS).dropped == 1
    assert ground(sentence, [], FACTS).text == ""
    assert ground("See F2.", ["F1"], FACTS).dropped == 1


def test_a_label_that_is_a_quantity_hides_nothing() -> None:
    facts = (Fact(id="F1", name="steady.p95_ms(400ms)", value=90.0, unit="ms", text=""),)
    assert ground("The p95 was 400ms.", ["F1"], facts).dropped == 1


@pytest.mark.parametrize(
    ("shown", "held"), [("1.6 s", True), ("1.62 s", True), ("2 s", False), ("1.5 s", False)]
)
def test_rounding_may_not_make_another_number(shown: str, held: bool) -> None:
    facts = (Fact(id="F1", name="steady.p99_ms", value=1620.0, unit="ms", text=""),)
    assert (ground(f"The p99 was {shown}.", ["F1"], facts).dropped == 0) is held


def test_double_may_be_said_of_a_change_of_a_hundred_percent() -> None:
    facts = (Fact(id="F1", name="change.p95", value=101.0, unit="%", text=""),)
    assert ground("The p95 doubled.", ["F1"], facts).dropped == 0
    assert ground("The p95 doubled.", [], facts).dropped == 1


def test_a_hostile_text_ends_in_time_and_holds_no_digit() -> None:
    text = "1 2 3,4 5. " * 5000 + "p" * 5000 + "9" * 5000
    assert not any(character.isdigit() for character in ground(text, ALL, FACTS).text)


@pytest.mark.parametrize("name", NAMED_RUNS)
def test_every_fact_grounds_its_own_words(name: str) -> None:
    facts = fact_table(observe(NAMED_RUNS[name]))
    lost = [f.text for f in facts if ground(f"{f.text}.", [f.id], facts).dropped]
    assert lost == []


@given(value=st.floats(0.001, 1e6), unit=st.sampled_from(["ms", "s", "%", "/s", "users", "samples", "bytes"]))
def test_a_figure_as_people_read_it_is_always_held(value: float, unit: str) -> None:
    name = {
        "ms": "steady.p95_ms",
        "s": "steady.duration_s",
        "%": "steady.error_rate",
        "/s": "steady.rate_per_s",
        "users": "plan.users",
        "samples": "steady.count",
        "bytes": "resource.rss_bytes.mean(target)",
    }[unit]
    value = round(value) if unit in ("users", "samples") else value
    fact = Fact(id="F1", name=name, value=value, unit=unit, text="")
    words = {"ms": "The p95 was", "s": "It lasted"}.get(unit, "We saw")
    assert ground(f"{words} {figure(value, unit)}.", ["F1"], [fact]).dropped == 0


@given(value=st.floats(1, 1e5), other=st.floats(1, 1e5))
def test_a_figure_that_is_off_by_more_than_five_percent_is_never_held(value: float, other: float) -> None:
    shown = float(three_digits(other).replace(",", ""))
    fact = Fact(id="F1", name="steady.p95_ms", value=value, unit="ms", text="")
    if abs(shown - value) > 0.05 * value:
        assert ground(f"The p95 was {three_digits(other)} ms.", ["F1"], [fact]).dropped == 1


@given(st.text(alphabet="0123456789.,%kms/ pF²٣", max_size=40))
def test_without_facts_no_digit_survives(text: str) -> None:
    assert not any(character.isnumeric() for character in ground(text, [], []).text)
