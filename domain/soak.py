"""What changed slowly while a load stood still: leaks, drift, degradation."""

from __future__ import annotations

from typing import Literal

from perfpilot.domain.base import Frozen

OURS = frozenset({"jmeter", "perfpilot"})
"""Components that make the load: what they lose tells nothing of the target."""

AROUND = frozenset({"host", "neighbours"})
"""Components that neither make the load nor answer it."""

_WORDS = {
    "rss_bytes": "resident memory",
    "memory_bytes": "memory",
    "memory_available_bytes": "available memory",
    "disk_free_bytes": "free space of the disk",
    "connections_share": "connections in use, of those allowed,",
    "open_files": "open files",
}


class SlowChange(Frozen):
    """A slope that stands out from chance, in `unit` per hour, with its interval (95 %)."""

    kind: Literal["leak", "exhaustion", "degradation"]  # of memory; of another bounded resource; of answers
    component: str  # as monitored, or a label (empty: all) where it is about answers
    metric: str
    unit: str  # shares in per cent
    per_hour: float
    low_per_hour: float
    high_per_hour: float
    first: float  # level at the begin of the stretch that was looked at
    last: float
    limit: float | None = None  # the bound that it moves towards
    hours_left: float | None = None  # until the limit, from the end of the load, if it goes on like this
    hours_low: float | None = None
    hours_high: float | None = None  # None beside `hours_low`: further off than can be told

    @property
    def of_target(self) -> bool:
        """Whether it is about what was tested: the target, a server that it uses, or its answers."""
        return self.kind == "degradation" or self.component not in OURS | AROUND

    @property
    def subject(self) -> str:
        """`resident memory of target`, `p95 of checkout`, `error rate of all labels`."""
        metric = _WORDS.get(self.metric, self.metric.replace("_", " "))
        return f"{metric} of {self.component or 'all labels'}"


class Soak(Frozen):
    """What was looked at and what moved; `because`: why nothing, or not all, could be said."""

    hours: float = 0.0  # of load at one level
    looked_at: int = 0  # series
    changes: tuple[SlowChange, ...] = ()  # of the target first; the worst first in each kind
    because: str = ""
