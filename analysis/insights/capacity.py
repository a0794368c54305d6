"""Capacity planning: what was found, what bounds it, what other loads would take, what a request costs."""

from __future__ import annotations

from perfpilot.analysis.facts.book import FactBook
from perfpilot.analysis.insights.moving import until_limit
from perfpilot.analysis.insights.reasons import because, facts_of
from perfpilot.analysis.trend.facts import spoken_of
from perfpilot.analysis.words.statement import say, shown
from perfpilot.domain.capacity import Capacity
from perfpilot.domain.judgement import Fact, Insight
from perfpilot.domain.trend import Trend

_MOST_STEPS = 3
_EVENLY = (
    "Instances share the load evenly, each carries as much as those that were measured, and nothing that "
    "they share is the limit before."
)


def capacity_planning(
    book: FactBook, capacity: Capacity | None, trend: Trend | None = None
) -> tuple[Insight, ...]:
    """The capacity with its interval or why there is none, its bounds, head room, other loads, and costs."""
    told: list[Insight] = []
    if capacity is not None:
        told += _capacity(book, capacity)
        told += _bound(book, capacity)
        told += _peak(book)
        told += head_room(book)
        told += _other_loads(book)
    nearest = (
        next((one for one in spoken_of(trend) if one.days_to_limit is not None), None) if trend else None
    )
    limit = until_limit(book, nearest) if nearest else None
    cost = book.get("cost.cpu_ms")
    if cost is not None:
        told.append(say(f"Each request cost the target a CPU time of {shown(cost)}.", cost))
    return (*told, limit) if limit else tuple(told)


def head_room(book: FactBook) -> list[Insight]:
    """The capacity against the expected load; nothing where no load is expected."""
    expected, share = book.get("head_room.expected_per_s"), book.get("head_room.share")
    low, high = book.get("head_room.low"), book.get("head_room.high")
    if expected is None:
        return []
    head = f"The head room over the expected load of {shown(expected)} is"
    if share is not None and low is not None and high is not None:
        text = f"{head} {shown(share)}, between {shown(low)} and {shown(high)}."
        return [say(text, expected, share, low, high)]
    if share is not None:
        return [say(f"{head} {shown(share)}.", expected, share)]
    if low is not None:
        return [say(f"{head} {shown(low)} at least.", expected, low)]
    return [say(f"{head} {shown(high)} at most.", expected, high)] if high is not None else []


def _capacity(book: FactBook, capacity: Capacity) -> list[Insight]:
    rate, low, high = (book.get(f"capacity.{name}_per_s") for name in ("rate", "low", "high"))
    if capacity.estimated and rate is not None:
        text = f"The capacity lies at {shown(rate)}"
        if low is not None and high is not None:
            text += f", between {shown(low)} and {shown(high)}"
        told = [say(f"{text}.", rate, low, high)]
        kept, lost = book.get("capacity.kept_per_s"), book.get("capacity.lost_per_s")
        if kept is not None and lost is not None:
            text = f"The level of {shown(kept)} met the thresholds, the level of {shown(lost)} did not."
            told.append(say(text, kept, lost))
        return told
    kept, lost = book.get("capacity.users_kept"), book.get("capacity.users_lost")
    if kept is not None or lost is not None:
        met = (
            f"{shown(kept)} met the thresholds"
            if kept is not None
            else "No number of users met the thresholds"
        )
        return [say(f"{met}{f'; {shown(lost)} did not' if lost is not None else ''}.", kept, lost)]
    told = [because("The capacity was not estimated", capacity.because, book, *facts_of(book, "capacity"))]
    if low is not None:
        told.append(say(f"The capacity is {shown(low)} at least, as far as was shown.", low))
    return told


def _bound(book: FactBook, capacity: Capacity) -> list[Insight]:
    bound = book.get("capacity.bound_per_s")
    if bound is not None:
        head = f"No load above a bound of {shown(bound)} can be carried"
        told = [because(head, capacity.bound_because, book, bound, book.get("capacity.cpu_at_most"))]
        flying = book.get("capacity.bound_in_flight")
        if flying is not None:
            text = f"From {shown(flying)} requests in flight on, requests must wait for each other."
            told.append(say(text, flying))
        return told
    bound, cpu = book.get("estimate.cpu_bound_per_s"), book.get("signal.target_cpu")
    if bound is None or cpu is None:
        return []
    text = (
        f"At a CPU share of {shown(cpu)} now, the target's processor would be full at an estimated "
        f"{shown(bound)}; other limits may come first."
    )
    return [say(text, cpu, bound)]


def _peak(book: FactBook) -> list[Insight]:
    peak, flying = book.get("capacity.peak_per_s"), book.get("capacity.peak_in_flight")
    low, high = book.get("capacity.peak_low_per_s"), book.get("capacity.peak_high_per_s")
    if peak is None or flying is None:
        return []
    between = f", between {shown(low)} and {shown(high)}" if low is not None and high is not None else ""
    text = (
        f"By the Universal Scalability Law the peak lies at {shown(peak)}{between}, with {shown(flying)} "
        "requests in flight: more of them bring less."
    )
    return [say(text, peak, low, high, flying)]


def _other_loads(book: FactBook) -> list[Insight]:
    told = []
    for number in map(str, range(1, _MOST_STEPS + 1)):
        load, needed = book.get("scaling.load_per_s", number), book.get("scaling.needed", number)
        cost, contended = book.get("scaling.cost", number), book.get("scaling.contended", number)
        if load is None or needed is None:
            break
        text = f"A load of {shown(load)} needs an estimated {shown(needed)} {_instances(needed)}"
        if contended is not None and contended.value != needed.value:
            text += f" ({shown(contended)} if they contend for what they share)"
        if cost is not None:
            text += f", at a cost of {shown(cost)} an hour"
        told.append(say(f"{text}.", load, needed, contended, cost).model_copy(update={"assumption": _EVENLY}))
    million = book.get("scaling.cost_per_million")
    if million is not None:
        told.append(say(f"At the capacity a million requests cost {shown(million)}.", million))
    return told


def _instances(count: Fact) -> str:
    return "instance" if count.value == 1 else "instances"
