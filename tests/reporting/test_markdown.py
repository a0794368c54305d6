from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from perfpilot.reporting.markdown import render_markdown
from perfpilot.reporting.markdown_text import words
from tests.reporting.sample_results import EVERY_RESULT, go_result, no_go_result


@pytest.mark.parametrize("name", EVERY_RESULT)
def test_every_kind_of_result_begins_with_its_verdict(name: str) -> None:
    word = {"no_go": "NO-GO", "not_ready": "NOT READY"}.get(name, name.upper())
    assert render_markdown(EVERY_RESULT[name]).startswith(f"## {word}: shop under 300 a second\n")


def test_all_rows_of_a_table_have_the_columns_of_its_head() -> None:
    rendered = MarkdownIt("commonmark").enable("table").parse(render_markdown(no_go_result()))
    cells = [
        token.type for token in rendered if token.type in ("th_open", "td_open", "tr_open", "table_open")
    ]
    tables = " ".join(cells).split("table_open")[1:]
    assert len(tables) >= 6
    for table in tables:
        rows = [row.split() for row in table.split("tr_open")[1:]]
        assert len({len(row) for row in rows}) == 1


def test_thresholds_findings_endpoints_and_links_are_there() -> None:
    text = render_markdown(no_go_result())
    assert "| ✗ | `p95(checkout) < 300ms` | 346 ms | 300 ms | 1,436 |" in text
    assert "**Connection pool exhaustion** in `shop-db` (high, confidence 90 %)" in text
    assert "| `checkout` | 1,436 | 32 (2.23 %) | 29.9 |" in text
    assert "[report.html](./report.html)" in text and "results.jtl" not in text
    assert "Nothing limited the system at this load." in render_markdown(go_result())


def test_capacity_comparison_trend_and_slow_changes_are_there() -> None:
    text = render_markdown(no_go_result())
    assert "### Capacity\n\n341.2/s is the highest arrival rate" in text
    assert "| ✗ | 370.0 | 367.6 | 21.7 | 666 | 0 % | p95 &lt; 200ms was broken" in text
    assert "| ✗ | p50 | checkout | 118 ms | 142 ms | +20 % | +17 % to +23.3 % | 10 % | regression |" in text
    assert "| p95 of checkout | 346 ms | 298 ms to 344 ms | regression |" in text
    assert "- resident memory of target: +378 MiB an hour" in text
    assert "83.2 (79 to 89)" in text and "the p99 is 563 ms, not 182 ms" in text


def test_a_calm_run_has_none_of_these_headings() -> None:
    text = render_markdown(go_result())
    assert not [title for title in ("Capacity", "Comparison", "Trend", "Slow") if f"### {title}" in text]


@pytest.mark.parametrize(
    "text",
    ["<b>x</b>", "[x](http://e)", "![x](http://e)", "http://e.example", "*a* _b_ ~~c~~", "`code`", "# h",
     "- item", "1. item", "a | b", "&lt;", "\\<b>", "a\\|b", "***", "=== ", "+ x", "$x$", "<http://e.example>"],
)  # fmt: skip
def test_words_from_outside_stay_words(text: str) -> None:
    tokens = (
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .parse(f"|h|i|\n|---|---|\n|{words(text)}|z|")
    )
    kinds = {child.type for token in tokens for child in (token.children or [])}
    assert kinds == {"text"}
    shown = [token.content for token in tokens if token.type == "inline"]
    assert len(shown) == 4 and shown[-1] == "z"
    listed = MarkdownIt("commonmark").parse(f"- {words(text)}")
    assert [token.type for token in listed if token.nesting == 1] == [
        "bullet_list_open", "list_item_open", "paragraph_open",
    ]  # fmt: skip
