"""`RowSpool`: rows of a result file in a temporary file, so that a second pass need not parse them again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from perfpilot.analysis.rows import FailureText, Rows

# 33 bytes a row. A batch with a value beyond its column's type has that column as it came.
_TYPES = {
    "start_ms": np.int64,
    "elapsed_ms": np.int32,
    "label": np.int16,
    "code": np.int16,
    "success": np.bool_,
    "received_bytes": np.int32,
    "connect_ms": np.int32,
    "latency_ms": np.int32,
    "users": np.int32,
}
_SHARE_OF_ROOM = 0.5
"""Of the free room on the disk; the rest is left to others."""

Column = NDArray[Any]


class _Batch(NamedTuple):
    rows: int
    types: tuple[type[np.generic], ...]  # by column
    failures: tuple[FailureText, ...]


class RowSpool:
    """Kept in the system's directory for temporary files. To be left by `with`.

    The file has no name there (POSIX): it is gone when the process is, however it ends. Where there is too
    little room, or the disk fails, nothing is kept, and `whole` is false. In memory there are some bytes a
    batch.
    """

    def __init__(self) -> None:
        self._batches: list[_Batch] = []
        self._file: IO[bytes] | None = None
        self._room = 0

    def __enter__(self) -> RowSpool:
        return self

    def __exit__(self, *_: object) -> None:
        self._give_up()

    @property
    def whole(self) -> bool:
        """Whether it holds all rows that were added since `begin`."""
        return self._file is not None

    def begin(self) -> None:
        """Begin without rows."""
        self._give_up()
        try:
            self._room = int(_SHARE_OF_ROOM * shutil.disk_usage(tempfile.gettempdir()).free)
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by __exit__
        except OSError:
            self._file = None

    def add(self, rows: Rows) -> None:
        """Append rows."""
        if self._file is None:
            return
        columns = [_narrow(getattr(rows, name), wanted) for name, wanted in _TYPES.items()]
        self._room -= sum(column.nbytes for column in columns)
        try:
            kept = self._room >= 0 and all(self._file.write(c.data) == c.nbytes for c in columns)
        except OSError:
            kept = False
        if kept:
            types = tuple(column.dtype.type for column in columns)
            self._batches.append(_Batch(rows.size, types, rows.failures))
        else:
            self._give_up()

    def rows(self) -> Iterator[Rows]:
        """All rows, in the batches in which they came. Raises OSError where the disk fails."""
        if self._file is None:
            raise ValueError("the rows were not kept")
        self._file.seek(0)
        for batch in self._batches:
            columns = (_read(self._file, batch.rows, stored) for stored in batch.types)
            yield Rows._make((*columns, batch.failures))

    def _give_up(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._batches = None, []


def _narrow(column: Column, wanted: type[np.generic]) -> Column:
    if column.dtype != wanted and len(column):
        limits = np.iinfo(np.dtype(wanted).name)
        if limits.min <= column.min() and column.max() <= limits.max:
            return column.astype(wanted)
    return np.ascontiguousarray(column)


def _read(file: IO[bytes], rows: int, stored: type[np.generic]) -> Column:
    size = rows * np.dtype(stored).itemsize
    data = file.read(size)
    if len(data) != size:
        raise OSError("the temporary file is shorter than what was written to it")
    column = np.frombuffer(data, stored)
    return column if stored is np.bool_ else column.astype(np.int64)
