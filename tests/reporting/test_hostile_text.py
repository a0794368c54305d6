"""Outside text with markup, escape sequences and hidden marks is inert in every format."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from lxml import etree, html
from markdown_it import MarkdownIt

from perfpilot.reporting.html import render_html
from perfpilot.reporting.json_result import result_json
from perfpilot.reporting.junit import render_junit
from perfpilot.reporting.markdown import render_markdown
from perfpilot.reporting.spreadsheet import render_csv
from perfpilot.reporting.summary import summary_lines
from tests.reporting.hostile_results import hostile_charts, hostile_result

RENDERED = {
    "html": render_html(hostile_result(), None),
    "markdown": render_markdown(hostile_result()),
    "junit": render_junit(hostile_result()),
    "json": result_json(hostile_result()),
    "csv": render_csv(hostile_result()),
    "summary": "\n".join(summary_lines(hostile_result())),
}


@pytest.mark.parametrize("name", RENDERED)
def test_no_format_holds_a_control_character_or_a_hidden_mark(name: str) -> None:
    assert not re.search(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", RENDERED[name]
    )


def test_html_has_the_text_and_none_of_its_elements() -> None:
    document = html.document_fromstring(render_html(hostile_result(), hostile_charts()))
    assert "<script>alert(1)</script>" in document.text_content()
    assert not document.xpath("//script | //img | //@onerror")
    assert not [link for link in document.xpath("//@href") if not link.startswith(("#", "./", "data:,"))]


def test_markdown_has_no_html_no_image_and_only_links_to_files_of_the_run() -> None:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(RENDERED["markdown"])
    inline = [child for token in tokens for child in (token.children or [])]
    assert not [token for token in (*tokens, *inline) if token.type in ("html_block", "html_inline", "image")]
    assert all(str(t.attrs["href"]).startswith("./") for t in inline if t.type == "link_open")
    assert "@everyone" not in re.sub(r"`[^`]*`", "", RENDERED["markdown"])


def test_junit_json_and_csv_stay_readable_to_their_parsers() -> None:
    assert etree.fromstring(RENDERED["junit"].encode()).tag == "testsuites"
    assert json.loads(RENDERED["json"])["run"]["id"] == hostile_result().run.id
    assert len({len(row) for row in csv.reader(io.StringIO(RENDERED["csv"]))}) == 1


def test_a_lone_surrogate_or_an_endless_word_breaks_no_format() -> None:
    odd = "\ud800" + "x" * 5000
    result = hostile_result().model_copy(update={"degradations": (odd,)})
    assert "x" * 100 in render_html(result, None)
    assert render_markdown(result).encode() and render_junit(result).encode()
    assert all(len(line) <= 80 for line in summary_lines(result))
    assert json.loads(result_json(result))["degradations"]
