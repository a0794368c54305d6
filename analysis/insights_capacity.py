"""Capacity planning: what was found, what bounds it, and what a request costs."""

from __future__ import annotations

from perfpilot.analysis.fact_book import FactBook
from perfpilot.analysis.statement import say, shown
from perfpilot.domain.judgement import Capacity, Insight


def capacity_planning(book: FactBook, capacity: Capacity | None) -> tuple[Insight, ...]:
    """The capacity or why there is none, the bound by the processor, and the processor time of a request."""
    told = [_capacity(book, capacity)] if capacity is not None else []
    cost = book.get("cost.cpu_ms")
    bound = book.get("estimate.cpu_bound_per_s")
    cpu = book.get("signal.target_cpu")
    if bound is not None and cpu is not None:
        text = (
            f"At a CPU share of {shown(cpu)} now, the target's processor would be full at an estimated "
            f"{shown(bound)}; other limits may come first."
        )
        told.append(say(text, cpu, bound))
    if cost is not None:
        told.append(say(f"Each request cost the target a CPU time of {shown(cost)}.", cost))
    return tuple(told)


def _capacity(book: FactBook, capacity: Capacity) -> Insight:
    low, high = book.get("capacity.low_per_s"), book.get("capacity.high_per_s")
    if capacity.estimated and low is not None and high is not None:
        text = f"The capacity lies between {shown(low)} and {shown(high)}: {capacity.because}."
        return say(text, low, high, book.get("capacity.rate_per_s"))
    return say(f"The capacity was not estimated: {capacity.because or 'no reason recorded'}.", low, high)
