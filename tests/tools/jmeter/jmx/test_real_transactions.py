"""Rows of whole journeys by a real JMeter, where the end of the load cuts iterations off."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from perfpilot.analysis.counting.measurement import Measurement
from perfpilot.analysis.reading.reader import ResultReader
from perfpilot.domain.plan import Engine, PlannedStep
from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.write import write_jmx
from tests.tools.jmeter.jmx import real_jmeter
from tests.tools.jmeter.jmx.examples import curve, plan, scenario, spec
from tests.tools.jmeter.jmx.recorder import recording

NAMES = ("home", "search", "item")


def test_an_iteration_that_is_cut_off_in_a_pause_leaves_no_row_of_the_whole_journey(tmp_path: Path) -> None:
    """Twelve users with pauses of 0.2 to 0.6 s: when the time is up, most are in one, at any of the steps."""
    steps = tuple(PlannedStep(endpoint=name, label=name, think_time_s=0.4) for name in NAMES)
    load = curve((4, 12, 12), unit="users")
    made = plan(
        scenario("any", load=load, engine=Engine.CLOSED_USERS, users=12, name="buy", transaction=True)
    )
    made = made.model_copy(
        update={"scenarios": (made.scenarios[0].model_copy(update={"steps": steps}),), "duration_s": 4.0}
    )
    with recording() as server:
        described = spec(*({"name": name, "path": f"/{name}"} for name in NAMES), port=server.port)
        written = write_jmx(described, made)
        check_functions(written.xml)
        lint(written.xml, described)
        ran = real_jmeter.run(tmp_path, written)
    whole = 0
    seen: dict[str, list[str]] = defaultdict(list)
    for row in ran.rows:
        user = row["threadName"]
        if row["label"] == "journey: buy":
            assert seen.pop(user) == list(NAMES)
            whole += 1
        else:
            seen[user].append(row["label"])
    cut_off = sum(len(labels) < len(NAMES) for labels in seen.values())
    assert whole >= 12 and cut_off >= 3, (whole, cut_off)
    assert all(len(labels) < len(NAMES) for labels in seen.values())  # a whole one always has its row

    reader = ResultReader()
    measurement = Measurement(made, int(ran.rows[0]["timeStamp"]) - 1000, reader.labels, reader.codes)
    measurement.add(reader.feed((tmp_path / "results.jtl").read_bytes()))
    phase = measurement.phases()[0]
    assert [(stats.label, stats.count) for stats in phase.transactions] == [("buy", whole)]
    assert phase.pooled.count == len(server.requests) == len(ran.rows) - whole
