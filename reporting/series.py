"""The reports of a series of runs: a page for people like that of a run, and Markdown for a merge request."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from perfpilot.domain.comparison import Comparison
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.repeated import Repeated
from perfpilot.reporting import comparison_shown, figures
from perfpilot.reporting.headline import Headline, Tone
from perfpilot.reporting.html import page_environment
from perfpilot.reporting.markdown_outlook import comparison_block
from perfpilot.reporting.markdown_text import bullets, code, table, titled, words
from perfpilot.reporting.plain_text import clean

KEPT_IN = "repeated.json"
"""The file that holds the figures of both reports."""

_IN_FIGURES = ("throughput", "error rate", "p50", "p95", "p99")
_VERDICTS: dict[Verdict | None, tuple[str, Tone, str]] = {
    Verdict.GO: (
        "GO",
        "good",
        "Every threshold was met by each judged run, those on changes by all runs together.",
    ),
    Verdict.NO_GO: ("NO-GO", "bad", "The system did not hold what was asked of it."),
    Verdict.INCONCLUSIVE: ("INCONCLUSIVE", "unsure", "The series could not decide. This is not a pass."),
    None: ("INCONCLUSIVE", "unsure", "The series could not decide. This is not a pass."),
}
_BROKEN_OFF: dict[Status, tuple[str, Tone, str]] = {
    Status.REFUSED: ("REFUSED", "bad", "Its last run was refused, so the series was not judged."),
    Status.NOT_READY: ("NOT READY", "bad", "The environment was not ready, so the series was not judged."),
    Status.FAILED: ("FAILED", "bad", "Its last run could not be finished, so the series was not judged."),
    Status.STOPPED: ("STOPPED", "unsure", "The series was stopped before its end, so it was not judged."),
}
_MARKS: dict[Tone, str] = {"good": "✓", "bad": "✗", "unsure": "?"}


@dataclass(frozen=True)
class RunLink:
    """A run, and where its own report lies as seen from the directory of another run."""

    run_id: str
    href: str


@dataclass(frozen=True)
class RunRow:
    """One run of the series, in words for a table."""

    number: int
    link: RunLink
    side: str  # empty where the series has one side only
    mark: str
    tone: Tone
    answer: str
    reason: str


def render_series_html(repeated: Repeated) -> str:
    """The whole page, to lie in a run's directory. Blocking: call it in a thread. Same input, same bytes."""
    changes = comparison_shown.shown_comparison(repeated.comparison, KEPT_IN)
    pooled = {row.metric: row for row in changes.told if not row.label}
    return (
        page_environment()
        .get_template("series.html.j2")
        .render(
            series=repeated,
            headline=series_headline(repeated),
            about=about(repeated),
            rows=run_rows(repeated),
            how_judged=how_judged(repeated),
            comparison=repeated.comparison,
            compared=compared_words(repeated.comparison),
            held_against=held_against(repeated),
            changes=changes,
            figures=[pooled[metric] for metric in _IN_FIGURES if metric in pooled],
            comparison_words=comparison_shown,
            fig=figures,
            kept_in=KEPT_IN,
        )
    )


def render_series_markdown(repeated: Repeated) -> str:
    """The answer, its reasons, the runs and what changed. Outside text can't format or link."""
    head = series_headline(repeated)
    blocks = [
        f"## {head.word}: {words(repeated.test_name)}",
        f"**{head.sentence}** {about(repeated)}.",
        bullets([f"**{words(caveat)}**" for caveat in head.caveats] + [words(r) for r in head.reasons]),
        _runs(repeated),
        _comparison(repeated),
        f"---\nThe same figures stand in [{KEPT_IN}](./{KEPT_IN}).",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def series_headline(repeated: Repeated) -> Headline:
    """What is said first. Words come from the outcome alone; nothing is judged here."""
    word, tone, sentence = _answer(repeated.outcome)
    reasons = tuple(map(clean, repeated.outcome.reasons))
    return Headline(word=word, tone=tone, sentence=sentence, caveats=_caveats(repeated), reasons=reasons)


def about(repeated: Repeated) -> str:
    """How many runs of what: `A series of 6 runs in turns, 3 of this test and 3 of what ...`."""
    made = len(repeated.repetitions)
    before = sum(one.side == "before" for one in repeated.repetitions)
    if not _two_sides(repeated):
        return f"A series of {_runs_of(made)}"
    sides = f"{made - before} of this test and {before} of what it is held against"
    return f"A series of {_runs_of(made)} in turns, {sides}"


def run_rows(repeated: Repeated) -> tuple[RunRow, ...]:
    """The runs in the order of time."""
    rows = []
    for number, one in enumerate(repeated.repetitions, start=1):
        word, tone, _ = _answer(one.outcome)
        so_far = one.outcome.verdict if one.outcome.status is Status.STOPPED else None
        rows.append(
            RunRow(
                number=number,
                link=_link(one.run_id),
                side=one.side if _two_sides(repeated) else "",
                mark=_MARKS[tone],
                tone=tone,
                answer=f"{word}, {_VERDICTS[so_far][0]} so far" if so_far else word,
                reason=one.outcome.reasons[0] if one.outcome.reasons else "",
            )
        )
    return tuple(rows)


def how_judged(repeated: Repeated) -> str:
    """How the runs make one answer; empty for a series that broke off, which has none."""
    if not _whole(repeated):
        return ""
    two = _two_sides(repeated)
    worst = "Only the runs after are judged; the worst of them counts" if two else "The worst run counts"
    return f"{worst}. Lines on changes are decided once, by all runs together."


def compared_words(comparison: Comparison) -> str:
    """What was compared with what; or why nothing was."""
    if comparison.against:
        return comparison_shown.against_words(comparison)
    return f"Nothing was compared: {comparison.because}." if comparison.because else "Nothing was compared."


def held_against(repeated: Repeated) -> tuple[RunLink, ...]:
    """Runs of the baseline that are no runs of the series, the newest first."""
    made = {one.run_id for one in repeated.repetitions}
    return tuple(_link(run_id) for run_id in repeated.comparison.baseline_runs if run_id not in made)


def _runs(repeated: Repeated) -> str:
    two = _two_sides(repeated)
    rows = [
        [
            row.mark, str(row.number), *([row.side] if two else []), row.answer,
            f"[{code(row.link.run_id)}]({row.link.href})", words(row.reason),
        ]
        for row in run_rows(repeated)
    ]  # fmt: skip
    head = f" |>run|{'side|' if two else ''}answer|report|first reason"
    return titled("Runs", table(head, rows), how_judged(repeated)) if rows else ""


def _comparison(repeated: Repeated) -> str:
    comparison = repeated.comparison
    links = ", ".join(f"[{code(link.run_id)}]({link.href})" for link in held_against(repeated))
    held = f"Reports of what it is held against: {links}" if links else ""
    found = comparison_block(comparison, KEPT_IN)
    if not found:
        return titled("Comparison", words(compared_words(comparison)), held)
    method = f"Method: {words(comparison.method)}." if comparison.method else ""
    visible = "Smallest visible: the change for worse that would have been found nine times in ten."
    return "\n\n".join(block for block in (found, f"{visible} {method}".strip(), held) if block)


def _answer(outcome: Outcome) -> tuple[str, Tone, str]:
    return _BROKEN_OFF.get(outcome.status) or _VERDICTS[outcome.verdict]


def _caveats(repeated: Repeated) -> tuple[str, ...]:
    """A series that broke off is not judged, but what one of its runs broke stays broken."""
    earlier = [one.outcome for one in repeated.repetitions[:-1] if one.side == "after"]
    lost = sum(outcome.verdict is Verdict.NO_GO for outcome in earlier)
    if _whole(repeated) or not lost:
        return ()
    return (f"{lost} of {_runs_of(len(earlier))} of this test that came before ended with NO-GO.",)


def _whole(repeated: Repeated) -> bool:
    return repeated.outcome.status is Status.COMPLETED


def _two_sides(repeated: Repeated) -> bool:
    return any(one.side == "before" for one in repeated.repetitions)


def _runs_of(number: int) -> str:
    return "one run" if number == 1 else f"{number} runs"


def _link(run_id: str) -> RunLink:
    # Nothing of the id can leave its place between the slashes, and none becomes an address.
    return RunLink(run_id, f"../{quote(clean(run_id), safe='')}/report.html")
