"""A plan for a terminal: the load over time as a drawing, then what runs, in which order, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from perfpilot.domain.plan import Kind, LeftOut, Plan, PlannedStep, Scenario
from perfpilot.planning.load.in_words import in_words
from perfpilot.reporting.asked_load import Asked, AskedLoad, asked_loads, by_shape, together
from perfpilot.reporting.charts.scales import time_ticks
from perfpilot.reporting.figures import count, seconds
from perfpilot.reporting.plain_text import clean, shorten, width, wrapped

_ROWS, _ROWS_OF_A_SHAPE = 8, 3
_MOST_SHAPES = 8
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_NARROWEST = 10
_LEAST_NAMED = 3


def drawn_plan(plan: Plan, title: str, columns: int) -> list[str]:
    """Lines of at most `columns` columns, where a terminal has at least some 40."""
    lines = [*wrapped(f"{clean(title)}: {seconds(plan.duration_s)} of load", columns), ""]
    lines += draw(plan, columns)
    measured = [scenario for scenario in plan.scenarios if scenario.measured]
    lines += _listed(
        "scenarios, side by side" if len(measured) > 1 else "scenario",
        [_scenario(scenario, plan.login) for scenario in measured],
        columns,
    )
    during = [scenario for scenario in plan.scenarios if not scenario.measured]
    lines += _listed(*_cases("cases before the load", plan.before), columns)
    lines += _listed(*_cases("cases during the load", during, shown=plan.before), columns)
    lines += _listed("left out", list(_left_out(plan.left_out)), columns, numbered=False)
    lines += _listed("sizes", list(_sizes(plan)), columns, numbered=False)
    return lines


def draw(plan: Plan, columns: int) -> list[str]:
    """A drawing for each unit, and below it one for each shape where scenarios arrive differently."""
    lines: list[str] = []
    label = max(map(len, _labels(plan)), default=1)
    cells = max(columns - label - 2, _NARROWEST)
    edges = [plan.duration_s * cell / cells for cell in range(cells + 1)]
    axis = _axis(plan, edges, label)
    for load in asked_loads(plan, at=edges):
        total = load.total
        lines += [
            *wrapped(_heading(load, total), columns),
            *_curve(load, total, edges, label, _ROWS),
            *axis,
            "",
        ]
        shapes = by_shape(load.scenarios)
        for shape in shapes[:_MOST_SHAPES] if len(shapes) > 1 else []:
            asked = together(shape)
            names = f"{_named(asked.names)} ({load.unit})"
            lines.append(" " * (label + 2) + shorten(clean(names), max(columns - label - 2, _NARROWEST)))
            lines += [*_curve(load, asked, edges, label, _ROWS_OF_A_SHAPE), axis[0], ""]
        if len(shapes) > _MOST_SHAPES:
            lines += [f"{len(shapes) - _MOST_SHAPES} more shapes are not drawn", ""]
    return lines


def _labels(plan: Plan) -> Iterator[str]:
    """Every number that may stand left of an axis."""
    for load in asked_loads(plan):
        peak = load.total.peak
        yield from (_level(peak), _level(peak / 2))
        yield from (_level(together(shape).peak) for shape in by_shape(load.scenarios)[:_MOST_SHAPES])


def _named(names: Sequence[str]) -> str:
    more = len(names) - _LEAST_NAMED
    return ", ".join(names[:_LEAST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _heading(load: AskedLoad, total: Asked) -> str:
    return f"{load.unit}, {_level(total.peak)} at the peak"


def _curve(load: AskedLoad, asked: Asked, edges: Sequence[float], label: int, rows: int) -> list[str]:
    """The curve as blocks of eighths: each cell shows the highest level in it, so that no spike is lost."""
    levels = [load.highest(asked, low, high) for low, high in pairwise(edges)]
    top = max(levels, default=0.0) or 1.0
    lines = []
    for row in range(rows, 0, -1):
        cells = "".join(_EIGHTHS[_eighths(level / top * rows - (row - 1))] for level in levels)
        named = {rows: top, rows // 2: top / 2} if rows == _ROWS else {rows: top}
        name = _level(named[row]) if row in named else ""
        lines.append(f"{name:>{label}} ┤{cells}".rstrip())
    return lines


def _axis(plan: Plan, edges: Sequence[float], label: int) -> list[str]:
    """The axis, dotted for as long as warm-up lasts, and its times."""
    line = "".join("┄" if high <= plan.warm_up_s else "─" for _, high in pairwise(edges))
    cells = len(edges) - 1
    times = ""
    for moment, text in time_ticks(plan.duration_s, about=max(cells // 14, 1)):
        # The last time stands under the end of the axis, the others begin at theirs.
        column = min(round(moment / plan.duration_s * cells), cells - len(text)) if plan.duration_s else 0
        if not times or column > len(times):
            times = times.ljust(column) + text
    return [f"{'0':>{label}} └{line}", " " * (label + 2) + times]


def _scenario(scenario: Scenario, login: str) -> list[str]:
    peak = f"{_level(scenario.curve.peak)} users"
    if scenario.curve.unit == "rate_per_s":
        peak = f"{_level(scenario.curve.peak)} arrivals/s, at most {_counted(scenario.users, 'user')}"
    requests = f", {count(scenario.expected_samples)} requests" if scenario.expected_samples else ""
    steps = [_step(step) for step in scenario.steps]
    way = " > ".join([login or "login", *steps] if scenario.login_first else steps)
    return [
        f"{scenario.name}: {scenario.kind.value}, {peak}{requests}",
        way,
        in_words(scenario.curve),
        scenario.why,
    ]


def _cases(
    title: str, cases: Sequence[Scenario], shown: Sequence[Scenario] = ()
) -> tuple[str, list[list[str]]]:
    """A title, with what the reasons of all have in common, and an entry for each that was not shown yet."""
    reasons = [case.why.partition("; ") for case in cases]
    common = {when for _, _, when in reasons}
    shared = common.pop() if len(common) == 1 else ""
    known = {case.name for case in shown}
    entries = [
        [
            f"{case.name}: {case.kind.value}, {_counted(_requests(case), 'request')}",
            why if shared else case.why,
        ]
        for case, (why, _, _) in zip(cases, reasons, strict=True)
        if case.name not in known
    ]
    again = [case for case in cases if case.name in known]
    if again:
        requests = _counted(sum(map(_requests, again)), "request")
        entries.insert(0, [f"{'all' if len(again) == len(shown) else len(again)} of the above: {requests}"])
    return f"cases {shared}" if shared else title, entries


def _requests(case: Scenario) -> float:
    return case.expected_samples or case.requests


def _step(step: PlannedStep) -> str:
    times = f" x{step.repeat}" if step.repeat > 1 else ""
    condition = f" (if {step.only_if} was found)" if step.only_if else ""
    return f"{step.endpoint}{times}{condition}"


def _left_out(left_out: Sequence[LeftOut]) -> Iterator[list[str]]:
    """One entry for each reason, with how many of which kind it keeps out."""
    reasons: dict[str, list[LeftOut]] = {}
    for each in left_out:
        reasons.setdefault(each.why, []).append(each)
    for why, those in reasons.items():
        kinds = Counter(each.kind for each in those)
        counted = ", ".join(f"{kinds[kind]} {kind.value}" for kind in Kind if kind in kinds)
        named = ", ".join(each.name for each in those) if len(those) <= _LEAST_NAMED else ""
        yield [f"{counted}: {why}", named]


def _sizes(plan: Plan) -> Iterator[list[str]]:
    if plan.expected_samples:
        yield [f"{count(plan.expected_samples)} requests in all"]
    yield [f"at most {_counted(plan.users, 'user')} at once"]
    yield [f"the first {seconds(plan.warm_up_s)} are warm-up and set aside (dotted on the axis)"]
    for note in plan.notes:
        yield [note]


def _listed(
    title: str, entries: Sequence[Sequence[str]], columns: int, *, numbered: bool = True
) -> list[str]:
    """A list under a title, and nothing where it is empty. Its entries are wrapped, never cut."""
    if not entries:
        return []
    lines = wrapped(clean(title), columns)
    gutter = len(str(len(entries))) if numbered and len(entries) > 1 else 0
    for number, entry in enumerate(entries, start=1):
        mark = f"  {number:>{gutter}} " if gutter else "  "
        for index, text in enumerate(filter(None, entry)):
            indent = mark if index == 0 else " " * width(mark) + "  "
            for piece in wrapped(clean(text), max(columns - width(indent) - 2, _NARROWEST)):
                lines.append(indent + piece)
                indent = " " * width(mark) + "  "
    return [*lines, ""]


def _counted(number: float, what: str) -> str:
    return f"{count(number)} {what}{'' if number == 1 else 's'}"


def _level(level: float) -> str:
    return f"{level:.4g}" if level < 10_000 else f"{level:.0f}"


def _eighths(filled: float) -> int:
    """Eighths of a cell: something above nothing is always seen."""
    if filled <= 0:
        return 0
    return min(max(round(filled * 8), 1), 8)
