"""How users arrive: every engine on a real JMeter, seen from the target."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pytest

from perfpilot.domain.load import LoadCurve
from perfpilot.domain.plan import Engine, Plan, Scenario
from perfpilot.domain.spec import Spec
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.prepare import Prepared
from perfpilot.tools.jmeter.running.steer import Steering
from perfpilot.tools.jmeter.running.stop import GRACE_S, ladder, send_command
from perfpilot.tools.jmeter.running.supervise import TICK_S
from tests.tools.jmeter.jmx import real_jmeter
from tests.tools.jmeter.jmx.arrived import Running, arrivals, by_label, running
from tests.tools.jmeter.jmx.examples import curve, plan, scenario, spec
from tests.tools.jmeter.jmx.recorder import recording

PATHS = ("open", "closed", "rate", "gate")


def thinking(made: Scenario, seconds: float) -> Scenario:
    """The same scenario with a pause before each step; constant, where arrivals are even."""
    steps = tuple(step.model_copy(update={"think_time_s": seconds}) for step in made.steps)
    return made.model_copy(update={"steps": steps})


def gated(load: LoadCurve, *endpoints: str, users: int, think_s: float = 0.1) -> Scenario:
    made = scenario(
        *endpoints, load=load, engine=Engine.STEERED_USERS, users=users, even_arrivals=True, name="gate"
    )
    return thinking(made, think_s)


def steered(test: Running, described: Spec, made: Plan) -> None:
    """Write control files in perfpilot's own rhythm, to the end of the plan."""
    prepared = Prepared.model_construct(directory=str(test.directory), plan=made, spec=described)
    steering = Steering(RunDirectory(test.directory), prepared)
    while (t_s := time.monotonic() - test.origin_s) < made.duration_s:
        steering.follow(t_s)
        time.sleep(TICK_S)


def test_users_are_let_in_and_held_again_by_the_control_file(tmp_path: Path) -> None:
    """Nobody, then 5 of 8, then 2, then more than there are, then a file that is no number."""
    with recording() as server:
        described = spec(
            {"name": "a", "path": "/a?${row}"},
            {"name": "b", "path": "/b"},
            port=server.port,
            test_data={"values": {"row": [str(number) for number in range(2000)]}},
        )
        load = curve((1, 0, 0), (11, 8, 8), unit="users")
        made = plan(gated(load, "a", "b", users=8))

        def move(test: Running) -> None:
            for at_s, text in ((1.0, "5"), (4.0, "2\n"), (7.0, "999999999"), (10.0, "-8")):
                test.at(at_s)
                test.write("users_1", text)

        seen = arrivals(tmp_path, server, described, made, move)
    ran = real_jmeter.read(tmp_path)
    users = [seen.users(second, second + 1) for second in range(12)]
    print("users seen in each second", users)
    assert users[0] == 0
    assert users[2] == users[3] == 5
    assert users[5] == users[6] == 2
    assert users[8] == users[9] == 8
    assert seen.between(11.3, 99) == 0
    assert set(by_label(ran.rows)) == {"a", "b"}  # the gate makes no samples
    a, b = (Counter(r.connection for r in seen.of(path).requests) for path in ("/a", "/b"))
    assert a == b  # who was held had finished its steps
    rows = sorted(int(request.target.partition("?")[2]) for request in seen.of("/a").requests)
    assert rows == list(range(len(rows)))  # no row was used up by users who waited
    assert {row["success"] for row in ran.rows} == {"true"}
    assert " ERROR " not in ran.log


def test_nobody_runs_without_a_control_file(tmp_path: Path) -> None:
    with recording() as server:
        described = spec(port=server.port)
        made = plan(gated(curve((4, 3, 3), unit="users"), "home", users=3))
        seen = arrivals(
            tmp_path, server, described, made, lambda test: (test.directory / "control/users_1").unlink()
        )
    # The file may have been read once before it was gone.
    assert seen.between(1.5, 99) == 0
    assert " ERROR " not in real_jmeter.read(tmp_path).log.replace("ERROR o.a.j.f.FileToString", "")


def test_users_behind_a_gate_follow_the_curve(tmp_path: Path) -> None:
    with recording() as server:
        described = spec(port=server.port)
        load = curve((2, 0, 0), (5, 0, 10), (4, 10, 10), (4, 4, 4), unit="users")
        made = plan(gated(load, "home", users=10))
        seen = arrivals(tmp_path, server, described, made, lambda test: steered(test, described, made))
    users = [seen.users(second, second + 1) for second in range(15)]
    print("users seen in each second", users)
    assert users[0] == users[1] == 0
    assert users[8] == users[9] == 10
    assert users[12] == users[13] == 4
    for second in range(3, 7):
        assert users[second] == pytest.approx(load.level_at(second + 0.5), abs=2.5)
    assert seen.times_s[-1] < 15.5


def mixed(port: int) -> tuple[Spec, Plan]:
    """All four engines side by side, those of closed users beginning at 4 s and 2 s."""
    described = spec(*({"name": name, "path": f"/{name}"} for name in PATHS), port=port)
    closed = scenario(
        "closed",
        load=curve((4, 0, 0), (8, 3, 3), unit="users"),
        engine=Engine.CLOSED_USERS,
        even_arrivals=True,
    )
    gate = scenario(
        "gate",
        load=curve((2, 0, 0), (10, 4, 4), unit="users"),
        engine=Engine.STEERED_USERS,
        users=4,
        even_arrivals=True,
    )
    return described, plan(
        scenario("open", load=curve((12, 20, 20)), even_arrivals=True),
        thinking(closed, 0.2),
        scenario("rate", load=curve((12, 10, 10)), engine=Engine.STEERED_RATE, users=5),
        thinking(gate, 0.2),
        response_timeout_s=1,
    )


def test_scenarios_of_all_engines_side_by_side_share_one_origin(tmp_path: Path) -> None:
    with recording() as server:
        described, made = mixed(server.port)
        seen = arrivals(tmp_path, server, described, made, lambda test: steered(test, described, made))
    rates = {path: seen.of(f"/{path}").per_second(0, 12) for path in PATHS}
    first, last = ({path: seen.of(f"/{path}").times_s[at] for path in PATHS} for at in (0, -1))
    print(rates, {path: round(at, 2) for path, at in first.items()})
    assert len(seen.of("/open").requests) == 240
    for at_s in (3, 6, 9, 11.5):  # never early; a busy machine may be a second late
        assert 20 * (at_s - 1) <= seen.of("/open").between(-9, at_s) <= 20 * at_s + 3
        assert 10 * (at_s - 1) <= seen.of("/rate").between(-9, at_s) <= 10 * at_s + 6
    # A thread group counts from its own start, which comes 0.2 to 0.7 s after the test's; control files are
    # written and read a few times a second.
    assert 3.6 < first["closed"] < 4.9 and 11 < last["closed"] < 13
    assert 1.4 < first["gate"] < 3.2 and last["gate"] < 12.5
    assert first["open"] > -0.1 and first["rate"] > -0.1 and last["rate"] < 12.4
    assert seen.of("/closed").users(6, 11) == 3 and seen.of("/gate").users(5, 11) == 4
    # A response and a pause of 0.2 s: at most 5 a second of each of 3 users, and not much less.
    assert 70 <= seen.of("/closed").between(5, 11) <= 91
    ran = real_jmeter.read(tmp_path)
    assert {row["success"] for row in ran.rows} == {"true"}
    assert not re.search(" ERROR ", ran.log)


def test_the_stop_ladder_of_a_plan_with_an_open_schedule_ends_all_of_its_groups(tmp_path: Path) -> None:
    assert ladder(open_schedule=True)[0] == "StopTestNow"
    with recording() as server:
        described, made = mixed(server.port)
        with running(tmp_path, described, made) as test:
            test.at(5.0)
            properties = (tmp_path / "perfpilot.properties").read_text()
            (port,) = re.findall(r"^jmeterengine\.nongui\.port=(\d+)$", properties, re.M)
            sent = time.monotonic()
            send_command(int(port), "StopTestNow")
            assert test.ended(GRACE_S["StopTestNow"])
        print(f"ended {time.monotonic() - sent:.1f} s after StopTestNow")
    assert max(r.at_s for r in server.requests) < sent + 1
