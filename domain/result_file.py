"""A result file that JMeter wrote elsewhere, and that perfpilot only read."""

from __future__ import annotations

from perfpilot.domain.base import Frozen


class ResultFile(Frozen):
    """Which file was analysed. It is not copied: path, size and digest say which bytes the figures are of."""

    path: str  # absolute
    bytes: int
    sha256: str
    name: str  # of the test, for reports and the history
    first_ms: int = 0  # epoch milliseconds of the first sample's start; 0: there is none
    last_ms: int = 0  # and of the last sample's end
    described: bool = False  # a description says which load was asked, and the file fits it
    described_because: str = ""  # why not
    notes: tuple[str, ...] = ()  # what was left out, assumed, or could not be told; sentences
