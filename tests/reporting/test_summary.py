from __future__ import annotations

import pytest

from perfpilot.domain.result import Result
from perfpilot.reporting.plain_text import width
from perfpilot.reporting.summary import COLUMNS, summary_lines
from tests.reporting.hostile_results import hostile_result
from tests.reporting.sample_results import EVERY_RESULT, go_result, never_started_result, no_go_result


@pytest.mark.parametrize("result", [*EVERY_RESULT.values(), hostile_result()])
def test_every_line_fits_a_terminal_and_holds_no_control_character(result: Result) -> None:
    lines = summary_lines(result)
    assert lines
    assert all(width(line) <= COLUMNS and line.isprintable() for line in lines)


def test_thresholds_come_first_and_the_verdict_near_the_end() -> None:
    lines = summary_lines(no_go_result())
    blocks = [line.split()[0].rstrip(",") for line in lines if line and not line.startswith(" ")]
    assert blocks == [
        "THRESHOLDS", "TOTALS", "ENDPOINTS", "FINDINGS", "CAPACITY", "COMPARISON", "TREND", "SLOW", "VERDICT",
        "TIMES",
    ]  # fmt: skip


def test_what_was_found_beside_the_verdict_takes_a_few_lines_each() -> None:
    lines = summary_lines(no_go_result())
    text = " ".join(" ".join(lines).split())
    assert "between 318.0/s and 366.0/s" in text and "Head room: 31.2 %" in text
    assert "4 regressions, 2 improvements" in text and "p50 of checkout: +20 % (+17 % to +23.3 %)" in text
    assert "346 ms now; 298 ms to 344 ms was expected" in text
    assert "+378 MiB an hour" in text and "jmeter" not in text
    verdict = next(number for number, line in enumerate(lines) if line.startswith("VERDICT"))
    assert verdict - lines.index("CAPACITY") <= 24


def test_a_run_with_nothing_beside_its_verdict_has_no_lines_on_it() -> None:
    titles = {line.split(" (")[0] for line in summary_lines(go_result())}
    assert not titles & {"CAPACITY", "COMPARISON", "TREND", "SLOW CHANGES"}


def test_the_figures_of_the_run_are_there() -> None:
    text = "\n".join(summary_lines(no_go_result()))
    assert "✗ p95(checkout) < 300ms      346 ms" in text
    assert "throughput  299.4/s of 300.0/s asked (99.8 %)" in text
    assert "VERDICT  NO-GO" in text
    assert "! The description was repaired before it was run" in text
    assert "validate 0.04 s, approve 0.01 s, setup 6.2 s" in text


def test_columns_of_endpoints_are_aligned() -> None:
    lines = summary_lines(no_go_result())
    head = next(n for n, line in enumerate(lines) if line.startswith("ENDPOINTS"))
    rows = [line for line in lines[head : head + 8] if not line.startswith("      ")][:5]
    assert len({width(row) for row in rows}) == 1


def test_a_run_that_never_started_says_only_why() -> None:
    assert summary_lines(never_started_result()) == [
        "VERDICT  REFUSED",
        "  The description or the command line was refused. No load was sent.",
        "  - endpoints.2.path: 'basket' must begin with /",
    ]
