"""The report in compact Markdown, for a pull request or a chat. Outside text can't format or link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perfpilot.domain.judgement import Finding
from perfpilot.domain.measure import LabelStats
from perfpilot.domain.result import Result
from perfpilot.reporting import figures, generator_shown, percentile_intervals, shown, what_ran
from perfpilot.reporting.also_found import also_found
from perfpilot.reporting.headline import headline, limit_statement
from perfpilot.reporting.markdown_outlook import outlook
from perfpilot.reporting.markdown_text import bullets, code, table, titled, words
from perfpilot.reporting.plain_text import file_link

_SHOWN_ROWS = 30
_SHOWN_NAMES = 6


def render_markdown(result: Result) -> str:
    """Verdict, thresholds, what limited the system, endpoints, and where to read on."""
    head = headline(result)
    run = result.run
    about = f"A {words(run.test_type)} test of {code(run.base_url)}, {figures.moment(run.started_ms)}"
    if result.file:
        about = f"A result file that was written elsewhere: {code(result.file.path)}"
    blocks = [
        f"## {head.word}: {words(run.test_name)}",
        f"**{head.sentence}** {about}",
        bullets([f"**{words(caveat)}**" for caveat in head.caveats] + [words(r) for r in head.reasons]),
        bullets(words(sentence) for sentence in also_found(result)),
        _thresholds(result),
        _limits(result),
        _summary(result),
        _ran(result),
        _load(result),
        _endpoints(result),
        _cases(result),
        outlook(result),
        _course(result),
        _provenance(result),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _thresholds(result: Result) -> str:
    if not result.thresholds:
        return ""
    rows = []
    for t in result.thresholds:
        value, limit = shown.threshold_cells(t)
        reason = words(t.reason) + (" (marginal)" if t.marginal else "")
        samples = figures.count(t.samples) if t.samples else figures.DASH
        rows.append(
            (shown.MARKS[t.decision], code(t.text), words(value), words(limit), samples, reason.strip())
        )
    return titled("Thresholds", table(" |threshold|>value|>limit|>samples|reason", rows))


def _limits(result: Result) -> str:
    findings, by_case = shown.limits(result), shown.case_findings(result)
    if not findings and not result.scenarios:
        return ""
    blocks = [_findings(result, findings) if findings else limit_statement(result)]
    if by_case:
        blocks += ["Shown by cases, beside the load:", _findings(result, by_case)]
    return titled("What limited the system", *blocks)


def _findings(result: Result, findings: Iterable[Finding]) -> str:
    blocks = []
    for finding in findings:
        where = f" in {code(finding.component)}" if finding.component else ""
        sure = f"{finding.severity.value}, confidence {figures.share(finding.confidence)}"
        title = shown.finding_title(finding)
        lines = [f"**{title[:1].upper()}{title[1:]}**{where} ({sure}). {words(finding.explanation)}".strip()]
        lines += [f"  - for: {words(text)}" for _, text in shown.fact_texts(result, finding.evidence_for)]
        lines += [
            f"  - against: {words(text)}" for _, text in shown.fact_texts(result, finding.evidence_against)
        ]
        lines += [f"  - do: {words(text)}" for text in finding.recommendations]
        blocks.append("- " + "\n".join(lines))
    return "\n".join(blocks)


def _summary(result: Result) -> str:
    items = result.insights.executive_summary
    return titled("Summary", bullets(words(item.text) for item in items)) if items else ""


def _ran(result: Result) -> str:
    plan = result.plan
    if plan is None:
        return ""
    rows = [
        (code(row.name), words(row.steps), words(row.load), words(row.arrives), row.users, words(row.why))
        for row in what_ran.scenario_rows(plan)
    ]
    if len(rows) > _SHOWN_ROWS:
        more = f"{len(rows) - _SHOWN_ROWS} more in result.json"
        rows = [*rows[:_SHOWN_ROWS], (more, "", "", "", "", "")]
    left_out = [f"{_names(row.names)}: {words(row.why)}" for row in what_ran.left_out_rows(plan)]
    return titled(
        "What was run",
        what_ran.order_words(plan),
        table("scenario|steps|load|arrivals|>users|why", rows),
        "Left out:" if left_out else "",
        bullets(left_out[:_SHOWN_ROWS]),
    )


def _names(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN_NAMES
    return ", ".join(map(code, names[:_SHOWN_NAMES])) + (f" and {more} more" if more > 0 else "")


def _cases(result: Result) -> str:
    attempt = shown.shown_attempt(result)
    phase = shown.shown_phase(attempt)
    during = phase.cases if phase else ()
    if not result.cases and not during:
        return ""
    blocks = []
    if result.cases:
        rows = [
            ("✗", code(row.name), words(row.shows), words(row.answer), words(row.expected), words(row.detail))
            for row in what_ran.case_rows(result.cases, ok=False)
        ]
        blocks.append(f"{what_ran.cases_sentence(result.cases)} No threshold counts them.")
        blocks.append(table(" |case|what it shows|answer|expected|so", rows[:_SHOWN_ROWS]) if rows else "")
    if during:
        cells = [
            (code(row.label), figures.count(row.count), figures.count(row.errors), figures.digits(row.p95_ms))
            for row in during[:_SHOWN_ROWS]
        ]
        blocks.append("During the load, beside the journeys:")
        blocks.append(table("case|>requests|>not as expected|>p95", cells))
    return titled("Cases", *blocks)


def _load(result: Result) -> str:
    if not result.scenarios:
        return ""
    rows = [
        (
            f"{row.attempt}{' (decides)' if row.decides else ''}", row.asked, row.reached, row.achieved,
            row.samples, words(row.phase), words(row.ended), words(row.note),
        )
        for row in shown.load_rows(result)
    ]  # fmt: skip
    real = ""
    if result.generator.limited:
        real = "**The load generator was limited:** latency and throughput decide nothing."
    reasons = bullets(words(reason) for reason in result.generator.reasons)
    attempt = shown.shown_attempt(result)
    phase = shown.shown_phase(attempt)
    return titled(
        "Load asked and reached",
        table("attempt|>asked|>reached|>share|>samples|over|ended|note", rows),
        shown.share_note(result),
        words(shown.steady_words(attempt)),
        real,
        reasons,
        bullets(f"Near a limit: {words(note)}" for note in result.generator.notes),
        words(generator_shown.intended_words(phase)) if phase and phase.intended else "",
    )


def _endpoints(result: Result) -> str:
    attempt = shown.shown_attempt(result)
    phase = shown.shown_phase(attempt)
    if attempt is None or phase is None:
        return ""
    rows = shown.endpoint_rows(phase)
    cells = [_endpoint(code(row.label), row) for row in rows]
    if len(rows) > 1:
        cells[-1][0] = "**all endpoints**"
    if len(cells) > _SHOWN_ROWS:
        left_out = len(cells) - _SHOWN_ROWS
        cells = [*cells[: _SHOWN_ROWS - 1], [f"{left_out} more in result.json", *[""] * 8], cells[-1]]
    head = "endpoint|>samples|>errors|>rate /s|>mean|>p50|>p95|>p99|>p99.9"
    note = f"Response times in ms, {shown.phase_name(phase.phase)} of attempt {attempt.number}."
    causes = [
        f"{code(stats.label)}: {figures.count(cause.count)} × {code(cause.code)} {words(cause.example[:160])}"
        for stats in (phase.labels or (phase.pooled,))
        for cause in stats.causes
    ]
    journeys = ""
    if phase.transactions:
        whole = [_endpoint(code(row.label), row) for row in phase.transactions[:_SHOWN_ROWS]]
        journeys = table(head.replace("endpoint|>samples", "journey as a whole|>iterations"), whole)
    intervals = " ".join(map(words, percentile_intervals.interval_notes(rows, phase.pooled)))
    causes = causes[:_SHOWN_ROWS]
    return titled("Endpoints", table(head, cells), words(note), intervals, bullets(causes), journeys)


def _endpoint(name: str, row: LabelStats) -> list[str]:
    errors = figures.count(row.errors) + (f" ({figures.share(row.error_rate)})" if row.errors else "")
    return [
        name, figures.count(row.count), errors, figures.rate_number(row.rate_per_s),
        figures.digits(row.mean_ms), _timed(row, row.p50_ms, 50), _timed(row, row.p95_ms, 95),
        _timed(row, row.p99_ms, 99), figures.digits(row.p999_ms),
    ]  # fmt: skip


def _timed(row: LabelStats, value_ms: float | None, percentile: float) -> str:
    between = percentile_intervals.interval_words(row, percentile)
    return figures.digits(value_ms) + (f" ({between})" if between else "")


def _course(result: Result) -> str:
    blocks = []
    if result.loops:
        rows = [
            (p.loop.value.split("_to_")[1], words(p.seen), words(p.changed or "nothing"), words(p.effect))
            for p in result.loops
        ]
        blocks.append(titled("Loops taken", table("back to|seen|changed|effect", rows)))
    if result.repairs:
        repairs = [(code(r.place), code(r.before), code(r.after), words(r.proof)) for r in result.repairs]
        blocks.append(titled("Repairs", table("place|before|after|proof", repairs)))
    if result.degradations:
        blocks.append(titled("Degradations", bullets(words(text) for text in result.degradations)))
    return "\n\n".join(blocks)


def _provenance(result: Result) -> str:
    run = result.run
    made_by = f"perfpilot {words(run.perfpilot)}" + (f", JMeter {words(run.jmeter)}" if run.jmeter else "")
    lines = [f"Run {code(run.id)}; {made_by}; description {code(run.spec_sha256[:12])}."]
    if result.file:
        lines.append(f"File {code(result.file.path)}, SHA-256 {code(result.file.sha256)}.")
        lines += [f"{words(note)}." for note in result.file.notes]
    links = [
        f"[{words(artifact.path)}]({file_link(artifact.path)})"
        for artifact in result.artifacts
        if not artifact.path.startswith("attempts/")
    ]
    if links:
        lines.append("Files: " + ", ".join(links[:_SHOWN_ROWS]))
    return "---\n" + "\n\n".join(lines)
