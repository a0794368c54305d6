"""What was run, in every format."""

from __future__ import annotations

import csv
import io

import pytest
from lxml import etree, html

from perfpilot.domain.load import LoadCurve
from perfpilot.domain.plan import Engine
from perfpilot.reporting.html import render_html
from perfpilot.reporting.junit import render_junit
from perfpilot.reporting.markdown import render_markdown
from perfpilot.reporting.spreadsheet import POOLED, render_csv
from perfpilot.reporting.summary import summary_lines
from perfpilot.reporting.what_ran import cases_sentence, curve_words, order_words, scenario_rows
from tests.reporting.sample_plans import CASES, curve, rich_plan, rich_result, scenario
from tests.reporting.sample_results import go_result, never_started_result, plan


@pytest.mark.parametrize(
    ("load", "words"),
    [
        (curve((60, 50, 50)), "50/s for 60 s"),
        (curve((10, 0, 300), (50, 300, 300)), "0 to 300/s in 10 s, 300/s for 50 s"),
        (curve((60, 1, 1), unit="users"), "1 user for 60 s"),
        (curve((30, 0, 20), (90, 20, 20), unit="users"), "0 to 20 users in 30 s, 20 users for 90 s"),
        (curve((300, 0, 0), (60, 12.5, 12.5)), "after 5 min: 12.5/s for 60 s"),
        (curve((60, 50, 50), (60, 100, 100), (60, 150, 150)), "3 levels from 50/s to 150/s, 60 s each"),
        (
            curve((5, 0, 50), (60, 50, 50), (5, 50, 100), (90, 100, 100), (5, 100, 150), (60, 150, 150)),
            "3 levels from 50/s to 150/s",
        ),
        (
            curve((60, 20, 20), (5, 20, 200), (30, 200, 200), (5, 200, 20), (60, 20, 20)),
            "20/s for 60 s, 20 to 200/s in 5 s, 200/s for 30 s, 200 to 20/s in 5 s, 20/s for 60 s",
        ),
        (
            curve(*((15, 20 + 5 * (n % 2), 25 - 5 * (n % 2)) for n in range(32))),
            "between 20/s and 25/s, 8 min in all",
        ),
        (curve((0, 5, 5)), "nothing"),
    ],
)
def test_a_curve_is_told_in_short(load: LoadCurve, words: str) -> None:
    assert curve_words(load) == words


def test_a_scenario_is_told_by_its_steps_its_load_and_its_users() -> None:
    buy, browse, office = scenario_rows(rich_plan())
    assert buy.steps == (
        "log in → list products → search × 3 → add to basket (if product_id was found)"
        " → checkout (if basket_id was found)"
    )
    assert (buy.users, buy.arrives) == ("600 at most", "random arrivals, a new user for each")
    assert (browse.users, browse.arrives) == ("40", "paced users who take turns")
    assert browse.load == "after 5 s: 5 levels from 20/s to 100/s, 11 s each"
    assert (office.users, office.arrives) == ("12", "users who begin again when they are done")
    even = plan().scenarios[0].model_copy(update={"even_arrivals": True})
    evenly = scenario_rows(plan().model_copy(update={"scenarios": (even,)}))[0]
    assert evenly.arrives == "evenly spaced arrivals, a new user for each"
    gated = plan().model_copy(
        update={"scenarios": (scenario("a", curve((9, 1, 1), unit="users"), engine=Engine.STEERED_USERS),)}
    )
    assert scenario_rows(gated)[0].arrives == "users behind a gate"


def test_the_order_and_the_outcome_of_cases_are_sentences() -> None:
    assert order_words(plan()) == "One scenario made the load."
    assert order_words(rich_plan()) == (
        "3 scenarios made the load, side by side, with one case beside it. "
        "Before it, 12 cases, one after the other, were sent with one user."
    )
    assert cases_sentence(CASES) == "11 cases were sent; 8 went as expected; 1 could not be sent."
    assert cases_sentence(CASES[:2]) == "2 cases were sent; all went as expected."
    assert cases_sentence(CASES[2:3]) == "1 case was sent; 0 went as expected."


def _page() -> html.HtmlElement:
    return html.document_fromstring(render_html(rich_result(), None))


def _text(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_the_page_says_what_ran_and_collapses_a_long_list_of_what_did_not() -> None:
    ran = _page().get_element_by_id("ran")
    assert [_text(cell) for cell in ran.xpath(".//tbody/tr/td/b")] == [
        "buy", "browse", "back office"
    ]  # fmt: skip
    (details,) = ran.xpath(".//details")
    assert _text(details.xpath("summary")[0]) == "5 left out, with the reasons"
    assert len(details.xpath(".//tbody/tr")) == 2  # by reason
    assert "cases.writes: true sends it" in _text(details)
    assert not _text(html.document_fromstring(render_html(go_result(), None)).get_element_by_id("ran")).count(
        "left"
    )


def test_the_page_has_journeys_as_wholes_beside_the_endpoints_and_not_among_them() -> None:
    tables = _page().get_element_by_id("endpoints").xpath(".//table")
    names = [[_text(row.xpath("td")[0]) for row in table.xpath("tbody/tr")] for table in tables]
    assert names[0][-1] == "all endpoints" and "buy" not in names[0]
    assert names[1] == ["buy", "browse"]
    assert [_text(cell) for cell in tables[1].xpath("tbody/tr[1]/td")[1:5]] == [
        "1,412",
        "32",
        "2.27 %",
        "29.4",
    ]


def test_cases_that_did_not_go_as_expected_are_in_sight_and_the_others_behind_a_click() -> None:
    cases = _page().get_element_by_id("cases")
    first = cases.xpath("./div/table")[0]
    assert [_text(cell) for cell in first.xpath("tbody/tr/td[2]")] == [
        "search longest q500 where an orderly answer was expected",
        "list products far pageno answer within 10s",
        "checkout no token200 where 4xx was expected",
        "checkout unknown idnot sent: add to basket, which comes before it, met 503",
    ]
    assert [_text(cell) for cell in first.xpath("tbody/tr/td[4]")] == [
        "500 in 12.3 ms",
        "–",
        "200 in 12.3 ms",
        "–",
    ]
    assert _text(cases.xpath("./details/summary")[0]) == "8 that went as expected"
    assert len(cases.xpath("./details//tbody/tr")) == 8
    during = cases.xpath("./div/table")[-1]
    assert [_text(cell) for cell in during.xpath("tbody/tr/td")] == [
        "search longest q", "48", "48", "100 %", "35.2 ms"
    ]  # fmt: skip


def test_a_finding_of_a_case_is_not_told_as_what_limited_the_system() -> None:
    limits = _text(_page().get_element_by_id("limits"))
    statement = "Nothing limited the system at this load."
    assert (
        limits.index(statement) < limits.index("Shown by cases, beside the load") < limits.index("checkout")
    )
    written = render_markdown(rich_result())
    assert written.index(statement) < written.index("Shown by cases, beside the load:")
    lines = "\n".join(summary_lines(rich_result()))
    assert lines.index(statement) < lines.index("application errors in checkout (a case), confidence 90 %")


def test_what_was_asked_is_at_least_where_steps_have_conditions() -> None:
    load = _text(_page().get_element_by_id("load"))
    # buy: 60/s with five certain requests each; browse: 65.8/s on average; the office is given no rate.
    assert "at least 365.8/s and 12 users" in load
    assert "The share counts only requests that are asked for by rate and that every iteration makes." in load
    plain = html.document_fromstring(render_html(go_result(), None)).get_element_by_id("load")
    assert "300.0/s" in _text(plain) and "at least" not in _text(plain) and "counts only" not in _text(plain)


def test_markdown_has_scenarios_cases_and_whole_journeys() -> None:
    written = render_markdown(rich_result())
    assert "| `browse` | browse | after 5 s: 5 levels from 20/s to 100/s, 11 s each |" in written
    assert "- `login wrong password`: it may change data or lock an account" in written
    assert "11 cases were sent; 8 went as expected; 1 could not be sent. No threshold counts them." in written
    assert "| ✗ | `checkout no token` |" in written and "`search empty q`" not in written
    assert "| `buy` | 1,412 | 32 (2.27 %) |" in written


def test_the_summary_names_the_cases_that_did_not_go_as_expected() -> None:
    lines = summary_lines(rich_result())
    at = lines.index("CASES")
    assert lines[at + 1 : at + 4] == [
        "  11 cases were sent; 8 went as expected; 1 could not be sent.",
        "  ✗ search longest q: 500 where an orderly answer was expected",
        "  ✗ list products far page: no answer within 10s",
    ]
    head = next(n for n, line in enumerate(lines) if line.startswith("JOURNEYS"))
    assert lines[head + 1].split()[:3] == ["buy", "1,412", "32"]


def test_junit_counts_cases_and_makes_no_test_of_them() -> None:
    suite = etree.fromstring(render_junit(rich_result()).encode()).find("testsuite")
    assert suite is not None
    properties = {p.get("name"): p.get("value") for p in suite.findall("properties/property")}
    assert (properties["cases"], properties["cases.not_as_expected"]) == ("12", "4")
    assert len(suite.findall("testcase")) == len(rich_result().thresholds)
    assert suite.get("failures") == "0"


def test_the_spreadsheet_tells_rows_that_no_other_row_counts_by_their_kind() -> None:
    rows = [
        (row["label"], row["kind"])
        for row in csv.DictReader(io.StringIO(render_csv(rich_result())))
        if row["phase"] == "steady"
    ]
    assert rows[-5:] == [
        ("checkout", "endpoint"),
        ("buy", "journey"),
        ("browse", "journey"),
        ("search longest q", "case"),
        (POOLED, "all"),
    ]


def test_a_run_without_a_plan_has_none_of_these_sections() -> None:
    document = html.document_fromstring(render_html(never_started_result(), None))
    assert not {"ran", "cases"} & set(document.xpath("//@id"))
    assert "What was run" not in render_markdown(never_started_result())
