"""A plan drawn for a terminal: the load over time, and a line for each scenario."""

from __future__ import annotations

from perfpilot.cli.columns import aligned
from perfpilot.domain.plan import Plan, Scenario
from perfpilot.reporting.figures import count, seconds

_ROWS = 8
_EIGHTHS = " ▁▂▃▄▅▆▇█"


def drawn_plan(plan: Plan, title: str, columns: int) -> list[str]:
    """Lines of at most `columns` columns for the drawing; the table below is as wide as it must be."""
    by_rate = plan.peak_rate_per_s > 0
    unit = "requests per second" if by_rate else "users"
    lines = [f"{title}: {unit} asked over {seconds(plan.duration_s)}", ""]
    lines += draw(plan, columns)
    lines.append("")
    lines += aligned([("SCENARIO", "PEAK", "USERS", "REQUESTS", "STEPS"), *map(_row, plan.scenarios)])
    lines.append("")
    lines.append(f"peak       {plan.peak_rate_per_s:g}/s" if by_rate else f"peak       {plan.users} users")
    if plan.expected_samples:
        lines.append(f"requests   {count(plan.expected_samples)}")
    lines.append(f"set aside  the first {seconds(plan.warm_up_s)} (warm-up)")
    return lines + [f"note       {note}" for note in plan.notes]


def draw(plan: Plan, columns: int) -> list[str]:
    """The curve as blocks of eighths, its peak and zero at the left, its duration below."""
    label = max(len(f"{_peak(plan):.4g}"), 2)
    width = max(columns - label - 3, 10)
    step = plan.duration_s / width
    levels = [_level(plan, (i + 0.5) * step) for i in range(width)]
    top = max(levels, default=0.0) or 1.0
    lines = []
    for row in range(_ROWS, 0, -1):
        cells = "".join(_EIGHTHS[_eighths(level / top * _ROWS - (row - 1))] for level in levels)
        name = f"{top:.4g}" if row == _ROWS else (f"{top / 2:.4g}" if row == _ROWS // 2 else "")
        lines.append(f"{name:>{label}} ┤{cells}".rstrip())
    lines.append(f"{'0':>{label}} └" + "─" * width)
    end = seconds(plan.duration_s)
    lines.append(" " * (label + 2) + "0 s" + " " * max(width - 3 - len(end), 1) + end)
    return lines


def _row(scenario: Scenario) -> tuple[str, ...]:
    peak = scenario.curve.peak
    unit = "/s" if scenario.curve.unit == "rate_per_s" else " users"
    steps = " > ".join(step.endpoint for step in scenario.steps)
    return (
        scenario.name,
        f"{peak:.4g}{unit}",
        f"max {scenario.users}",
        count(scenario.expected_samples) if scenario.expected_samples else "-",
        f"login > {steps}" if scenario.login_first else steps,
    )


def _level(plan: Plan, t_s: float) -> float:
    if plan.peak_rate_per_s > 0:
        return plan.asked_per_s(t_s)
    return sum(s.curve.level_at(t_s) for s in plan.scenarios if s.curve.unit == "users")


def _peak(plan: Plan) -> float:
    return plan.peak_rate_per_s or float(plan.users)


def _eighths(filled: float) -> int:
    """Eighths of a cell: something above nothing is always seen."""
    if filled <= 0:
        return 0
    return min(max(round(filled * 8), 1), 8)
