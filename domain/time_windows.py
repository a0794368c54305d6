"""What a later comparison needs of a run: response times and failures by block of time of its steady phase.

Kept with a closed attempt: figures alone don't show how much of a change is chance.
"""

from __future__ import annotations

from perfpilot.domain.base import Frozen


class LabelWindows(Frozen):
    """One label. `counts` is a table, blocks by buckets, of 32-bit counts: little-endian, zlib, base64."""

    label: str
    errors: tuple[int, ...]  # failed samples of each block
    first_bucket: int = 0  # the first column of the table
    buckets: int = 0  # its width
    counts: str = ""


class TimeWindows(Frozen):
    """Consecutive blocks of one length, the same for all labels, wholly within the steady phase.

    Buckets are those of `analysis.counting.histogram` with `precision`. A sample lies in the block in which
    it ended.
    """

    version: int = 1
    from_s: float  # of the first block, since the load began
    block_s: float
    blocks: int
    precision: int
    labels: tuple[LabelWindows, ...] = ()
