"""What the estimates of gains rest on: figures of this run, carried on by plain laws of queueing.

The utilisation law U = X D gives the bound 1 / D of a resource from the service demand D of a request: half
the demand is twice the bound (Denning and Buzen 1978). One slot that a request holds for S seconds carries
1 / S requests a second (Little's law with one request under way).
"""

from __future__ import annotations

from perfpilot.analysis.facts.book import argument_of, fact_name
from perfpilot.analysis.facts.row import Row

SAVING = 50.0
"""Percent of the processor time of a request that an estimate supposes to be saved."""


def gain_rows(rows: list[Row]) -> list[Row]:
    """Facts that follow from those of the table so far."""
    value = {row.name: row.value for row in rows}
    return [*_cpu(value, rows), *_slots(rows)]


def _cpu(value: dict[str, float], rows: list[Row]) -> list[Row]:
    bound = value.get("estimate.cpu_bound_per_s")
    if bound is None:
        return []
    factor = 1 - SAVING / 100
    moved = bound / factor
    half = [
        Row("estimate.cpu_saving", SAVING, "%", "saving for each request that an estimate supposes"),
        Row("estimate.cpu_bound_saved_per_s", moved, "/s", "estimated rate at full CPU of the target then"),
    ]  # fmt: skip
    cost = next((row for row in rows if row.name == "scaling.cost_per_million"), None)
    if cost is not None:
        words = "estimated cost of a million requests then"
        half.append(Row("estimate.cost_per_million_saved", cost.value * factor, cost.unit, words))
    return half


def _slots(rows: list[Row]) -> list[Row]:
    """The rate of one more worker or slot, by the response time without load."""
    found = []
    for row in rows:
        label = argument_of(row.name)
        if row.name == fact_name("unloaded.p50_ms", label) and row.value > 0:
            whose = f" of {label}" if label else ""
            words = f"estimated rate{whose} of one more request worked on at once"
            found.append(Row(fact_name("estimate.slot_per_s", label), 1000 / row.value, "/s", words))
    return found
