"""Test data becomes files that JMeter reads back as the very same values."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfpilot.domain.errors import SpecError
from perfpilot.domain.spec import TestData
from perfpilot.tools.testdata.csv_files import data_files

Files = dict[tuple[str, ...], tuple[str, str]]


def files_of(values: dict[str, tuple[str, ...]], test_name: str = "shop", **more: Any) -> Files:
    return data_files(TestData.model_validate({"values": values, **more}), test_name)


VALUE = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20)


@given(st.lists(st.tuples(VALUE, VALUE), min_size=1, max_size=10))
def test_variables_with_equally_many_rows_share_a_file_and_keep_their_values(
    rows: list[tuple[str, str]],
) -> None:
    files = files_of({"a": tuple(a for a, _ in rows), "b": tuple(b for _, b in rows)})
    [(variables, (path, text))] = files.items()
    assert (variables, path) == (("a", "b"), "data/values.csv")
    assert [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))] == rows


def test_variables_with_different_numbers_of_rows_have_a_file_each() -> None:
    files = files_of({"a": ("1", "2"), "b": ("3",)})
    assert {path for path, _ in files.values()} == {"data/a.csv", "data/b.csv"}


def test_no_values_need_no_file() -> None:
    assert files_of({}) == {}


@pytest.mark.parametrize("rows", [(), ("\0",), ("\ud800",)])
def test_what_no_file_can_hold_is_refused(rows: tuple[str, ...]) -> None:
    with pytest.raises(SpecError, match=r"test_data\.values\.word"):
        files_of({"word": rows})


def rows_of(files: Files) -> list[tuple[str, ...]]:
    [(_, text)] = files.values()
    return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))]


def test_shuffled_rows_are_the_same_rows_in_an_order_of_the_tests_name() -> None:
    values = {"user": tuple(f"u{i}" for i in range(50)), "password": tuple(f"p{i}" for i in range(50))}
    rows = rows_of(files_of(values, order="shuffled"))
    assert rows != sorted(rows) and sorted(rows) == sorted(rows_of(files_of(values)))
    assert all(user[1:] == password[1:] for user, password in rows), "a row is shuffled as a whole"
    assert rows == rows_of(files_of(values, order="shuffled"))
    assert rows != rows_of(files_of(values, "other", order="shuffled"))


def test_the_order_of_shuffled_rows_never_changes() -> None:
    assert (
        files_of({"a": tuple("123456")}, order="shuffled")[("a",)][1].replace("\n", "")
        == '"6""1""2""4""5""3"'
    )
