"""Rows that are kept in a temporary file come back as they were, or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfpilot.analysis.rows import FailureText, Rows
from perfpilot.tools.jmeter.foreign import Asked, close_file
from perfpilot.tools.jmeter.row_spool import RowSpool
from tests.analysis.result_files import file, line


def rows_of(values: list[int], failures: tuple[FailureText, ...] = ()) -> Rows:
    column = np.array(values, np.int64)
    number = column % 1000
    return Rows(column, column, number, number, column % 2 == 0, column, -column, column, column, failures)


def same(found: Rows, expected: Rows) -> bool:
    columns = zip(found[:-1], expected[:-1], strict=True)
    return found.failures == expected.failures and all(
        a.dtype == b.dtype and np.array_equal(a, b) for a, b in columns
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(0, 10**15)), max_size=6))
def test_rows_come_back_in_their_batches_with_all_values(batches: list[list[int]]) -> None:
    texts = (FailureText(1, 2, "refused"),)
    with RowSpool() as spool:
        spool.begin()
        for values in batches:
            spool.add(rows_of(values, texts))
        for _ in range(2):
            found = list(spool.rows())
            assert all(same(a, rows_of(b, texts)) for a, b in zip(found, batches, strict=True))


def test_a_usual_row_takes_33_bytes() -> None:
    with RowSpool() as spool:
        spool.begin()
        spool.add(rows_of(list(range(1000))))
        assert spool._file is not None
        assert spool._file.tell() == 33_000


def test_beginning_again_forgets_what_was_there() -> None:
    with RowSpool() as spool:
        spool.begin()
        spool.add(rows_of([1, 2]))
        spool.begin()
        spool.add(rows_of([3]))
        assert [rows.size for rows in spool.rows()] == [1]


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_half_of_the_free_room_is_left_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(1, 1, 2 * 33 * 10))
    with RowSpool() as spool:
        spool.begin()
        spool.add(rows_of(list(range(10))))
        assert spool.whole
        spool.add(rows_of([1]))
        assert not spool.whole
        with pytest.raises(ValueError, match="not kept"):
            next(spool.rows())


def test_a_file_is_read_again_where_its_rows_were_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "results.jtl"
    rows = (line(at, 100 + at // 20 % 7, code="500" if at % 400 == 0 else "200", success=at % 400 > 0)
            for at in range(0, 90_000, 20))  # fmt: skip
    path.write_bytes(file(rows))
    spooled = close_file(path, Asked())
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(1, 1, 0))
    assert close_file(path, Asked()) == spooled
    assert spooled.closed.attempt.phases[0].pooled.errors == 225
