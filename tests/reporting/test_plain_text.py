from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from perfpilot.reporting.plain_text import clean, file_link, padded, shorten, width, wrapped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;new title\x07after", "after"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jgone", "gone"),
        ("bell\x07 null\x00", "bell� null�"),
        ("ab\u202egnp.exe\u202c", "ab�gnp.exe�"),
        ("two\r\nlines\tand a tab", "two lines and a tab"),
        ("zero\u200bwidth \ud800 \uffff", "zero�width � �"),
        ("naïve ✓ 漢字 עברית", "naïve ✓ 漢字 עברית"),
    ],
)
def test_what_is_hidden_is_taken_out_or_shown(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text(st.characters(), max_size=60))
def test_clean_text_is_always_one_line_that_xml_takes(text: str) -> None:
    cleaned = clean(text)
    element = etree.Element("a")
    element.text = cleaned
    assert etree.fromstring(etree.tostring(element, encoding="utf-8")).text == (cleaned or None)
    assert "\n" not in cleaned and "\x1b" not in cleaned


@given(st.text(max_size=80), st.integers(2, 40))
def test_wrapped_lines_lose_no_word_and_stay_within_their_columns(text: str, columns: int) -> None:
    lines = wrapped(clean(text), columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == clean(text).replace(" ", "")


def test_wide_characters_count_as_two_columns() -> None:
    assert width("漢字") == 4
    assert padded("漢字", 6) == "漢字  "
    assert shorten("漢字漢字", 5) == "漢字…"


@pytest.mark.parametrize(
    "path", ["javascript:alert(1)", "//evil.example/x", "http://evil.example", "a b/ü.txt"]
)
def test_a_path_never_becomes_an_address(path: str) -> None:
    link = file_link(path)
    assert link.startswith("./") and ":" not in link and " " not in link


def test_a_path_that_is_to_be_copied_stays_whole() -> None:
    text = "end it: perfpilot stop /a/long/path/to/a/run"
    assert wrapped(text, 16, whole_paths=True)[-1] == "/a/long/path/to/a/run"
    assert "/a/long/path/to/a/run" not in wrapped(text, 16)
