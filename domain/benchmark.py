"""Lines of a benchmark table, such as `p95(checkout) = 250ms`: figures from elsewhere to compare with.

The grammar is that of thresholds with `=` for the operator: `METRIC[(ENDPOINT)] = FIGURE`.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from perfpilot.domain.base import Frozen
from perfpilot.domain.units import parse_duration_s, parse_rate_per_s, parse_share

BENCHMARK_METRICS = ("p50", "p90", "p95", "p99", "p99.9", "mean", "max", "error_rate", "throughput")

_LINE = re.compile(
    r"(?P<metric>[A-Za-z_][A-Za-z0-9_.]*)\s*(?:\((?P<label>[^()]*)\))?\s*=\s*(?P<figure>[^=].*)"
)


class Benchmark(Frozen):
    """One parsed line. `text` is the line as written; all else is derived from it."""

    text: str
    metric: str
    figure: float  # ms for times, a share for error rates, events per second for throughput
    label: str = ""  # endpoint; empty means pooled

    @property
    def in_unit(self) -> float:
        """The figure as comparisons show it: error rates in percent."""
        return 100 * self.figure if self.metric == "error_rate" else self.figure


def parse_benchmark(line: object) -> Benchmark:
    """Parse one line. Raises ValueError with the mistake and the nearest right form."""
    if isinstance(line, Benchmark):
        return line
    match = _LINE.fullmatch(line.strip()) if isinstance(line, str) else None
    if not match or not isinstance(line, str):
        raise ValueError(
            f"{line!r} is no line of a benchmark: write METRIC = FIGURE, such as p95(checkout) = 250ms"
        )
    metric = match["metric"]
    if metric not in BENCHMARK_METRICS:
        nearest = get_close_matches(metric, BENCHMARK_METRICS, n=1, cutoff=0.0)[0]
        raise ValueError(f"{line!r}: a benchmark has no metric {metric!r}; nearest: {nearest}")
    if match["label"] is not None and not match["label"].strip():
        raise ValueError(f"{line!r}: name an endpoint in the brackets, or leave them out")
    try:
        figure = _figure(metric, match["figure"].strip())
    except ValueError as error:
        raise ValueError(f"{line!r}: {error}") from None
    if figure <= 0:
        raise ValueError(f"{line!r}: nothing has a relative change against 0; write a threshold for it")
    text = " ".join(line.split())
    return Benchmark(text=text, metric=metric, figure=figure, label=(match["label"] or "").strip())


def _figure(metric: str, text: str) -> float:
    if metric == "error_rate":
        return parse_share(text)
    return parse_rate_per_s(text) if metric == "throughput" else parse_duration_s(text) * 1000


BenchmarkLine = Annotated[
    Benchmark,
    BeforeValidator(parse_benchmark),
    PlainSerializer(lambda line: line.text, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["p95(checkout) = 250ms", "throughput = 300/s"]}),
]
"""A `Benchmark` in Python, one line of text in YAML and JSON."""
