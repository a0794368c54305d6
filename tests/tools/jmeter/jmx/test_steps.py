"""How the steps of a scenario become a tree that a person who opens it can read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.plan import Engine, Kind, PlannedStep, Scenario
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.tools.jmeter.jmx import tree
from perfpilot.tools.jmeter.jmx.elements import ELEMENTS
from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.scanner import scan
from perfpilot.tools.jmeter.jmx.write import WrittenPlan, write_jmx
from tests.tools.jmeter.jmx.examples import curve, plan, scenario, spec

AUTH = {"auth": {"login": "login", "scope": "iteration"}}
ENDPOINTS = (
    {"name": "login", "method": "POST", "path": "/login"},
    {"name": "find", "path": "/find", "extract": [{"name": "id", "json_path": "$.id", "optional": True}]},
    {"name": "buy", "path": "/buy"},
)


def described(**more: Any) -> Spec:
    return spec(*ENDPOINTS, **{"environment": AUTH, **more})


def made(spec: Spec, *, smoke: bool = False, **more: Any) -> WrittenPlan:
    """Find, and buy three times where something was found; closed users."""
    load = curve((10, 1, 1), unit="users")
    shopping = scenario("find", load=load, engine=Engine.CLOSED_USERS, name="shopping", login_first=True)
    steps = (
        PlannedStep(endpoint="find", label="find"),
        PlannedStep(endpoint="buy", label="buy", repeat=3, only_if="id", think_time_s=1),
    )
    whole = Scenario.model_validate({**shopping.model_dump(), "steps": steps, "transaction": True, **more})
    written = write_jmx(spec, plan(whole), smoke=smoke)
    check_functions(written.xml)
    lint(written.xml, spec)
    return written


def outline(written: WrittenPlan) -> list[str]:
    """Names of the elements below the group of users, indented by their depth."""
    root = etree.fromstring(written.xml)
    group = next(node for node in root.iter("ThreadGroup") if node.get("testname") == "shopping")
    lines = []

    def walk(hash_tree: Any, depth: int) -> None:
        for node in hash_tree:
            if node.tag == "hashTree":
                walk(node, depth + 1)
            elif node.tag not in ("ResponseAssertion", "HeaderManager"):
                lines.append(f"{'  ' * depth}{node.tag} {node.get('testname')}")

    walk(group.getnext(), 0)
    return lines


def test_a_journey_reads_like_its_description() -> None:
    assert outline(made(described())) == [
        "CookieManager cookies",
        "TestAction forget id",
        "TransactionController journey: shopping",
        "  HTTPSamplerProxy login",
        "    JSONPostProcessor extract pp_token",
        "  HTTPSamplerProxy find",
        "    JSONPostProcessor extract id",
        "  IfController if id was found",
        "    LoopController 3 times",
        "      TestAction think time",
        "        UniformRandomTimer think 500 to 1500 ms",
        "      HTTPSamplerProxy buy",
    ]
    assert outline(made(described(), transaction=False))[-3:] == [
        "  LoopController 3 times",
        "    HTTPSamplerProxy buy",
        "      UniformRandomTimer think 500 to 1500 ms",
    ]


def test_the_smoke_pass_asks_once_without_pauses_transaction_and_cache() -> None:
    environment = {"environment": {**AUTH, "cache": True}}
    assert outline(made(described(**environment), smoke=True)) == [
        "CookieManager cookies",
        "TestAction forget id",
        "HTTPSamplerProxy login",
        "  JSONPostProcessor extract pp_token",
        "HTTPSamplerProxy find",
        "  JSONPostProcessor extract id",
        "IfController if id was found",
        "  HTTPSamplerProxy buy",
    ]
    assert "CacheManager cache" in outline(made(described(**environment)))


def test_a_step_with_a_condition_is_no_label_that_every_pass_has() -> None:
    assert made(described()).labels == ("login", "find")


@pytest.mark.parametrize(
    ("engine", "cleared"), [(Engine.STEERED_RATE, "true"), (Engine.OPEN_SCHEDULE, "false")]
)
def test_cookies_and_cache_are_emptied_where_an_iteration_is_a_new_user(engine: Engine, cleared: str) -> None:
    home = spec(environment={"cache": True})
    xml = write_jmx(home, plan(scenario("home", load=curve((10, 1, 1)), engine=engine))).xml
    root = etree.fromstring(xml)
    for name in ("CookieManager.clearEachIteration", "clearEachIteration"):
        assert [node.text for node in root.iterfind(f".//*[@name='{name}']")] == [cleared]


def test_without_cookies_there_is_no_manager_for_them() -> None:
    xml = made(described(environment={**AUTH, "cookies": False})).xml
    assert b"CookieManager" not in xml and b"CacheManager" not in xml


def case(**more: Any) -> Scenario:
    request = Endpoint.model_validate({"name": "buy", "path": "/buy?id=0", **more})
    step = PlannedStep(endpoint="buy", label="case: buy an unknown id", request=request)
    made = scenario("buy", load=curve((1, 1, 1)), name="unknown id", kind=Kind.FAILURE, login_first=True)
    return made.model_copy(update={"steps": (step,)})


def test_a_case_is_written_from_its_own_request_and_its_login_is_not_measured() -> None:
    written = write_jmx(described(), plan(case(extract=[{"name": "seen", "json_path": "$.a"}])))
    root = etree.fromstring(written.xml)
    labels = [node.get("testname") for node in root.iter("HTTPSamplerProxy")]
    assert labels == ["case: login", "case: buy an unknown id"]
    assert [n.text for n in root.iterfind(".//*[@name='HTTPSampler.path']")] == ["/login", "/buy?id=0"]
    assert written.labels == ()


def test_a_case_at_the_login_gives_nobody_a_token() -> None:
    request = Endpoint.model_validate({"name": "login", "method": "POST", "path": "/login", "body": "wrong"})
    step = PlannedStep(endpoint="login", label="case: login with a wrong password", request=request)
    only = case().model_copy(update={"steps": (step,), "login_first": False})
    assert b"pp_token" not in write_jmx(described(), plan(only)).xml


def test_an_error_of_a_case_names_the_case() -> None:
    with pytest.raises(SpecError, match=r"'case: buy an unknown id'\.body: JMeter sends no body with HEAD"):
        write_jmx(described(), plan(case(method="HEAD", body="x")))


def test_every_controller_and_manager_says_what_it_is_for() -> None:
    root = etree.fromstring(made(described(environment={**AUTH, "cache": True}, test_data={
        "values": {"word": ["a"]}})).xml)  # fmt: skip
    for tag in ("CookieManager", "CacheManager", "CSVDataSet", "IfController", "TransactionController",
                "TestAction", "ConfigTestElement"):  # fmt: skip
        for node in (node for node in root.iter(tag) if node.get("testname") != "think time"):
            (about,) = node.findall("./*[@name='TestPlan.comments']")
            assert about.text and about.text.endswith(".")


@settings(deadline=None)
@given(st.text(max_size=30) | st.lists(st.sampled_from(["$", "{", "}", "\\", "${", "__P(a)"])).map("".join))
def test_a_comment_is_never_evaluated_and_always_xml(text: str) -> None:
    root = etree.Element("hashTree")
    node = tree.element(root, "IfController", "x").node
    tree.comment(node, text)
    (found,) = etree.fromstring(etree.tostring(root)).iterfind(".//stringProp")
    assert found.get("name") == "TestPlan.comments"
    assert not scan(found.text or "").references
    if "${" not in text and text.isascii() and text.isprintable():
        assert (found.text or "") == text


def test_every_element_of_the_list_may_have_a_comment() -> None:
    assert all("TestPlan.comments" in kind.properties for kind in ELEMENTS.values())
