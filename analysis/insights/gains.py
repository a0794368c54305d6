"""What mending a finding would bring: computed from this run's figures, with what that supposes."""

from __future__ import annotations

from dataclasses import dataclass

from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.insights.moving import endangers, hours_left
from perfpilot.analysis.insights.results import Results
from perfpilot.analysis.words.statement import judged, shown
from perfpilot.domain.comparison import MetricChange
from perfpilot.domain.judgement import Fact, Finding, FindingKind, Insight

_SAME_LOAD = "The load stays the same, and nothing else is the limit at once."


@dataclass(frozen=True)
class Gain:
    """An estimate, its facts, and what it supposes."""

    text: str
    facts: tuple[Fact, ...]
    assumption: str

    def on(self, item: Insight) -> Insight:
        """The item of the roadmap with this gain."""
        facts = tuple(dict.fromkeys((*item.facts, *(fact.id for fact in self.facts))))
        return item.model_copy(update={"facts": facts, "gain": self.text, "assumption": self.assumption})


def gain_of(book: FactBook, finding: Finding, results: Results) -> Gain | None:
    """The gain of mending a finding. A case was not measured: mending it moves no figure."""
    if finding.by_case:
        return None
    label = "" if finding.component == "target" else finding.component
    match finding.kind:
        case FindingKind.CPU_SATURATION:
            return _cpu(book)
        case FindingKind.CONCURRENCY_LIMIT:
            return _slots(book, label) or _wait(book, label)
        case FindingKind.LOCK_CONTENTION:
            return _wait(book, label)
        case FindingKind.APPLICATION_ERRORS | FindingKind.RATE_LIMITING:
            return _errors(book, label)
        case FindingKind.TARGET_DOWN:
            return _outage(book)
        case FindingKind.MEMORY_LEAK:
            return _leak(book, finding, results)
        case _:
            return None


def gain_of_regression(book: FactBook, change: MetricChange) -> Gain | None:
    """What was before a regression is what undoing it brings back."""
    before, now = (book.get(f"{area}.{change.metric}", change.label) for area in ("baseline", "now"))
    if before is None or now is None:
        return None
    metric = {"error_rate": "error rate", "max": "slowest response time"}.get(change.metric, change.metric)
    text = (
        f"An estimate: the {metric} {_whose(change.label)} is {shown(now)} now and was {shown(before)} "
        "before, which would come back."
    )
    return Gain(text, (before, now), "The change between the builds is the whole cause.")


def _cpu(book: FactBook) -> Gain | None:
    """By the utilisation law: half the service demand is twice the bound."""
    now, then = book.get("estimate.cpu_bound_per_s"), book.get("estimate.cpu_bound_saved_per_s")
    saving, cost = book.get("estimate.cpu_saving"), book.get("cost.cpu_ms")
    if now is None or then is None or saving is None:
        return _wait(book, "")
    whose = f"the CPU time of {shown(cost)} of each request" if cost else "the CPU time of each request"
    text = f"Halving {whose} would move the bound from {shown(now)} to an estimated {shown(then)}."
    facts = [saving, now, then, *([cost] if cost else [])]
    was = book.get("scaling.cost_per_million")
    becomes = book.get("estimate.cost_per_million_saved")
    if was is not None and becomes is not None:
        text += f" A million requests would cost an estimated {shown(becomes)} in place of {shown(was)}."
        facts += [was, becomes]
    return Gain(text, tuple(facts), "The processor stays the limit, and cost falls as the capacity rises.")


def _slots(book: FactBook, label: str) -> Gain | None:
    """By Little's law: a slot that a request holds for S seconds carries 1 / S requests a second."""
    slot, quiet = book.get("estimate.slot_per_s", label), book.get("unloaded.p50_ms", label)
    if slot is None or quiet is None:
        return None
    text = (
        f"Each further request {_whose(label)} that is worked on at once brings an estimated {shown(slot)}, "
        f"since one takes {shown(quiet)} without load."
    )
    wait = _wait(book, label)
    assumption = "Slots are the limit, and what they share holds more of them at the same speed."
    if wait is None:
        return Gain(text, (slot, quiet), assumption)
    return Gain(f"{text} {wait.text}", (slot, quiet, *wait.facts), assumption)


def _wait(book: FactBook, label: str) -> Gain | None:
    """The response time without load is the floor: no change of the waiting brings less."""
    now, quiet = judged(book, "p50_ms", label), book.get("unloaded.p50_ms", label)
    if now is None or quiet is None or quiet.value >= now.value:
        return None
    text = (
        f"Without the wait the p50 {_whose(label)} would go from {shown(now)} towards an estimated "
        f"{shown(quiet)} without load, and no lower."
    )
    return Gain(text, (now, quiet), _SAME_LOAD)


def _errors(book: FactBook, label: str) -> Gain | None:
    errors, rate = judged(book, "errors", label), judged(book, "error_rate", label)
    if errors is None or rate is None or not errors.value:
        return None
    text = (
        f"An estimate: at most the error rate {_whose(label)}, {shown(rate)}, goes away with it, which was "
        f"{_count(errors)} failed samples."
    )
    return Gain(text, (rate, errors), "All of these failures have this one cause.")


def _outage(book: FactBook) -> Gain | None:
    errors = book.get("outage.errors")
    if errors is None:
        return None
    text = f"An estimate: at most the {_count(errors)} failed samples of the outage would have been answered."
    return Gain(text, (errors,), "Another instance takes over at once.")


def _leak(book: FactBook, finding: Finding, results: Results) -> Gain | None:
    changes = [change for change in (results.soak.changes if results.soak else ()) if endangers(change)]
    for change in changes:
        if change.kind == "leak" and change.component == finding.component:
            left, facts = hours_left(book, change)
            if left:
                text = f"The memory would no longer meet its limit {left} of this load."
                return Gain(
                    text, tuple(facts), "Memory goes on to grow as it did, and the load stays the same."
                )
    return None


def _whose(label: str) -> str:
    return f"of {label}" if label else "over all requests"


def _count(samples: Fact) -> str:
    return shown(samples).removesuffix(" samples").removesuffix(" sample")
