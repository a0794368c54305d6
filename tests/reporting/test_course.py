"""Alerts in a report: one row each, with severity and how long it lasted."""

from __future__ import annotations

from lxml import html

from perfpilot.domain.events import Event, EventKind
from perfpilot.reporting.course import course_rows
from perfpilot.reporting.html import render_html
from tests.reporting.sample_results import no_go_result


def event(seq: int, at_s: float, kind: EventKind = EventKind.ALERT, **data: str | float) -> Event:
    return Event(
        seq=seq, time_ms=round(at_s * 1000), mono_s=at_s, kind=kind, text=f"text {seq}", data=dict(data)
    )


ALERTS = (
    event(1, 10, state="begun", name="error burst", severity="high"),
    event(2, 12, state="begun", name="latency jump", severity="medium"),
    event(3, 18.5, state="ended", name="error burst", severity="high"),
    event(4, 30, state="begun", name="error burst", severity="high"),
    event(5, 31, state="ended", name="never begun", severity="high"),
    event(6, 40),  # of an earlier version: a text and nothing else
)


def test_an_alert_lasts_to_the_next_end_of_the_same_name() -> None:
    rows = course_rows(ALERTS, (event(7, 11, EventKind.STEERING),))
    assert [(row.time_ms, row.kind, row.severity, row.lasted_s, row.until) for row in rows] == [
        (10_000, "alert", "high", 8.5, "on to the end"),
        (11_000, "steering", "", None, ""),
        (12_000, "alert", "medium", None, "on to the end"),
        (30_000, "alert", "high", None, "on to the end"),
        (40_000, "alert", "", None, ""),
    ]


def test_the_page_shows_severity_and_how_long() -> None:
    result = no_go_result().model_copy(update={"alerts": ALERTS, "steering": ()})
    rows = html.document_fromstring(render_html(result, None)).xpath("//section[@id='events']//tbody/tr")
    cells = [[" ".join(cell.text_content().split()) for cell in row.xpath("td")] for row in rows]
    assert cells[0] == ["00:00:10", "alert", "high", "text 1", "8.5 s"]
    assert cells[1][-1] == "on to the end" and cells[3][2:] == ["–", "text 6", "–"]
