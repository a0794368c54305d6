"""The reader of result files, on damaged files: every good row is recovered, every bad one located."""

from __future__ import annotations

import csv
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.reading.reader import ResultReader
from perfpilot.analysis.reading.records import LONGEST_RECORD, MOST_LINES
from tests.analysis.result_files import COLUMNS, file, line, read, samples_of

_FAILURE = 'expected "ok",\n\nreceived : {"status":"error"}\n'


def _good(count: int = 2000) -> list[str]:
    lines = [line(n, 100 + n % 7) for n in range(count)]
    for n in (400, 811, 1203, 1999):
        if n < count:
            lines[n] = line(n, success=False, failure=_FAILURE)
    return lines


BAD_LINES = {
    "garbage": "%$#garbage\n",
    "too few columns": "1750000000000,12,home,200\n",
    "a comma that is not quoted": line(message="a|b").replace("|", ","),
    "a number that is text": line().replace(",100,", ",1oo,"),
    "an empty number": line().replace(",100,", ",,"),
    "a negative number": line().replace(",100,", ",-5,"),
    "a number without end": line().replace(",100,", f",{'9' * 40},"),
    "neither true nor false": line().replace(",true,", ",maybe,"),
    "an empty line": "\n",
    "a quote inside a field": line(label='"x').replace('"""x"', 'ho"me'),
    "an opening quote without end": line().replace(",home,", ',"home,'),
    "a closing quote too much": line().replace(",home,", ',home",'),
    "a number with a NUL": line().replace(",100,", ",1\x000,"),
}


@pytest.mark.parametrize("chunk", [0, 1000, 65_536])
@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_bad_line_costs_no_good_row(bad: str, chunk: int):
    lines = _good()
    lines.insert(600, bad)
    rows, reader = read(file(lines), chunk)
    health = reader.health()
    assert rows.size == 2000
    assert health.rejected == 1
    # The header is line 1, and the record at 400 has three more lines than one.
    assert health.rejects[0].startswith(f"line {1 + 600 + 3 + 1}: ")
    assert not health.torn_tail


def test_many_bad_lines_are_all_counted_and_the_first_ones_located():
    lines = [text for n in range(40) for text in (line(n), "broken\n")]
    rows, reader = read(file(lines))
    health = reader.health()
    assert (rows.size, health.rejected, len(health.rejects)) == (40, 40, 10)
    assert health.rejects[:2] == (
        f"line 3: wrong column count (1 of {len(COLUMNS)})",
        f"line 5: wrong column count (1 of {len(COLUMNS)})",
    )


@pytest.mark.parametrize("bad", ["1750000000000,12,home,200", "x"])
def test_a_short_line_followed_by_an_empty_one_does_not_shift_the_columns(bad: str):
    short = ",".join(["1"] * (len(COLUMNS) - 1)) + "\n"
    rows, reader = read(file([line(1), short, "\n", line(2), bad + "\n"]))
    assert rows.size == 2
    assert reader.health().rejected == 3


@pytest.mark.parametrize("chunk", [0, 333])
def test_a_torn_last_line_is_held_back(chunk: int):
    whole = file(_good())
    for cut in (3, len(line()) // 2, len(line()) - 1):
        rows, reader = read(whole[:-cut].rstrip(b"\n"), chunk)
        assert rows.size == 1999
        assert (reader.health().rejected, reader.health().torn_tail) == (0, True)


def test_a_last_line_without_its_line_feed_is_no_row_for_its_number_may_be_cut():
    rows, reader = read(file([line(1), line(2)])[:-1])
    assert rows.size == 1
    assert reader.health().torn_tail


def test_a_file_cut_inside_a_quoted_message_is_torn_and_not_damaged():
    whole = file(_good())
    rows, reader = read(whole[: whole.rfind(b"received")])
    assert rows.size == 1999
    assert (reader.health().rejected, reader.health().torn_tail) == (0, True)


@pytest.mark.parametrize("chunk", [0, 4096])
def test_rows_behind_a_stray_quote_come_back_at_the_end_of_the_file(chunk: int):
    lines = [*_good(300), line().replace(",home,", ',"home,'), *_good(300)]
    rows, reader = read(file(lines), chunk)
    assert rows.size == 600
    assert reader.health().rejected == 1
    assert reader.health().rejects[0] == "line 302: a quote that is not closed, or stands inside a field"


def test_rows_between_two_stray_quotes_are_not_swallowed_as_one_record():
    """The second quote closes the first one properly; only the columns do not add up."""
    opening, closing = line().replace(",home,", ',"home,'), line().replace(",OK,", ',OK",')
    rows, reader = read(file([opening, *_good(50), closing, line(99)]))
    assert rows.size == 51
    assert reader.health().rejected == 2


def test_a_repeated_header_is_accepted_and_counted():
    twice = file(_good(10)) + file(_good(10))
    rows, reader = read(twice)
    assert rows.size == 20
    assert (reader.health().extra_headers, reader.health().rejected) == (1, 0)


@pytest.mark.parametrize("chunk", [0, 5])
def test_below_a_header_with_other_columns_nothing_is_read(chunk: int):
    other = ("label", "success", "timeStamp", "elapsed")
    data = file([line(1, 10), "bad\n"]) + file([line(2, 20, columns=other)] * 2, other)
    rows, reader = read(data, chunk)
    assert rows.elapsed_ms.tolist() == [10]
    assert reader.health().rejected == 4
    assert reader.health().rejects == (
        f"line 3: wrong column count (1 of {len(COLUMNS)})",
        *(f"line {number}: below a header with other columns" for number in (4, 5, 6)),
    )


def test_without_a_header_nothing_is_a_row():
    rows, reader = read("".join(_good(3)).encode())
    assert rows.size == 0
    assert reader.health().rejected == 3
    assert "no header with timeStamp, elapsed, label, success" in reader.health().rejects[0]


def test_bytes_that_are_not_utf_8_and_nul_cost_no_row():
    data = file([line(1), line(2, message="caf|"), line(3, message="n^l")])
    rows, reader = read(data.replace(b"|", b"\xe9").replace(b"^", b"\x00"))
    assert (rows.size, reader.health().rejected) == (3, 0)


@pytest.mark.parametrize("chunk", [0, 100_000])
def test_a_line_longer_than_any_record_is_dropped_and_counted(chunk: int):
    rows, reader = read(file([line(1), "x" * (3 * LONGEST_RECORD) + "\n", line(2)]), chunk)
    assert rows.size == 2
    assert reader.health().rejected == 1


def test_a_quote_that_stays_open_gives_up_after_so_many_lines():
    reader_lines = [line().replace(",home,", ',"home,'), *(line(n) for n in range(MOST_LINES + 10))]
    data = file(reader_lines)
    reader = ResultReader()
    assert reader.feed(data).size == MOST_LINES + 10  # live, before the end of the file


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_file_cut_at_any_byte_keeps_every_row_that_was_whole(line_end: str):
    lines = [line(1), line(2, label='say "a, b"'), line(3, success=False, failure=_FAILURE), line(4)]
    whole = file([text.replace("\n", line_end) for text in lines]).replace(
        b"Connect\n", b"Connect" + line_end.encode()
    )
    ends = [len(file([]).replace(b"\n", line_end.encode()))]
    for text in lines:
        ends.append(ends[-1] + len(text.replace("\n", line_end).encode()))
    assert ends[-1] == len(whole)
    every = samples_of(*read(whole))
    for cut in range(len(whole) + 1):
        rows, reader = read(whole[:cut])
        good = sum(end <= cut for end in ends[1:])
        assert samples_of(rows, reader) == every[:good]
        assert reader.health().torn_tail is (cut not in (0, *ends))
        # A header cut short is no header; its bytes are a torn tail all the same.
        assert reader.health().rejected == 0


def test_all_kinds_of_bad_lines_in_one_file_are_counted_and_located():
    lines, places = _good(), []
    # A closing quote would make one quoted field of all lines since the opening one, with every column there.
    bad_lines = [bad for name, bad in BAD_LINES.items() if "closing" not in name]
    for number, bad in enumerate(bad_lines):
        at = 20 + 150 * number
        lines.insert(at, bad)
        places.append(2 + sum(text.count("\n") for text in lines[:at]))
    rows, reader = read(file(lines))
    health = reader.health()
    assert (rows.size, health.rejected) == (2000, len(bad_lines))
    assert [int(reject.split(":")[0].removeprefix("line ")) for reject in health.rejects] == places[:10]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 3))
def test_a_stray_quote_costs_no_more_rows_than_it_costs_the_csv_module(seed: int, quotes: int):
    rng = random.Random(seed)
    data = bytearray(file(_good(60)))
    for _ in range(quotes):
        data.insert(rng.randrange(data.index(b"\n") + 1, len(data)), ord('"'))
    whole = list(csv.reader(io.StringIO(file(_good(60)).decode(), newline="")))
    damaged = csv.reader(io.StringIO(data.decode(), newline=""))
    by_csv = sum(row in whole for row in damaged) - 1  # the header
    rows, reader = read(bytes(data))
    unhurt = set(samples_of(*read(file(_good(60)))))
    assert sum(sample in unhurt for sample in samples_of(rows, reader)) >= by_csv


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2000), st.integers(1, 50))
def test_arbitrary_bytes_never_raise(data: bytes, chunk: int):
    read(data, chunk)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 300))
def test_damage_anywhere_never_raises_and_does_not_depend_on_the_chunks(seed: int, chunk: int):
    """Random edits of a good file: bytes replaced, removed, put in; quotes and line feeds above all."""
    rng = random.Random(seed)
    data = bytearray(file([*_good(20), line(21, success=False, failure=_FAILURE), *_good(5)]))
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(data))
        kind = rng.randrange(3)
        piece = rng.choice([b'"', b"\n", b",", b"\r", b"timeStamp", bytes([rng.randrange(256)])])
        data[at : at + (kind != 1)] = piece if kind else b""
    at_once, whole_reader = read(bytes(data))
    in_pieces, reader = read(bytes(data), chunk)
    assert samples_of(in_pieces, reader) == samples_of(at_once, whole_reader)
    assert reader.health() == whole_reader.health()
    assert in_pieces.failures == at_once.failures
