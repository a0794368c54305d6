"""Blocks of time of a steady phase, as a compact record that is kept and as tables to reckon with."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from perfpilot.analysis.counting.measurement import Measurement
from perfpilot.analysis.rows import IntColumn
from perfpilot.domain.measure import PhaseStats
from perfpilot.domain.time_windows import LabelWindows, TimeWindows

_MOST_BLOCKS = 1 << 12
_MOST_BUCKETS = 1 << 14


@dataclass(frozen=True)
class LabelBlocks:
    """One label: samples by block and bucket, failed samples by block."""

    times: IntColumn
    errors: IntColumn


@dataclass(frozen=True)
class RunWindows:
    """All labels of a run over the same blocks. The label "" is all of them pooled."""

    from_s: float
    block_s: float
    precision: int
    labels: Mapping[str, LabelBlocks]

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return len(self.labels[""].errors)

    @property
    def length_s(self) -> float:
        """Seconds in all blocks together."""
        return self.blocks * self.block_s


def time_windows(measurement: Measurement, steady: PhaseStats) -> TimeWindows | None:
    """The record of an attempt's steady phase; None where no whole block lies in it.

    64 blocks at most, however long the run was: some 5 to 20 kB a label.
    """
    labels = [stats.label for stats in steady.labels]
    edges = next((measurement.blocks(label) for label in labels if measurement.blocks(label)), ())
    chosen = [n for n, b in enumerate(edges) if b.from_s >= steady.from_s and b.to_s <= steady.to_s]
    if not chosen:
        return None
    first, behind = chosen[0], chosen[-1] + 1
    return TimeWindows(
        from_s=edges[first].from_s,
        block_s=edges[first].to_s - edges[first].from_s,
        blocks=behind - first,
        precision=edges[first].times.precision,
        labels=tuple(_label_windows(measurement, label, first, behind) for label in labels),
    )


def read_windows(record: TimeWindows) -> RunWindows:
    """The tables of a record, with all labels pooled. Raises ValueError for one that is damaged."""
    if not (record.version == 1 and record.labels and record.block_s > 0):
        raise ValueError("the record of blocks of time is of another version, or empty")
    if not 0 < record.blocks <= _MOST_BLOCKS:
        raise ValueError(f"the record has {record.blocks} blocks of time")
    tables = {own.label: _table(own, record.blocks) for own in record.labels}
    width = max(table.shape[1] for table in tables.values())
    errors = {own.label: np.array(own.errors, np.int64) for own in record.labels}
    pooled = np.zeros((record.blocks, width), np.int64)
    for table in tables.values():
        pooled[:, : table.shape[1]] += table
    known = {label: LabelBlocks(table, errors[label]) for label, table in tables.items()}
    known[""] = LabelBlocks(pooled, np.sum(list(errors.values()), axis=0))
    return RunWindows(record.from_s, record.block_s, record.precision, known)


def label_windows(label: str, times: IntColumn, errors: IntColumn) -> LabelWindows:
    """One label of the record, from its samples by block and bucket."""
    used = np.flatnonzero(times.any(axis=0))
    if not len(used):
        return LabelWindows(label=label, errors=tuple(errors.tolist()))
    first, behind = int(used[0]), int(used[-1]) + 1
    packed = zlib.compress(np.ascontiguousarray(times[:, first:behind], "<u4").tobytes(), 6)
    return LabelWindows(
        label=label,
        errors=tuple(errors.tolist()),
        first_bucket=first,
        buckets=behind - first,
        counts=base64.b64encode(packed).decode("ascii"),
    )


def _label_windows(measurement: Measurement, label: str, first: int, behind: int) -> LabelWindows:
    blocks = measurement.blocks(label)[first:behind]
    if not blocks:  # all its samples lie outside of the run
        return LabelWindows(label=label, errors=(0,) * (behind - first))
    times = np.stack([block.times.counts for block in blocks])
    return label_windows(label, times, measurement.block_errors(label)[first:behind])


def _table(own: LabelWindows, blocks: int) -> IntColumn:
    behind = own.first_bucket + own.buckets
    if own.first_bucket < 0 or own.buckets < 0 or behind > _MOST_BUCKETS or len(own.errors) != blocks:
        raise ValueError(f"the blocks of time of {own.label} are damaged")
    table = np.zeros((blocks, behind), np.int64)
    if own.buckets:
        size = 4 * blocks * own.buckets
        try:
            # The bound keeps a record that was tampered with from filling the memory.
            raw = zlib.decompressobj().decompress(base64.b64decode(own.counts, validate=True), size + 1)
        except (binascii.Error, zlib.error):
            raw = b""
        if len(raw) != size:
            raise ValueError(f"the blocks of time of {own.label} are damaged")
        table[:, own.first_bucket :] = np.frombuffer(raw, "<u4").reshape(blocks, own.buckets)
    return table
