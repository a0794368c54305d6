"""The summary at the end of a run for a terminal: plain text, 80 columns, thresholds first."""

from __future__ import annotations

from perfpilot.domain.comparison import ChangeDecision, Comparison
from perfpilot.domain.measure import Attempt, LabelStats, PhaseStats
from perfpilot.domain.result import Result
from perfpilot.reporting import (
    capacity_shown,
    comparison_shown,
    figures,
    shown,
    soak_shown,
    trend_shown,
    what_ran,
)
from perfpilot.reporting.headline import headline, limit_statement
from perfpilot.reporting.plain_text import clean, padded, shorten, width, wrapped

COLUMNS = 80
_INDENT = "  "
_NUMBERS = (("count", 9), ("errors", 8), ("/s", 8), ("p50", 7), ("p95", 7), ("p99", 7))
_COLUMN = COLUMNS - len(_INDENT) - sum(size for _, size in _NUMBERS)
_MOST_ENDPOINTS = 20
_MOST_CASES = 10
_MOST_LINES = 4


def summary_lines(result: Result) -> list[str]:
    """Lines of at most 80 columns without colour.

    Thresholds, totals, endpoints, journeys, cases, findings, capacity, comparison, trend, slow changes,
    verdict, times.
    """
    attempt = shown.shown_attempt(result)
    phase = shown.shown_phase(attempt)
    blocks = [_file(result), _thresholds(result)]
    if attempt is not None and phase is not None:
        blocks += [_totals(result, attempt, phase), _endpoints(phase), _journeys(phase)]
    blocks.append(_cases(result))
    blocks += [_findings(result), *_outlook(result), _verdict(result), _times(result)]
    lines: list[str] = []
    for block in blocks:
        if block:
            lines += [*([""] if lines else []), *block]
    return [_fitted(line.rstrip()) for line in lines]


def _file(result: Result) -> list[str]:
    """What a file is of which nothing else is known."""
    if result.file is None:
        return []
    attempt = shown.shown_attempt(result)
    lines = ["FILE", *_paragraph(result.file.path)]
    for note in result.file.notes:
        lines += _paragraph(note, "- ")
    found = shown.steady_words(attempt)
    return lines + (_paragraph(found, "- ") if found else [])


def _thresholds(result: Result) -> list[str]:
    if not result.thresholds:
        return []
    names = [clean(threshold.text) for threshold in result.thresholds]
    column = min(40, max(width(name) for name in names))
    lines = ["THRESHOLDS"]
    for name, threshold in zip(names, result.thresholds, strict=True):
        mark, value = shown.MARKS[threshold.decision], shown.threshold_cells(threshold)[0]
        reason = clean(threshold.reason) or (f"{threshold.samples:,} samples" if threshold.samples else "")
        note = "marginal; " + reason if threshold.marginal else reason
        lines.append(f"{_INDENT}{mark} {padded(name, column)}  {clean(value):>10}")
        place = width(lines[-1]) + 2
        if note and place + width(note) <= COLUMNS:
            lines[-1] += f"  {note}"
        else:
            lines += _paragraph(note, indent=_INDENT * 2)
    return lines


def _totals(result: Result, attempt: Attempt, phase: PhaseStats) -> list[str]:
    pooled = phase.pooled
    asked = shown.asked_words(result, attempt, phase)
    reached = f"{figures.rate(pooled.rate_per_s)}"
    if asked:
        reached += f" of {asked} asked" if asked.endswith("/s") else f", {asked} asked"
    if attempt.generator.achieved_load is not None:
        reached += f" ({figures.share(attempt.generator.achieved_load)})"
    times = "   ".join(
        f"{name} {figures.digits(value)}"
        for name, value in (
            ("p50", pooled.p50_ms), ("p95", pooled.p95_ms), ("p99", pooled.p99_ms),
            ("p99.9", pooled.p999_ms), ("max", pooled.max_ms),
        )
    )  # fmt: skip
    decides = "" if attempt.number == result.decided_by else "; decides nothing"
    where = f"{shown.phase_name(phase.phase)}, {shown.window(phase)}, attempt {attempt.number}{decides}"
    lines = [f"TOTALS ({clean(where)})"]
    lines.append(f"{_INDENT}samples     {figures.count(pooled.count)}")
    lines.append(f"{_INDENT}errors      {figures.count(pooled.errors)} ({figures.share(pooled.error_rate)})")
    lines.append(f"{_INDENT}throughput  {reached}")
    lines.append(f"{_INDENT}times, ms   {times}")
    if attempt.generator.limited:
        lines += _paragraph("The load generator was limited: latency and throughput decide nothing.", "! ")
    return lines


def _endpoints(phase: PhaseStats) -> list[str]:
    if not phase.labels:
        return []
    lines = [_head("ENDPOINTS, times in ms")]
    for stats in phase.labels[:_MOST_ENDPOINTS]:
        lines.append(_row(stats))
        for cause in stats.causes[:3]:
            text = f"{figures.count(cause.count)} x {clean(cause.code)}: {clean(cause.example)}"
            lines.append(shorten(_INDENT * 3 + text, COLUMNS))
    if len(phase.labels) > _MOST_ENDPOINTS:
        lines.append(f"{_INDENT}{len(phase.labels) - _MOST_ENDPOINTS} more in the report")
    return lines


def _journeys(phase: PhaseStats) -> list[str]:
    if not phase.transactions:
        return []
    lines = [_head("JOURNEYS as a whole, times in ms"), *map(_row, phase.transactions[:_MOST_ENDPOINTS])]
    if len(phase.transactions) > _MOST_ENDPOINTS:
        lines.append(f"{_INDENT}{len(phase.transactions) - _MOST_ENDPOINTS} more in the report")
    return lines


def _cases(result: Result) -> list[str]:
    if not result.cases:
        return []
    lines = ["CASES", *_paragraph(what_ran.cases_sentence(result.cases))]
    unexpected = what_ran.case_rows(result.cases, ok=False)
    for row in unexpected[:_MOST_CASES]:
        lines += _paragraph(f"{row.name}: {row.detail}", "✗ ")
    if len(unexpected) > _MOST_CASES:
        lines.append(f"{_INDENT}{len(unexpected) - _MOST_CASES} more in the report")
    return lines


def _head(title: str) -> str:
    return padded(title, _COLUMN + len(_INDENT)) + "".join(f"{name:>{size}}" for name, size in _NUMBERS)


def _row(stats: LabelStats) -> str:
    cells = (
        figures.count(stats.count), figures.count(stats.errors), figures.rate_number(stats.rate_per_s),
        figures.digits(stats.p50_ms), figures.digits(stats.p95_ms), figures.digits(stats.p99_ms),
    )  # fmt: skip
    numbers = "".join(f"{text:>{size}}" for text, (_, size) in zip(cells, _NUMBERS, strict=True))
    return _INDENT + padded(clean(stats.label), _COLUMN) + numbers


def _findings(result: Result) -> list[str]:
    if not result.findings and not result.scenarios:
        return []
    limits = shown.limits(result)
    lines = ["FINDINGS", *([] if limits else _paragraph(limit_statement(result)))]
    for finding in (*limits, *shown.case_findings(result)):
        where = f" in {clean(finding.component)}" if finding.component else ""
        beside = " (a case)" if finding.by_case else ""
        sure = f"confidence {figures.share(finding.confidence)}"
        title = f"{shown.finding_title(finding)}{where}{beside}, {sure}"
        lines += _paragraph(f"{finding.severity.value}: {title}")
        lines += _paragraph(finding.explanation, indent=_INDENT * 2)
        for text in finding.recommendations:
            lines += _paragraph(text, "- ", indent=_INDENT * 2)
    return lines


def _outlook(result: Result) -> list[list[str]]:
    """A few lines each on capacity, what became worse, what shifted and what climbs, where there is any."""
    capacity = result.capacity
    lines = (
        ("CAPACITY", [capacity_shown.answer(capacity), capacity_shown.head_room_words(capacity)]
         if capacity_shown.short_answer(capacity) else []),
        ("COMPARISON", _changes(result.comparison)),
        ("TREND", [f"{trend_shown.told(one)}." for one in trend_shown.moved(result.trend)]),
        ("SLOW CHANGES", [f"{soak_shown.told(one)}." for one in result.soak.changes if one.of_target]),
    )  # fmt: skip
    blocks = []
    for title, said in lines:
        if said:
            block = [title]
            for text in said[:_MOST_LINES]:
                block += _paragraph(text)
            left = len(said) - _MOST_LINES
            blocks.append([*block, f"{_INDENT}{left} more in the report"] if left > 0 else block)
    return blocks


def _changes(comparison: Comparison) -> list[str]:
    """What was compared and what came of it, then each regression."""
    if not comparison.changes:
        return []
    worse = comparison_shown.decided(comparison, ChangeDecision.REGRESSION)
    head = f"{comparison_shown.against_words(comparison)} {comparison_shown.counted(comparison)}."
    return [head, *(f"{comparison_shown.change_words(change)}." for change in worse)]


def _verdict(result: Result) -> list[str]:
    head = headline(result)
    lines = [f"VERDICT  {head.word}", *_paragraph(head.sentence)]
    for caveat in head.caveats:
        lines += _paragraph(caveat, "! ")
    for reason in head.reasons:
        lines += _paragraph(reason, "- ")
    return lines


def _times(result: Result) -> list[str]:
    times = shown.times_per_phase(result)
    if not times:
        return []
    total = figures.seconds((result.run.ended_ms - result.run.started_ms) / 1000)
    spent = ", ".join(f"{clean(name)} {figures.seconds(time)}" for name, time in times)
    return ["TIMES", *_paragraph(f"{spent}; {total} in all")]


def _fitted(line: str) -> str:
    """At most so many columns; a path by itself is there to be copied, and stays."""
    return line if line.lstrip().startswith("/") else shorten(line, COLUMNS)


def _paragraph(text: str, bullet: str = "", indent: str = _INDENT) -> list[str]:
    lines = wrapped(clean(text), COLUMNS - len(indent) - len(bullet), whole_paths=True)
    return [
        indent + (bullet if number == 0 else " " * len(bullet)) + line for number, line in enumerate(lines)
    ]
