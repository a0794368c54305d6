"""Result files, plans and samples for the tests of the measuring half."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perfpilot.analysis.counting.live_measurement import LiveMeasurement
from perfpilot.analysis.reading.reader import ResultReader
from perfpilot.analysis.rows import Rows, joined
from perfpilot.domain.load import LoadCurve, Segment
from perfpilot.domain.plan import Engine, Plan, PlannedStep, Scenario
from perfpilot.domain.thresholds import Threshold

START_MS = 1_750_000_000_000
COLUMNS = (
    "timeStamp", "elapsed", "label", "responseCode", "responseMessage", "threadName", "dataType", "success",
    "failureMessage", "bytes", "sentBytes", "grpThreads", "allThreads", "Latency", "IdleTime", "Connect",
)  # fmt: skip


def quoted(text: str) -> str:
    """A field as JMeter writes it: quoted only where it must be, quotes doubled."""
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text


def line(
    at_ms: int = 0,
    elapsed_ms: int = 100,
    label: str = "home",
    *,
    code: str = "200",
    message: str = "OK",
    success: bool = True,
    failure: str = "",
    users: int = 1,
    columns: Sequence[str] = COLUMNS,
) -> str:
    """One sample that started `at_ms` after the load began, as a line of the file."""
    fields = {
        "timeStamp": str(START_MS + at_ms), "elapsed": str(elapsed_ms), "label": quoted(label),
        "responseCode": quoted(code), "responseMessage": quoted(message), "threadName": "users 1-1",
        "dataType": "text", "success": str(success).lower(), "failureMessage": quoted(failure),
        "bytes": "512", "sentBytes": "64", "grpThreads": str(users), "allThreads": str(users),
        "Latency": str(elapsed_ms),
        "IdleTime": "0", "Connect": "3",
    }  # fmt: skip
    return ",".join(fields.get(column, "x") for column in columns) + "\n"


def file(lines: Iterable[str], columns: Sequence[str] = COLUMNS) -> bytes:
    """A whole result file."""
    return (",".join(columns) + "\n" + "".join(lines)).encode()


def read(data: bytes, chunk: int = 0) -> tuple[Rows, ResultReader]:
    """All rows of a file, fed in chunks of that size (0: at once)."""
    reader = ResultReader()
    size = chunk or max(len(data), 1)
    parts = [reader.feed(data[at : at + size]) for at in range(0, len(data), size)]
    return joined([*parts, reader.finish()]), reader


def samples_of(rows: Rows, reader: ResultReader) -> list[tuple[int, int, str, str, bool]]:
    """Rows as comparable values: start, elapsed, label, code, success."""
    columns = (rows.start_ms, rows.elapsed_ms, rows.label, rows.code, rows.success)
    return [
        (start, elapsed, reader.labels[label], reader.codes[code], success)
        for start, elapsed, label, code, success in zip(*(c.tolist() for c in columns), strict=True)
    ]


def plan(
    *,
    rate_per_s: float = 10.0,
    users: float = 0.0,
    duration_s: float = 60.0,
    warm_up_s: float = 10.0,
    labels: Sequence[str] = ("home",),
    think_time_s: float = 0.0,
    engine: Engine = Engine.STEERED_RATE,
) -> Plan:
    """A plan with one scenario; with `users` a closed one."""
    level = users or rate_per_s
    curve = LoadCurve(
        unit="users" if users else "rate_per_s",
        segments=(Segment(duration_s=duration_s, start=level, end=level),),
    )
    scenario = Scenario(
        name="main",
        engine=Engine.CLOSED_USERS if users else engine,
        curve=curve,
        steps=tuple(PlannedStep(endpoint=n, label=n, think_time_s=think_time_s) for n in labels),
        users=int(users) or 50,
    )
    return Plan(
        attempt=1,
        scenarios=(scenario,),
        duration_s=duration_s,
        warm_up_s=warm_up_s,
        peak_rate_per_s=0.0 if users else rate_per_s,
        users=scenario.users,
        expected_samples=scenario.expected_samples,
        connect_timeout_s=1.0,
        response_timeout_s=5.0,
    )


def measured(
    lines: Iterable[str], of_plan: Plan | None = None, thresholds: Sequence[Threshold] = ()
) -> LiveMeasurement:
    """A measurement fed with these lines."""
    reader = ResultReader()
    measurement = LiveMeasurement(of_plan or plan(), START_MS, reader.labels, reader.codes, thresholds)
    measurement.add(reader.feed(file(lines)))
    return measurement
