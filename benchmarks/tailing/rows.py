"""Writes a result file as JMeter does while a load runs: rows at a rate, in steps of 8 KiB.

    python rows.py PATH ROWS_PER_SECOND SECONDS

The columns are those that perfpilot's plans save. Steps end anywhere in a row, as JMeter's buffer does. One
row in a hundred failed, one in a thousand has a quoted message over two lines. A row's time stamps say that
its sample ended at the moment at which it was handed to the buffer.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

HEADER = (
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,"
    "bytes,sentBytes,grpThreads,allThreads,Latency,IdleTime,Connect\n"
)
LABELS = tuple(
    f"{request} api v2 {noun} {what}"
    for request in ("GET", "POST")
    for noun in ("items", "orders", "users", "reviews", "baskets")
    for what in ("by id", "of customer")
)
_THREADS = "customers who browse the catalogue before they buy"
STEP = 8192
_MADE = 20_000  # rows to choose from; only time stamps differ between uses
_PAUSE_S = 0.005
_TIMEOUT = "Non HTTP response code: java.net.SocketTimeoutException,Non HTTP response message: Read timed out"


def made_rows() -> list[tuple[int, str]]:
    """Elapsed milliseconds, and all that follows the time stamp, of rows with log-normal times."""
    chance = random.Random(1)
    return [_row(chance, number) for number in range(_MADE)]


def _row(chance: random.Random, number: int) -> tuple[int, str]:
    elapsed = int(chance.lognormvariate(4.5, 0.6)) + 1
    kind, answer, success, failure = chance.random(), "200,OK", "true", ""
    if kind < 0.01:
        success = "false"
        answer = "503,Service Unavailable" if kind < 0.006 else _TIMEOUT
        failure = '"expected ""ok"",\nreceived {""status"":""error""}"' if kind < 0.001 else ""
    label = LABELS[chance.randrange(len(LABELS))]
    rest = (
        f"{elapsed},{label},{answer},{_THREADS} 1-{number % 300 + 1},text,{success},{failure},"
        f"{800 + number % 5000},214,300,300,{elapsed - 1},0,{number % 20 == 0:d}\n"
    )
    return elapsed, rest


def write(path: Path, per_s: int, seconds: float) -> None:
    """Write until the time is over. Prints the rows written."""
    rows = made_rows()
    done = 0
    waiting = HEADER.encode()
    begun = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        while (passed := time.perf_counter() - begun) < seconds:
            due = int(passed * per_s)
            now_ms = int(time.time() * 1000)
            picked = (rows[number % _MADE] for number in range(done, due))
            waiting += "".join([f"{now_ms - elapsed},{rest}" for elapsed, rest in picked]).encode()
            done = due
            whole = len(waiting) - len(waiting) % STEP
            for at in range(0, whole, STEP):
                file.write(waiting[at : at + STEP])
            waiting = waiting[whole:]
            time.sleep(_PAUSE_S)
        file.write(waiting)
    print(done)


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
