"""Facts of slow changes: how fast, from where to where, and how long until a bound is met."""

from __future__ import annotations

from perfpilot.analysis.facts.row import Row
from perfpilot.domain.soak import SlowChange, Soak


def soak_rows(soak: Soak) -> list[Row]:
    """Facts of each slow change, in its order; none where nothing moved.

    A rate per hour has its unit in its words, so that the value keeps the unit of the metric.
    """
    rows = []
    for change in soak.changes:
        metric = "pooled" if not change.component else change.component
        name = f"soak.{change.metric}"
        whose = change.subject
        for figure, value, words in (
            ("per_hour", change.per_hour, f"change of the {whose} in each hour of steady load"),
            ("per_hour_low", change.low_per_hour, f"lower end of the hourly change of the {whose}"),
            ("per_hour_high", change.high_per_hour, f"upper end of the hourly change of the {whose}"),
            ("first", change.first, f"{whose} at the begin of the steady load"),
            ("last", change.last, f"{whose} at the end of the steady load"),
        ):
            rows.append(Row(f"{name}.{figure}({metric})", value, change.unit, words))
        if change.limit is not None:
            rows.append(Row(f"{name}.limit({metric})", change.limit, change.unit, f"limit of the {whose}"))
        for figure, hours, words in (
            ("hours_left", change.hours_left, "estimated hours until the"),
            ("hours_low", change.hours_low, "lower end of the hours until the"),
            ("hours_high", change.hours_high, "upper end of the hours until the"),
        ):
            if hours is not None:
                text = f"{words} {whose} meets its limit"
                rows.append(Row(f"{name}.{figure}({metric})", hours, "h", text))
    return rows


def soak_fact_names(change: SlowChange) -> tuple[str, ...]:
    """Full names of the facts of a change that speak for it, the rate first."""
    component = change.component or "pooled"
    figures = ("per_hour", "per_hour_low", "first", "last", "hours_left")
    return tuple(f"soak.{change.metric}.{figure}({component})" for figure in figures)
