from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.tools.jmeter.jmx.scanner import scan


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain", []),
        ("$ {x} { $", []),
        (r"\${x}", []),
        (r"$\{x}", []),
        (r"\\${x}", ["${x}"]),
        ("a${x}b${y}", ["${x}", "${y}"]),
        ("$${x}", ["${x}"]),
        ("${__f(a,${__g(b)})}", ["${__f(a,${__g(b)})}"]),
        ("${__f((a))}", ["${__f((a))}"]),
        (r"${__f(\))}", [r"${__f(\))}"]),
        (r"${__gro\ovy(1)}", [r"${__gro\ovy(1)}"]),
        ("${__f(1) }", ["${__f(1) }"]),
    ],
)
def test_references_are_found_where_jmeter_finds_them(text: str, found: list[str]) -> None:
    assert [text[r.start : r.end] for r in scan(text).references] == found


@pytest.mark.parametrize("text", ["${x", "a${__f(1", "${__f(1)x}", "${"])
def test_a_reference_that_does_not_end_well_is_told(text: str) -> None:
    assert [r.closed for r in scan(text).references] == [False]


def test_a_backslash_in_a_name_vanishes() -> None:
    assert scan(r"${__gro\ovy(1)}").references[0].name == "__groovy"


def test_backslashes_count_only_outside_of_references() -> None:
    assert not scan(r"${__f(\,)}").backslash_outside
    assert scan(r"\n${__f(1)}").backslash_outside


@given(st.text(alphabet="${}()\\_fx, ", max_size=40))
def test_any_text_is_scanned_and_spans_do_not_overlap(text: str) -> None:
    end = 0
    for reference in scan(text).references:
        assert end <= reference.start < reference.end <= len(text)
        assert text.startswith("${", reference.start)
        end = reference.end
