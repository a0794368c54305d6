"""The reader of result files, on intact files."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.reading.reader import MOST_LABELS
from perfpilot.analysis.reading.texts import OTHER
from perfpilot.analysis.rows import ABSENT
from tests.analysis.result_files import COLUMNS, START_MS, file, line, read, samples_of

_TEXT = st.text(st.sampled_from('ab,"\n\r é{}1'), max_size=12)
_SAMPLE = st.builds(
    line,
    at_ms=st.integers(0, 10**9),
    elapsed_ms=st.integers(0, 10**9),
    label=_TEXT,
    code=st.sampled_from(["200", "404", "Non HTTP response code: java.net.SocketTimeoutException"]),
    message=_TEXT,
    success=st.booleans(),
    failure=_TEXT,
)


def test_columns_are_found_by_name_in_any_order():
    shuffled = (
        "Connect",
        "label",
        "success",
        "unknown",
        "elapsed",
        "timeStamp",
        "allThreads",
        "responseCode",
    )
    rows, reader = read(file([line(7, 42, "pay", users=9, columns=shuffled)], shuffled))
    assert samples_of(rows, reader) == [(START_MS + 7, 42, "pay", "200", True)]
    assert (rows.connect_ms[0], rows.users[0], rows.received_bytes[0]) == (3, 9, ABSENT)


def test_four_columns_are_enough():
    few = ("timeStamp", "elapsed", "label", "success")
    rows, reader = read(file([line(columns=few, success=False)], few))
    assert samples_of(rows, reader) == [(START_MS, 100, "home", "", False)]


def test_quoted_header_fields_and_a_byte_order_mark_are_understood():
    columns = (*COLUMNS, "user")
    data = b"\xef\xbb\xbf" + file([line(columns=columns)], columns).replace(b",user\n", b',"user"\n')
    rows, reader = read(data)
    assert rows.size == 1
    assert reader.health().rejected == 0


def test_line_ends_of_windows_are_understood():
    data = file([line(n) for n in range(5)]).replace(b"\n", b"\r\n")
    for chunk in (0, 1, 7):
        rows, reader = read(data, chunk)
        assert (rows.size, reader.health().rejected, reader.health().torn_tail) == (5, 0, False)


def test_quoted_records_keep_their_place_among_plain_ones():
    message = 'got "a", "b"\nand a second line'
    rows, reader = read(
        file([line(1), line(2, label="search, all", failure=message, success=False), line(3)])
    )
    assert rows.start_ms.tolist() == [START_MS + 1, START_MS + 2, START_MS + 3]
    assert reader.labels == ["home", "search, all"]
    assert rows.failures[0].text == 'got "a", "b" and a second line'


def test_each_pair_of_label_and_code_brings_one_short_printable_message():
    ugly = "\x1b[31mred\x07 " + "x" * 5000
    lines = [line(n, success=False, code="500", message=ugly) for n in range(3)]
    rows, _ = read(file([*lines, line(9, "9", success=False, code="503", message="Busy")]))
    assert [failure.text[:9] for failure in rows.failures] == ["[31mred x", "Busy"]
    assert all(len(failure.text) <= 200 and failure.text.isprintable() for failure in rows.failures)


def test_labels_without_end_are_pooled_beyond_the_bound():
    rows, reader = read(file([line(n, label=f"item {n}") for n in range(MOST_LABELS + 50)]))
    assert rows.size == MOST_LABELS + 50
    assert len(reader.labels) == MOST_LABELS + 1
    assert np.count_nonzero(rows.label == reader.labels.index(OTHER)) == 50


@pytest.mark.parametrize("length", [1, 7, 8, 9, 16, 17, 63, 200])
def test_labels_of_any_length_are_told_apart(length: int):
    names = ["a" * length, "a" * (length - 1) + "b", "b" + "a" * (length - 1)]
    rows, reader = read(file([line(n, label=names[n % 3]) for n in range(30)]))
    assert [reader.labels[label] for label in rows.label.tolist()] == [names[n % 3] for n in range(30)]


@pytest.mark.parametrize("number", [0, 9, 99_999_999, 100_000_000, 999_999_999_999_999])
def test_numbers_of_any_size_are_exact(number: int):
    rows, _ = read(file([line(elapsed_ms=number), line(elapsed_ms=5)]))
    assert rows.elapsed_ms.tolist() == [number, 5]


@settings(max_examples=150, deadline=None)
@given(st.lists(_SAMPLE, max_size=12), st.integers(1, 400))
def test_any_chunking_gives_the_same_rows_as_a_csv_reader(lines: list[str], chunk: int):
    data = file(lines)
    rows, reader = read(data, chunk)
    expected = [
        # A label with a line break is shown on one line.
        (
            int(r["timeStamp"]),
            int(r["elapsed"]),
            _one_line(r["label"]),
            r["responseCode"],
            r["success"] == "true",
        )
        for r in csv.DictReader(io.StringIO(data.decode(), newline=""))
    ]
    assert samples_of(rows, reader) == expected
    assert reader.health().rows == len(expected)
    assert (reader.health().rejected, reader.health().torn_tail) == (0, False)


@settings(max_examples=150, deadline=None)
@given(st.lists(_SAMPLE, max_size=8), st.data())
def test_any_prefix_of_a_file_gives_a_prefix_of_the_rows(lines: list[str], data: st.DataObject):
    whole = file(lines)
    cut = data.draw(st.integers(0, len(whole)))
    all_rows = samples_of(*read(whole))
    rows, reader = read(whole[:cut])
    found = samples_of(rows, reader)
    assert found == all_rows[: len(found)]
    assert reader.health().rejected <= 1  # a header cut short is no header


def _one_line(text: str) -> str:
    return text.replace("\r\n", " ").replace("\n", " ")
