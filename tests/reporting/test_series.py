"""The reports of a series: the answer first, the runs in order of time, what changed; outside text inert."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html
from markdown_it import MarkdownIt

from perfpilot.domain.comparison import Comparison
from perfpilot.domain.outcome import Outcome, Status, Verdict
from perfpilot.domain.repeated import Repeated
from perfpilot.reporting.series import render_series_html, render_series_markdown
from tests.reporting.sample_series import (
    EVERY_SERIES,
    IDS,
    against_history,
    alone,
    broken_off,
    hostile_series,
    two_sides,
    undecided,
)
from tests.reporting.test_html_in_a_browser import in_chromium


def page(repeated: Repeated) -> html.HtmlElement:
    return html.document_fromstring(render_series_html(repeated))


def cells(document: html.HtmlElement, section: str) -> list[list[str]]:
    rows = document.xpath(f"//section[@id='{section}']/div[1]//tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row.xpath("td")] for row in rows]


def text_of(document: html.HtmlElement, anchor: str) -> str:
    return " ".join(document.get_element_by_id(anchor).text_content().split())


@pytest.mark.parametrize("name", EVERY_SERIES)
def test_every_series_makes_a_page_that_needs_no_network_and_no_script(name: str) -> None:
    text = render_series_html(EVERY_SERIES[name])
    document = html.document_fromstring(text)
    policy = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    assert not document.xpath("//script | //img | //iframe | //object | //embed | //form | //base")
    assert not document.xpath("//@*[starts-with(name(), 'on')]")
    assert "@import" not in text and not re.search(r"url\((?!#)", text)
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    for address in document.xpath("//@src | //@href"):
        if address.startswith("#"):
            assert address[1:] in ids
        else:
            assert re.fullmatch(r"data:,|\.\./[^/]+/report\.html", address)


@pytest.mark.parametrize("name", EVERY_SERIES)
def test_the_same_series_gives_the_same_bytes(name: str) -> None:
    repeated = EVERY_SERIES[name]
    again = Repeated.model_validate_json(repeated.model_dump_json())
    assert render_series_html(repeated) == render_series_html(again)
    assert render_series_markdown(repeated) == render_series_markdown(again)


@pytest.mark.parametrize("render", [render_series_html, render_series_markdown])
@pytest.mark.parametrize("name", EVERY_SERIES)
def test_no_report_holds_a_control_character_or_a_hidden_mark(name: str, render: object) -> None:
    assert callable(render)
    hidden = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
    assert not re.search(hidden, render(EVERY_SERIES[name]))


def test_the_verdict_comes_first_then_its_reasons_the_runs_and_what_changed() -> None:
    text = render_series_html(two_sides())
    places = [text.index(words) for words in (
        'id="verdict">NO-GO', "change(p95(checkout), baseline)", f"run {IDS[2]}: p95(checkout)",
        '<section id="runs"', '<section id="comparison"', "Method: a prediction interval", "Undecided:",
    )]  # fmt: skip
    assert places == sorted(places)


def test_runs_stand_in_the_order_of_time_with_side_answer_and_a_link_to_their_report() -> None:
    document = page(two_sides())
    assert cells(document, "runs")[1:3] == [
        ["✓", "2", "after", "GO", IDS[1], "every threshold was met"],
        ["✗", "3", "after", "NO-GO", IDS[2], "p95(checkout) < 300ms was broken: 346 ms"],
    ]
    assert document.xpath("//section[@id='runs']//a/@href") == [f"../{id_}/report.html" for id_ in IDS[:4]]
    assert "Only the runs after are judged; the worst of them counts." in text_of(document, "runs")


def test_the_changes_are_those_of_the_comparison_with_their_places_in_the_plot() -> None:
    document = page(two_sides())
    found = cells(document, "comparison")
    assert found[0] == [
        "✗", "p50 checkout", "118 ms", "142 ms", "+20 %", "+17 % to +23.3 %", "", "10 %", "regression",
    ]  # fmt: skip
    assert len(document.xpath("//section[@id='comparison']/div[1]//*[@class='floor']")) == len(found) == 12
    assert "about 5 runs on each side would tell" in text_of(document, "comparison")
    figures = " ".join(text.strip() for text in document.xpath("//dl[@class='figures']//text()"))
    assert "p95, all endpoints 294 ms +2 % -3 % to +7.5 %" in " ".join(figures.split())


def test_what_it_was_held_against_is_linked_where_it_is_no_run_of_the_series() -> None:
    link = "../20261121-021500-shop-11aa11/report.html"
    document = page(against_history())
    assert document.xpath("//section[@id='comparison']//a/@href") == [link]
    assert f"({link})" in render_series_markdown(against_history())
    assert not page(two_sides()).xpath("//section[@id='comparison']//a")


def test_a_series_with_nothing_to_compare_with_says_so() -> None:
    document = page(alone())
    because = "Not compared with an earlier run: there is no earlier run of this test to compare with."
    assert text_of(document, "comparison") == f"Comparison {because}"
    assert because in render_series_markdown(alone())
    assert not document.xpath("//dl[@class='figures']")
    assert [row[2] for row in cells(document, "runs")] == ["GO"] * 3, "no column for the one side"
    assert "| ✓ | 1 | GO |" in render_series_markdown(alone())


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (Status.STOPPED, "STOPPED"),
        (Status.FAILED, "FAILED"),
        (Status.NOT_READY, "NOT READY"),
        (Status.REFUSED, "REFUSED"),
    ],
)
def test_a_series_that_broke_off_says_so_and_loses_no_no_go(status: Status, word: str) -> None:
    document = page(broken_off(status))
    assert text_of(document, "verdict") == word
    header = " ".join(document.xpath("//header")[0].text_content().split())
    assert "was not judged" in header
    assert header.index("1 of 2 runs of this test that came before ended with NO-GO") < header.index(IDS[3])
    assert text_of(document, "comparison") == "Comparison Nothing was compared: the series broke off."
    assert cells(document, "runs")[3][3] == word
    markdown = render_series_markdown(broken_off(status))
    assert markdown.startswith(f"## {word}: shop\n") and "Nothing was compared" in markdown


def test_what_a_stopped_run_came_to_is_so_far_and_no_more() -> None:
    stopped = Outcome(status=Status.STOPPED, verdict=Verdict.GO, reasons=("so far",))
    repetitions = (broken_off().repetitions[-1].model_copy(update={"outcome": stopped}),)
    series = broken_off().model_copy(update={"repetitions": repetitions, "outcome": stopped})
    assert cells(page(series), "runs")[0][3] == "STOPPED, GO so far"
    assert text_of(page(series), "verdict") == "STOPPED"
    assert "came before" not in render_series_html(series)


def test_a_series_without_a_run_that_is_judged_is_no_pass() -> None:
    document = page(undecided())
    assert text_of(document, "verdict") == "INCONCLUSIVE"
    assert "This is not a pass" in render_series_markdown(undecided())
    assert text_of(document, "comparison") == "Comparison Nothing was compared."


def test_a_change_that_no_run_could_have_shown_is_not_given_in_thousands_of_per_cent() -> None:
    first, *rest = two_sides().comparison.changes
    changes = (first.model_copy(update={"visible": 46200.0}), *rest)
    wide = two_sides().comparison.model_copy(update={"changes": changes})
    document = page(two_sides().model_copy(update={"comparison": wide}))
    assert "over 1,000 %" in [row[7] for row in cells(document, "comparison")]


def test_markdown_has_the_same_answer_in_tables_whose_rows_have_all_columns() -> None:
    text = render_series_markdown(two_sides())
    assert text.startswith("## NO-GO: shop under 300 a second\n")
    assert (
        f"| ✗ | 3 | after | NO-GO | [`{IDS[2]}`](../{IDS[2]}/report.html) | p95(checkout) &lt; 300ms" in text
    )
    assert "| ✗ | p95 | checkout | 288 ms | 346 ms | +20 % | +15 % to +25.5 % | 14 % | regression |" in text
    assert "Method: a prediction interval" in text and "15 more by endpoint in repeated.json" in text
    for repeated in EVERY_SERIES.values():
        rendered = MarkdownIt("commonmark").enable("table").parse(render_series_markdown(repeated))
        kinds = [t.type for t in rendered if t.type in ("th_open", "td_open", "tr_open", "table_open")]
        for table in " ".join(kinds).split("table_open")[1:]:
            assert len({len(row.split()) for row in table.split("tr_open")[1:]}) == 1


def test_hostile_text_is_shown_and_stays_text() -> None:
    document = page(hostile_series())
    assert document.text_content().count("<script>alert(1)</script>") > 20
    rendered = render_series_markdown(hostile_series())
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(rendered)
    inline = [child for token in tokens for child in (token.children or [])]
    assert not [t for t in (*tokens, *inline) if t.type in ("html_block", "html_inline", "image")]
    links = [str(token.attrs["href"]) for token in inline if token.type == "link_open"]
    assert len(links) == 4 and links[-1] == "./repeated.json"
    assert all(re.fullmatch(r"\.\./[^/]+/report\.html", link) for link in links[:-1])
    assert "@everyone" not in re.sub(r"`[^`]*`", "", rendered)


@pytest.mark.parametrize("series", [two_sides(), hostile_series()], ids=["two_sides", "hostile"])
def test_a_browser_shows_the_verdict_without_a_complaint(tmp_path: Path, series: Repeated) -> None:
    shown = in_chromium(tmp_path, render_series_html(series), "--dump-dom")
    assert "CONSOLE" not in shown.stderr
    document = html.document_fromstring(shown.stdout)
    assert document.get_element_by_id("verdict").text_content() == "NO-GO"
    assert not document.xpath("//script | //img | //@onerror")


def test_a_lone_surrogate_or_an_endless_word_breaks_neither_report() -> None:
    odd = "\ud800" + "x" * 5000
    outcome = Outcome(status=Status.COMPLETED, verdict=Verdict.INCONCLUSIVE, reasons=(odd,))
    series = Repeated(test_name=odd, outcome=outcome, comparison=Comparison(because=odd))
    assert "x" * 5000 in render_series_html(series).encode().decode()
    assert render_series_markdown(series).encode()
