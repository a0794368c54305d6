from __future__ import annotations

import csv
import io

import pytest

from perfpilot.domain.result import Result
from perfpilot.reporting.spreadsheet import COLUMNS, POOLED, cell, render_csv
from tests.reporting.sample_results import go_result, never_started_result, no_go_result


def rows(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render_csv(result))))


def test_every_phase_and_endpoint_has_a_row_with_plain_numbers() -> None:
    read = rows(no_go_result())
    steady = [row for row in read if row["phase"] == "steady"]
    assert [row["label"] for row in steady] == [
        "list products",
        "search",
        "add to basket",
        "checkout",
        POOLED,
    ]
    checkout = steady[3]
    assert (checkout["samples"], checkout["errors"], checkout["p95_ms"]) == ("1436", "32", "345.74")
    assert float(checkout["error_rate"]) == pytest.approx(32 / 1436, rel=1e-5)
    assert {row["decides"] for row in read} == {"yes"}


def test_intervals_have_columns_and_what_has_none_is_empty() -> None:
    steady = [row for row in rows(no_go_result()) if row["phase"] == "steady"]
    checkout, pooled = steady[3], steady[4]
    assert (pooled["p95_low_ms"], pooled["p95_high_ms"]) == ("79", "89")
    assert checkout["p95_low_ms"] and (checkout["p99_low_ms"], checkout["p99_high_ms"]) == ("", "")


def test_a_run_without_attempts_has_only_the_head() -> None:
    assert render_csv(never_started_result()) == ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " =", "\u200b=", "\x00="])
def test_no_text_can_become_a_formula(start: str) -> None:
    guarded = cell(f'{start}HYPERLINK("http://evil",1)')
    assert guarded.startswith(("'", "\N{REPLACEMENT CHARACTER}"))


def test_plain_names_are_left_alone() -> None:
    assert cell("add to basket") == "add to basket"
    assert rows(go_result())[0]["label"] == "list products"
