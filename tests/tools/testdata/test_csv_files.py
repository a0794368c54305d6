"""Test data becomes files that JMeter reads back as the very same values."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.domain.errors import SpecError
from perfpilot.tools.testdata.csv_files import data_files

VALUE = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20)


@given(st.lists(st.tuples(VALUE, VALUE), min_size=1, max_size=10))
def test_variables_with_equally_many_rows_share_a_file_and_keep_their_values(
    rows: list[tuple[str, str]],
) -> None:
    files = data_files({"a": tuple(a for a, _ in rows), "b": tuple(b for _, b in rows)})
    [(variables, (path, text))] = files.items()
    assert (variables, path) == (("a", "b"), "data/values.csv")
    assert [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))] == rows


def test_variables_with_different_numbers_of_rows_have_a_file_each() -> None:
    files = data_files({"a": ("1", "2"), "b": ("3",)})
    assert {path for path, _ in files.values()} == {"data/a.csv", "data/b.csv"}


def test_no_values_need_no_file() -> None:
    assert data_files({}) == {}


@pytest.mark.parametrize("rows", [(), ("\0",), ("\ud800",)])
def test_what_no_file_can_hold_is_refused(rows: tuple[str, ...]) -> None:
    with pytest.raises(SpecError, match=r"test_data\.values\.word"):
        data_files({"word": rows})
