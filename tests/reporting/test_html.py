from __future__ import annotations

import re

import pytest
from lxml import html

from perfpilot.domain.result import Result
from perfpilot.reporting.html import render_html
from tests.reporting.sample_charts import charts
from tests.reporting.sample_results import EVERY_RESULT, go_result, never_started_result, no_go_result


def page(result: Result, with_charts: bool = True) -> html.HtmlElement:
    return html.document_fromstring(render_html(result, charts() if with_charts else None))


def text_of(element: html.HtmlElement, anchor: str) -> str:
    return " ".join(element.get_element_by_id(anchor).text_content().split())


@pytest.mark.parametrize("name", EVERY_RESULT)
def test_every_kind_of_result_makes_a_page_whose_links_all_lead_somewhere(name: str) -> None:
    document = page(EVERY_RESULT[name], with_charts=name in ("go", "no_go", "inconclusive", "stopped"))
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    for target in document.xpath("//@href[starts-with(., '#')]"):
        assert target[1:] in ids
    assert text_of(document, "verdict")
    assert document.xpath("//nav//a")


@pytest.mark.parametrize("name", EVERY_RESULT)
def test_a_page_needs_no_network_and_no_script(name: str) -> None:
    text = render_html(EVERY_RESULT[name], charts())
    document = html.document_fromstring(text)
    policy = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    assert not document.xpath("//script | //iframe | //object | //embed | //form | //base")
    assert not document.xpath("//@*[starts-with(name(), 'on')]")
    for address in document.xpath("//@src | //link/@href | //a/@href"):
        assert address.startswith(("#", "./", "data:,"))
    assert "@import" not in text and not re.search(r"url\((?!#)", text)


def test_the_verdict_comes_first_and_caveats_come_before_reasons() -> None:
    text = render_html(no_go_result(), None)
    places = [text.index(words) for words in (
        'id="verdict">NO-GO', "description was repaired", "was broken: 346 ms", '<section id="thresholds"',
        '<section id="limits"', '<section id="endpoints"', '<section id="provenance"',
    )]  # fmt: skip
    assert places == sorted(places)


def test_a_threshold_shows_mark_value_limit_samples_and_reason() -> None:
    rows = page(no_go_result(), False).xpath("//section[@id='thresholds']//tbody/tr")
    cells = [[" ".join(cell.text_content().split()) for cell in row.xpath("td")] for row in rows]
    assert cells[0] == [
        "✗", "p95(checkout) < 300ms", "346 ms", "300 ms", "1,436",
        "134 of 1,436 samples were slower; 71 were allowed",
    ]  # fmt: skip
    assert cells[1][0] == "?" and "takes 10,000" in cells[1][5]
    assert cells[3][0] == "✓" and cells[3][2] == "179.96 ms" and "marginal" in cells[3][5]


def test_a_finding_quotes_its_facts_for_and_against_the_most_severe_first() -> None:
    limits = text_of(page(no_go_result(), False), "limits")
    assert limits.index("connection pool exhaustion") < limits.index("N+1 queries")
    assert "connections in use of shop-db: 8 of 8 for 31 s of 48 s" in limits
    assert "mean processor share of the target: 31 %" in limits
    assert "Raise the pool from 8 to 16 connections" in limits


def test_a_healthy_run_says_that_nothing_limited_it() -> None:
    assert text_of(page(go_result(), False), "limits").endswith("Nothing limited the system at this load.")


def test_whether_the_load_was_real_is_answered() -> None:
    assert "Yes." in text_of(page(EVERY_RESULT["go"], False), "generator")
    limited = text_of(page(EVERY_RESULT["inconclusive"], False), "generator")
    assert "No." in limited and "94 % of the host's cores" in limited and "line 17" in limited


def test_sections_follow_each_other_from_the_answer_to_its_grounds() -> None:
    order = [
        "thresholds", "limits", "endpoints", "capacity", "comparison", "trend", "soak", "generator",
        "intended", "roadmap", "provenance",
    ]  # fmt: skip
    anchors = page(no_go_result()).xpath("//main/section/@id")
    assert [anchor for anchor in anchors if anchor in order] == order
    links = page(no_go_result()).xpath("//nav//a/@href")
    assert [link.removeprefix("#") for link in links] == anchors


def test_percentiles_stand_with_their_intervals() -> None:
    document = page(no_go_result(), False)
    pooled = document.xpath("//section[@id='endpoints']//table[1]//tr[@class='total']//small/text()")
    assert pooled == ["27 to 30", "57 to 64", "79 to 89", "173 to 194"]
    assert text_of(document, "endpoints").count("know nothing of what was too rare to be seen") == 1


def test_each_change_has_its_interval_and_its_place_in_the_plot() -> None:
    rows = page(no_go_result(), False).xpath("//section[@id='comparison']/div[1]//tbody/tr")
    assert len(rows) == 12
    assert all(len(row.xpath(".//*[@class='floor']")) == 1 for row in rows)
    cells = [" ".join(cell.text_content().split()) for cell in rows[0].xpath("td")]
    assert cells == [
        "✗", "p50 checkout", "118 ms", "142 ms", "+20 %", "+17 % to +23.3 %", "", "10 %", "regression",
    ]  # fmt: skip


def test_what_has_nothing_to_say_takes_one_line() -> None:
    document = page(go_result(), False)
    for anchor in ("capacity", "comparison", "trend", "soak"):
        section = document.get_element_by_id(anchor)
        assert [child.tag for child in section] == ["h2", "p"]
    assert "intended" not in document.xpath("//section/@id")


def test_whether_it_is_ready_for_production_is_answered_by_questions() -> None:
    rows = page(no_go_result(), False).xpath("//section[@id='readiness']//tbody/tr")
    cells = [[" ".join(cell.text_content().split()) for cell in row.xpath("td")][:3] for row in rows]
    assert cells[0] == ["✗", "Does it meet its thresholds at the load that is expected?", "no"]
    assert cells[2] == ["–", "Does it hold for hours?", "not tested"]


def test_a_run_that_never_started_has_no_empty_sections() -> None:
    document = page(never_started_result(), False)
    assert document.xpath("//section/@id") == ["provenance"]
    assert "must begin with /" in document.text_content()


def test_an_attempt_that_decides_nothing_is_not_shown_as_if_it_did() -> None:
    header = page(EVERY_RESULT["stopped"], False).xpath("//header")[0].text_content()
    assert "which decides nothing" in " ".join(header.split())


def test_the_same_result_gives_the_same_bytes() -> None:
    assert render_html(no_go_result(), charts()) == render_html(no_go_result(), charts())


@pytest.mark.parametrize(("seconds", "most_bytes"), [(60, 200_000), (3600, 400_000)])
def test_a_page_stays_small(seconds: int, most_bytes: int) -> None:
    assert len(render_html(no_go_result(), charts(seconds)).encode()) < most_bytes
