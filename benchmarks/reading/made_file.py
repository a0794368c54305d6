"""Makes a result file as JMeter writes it by default, and the exact figures that belong to it.

    python -m benchmarks.reading.made_file ROWS PATH

20 labels with log-normal times, slower by up to 36 % in the last 30 % of the load; 1 % errors, some of them
time-outs of 30 s; messages over several lines and with quotes. Rows come in the order in which samples ended.
`PATH.truth.json` holds the order statistics of each label, at rank ceil(q*n), computed by sorting.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

START_MS = 1_750_000_000_000
RATE_PER_S = 2000
QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999)

_HEADER = (
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,"
    "bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n"
)
_LABELS = tuple(f"{verb} {noun}" for verb in ("Show", "Add", "Edit", "Find", "Drop")
                for noun in ("cart", "product page", "order", "customer account"))  # fmt: skip
_TIMEOUT = (
    "Non HTTP response code: java.net.SocketTimeoutException,Non HTTP response message: Read timed out,"
)
_FAILURES = (
    ("500,Internal Server Error,", ",text,false,,"),
    ("503,Service Unavailable,", ",text,false,,"),
    (_TIMEOUT, ",,false,,"),
    ("200,OK,", ',text,false,"Test failed: text expected to contain /order, id/",'),
    (
        "200,OK,",
        ',text,false,"Test failed: expected ""ok""\n\nreceived: {""status"":""error"", ""id"":17}\n",',
    ),
)
_GOOD = (("200,OK,", ",text,true,,"), ('200,"OK, by ""edge-3""",', ",text,true,,"))
_PIECE = 100_000


def make_file(path: Path, rows: int, seed: int = 1) -> None:
    """Write the file and its truth. The same arguments give the same bytes."""
    random = np.random.default_rng(seed)
    kinds = {
        "middle": np.log(random.uniform(15, 400, len(_LABELS))),
        "spread": random.uniform(0.3, 0.9, len(_LABELS)),
        "share": random.dirichlet(np.full(len(_LABELS), 3.0)),
        "bytes": random.integers(300, 60_000, len(_LABELS)),
    }
    times: list[tuple[np.ndarray, np.ndarray]] = []
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(_HEADER)
        for begin in range(0, rows, _PIECE):
            count = min(_PIECE, rows - begin)
            label, elapsed, lines = _piece(random, kinds, begin, count, rows)
            file.writelines(lines)
            times.append((label.astype(np.int8), elapsed.astype(np.int32)))
    label, elapsed = (np.concatenate(column) for column in zip(*times, strict=True))
    truth = {_LABELS[n]: _order_statistics(elapsed[label == n]) for n in range(len(_LABELS))}
    truth_of(path).write_text(json.dumps({"rows": rows, "labels": truth}), encoding="utf-8")


def truth_of(path: Path) -> Path:
    """Where the exact figures of a made file stand."""
    return path.with_name(path.name + ".truth.json")


def _piece(
    random: np.random.Generator, kinds: dict[str, Any], begin: int, count: int, rows: int
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    along = (begin + np.arange(count)) / rows
    label = random.choice(len(_LABELS), count, p=kinds["share"])
    drift = 1 + 0.1 * np.sin(along * 12) + np.maximum(along - 0.7, 0) * 1.2
    elapsed = np.exp(random.normal(kinds["middle"][label], kinds["spread"][label])) * drift
    answer = np.where(random.random(count) < 0.002, 1, 0)
    failed = random.random(count) < 0.01
    failure = random.integers(0, len(_FAILURES), count)
    elapsed = np.where(failed & (failure == 2), 30_000 + 50 * random.random(count), elapsed)
    elapsed = np.maximum(elapsed, 1).astype(np.int64)
    start = START_MS + ((begin + np.arange(count)) * 1000) // RATE_PER_S - elapsed
    connect = np.where(random.random(count) < 0.05, np.minimum(random.integers(1, 40, count), elapsed), 0)
    latency = np.maximum((elapsed * random.uniform(0.6, 1.0, count)).astype(np.int64), connect)
    received = (kinds["bytes"][label] * random.uniform(0.9, 1.1, count)).astype(np.int64)
    threads = np.clip(along / 0.05 * 300, 1, 300).astype(np.int64)
    thread = (random.random(count) * threads).astype(np.int64) + 1
    kind = np.where(failed, len(_GOOD) + failure, answer)
    texts = (*_GOOD, *_FAILURES)
    columns = (start, elapsed, label, kind, thread, received, threads, latency, connect)
    lines = [
        f"{a},{e},{_LABELS[n]},{texts[k][0]}Users 1-{t}{texts[k][1]}{b},{150 + 7 * n},{u},{u},"
        f"http://shop.example/api/v1/shopping/things/{n}?page={b % 7}&q={b % 200},{ms},0,{c}\n"
        for a, e, n, k, t, b, u, ms, c in zip(*(column.tolist() for column in columns), strict=True)
    ]
    return label, elapsed, lines


def _order_statistics(values: np.ndarray) -> list[int]:
    ranked = np.sort(values)
    return [int(ranked[math.ceil(q * len(ranked) - 1e-9) - 1]) for q in QUANTILES]


if __name__ == "__main__":
    make_file(Path(sys.argv[2]), int(sys.argv[1]))
