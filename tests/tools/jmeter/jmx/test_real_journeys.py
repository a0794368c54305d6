"""What a real JMeter makes of repeated steps, conditions, transactions, checks, caches and cases."""

from __future__ import annotations

import statistics
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from perfpilot.domain.load import LoadCurve
from perfpilot.domain.plan import Engine, Kind, Plan, PlannedStep, Scenario
from perfpilot.domain.plan_messages import LACKS_MESSAGE, STATUS_MESSAGE, TOO_SLOW_MESSAGE
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.write import WrittenPlan, write_jmx
from tests.tools.jmeter.jmx import real_jmeter
from tests.tools.jmeter.jmx.examples import curve, plan, scenario, spec
from tests.tools.jmeter.jmx.recorder import recording


def journey(load: LoadCurve, *steps: PlannedStep, **more: Any) -> Scenario:
    """A scenario of these steps."""
    made = scenario("any", load=load, name="shopping", **more)
    return made.model_copy(update={"steps": steps})


def step(name: str, **more: Any) -> PlannedStep:
    return PlannedStep(endpoint=name, label=more.pop("label", name), **more)


def checked(described: Spec, made: Plan, *, smoke: bool = False) -> WrittenPlan:
    written = write_jmx(described, made, smoke=smoke)
    check_functions(written.xml)
    lint(written.xml, described)
    return written


def test_steps_repeat_in_every_iteration_with_their_think_time_and_the_journey_has_a_row_without(
    tmp_path: Path,
) -> None:
    with recording() as server:
        server.delays["/slow"] = 0.05
        described = spec(
            {"name": "home", "path": "/home"}, {"name": "slow", "path": "/slow"}, port=server.port
        )
        one_user = journey(
            curve((4, 1, 1), unit="users"),
            step("home"),
            step("slow", repeat=3, think_time_s=0.2),
            engine=Engine.CLOSED_USERS,
            even_arrivals=True,
            transaction=True,
        )
        written = checked(described, plan(one_user))
        ran = real_jmeter.run(tmp_path, written)
    targets = "".join(request.target[1] for request in server.requests)
    rounds = len(targets) // 4
    assert rounds >= 4 and targets.startswith("hsss" * rounds)
    gaps = [b.at_s - a.at_s for a, b in pairwise(server.requests[4:]) if b.target == "/slow"]
    assert min(gaps) >= 0.2 and statistics.mean(gaps) < 0.3  # each repetition thinks for 0.2 s
    assert written.labels == ("home", "slow")
    whole = [row for row in ran.rows if row["label"] == "journey: shopping"]
    assert len(whole) >= rounds - 1
    for row in whole[1:-1]:
        assert 150 <= int(row["elapsed"]) < 250  # three times 50 ms; with think times it would be 750
        assert row["success"] == "true" and row["responseMessage"].startswith("Number of samples")


def test_a_step_with_a_condition_runs_only_where_this_iteration_found_something(tmp_path: Path) -> None:
    """Rows in turn: the odd ones find an item, the even ones do not; one user keeps its variables."""
    with recording() as server:
        server.answers["/search1"] = (200, b'{"id": "17"}')
        server.answers["/item"] = (200, b'{"price": 5}')
        described = spec(
            {"name": "home", "path": "/home"},
            {"name": "search", "path": "/search${n}",
             "extract": [{"name": "id", "json_path": "$.id", "optional": True}]},
            {"name": "item", "path": "/item", "query": {"id": "${id}"},
             "extract": [{"name": "price", "json_path": "$.price"}]},
            {"name": "buy", "path": "/buy/${price}"},
            port=server.port,
            test_data={"values": {"n": ["1", "2", "1", "2", "2"]}},
        )  # fmt: skip
        one_user = journey(
            curve((3, 1, 1), unit="users"),
            step("home", think_time_s=0.05),
            step("search"),
            step("item", only_if="id", repeat=2),
            step("buy", only_if="price"),
            engine=Engine.CLOSED_USERS,
            even_arrivals=True,
        )
        written = checked(described, plan(one_user))
        ran = real_jmeter.run(tmp_path, written)
    asked = " ".join(request.target for request in server.requests)
    iterations = [f"/home{rest}".strip() for rest in asked.split("/home")[1:]]
    found = "/home /search1 /item?id=17 /item?id=17 /buy/5"
    without = "/home /search2"
    assert len(iterations) > 6
    for number, seen in enumerate(iterations[:-1]):
        assert seen == (found if number % 5 in (0, 2) else without), number
    assert {row["success"] for row in ran.rows} == {"true"}
    assert written.labels == ("home", "search")


def test_answers_are_checked_and_values_taken_as_described(tmp_path: Path) -> None:
    ok: dict[str, dict[str, Any]] = {
        "class": {"status": ["4xx", 200]},
        "lacks": {"lacks": "trace"},
        "path": {"json_path": "$.items[0].id"},
        "null": {"json_path": "$.nothing"},
        "within": {"within": "5s"},
        "all": {"status": ["4xx"], "lacks": "x\\s${ ", "json_path": "$.items", "contains": "items"},
    }
    bad: dict[str, dict[str, Any]] = {
        "b-class": {"status": ["2xx", 403]},
        "b-lacks": {"lacks": "a\\b ${ c"},
        "b-path": {"json_path": "$.items[7]"},
        "b-none": {"json_path": "$..none"},
        "b-html": {"json_path": "$.a"},
        "b-empty": {"json_path": "$.a"},
        "b-within": {"within": "20ms"},
    }
    body = b'{"items": [{"id": 7}, {"id": 8}], "nothing": null, "text": "a\\\\b ${ c"}'
    extract = [
        {"name": "first", "json_path": "$.items[*].id"},
        {"name": "any", "json_path": "$.items[*].id", "match": "random"},
        {"name": "digit", "regex": '"id": (\\d)', "match": "random"},
        {"name": "tag", "header": "x-ODD.tag"},
        {"name": "none", "header": "X-Odd", "optional": True},
        {"name": "gone", "regex": "no such", "optional": True},
    ]
    with recording() as server:
        for name in (*ok, *bad, "take"):
            server.answers[f"/{name}"] = (404 if "class" in name or name == "all" else 200, body)
        server.answers["/b-lacks"] = (200, b"say a\\b ${ c")
        server.answers["/b-html"], server.answers["/b-empty"] = (200, b"<html>"), (200, b"")
        server.delays["/b-within"] = 0.05
        server.headers["/take"] = ("X-Odd.Tag:   v 1; \t", "X-Oddxtag: no")
        described = spec(
            *({"name": n, "path": f"/{n}", "expect": e} for n, e in {**ok, **bad}.items()),
            {"name": "take", "path": "/take", "extract": extract},
            {"name": "use", "path": "/use", "query": {
                name: f"${{{name}}}" for name in ("first", "any", "digit", "tag", "none", "gone")}},
            port=server.port,
        )  # fmt: skip
        names = [*ok, *bad, "take", "use"]
        made = plan(scenario(*names, load=curve((1, 1, 1)), name="all"))
        ran = real_jmeter.run(tmp_path, checked(described, made, smoke=True))
    outcome = {row["label"]: (row["success"], row["failureMessage"]) for row in ran.rows}
    assert {label for label, (success, _) in outcome.items() if success != "true"} == set(bad)
    said = {label: message for label, (_, message) in outcome.items()}
    assert said["b-class"] == STATUS_MESSAGE
    assert said["b-lacks"] == LACKS_MESSAGE
    assert said["b-within"].startswith(TOO_SLOW_MESSAGE)
    query = dict(part.split("=") for part in server.requests[-1].target.partition("?")[2].split("&"))
    assert query["first"] == "7" and {query["any"], query["digit"]} <= {"7", "8"}
    assert query["tag"] == "v+1%3B" and query["none"] == query["gone"] == "NOT_FOUND"
    assert not [line for line in ran.log.splitlines() if " ERROR " in line]


def test_a_cache_asks_again_only_when_due_and_writes_no_row_for_what_it_has(tmp_path: Path) -> None:
    with recording() as server:
        server.headers["/fresh"] = ("Cache-Control: max-age=3600",)
        server.headers["/tagged"] = ("Cache-Control: no-cache", 'ETag: "a1"')
        described = spec(
            {"name": "fresh", "path": "/fresh"}, {"name": "tagged", "path": "/tagged"},
            {"name": "plain", "path": "/plain"}, port=server.port, environment={"cache": True},
        )  # fmt: skip
        steps = (step("fresh", repeat=3), step("tagged", repeat=2), step("plain"))
        arriving = journey(curve((2, 2, 2)), *steps, even_arrivals=True)
        ran = real_jmeter.run(tmp_path, checked(described, plan(arriving)))
    counts = Counter(request.target for request in server.requests)
    assert counts == {"/fresh": 4, "/tagged": 8, "/plain": 4}  # each of the four arrivals is a new user
    assert Counter(row["label"] for row in ran.rows) == {"fresh": 4, "tagged": 8, "plain": 4}
    again = [
        request.headers.get("if-none-match") for request in server.requests if "tagged" in request.target
    ]
    assert Counter(again) == {None: 4, '"a1"': 4}


def test_cookies_are_kept_or_not(tmp_path: Path) -> None:
    for cookies, wanted in ((True, "seen=1"), (False, None)):
        with recording() as server:
            described = spec(port=server.port, environment={"cookies": cookies})
            made = journey(curve((1, 1, 1)), step("home"), step("home", label="again"))
            (tmp_path / str(cookies)).mkdir()
            real_jmeter.run(tmp_path / str(cookies), checked(described, plan(made), smoke=True))
        assert [request.headers.get("cookie") for request in server.requests] == [None, wanted]


def test_a_case_sends_its_own_request_in_the_place_of_the_endpoint(tmp_path: Path) -> None:
    with recording() as server:
        server.answers["/login"] = (200, b'{"token": "T-1"}')
        server.answers["/item/0"] = (404, b"")
        described = spec(
            {"name": "login", "method": "POST", "path": "/login"},
            {"name": "item", "path": "/item/1"},
            port=server.port,
            environment={"auth": {"login": "login", "scope": "iteration"}},
        )
        unknown = Endpoint.model_validate({"name": "item", "path": "/item/0", "expect": {"status": ["4xx"]}})
        wrong = Endpoint.model_validate(
            {"name": "login", "method": "POST", "path": "/login", "body": "wrong"}
        )
        case = journey(
            curve((1, 1, 1)),
            step("item", label="case: item with an unknown id", request=unknown),
            step("login", label="case: login with a wrong password", request=wrong),
            login_first=True,
            kind=Kind.FAILURE,
        )
        written = checked(described, plan(case), smoke=True)
        ran = real_jmeter.run(tmp_path, written)
    assert [(row["label"], row["success"]) for row in ran.rows] == [
        ("case: login", "true"),
        ("case: item with an unknown id", "true"),
        ("case: login with a wrong password", "true"),
    ]
    assert [(r.target, r.body, r.headers.get("authorization")) for r in server.requests] == [
        ("/login", b"", None), ("/item/0", b"", "Bearer T-1"), ("/login", b"wrong", None),
    ]  # fmt: skip
