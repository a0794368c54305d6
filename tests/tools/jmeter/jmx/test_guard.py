from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.plan import Engine
from perfpilot.domain.spec import Spec
from perfpilot.tools.jmeter.jmx import pacing
from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.write import WrittenPlan, write_jmx
from tests.tools.jmeter.jmx.examples import curve, plan, scenario, spec
from tests.tools.jmeter.jmx.jmeter_evaluation import evaluated

INJECTIONS = Path(__file__).with_name("injections.txt").read_text(encoding="utf-8").splitlines()
FULL = {
    "name": "pay",
    "method": "POST",
    "path": "/pay?id=${id}",
    "headers": {"X-Key": "${env:KEY}"},
    "body": {"id": "${id}"},
    "expect": {"status": [200], "contains": "ok"},
    "extract": [{"name": "order", "json_path": "$.order"}, {"name": "mark", "regex": "m=(.)"}],
}


def full_spec(**changes: Any) -> Spec:
    endpoint = {**FULL, **{key: value for key, value in changes.items() if key in FULL}}
    more = {key: value for key, value in changes.items() if key not in FULL}
    return spec(endpoint, **{"test_data": {"values": {"id": ["1", "2"]}}, **more})


def written(described: Spec) -> WrittenPlan:
    steered = scenario("pay", load=curve((10, 5, 5)), engine=Engine.STEERED_RATE)
    return write_jmx(described, plan(steered))


def test_our_own_plans_pass() -> None:
    described = full_spec()
    for smoke in (False, True):
        for engine in Engine:
            unit = "users" if engine is Engine.CLOSED_USERS else "rate_per_s"
            made = plan(scenario("pay", load=curve((10, 5, 5), unit=unit), engine=engine))
            xml = write_jmx(described, made, smoke=smoke).xml
            check_functions(xml)
            lint(xml, described)


def string_places(xml: bytes) -> list[tuple[str, str]]:
    """Every place of a plan that holds text: (path of the element, attribute or empty)."""
    tree = etree.fromstring(xml).getroottree()
    places = []
    for node in tree.iter():
        places += [(tree.getpath(node), str(name)) for name in node.attrib]
        if node.text and node.text.strip():
            places.append((tree.getpath(node), ""))
    return places


def planted(xml: bytes, place: tuple[str, str], text: str) -> bytes:
    tree = etree.fromstring(xml).getroottree()
    (node,) = tree.xpath(place[0])
    if place[1]:
        node.set(place[1], text)
    else:
        node.text = text
    return etree.tostring(tree)


def test_every_injection_is_refused_in_every_place_of_a_plan() -> None:
    xml = written(full_spec()).xml
    places = string_places(xml)
    assert len(places) > 150
    for number, injection in enumerate(INJECTIONS):
        for place in places[number % 7 :: 7]:
            with pytest.raises(SpecError):
                check_functions(planted(xml, place, injection))


@pytest.mark.parametrize("injection", INJECTIONS)
def test_every_injection_is_refused_after_another_text(injection: str) -> None:
    xml = written(full_spec()).xml
    place = next(p for p in string_places(xml) if "HeaderManager" in p[0] and not p[1])
    for around in (f"a {injection}", f"{injection} b", f"${{__P(lit.1)}}{injection}"):
        with pytest.raises(SpecError):
            check_functions(planted(xml, place, around))


@given(st.sampled_from(INJECTIONS), st.sampled_from(INJECTIONS), st.text(alphabet="${}()\\ ,x", max_size=6))
def test_no_mixture_of_injections_evaluates_anything(first: str, second: str, between: str) -> None:
    """Each field of a spec, given such a text, is refused or sent as it is."""
    text = first + between + second
    for changes in (
        {"body": text},
        {"body": {"a": text}},
        {"headers": {"X-A": text}},
        {"path": "/" + text},
        {"expect": {"contains": text or "x"}},
        {"extract": [{"name": "a", "json_path": text}]},
        {"extract": [{"name": "a", "regex": text}]},
        {"test_data": {"values": {"id": [text]}}},
    ):
        try:
            described = full_spec(**changes)
            made = written(described)
        except (SpecError, ValueError):
            continue
        check_functions(made.xml)
        lint(made.xml, described)
        if changes == {"body": text}:
            values = etree.fromstring(made.xml).xpath("//*[@name='Argument.value']/text()")
            assert evaluated(values[0], made.properties, {"id": "${id}"}) == text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("login", "${__groovy(1)}"),
        ("token", "${__groovy(1)}"),
        ("header", "${__groovy(1)}"),
        ("scheme", "${__groovy(1)}"),
    ],
)
def test_injections_into_the_login_are_refused(field: str, value: str) -> None:
    auth = {"login": "login", "scope": "iteration", **{field: value}}
    with pytest.raises((SpecError, ValueError)):
        described = spec(FULL, {"name": "login", "path": "/l"}, environment={"auth": auth})
        steered = scenario("pay", load=curve((10, 5, 5)), engine=Engine.STEERED_RATE, login_first=True)
        write_jmx(described, plan(steered))


def test_an_injected_host_is_refused() -> None:
    with pytest.raises(SpecError, match="host name"):
        written(full_spec(environment={"base_url": "http://${__groovy(1)}"}))


def test_an_injected_label_is_refused() -> None:
    made = plan(scenario("pay", load=curve((1, 1, 1))))
    (only,) = made.scenarios
    bad = only.model_copy(update={"steps": (only.steps[0].model_copy(update={"label": "${__groovy(1)}"}),)})
    with pytest.raises(SpecError, match="label"):
        write_jmx(full_spec(), made.model_copy(update={"scenarios": (bad,)}))


def test_a_template_of_ours_with_other_than_numbers_is_refused() -> None:
    turn = pacing.take_turn(1, 2, 3, 4)
    xml = written(full_spec()).xml
    place = next(p for p in string_places(xml) if "TestAction" in p[0] and not p[1])
    check_functions(planted(xml, place, turn))
    for bad in (
        turn.replace("pp.rate.1", "pp.rate.x"),
        turn.replace("(2 *", "(2 + log *"),
        turn[:-2] + " )}",
    ):
        with pytest.raises(SpecError):
            check_functions(planted(xml, place, bad))


def test_a_declared_variable_passes_and_another_does_not() -> None:
    xml = written(full_spec()).xml
    place = next(p for p in string_places(xml) if "HeaderManager" in p[0] and not p[1])
    check_functions(planted(xml, place, "${order} ${mark} ${id}"))
    with pytest.raises(SpecError, match="would evaluate"):
        check_functions(planted(xml, place, "${other}"))


def test_backslashes_that_jmeter_would_drop_are_refused() -> None:
    xml = written(full_spec()).xml
    place = next(p for p in string_places(xml) if "HeaderManager" in p[0] and not p[1])
    check_functions(planted(xml, place, r"a\\b"))
    with pytest.raises(SpecError, match="drop backslashes"):
        check_functions(planted(xml, place, r"a\\b${id}"))


@pytest.mark.parametrize(
    "bad", [b"<!--c-->", b"<?pi x?>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>"], ids=["comment", "pi", "doctype"]
)
def test_what_is_no_element_is_refused(bad: bytes) -> None:
    xml = written(full_spec()).xml
    head, _, rest = xml.partition(b"?>\n")
    with pytest.raises(SpecError):
        check_functions(head + b"?>\n" + bad + rest)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b">127.0.0.1<", b">169.254.169.254<"),
        (b">8080<", b">22<"),
        (b'name="HTTPSampler.response_timeout">2000<', b'name="HTTPSampler.response_timeout">0<'),
        (b'name="HTTPSampler.response_timeout"', b'name="HTTPSampler.proxyHost"'),
        (b">/pay?id", b">http://evil/pay?id"),
        (b'LoopController.continue_forever">false', b'LoopController.continue_forever">true'),
        (b"<TestAction ", b"<JSR223Sampler "),
        (b'guiclass="TestActionGui"', b'guiclass="Other"'),
        (b'testclass="TestAction"', b'testclass="JSR223Sampler"'),
        (b"TestPlan.functional_mode", b"TestPlan.user_define_classpath"),
        (b'elementType="HTTPArgument"', b'elementType="JSR223Sampler"'),
        (b"<stringProp name=\"filename\"", b"<objProp name=\"filename\""),
    ],
)  # fmt: skip
def test_a_plan_that_was_changed_is_refused(old: bytes, new: bytes) -> None:
    described = full_spec()
    xml = written(described).xml
    assert old in xml
    changed = xml.replace(old, new)
    if new.startswith(b"<"):
        changed = changed.replace(b"</" + old[1:].split()[0] + b">", b"</" + new[1:].split()[0] + b">")
    with pytest.raises(SpecError):
        lint(changed, described)
