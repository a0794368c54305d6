from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.labels import is_measured
from perfpilot.domain.plan import Engine, Kind, PlannedStep, Scenario
from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.write import WrittenPlan, write_jmx
from tests.tools.jmeter.jmx.examples import curve, plan, scenario, spec
from tests.tools.jmeter.jmx.jmeter_evaluation import evaluated

LOAD = curve((10, 5, 5))


def texts(written: WrittenPlan, name: str) -> list[str]:
    """Texts of the properties of that name, in document order."""
    return [node.text or "" for node in etree.fromstring(written.xml).iterfind(f".//*[@name='{name}']")]


def names(written: WrittenPlan) -> list[str]:
    """Names of all elements, in document order."""
    return [node.get("testname", "") for node in etree.fromstring(written.xml).iter() if node.get("testname")]


def _unit(engine: Engine) -> str:
    return "users" if engine in (Engine.CLOSED_USERS, Engine.STEERED_USERS) else "rate_per_s"


def one(endpoint: dict[str, Any], **more: Any) -> WrittenPlan:
    """The plan of a single endpoint."""
    described = spec(endpoint, **more)
    return write_jmx(described, plan(scenario(endpoint["name"], load=LOAD)))


def headers_of(written: WrittenPlan) -> dict[str, str]:
    return dict(zip(texts(written, "Header.name"), texts(written, "Header.value"), strict=True))


def test_the_same_spec_and_plan_give_the_same_bytes() -> None:
    described = spec({"name": "a", "path": "/a", "method": "POST", "body": "\\ ${b}", "extract": [
        {"name": "b", "regex": "(.)"}]})  # fmt: skip
    made = plan(scenario("a", load=LOAD), scenario("a", load=LOAD, engine=Engine.STEERED_RATE))
    first, second = (write_jmx(described, made) for _ in range(2))
    assert first == second


def test_smoke_and_load_number_literals_alike() -> None:
    described = spec(
        *({"name": n, "path": "/", "method": "POST", "body": f"${{{{ {n}"} for n in ("a", "b", "c")),
    )
    closed = curve((10, 5, 5), (10, 5, 0), unit="users")
    made = plan(
        scenario("c", "a", load=closed, engine=Engine.CLOSED_USERS, name="x"), scenario("b", load=LOAD)
    )
    load, smoke = (write_jmx(described, made, smoke=s) for s in (False, True))
    assert load.properties == smoke.properties
    assert load.labels == smoke.labels == ("c", "a", "b")


def test_a_thousand_endpoints_are_written_and_pass_the_guard() -> None:
    many = [{"name": f"e{i}", "path": f"/e/{i}", "method": "POST", "body": {"n": i}} for i in range(1000)]
    described = spec(*many)
    written = write_jmx(described, plan(*(scenario(e["name"], load=LOAD) for e in many)))
    check_functions(written.xml)
    lint(written.xml, described)
    assert len(written.labels) == 1000


def test_smoke_is_one_user_one_pass_in_series_without_control() -> None:
    steered = scenario("home", load=LOAD, engine=Engine.STEERED_RATE)
    written = write_jmx(spec(), plan(steered, steered), smoke=True)
    assert texts(written, "ThreadGroup.num_threads") == ["1", "1"]
    assert texts(written, "LoopController.loops") == ["1", "1"]
    assert texts(written, "TestPlan.serialize_threadgroups") == ["true"]
    assert not written.control_files
    assert b"__" not in written.xml


def test_an_open_schedule_ends_with_a_pause_longer_than_the_response_timeout() -> None:
    written = one({"name": "home", "path": "/"})
    (schedule,) = texts(written, "OpenModelThreadGroup.schedule")
    assert schedule.endswith("pause(3 sec)")
    assert texts(written, "OpenModelThreadGroup.random_seed") == ["1"]
    assert b"SetupThreadGroup" not in written.xml


def test_an_open_journey_waits_for_its_last_think_times_too() -> None:
    made = scenario("home", load=LOAD)
    step = PlannedStep(endpoint="home", label="home", think_time_s=4)
    written = write_jmx(spec(), plan(made.model_copy(update={"steps": (step,)})))
    assert texts(written, "OpenModelThreadGroup.schedule")[0].endswith("pause(9 sec)")
    assert written.tail_s == 9


def test_a_steered_scenario_reads_its_own_control_file() -> None:
    described = spec({"name": "a", "path": "/a"}, {"name": "b", "path": "/b"})
    made = plan(
        scenario("a", load=LOAD), scenario("a", "b", load=curve((60, 2, 8)), engine=Engine.STEERED_RATE)
    )
    written = write_jmx(described, made)
    assert written.control_files == {"control/rate_2": "240"}  # 2 a second, 2 samples each, per minute
    turns, reader = (
        texts(written, "ActionProcessor.duration")[0],
        texts(written, "ActionProcessor.duration")[2],
    )
    assert "pp.rate.2" in turns and "960.0" in turns  # never more than the peak of the plan
    assert reader == "${__setProperty(pp.rate.2,${__FileToString(control/rate_2)})}0"


def test_two_steered_scenarios_share_one_control_thread() -> None:
    steered = scenario("home", load=LOAD, engine=Engine.STEERED_RATE)
    written = write_jmx(spec(), plan(steered, steered))
    readers = [text for text in texts(written, "ActionProcessor.duration") if "FileToString" in text]
    assert [text.rpartition("}")[2] for text in readers] == ["0", "0"]
    assert len([name for name in names(written) if name == "read again"]) == 1
    assert sorted(written.control_files) == ["control/rate_1", "control/rate_2"]


def test_users_behind_a_gate_are_threads_that_look_at_a_property_of_their_own() -> None:
    gated = scenario(
        "home", load=curve((10, 0, 30), unit="users"), engine=Engine.STEERED_USERS, users=30, why="a journey"
    )
    written = write_jmx(spec(), plan(scenario("home", load=LOAD), gated))
    assert written.control_files == {"control/users_2": "0"}
    assert texts(written, "ThreadGroup.num_threads") == ["30", "1"]
    assert texts(written, "WhileController.condition") == ["${__P(pp.hold.2.${__threadNum},true)}"]
    assert not etree.fromstring(written.xml).findall(".//ConstantThroughputTimer")
    (move,) = [text for text in texts(written, "ActionProcessor.duration") if "pp.hold" in text]
    assert "1 .. 30" in move and "since < 1500 || since >= 11500" in move
    (about,) = [text for text in texts(written, "TestPlan.comments") if "users_2 wait" in text]
    assert about == (
        "A journey. 30 users; those above the number in control/users_2 wait. Ramps 0 to 30 users in 10s."
    )


def test_a_steps_data_is_in_the_scope_of_the_steps_not_of_the_wait() -> None:
    for engine in (Engine.STEERED_RATE, Engine.STEERED_USERS):
        unit = "users" if engine is Engine.STEERED_USERS else "rate_per_s"
        made = scenario("home", load=curve((10, 5, 5), unit=unit), engine=engine)
        written = write_jmx(spec(test_data={"values": {"id": ["1"]}}), plan(made))
        (data,) = etree.fromstring(written.xml).findall(".//CSVDataSet")
        (owner,) = data.getparent().xpath("preceding-sibling::*[1]")
        assert (owner.tag, owner.get("testname")) == ("GenericController", "steps")


@pytest.mark.parametrize(
    ("engines", "lead_s", "delay"),
    [
        ((Engine.CLOSED_USERS,), 0.0, "0"),
        ((Engine.CLOSED_USERS, Engine.OPEN_SCHEDULE), 1.5, "1"),
        ((Engine.CLOSED_USERS, Engine.STEERED_USERS), 3.5, "3"),
    ],
)
def test_scenarios_of_all_engines_begin_at_the_end_of_one_lead(
    engines: tuple[Engine, ...], lead_s: float, delay: str
) -> None:
    """Users who wait are started within the lead: 250 of them take 2 s."""
    made = [
        scenario("home", load=curve((10, 2, 2), unit=_unit(engine)), engine=engine, users=250)
        for engine in engines
    ]
    written = write_jmx(spec(), plan(*made))
    assert written.lead_s == lead_s
    assert texts(written, "ThreadGroup.delay")[0] == delay
    assert all(f"pause({lead_s:g} sec)" in t for t in texts(written, "OpenModelThreadGroup.schedule"))
    if Engine.STEERED_USERS in engines:
        assert texts(written, "ThreadGroup.ramp_time") == ["0", "2", "0"]
        assert texts(written, "ThreadGroup.delay") == ["3", "0", "0"]


def test_the_smoke_pass_has_the_cases_after_the_scenarios_and_their_labels_apart() -> None:
    def case(name: str) -> Scenario:
        made = scenario("home", load=curve((0, 0, 0)), name=name, kind=Kind.FAILURE, why="must be refused")
        steps = tuple(step.model_copy(update={"label": f"case: {name}"}) for step in made.steps)
        return made.model_copy(update={"steps": steps})

    made = plan(scenario("home", load=LOAD)).model_copy(update={"before": (case("b"), case("a"))})
    smoke, load = (write_jmx(spec(), made, smoke=smoke) for smoke in (True, False))
    groups = [node.get("testname") for node in etree.fromstring(smoke.xml).iter("ThreadGroup")]
    assert groups == ["home", "b", "a"]
    assert smoke.labels == load.labels == ("home",)
    assert smoke.case_labels == ("case: b", "case: a") and load.case_labels == ()
    assert texts(smoke, "TestPlan.serialize_threadgroups") == ["true"]
    assert smoke.properties == load.properties


def test_groups_of_closed_users_say_which_users_they_are() -> None:
    load = curve((10, 5, 5), (10, 8, 8), (10, 5, 5), (10, 6, 6), unit="users")
    made = scenario("home", load=load, engine=Engine.CLOSED_USERS)
    groups = etree.fromstring(write_jmx(spec(), plan(made)).xml).iter("ThreadGroup")
    assert [node.get("testname") for node in groups] == [
        "home: users 1-5",
        "home: user 6 from 10s",
        "home: users 7-8 from 10s",
        "home: user 6 from 30s",
    ]


def test_closed_users_are_groups_with_delays() -> None:
    closed = curve((10, 5, 5), (10, 5, 25), (10, 25, 25), unit="users")
    written = write_jmx(spec(), plan(scenario("home", load=closed, engine=Engine.CLOSED_USERS)))
    assert texts(written, "ThreadGroup.num_threads") == ["5", "20"]
    assert texts(written, "ThreadGroup.delay") == ["0", "10"]
    assert texts(written, "ThreadGroup.ramp_time") == ["0", "10"]
    assert texts(written, "ThreadGroup.duration") == ["30", "20"]


def test_timeouts_redirects_and_loops_are_always_set() -> None:
    written = one({"name": "home", "path": "/"})
    assert texts(written, "HTTPSampler.connect_timeout") == ["1000", "1000"]
    assert texts(written, "HTTPSampler.response_timeout") == ["2000", "2000"]
    assert texts(written, "HTTPSampler.follow_redirects") == ["false"]
    assert texts(written, "HTTPSampler.use_keepalive") == ["true"]


def test_a_mapping_is_sent_as_json_unless_another_type_is_given() -> None:
    pay = {"name": "pay", "method": "POST", "path": "/", "body": {"a": "é${env:KEY}"}}
    assert headers_of(one(pay)) == {"Content-Type": "application/json"}
    assert texts(one(pay), "Argument.value") == ['{"a": "é${__P(secret.env.KEY)}"}']
    assert one(pay).secret_names == ("secret.env.KEY",)
    own = {**pay, "headers": {"content-type": "application/hal+json"}}
    assert headers_of(one(own)) == {"content-type": "application/hal+json"}


def test_an_endpoints_header_wins_over_the_environments() -> None:
    written = one(
        {"name": "a", "path": "/", "headers": {"x-one": "own"}},
        environment={"headers": {"X-One": "all", "X-Two": "all"}},
    )
    assert headers_of(written) == {"x-one": "own", "X-Two": "all"}


@pytest.mark.parametrize(
    ("scope", "value"), [("run", "Bearer ${__P(secret.token)}"), ("iteration", "Bearer ${pp_token}")]
)
def test_the_token_goes_to_all_but_the_login_and_the_public(scope: str, value: str) -> None:
    described = spec(
        {"name": "login", "path": "/login", "method": "POST"},
        {"name": "private", "path": "/private"},
        {"name": "public", "path": "/public", "authenticated": False},
        environment={"auth": {"login": "login", "scope": scope}},
    )
    made = plan(scenario("private", "public", load=LOAD, login_first=scope == "iteration", name="all"))
    written = write_jmx(described, made)
    assert headers_of(written) == {"Authorization": value}
    assert written.secret_names == (("secret.token",) if scope == "run" else ())
    assert written.labels == (() if scope == "run" else ("login",)) + ("private", "public")
    assert texts(written, "JSONPostProcessor.referenceNames") == ([] if scope == "run" else ["pp_token"])


def test_an_expected_status_ignores_jmeters_own_judgement() -> None:
    written = one({"name": "gone", "path": "/", "expect": {"status": [404, 410], "contains": "sorry"}})
    assert texts(written, "Assertion.assume_success") == ["true", "false"]
    assert texts(written, "Assertion.test_type") == ["40", "16"]
    assert texts(written, "0") + texts(written, "1") == ["404", "sorry", "410"]


def test_think_times_belong_to_the_sampler_that_they_precede() -> None:
    steps = tuple(PlannedStep(endpoint="home", label=f"home {t}", think_time_s=t) for t in (0.0, 2.0))
    for even, tags in ((False, ["UniformRandomTimer"]), (True, ["ConstantTimer"])):
        made = scenario("home", load=LOAD, even_arrivals=even).model_copy(update={"steps": steps})
        root = etree.fromstring(write_jmx(spec(), plan(made)).xml)
        second = root.find(".//HTTPSamplerProxy[@testname='home 2.0']")
        assert second is not None
        own = second.getnext()
        assert own is not None
        assert [n.tag for n in own if n.tag != "hashTree"] == tags
        assert len(root.findall(".//UniformRandomTimer") + root.findall(".//ConstantTimer")) == 1


def test_equally_many_values_share_a_file_and_others_do_not() -> None:
    home = {"name": "home", "path": "/"}
    together = one(home, test_data={"values": {"a": ["1", 'x"y,\nz'], "b": ["", "é"]}})
    assert together.data_files == {"data/values.csv": '"1",""\n"x""y,\nz","é"\n'}
    apart = one(home, test_data={"values": {"a": ["1", "2"], "b": ["3"]}})
    assert apart.data_files == {"data/a.csv": '"1"\n"2"\n', "data/b.csv": '"3"\n'}
    assert texts(apart, "variableNames") == ["a", "b"]


@pytest.mark.parametrize(
    ("endpoint", "more", "message"),
    [
        ({"path": "/#x"}, {}, "fragment"),
        ({"path": "/100%"}, {}, "stray %"),
        ({"path": "/${no}"}, {}, "not declared"),
        ({"method": "HEAD", "body": "x"}, {}, "no body"),
        ({"headers": {"X": "é"}}, {}, "ASCII"),
        ({"headers": {"X": "a\r\nY: b"}}, {}, "ASCII"),
        ({"headers": {"X": " a"}}, {}, "ASCII"),
        ({"headers": {"X:": "a"}}, {}, "header"),
        ({"headers": {"Content-Length": "0"}}, {}, "header"),
        ({"extract": [{"name": "a", "json_path": "$.a;$.b"}]}, {}, "single JSON path"),
        ({"extract": [{"name": "pp_token", "json_path": "$.a"}]}, {}, "perfpilot's own"),
        ({"expect": {"status": [99]}}, {}, "from 100 to 599"),
        ({}, {"test_data": {"values": {"a": []}}}, "no values"),
        ({"path": "/${a}"}, {"test_data": {"values": {"a": ["b c"]}}}, "b%20c"),
    ],
)
def test_what_cannot_be_sent_as_written_is_refused(
    endpoint: dict[str, Any], more: dict[str, Any], message: str
) -> None:
    with pytest.raises(SpecError, match=message):
        one({"name": "a", "path": "/", **endpoint}, **more)


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_bodies_headers_and_checks_are_kept_or_refused(body: str, header: str, contains: str) -> None:
    try:
        written = one(
            {
                "name": "a",
                "path": "/",
                "method": "POST",
                "body": body or "x",
                "headers": {"X": header},
                "expect": {"contains": contains or "x"},
            }
        )
    except SpecError:
        return
    check_functions(written.xml)
    for name, wanted in (("Argument.value", body), ("Header.value", header), ("0", contains)):
        (found,) = texts(written, name)
        assert evaluated(found, written.properties, {}) == (wanted or ("" if name == "Header.value" else "x"))


@given(st.text(min_size=1, max_size=30))
def test_labels_are_kept_or_refused(label: str) -> None:
    made = scenario("home", load=LOAD)
    step = PlannedStep(endpoint="home", label=label)
    try:
        written = write_jmx(spec(), plan(made.model_copy(update={"steps": (step,)})))
    except SpecError:
        return
    sampler = etree.fromstring(written.xml).find(".//HTTPSamplerProxy")
    assert sampler is not None and sampler.get("testname") == label
    assert written.labels == ((label,) if is_measured(label) else ())
    check_functions(written.xml)


@given(st.text(max_size=30))
def test_paths_are_percent_encoded_or_refused(path: str) -> None:
    from urllib.parse import unquote

    try:
        written = one({"name": "a", "path": "/" + path})
    except SpecError:
        return
    (found,) = texts(written, "HTTPSampler.path")
    assert found.isascii() and not set(found) & set(' "<>\\^`{|}#')
    assert unquote(found) == unquote("/" + path)
