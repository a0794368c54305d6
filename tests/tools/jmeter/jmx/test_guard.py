from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from perfpilot.domain.errors import SpecError
from perfpilot.domain.plan import Engine, PlannedStep
from perfpilot.domain.spec import Spec
from perfpilot.tools.jmeter.jmx import conditions, gate, pacing, templates
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
FIND = {
    "name": "find",
    "path": "/find",
    "query": {"q": "${id}", "page": "1"},
    "expect": {"status": ["2xx", 404], "lacks": "error", "json_path": "$.items", "within": "1s"},
    "extract": [{"name": "tag", "header": "ETag", "match": "random", "optional": True}],
    "redirects": True,
}
SEND = {
    "name": "send",
    "method": "POST",
    "path": "/send",
    "form": {"title": "${id}"},
    "files": [{"field": "picture", "path": "pictures/cat.png", "type": "image/png"}],
}
KEYS = frozenset({*FULL, *FIND, *SEND})
BASIC_AUTH = {"user": "anna", "password": "${env:PASSWORD}"}


def full_spec(endpoint: dict[str, Any] = FULL, **changes: Any) -> Spec:
    """All kinds of endpoints; changes go into one of them or, where they are no keys of it, around them."""
    changed = {**endpoint, **{key: value for key, value in changes.items() if key in KEYS}}
    more = {key: value for key, value in changes.items() if key not in KEYS}
    environment = {"basic_auth": BASIC_AUTH, "cache": True, **more.pop("environment", {})}
    endpoints = [changed if each is endpoint else each for each in (FULL, FIND, SEND)]
    data = {"test_data": {"values": {"id": ["1", "2"]}}, **more}
    return spec(*endpoints, environment=environment, **data)


def written(described: Spec, **more: Any) -> WrittenPlan:
    steered = scenario("pay", load=curve((10, 5, 5)), engine=Engine.STEERED_RATE, transaction=True, **more)
    steps = (
        PlannedStep(endpoint="find", label="find"),
        PlannedStep(endpoint="pay", label="pay", repeat=2, only_if="tag"),
        PlannedStep(endpoint="send", label="send", think_time_s=1),
    )
    return write_jmx(described, plan(steered.model_copy(update={"steps": steps})))


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
    assert len(places) > 400
    for number, injection in enumerate(INJECTIONS):
        for place in places[number % 31 :: 31]:
            with pytest.raises(SpecError):
                check_functions(planted(xml, place, injection))


@pytest.mark.parametrize("injection", INJECTIONS)
def test_every_injection_is_refused_after_another_text(injection: str) -> None:
    xml = written(full_spec()).xml
    place = next(p for p in string_places(xml) if "HeaderManager" in p[0] and not p[1])
    for around in (f"a {injection}", f"{injection} b", f"${{__P(lit.1)}}{injection}"):
        with pytest.raises(SpecError):
            check_functions(planted(xml, place, around))


def fields_with(text: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each text field of a description in turn, holding this text: the endpoint, and what is changed."""
    upload = {"field": "picture", "path": "cat.png", "type": "image/png"}
    return [
        (FULL, {"body": text}),
        (FULL, {"body": {"a": text}}),
        (FULL, {"body": {text: "a"}}),
        (FULL, {"headers": {"X-A": text}}),
        (FULL, {"headers": {text: "a"}}),
        (FULL, {"path": "/" + text}),
        (FULL, {"query": {"a": text}}),
        (FULL, {"query": {text: "a"}}),
        (FULL, {"expect": {"contains": text or "x"}}),
        (FULL, {"extract": [{"name": "a", "json_path": text}]}),
        (FULL, {"extract": [{"name": "a", "regex": text}]}),
        (FULL, {"test_data": {"values": {"id": [text]}}}),
        (FIND, {"query": {"a": text}}),
        (FIND, {"query": {text: "a"}}),
        (FIND, {"expect": {"lacks": text}}),
        (FIND, {"expect": {"json_path": text}}),
        (FIND, {"extract": [{"name": "tag", "header": text}]}),
        (SEND, {"form": {"a": text}}),
        (SEND, {"form": {text: "a"}}),
        (SEND, {"files": [{**upload, "field": text}]}),
        (SEND, {"files": [{**upload, "path": text}]}),
        (SEND, {"files": [{**upload, "path": "a/" + text}]}),
        (SEND, {"files": [{**upload, "type": text}]}),
        (FULL, {"environment": {"basic_auth": {**BASIC_AUTH, "user": text}}}),
        (FULL, {"environment": {"basic_auth": {**BASIC_AUTH, "password": text}}}),
        (FULL, {"environment": {"headers": {"X-A": text}}}),
    ]


@given(
    st.sampled_from(range(len(fields_with("")))),
    st.sampled_from(INJECTIONS),
    st.sampled_from(INJECTIONS),
    st.text(alphabet="${}()\\ ,x", max_size=6),
)
@settings(max_examples=400, deadline=None)
def test_no_mixture_of_injections_evaluates_anything(
    field: int, first: str, second: str, between: str
) -> None:
    """Each field of a spec, given such a text, is refused or sent as it is."""
    text = first + between + second
    endpoint, changes = fields_with(text)[field]
    try:
        described = full_spec(endpoint, **changes)
        made = written(described)
    except (SpecError, ValueError):
        return
    check_functions(made.xml)
    lint(made.xml, described)
    if changes == {"body": text}:
        values = etree.fromstring(made.xml).xpath(
            "//HTTPSamplerProxy[@testname='pay']//*[@name='Argument.value']/text()"
        )
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
    turn = pacing.take_turn(1, 2, 3, 4, 5, 6)
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


@pytest.mark.parametrize(
    ("ours", "bad"),
    [
        (gate.move(1, 20, 0, 9), gate.move(1, 20, 0, 9).replace("1 .. 20", "1 .. log")),
        (gate.move(1, 20, 0, 9), gate.move(1, 20, 0, 9).replace("pp.users.1", "pp.users.${id}")),
        (gate.held(1), "${__P(pp.hold.1.${__groovy(1)},true)}"),
        (gate.look(), "${__Random(100,${id})}"),
        (
            templates.read_control("users", 3),
            "${__setProperty(pp.users.3,${__FileToString(control/rate_3)})}",
        ),
    ],
)
def test_templates_of_the_gate_pass_and_what_was_made_of_them_does_not(ours: str, bad: str) -> None:
    xml = written(full_spec()).xml
    place = next(p for p in string_places(xml) if "TestAction" in p[0] and not p[1])
    check_functions(planted(xml, place, ours))
    with pytest.raises(SpecError, match="would evaluate"):
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
        (b">data/values.csv<", b">/etc/passwd<"),
        (b">data/values.csv<", b">data/../../x.csv<"),
        (b">files/1/cat.png<", b">/etc/passwd<"),
        (b">files/1/cat.png<", b">files/1/../../private.properties<"),
        (b">http://127.0.0.1:8080/<", b">http://127.0.0.1:80<"),
        (b">http://127.0.0.1:8080/<", b">http://<"),
        (b'name="HTTPSampler.auto_redirects">false<', b'name="HTTPSampler.auto_redirects">true<'),
        (b'name="HTTPSampler.auto_redirects">false<', b'name="HTTPSampler.auto_redirects">${id}<'),
        (b'<intProp name="LoopController.loops">2<', b'<intProp name="LoopController.loops">-1<'),
        (b'<intProp name="LoopController.loops">2<', b'<intProp name="LoopController.loops">99999<'),
        (b'elementType="HTTPFileArg"', b'elementType="JSR223Sampler"'),
        (b'elementType="Authorization"', b'elementType="Argument"'),
        (b'name="Authorization.realm"', b'name="Authorization.keytab"'),
        (b"<IfController ", b"<IncludeController "),
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


@pytest.mark.parametrize("name", ["HTTPSampler.auto_redirects", "HTTPSampler.response_timeout"])
def test_a_property_that_stands_twice_is_refused(name: str) -> None:
    """JMeter takes the last one; a guard that looks at the first would see nothing."""
    described = full_spec()
    root = etree.fromstring(written(described).xml)
    (first, *_) = root.iterfind(f".//HTTPSamplerProxy/*[@name='{name}']")
    again = etree.SubElement(first.getparent(), first.tag, {"name": name})
    again.text = "true"
    with pytest.raises(SpecError, match="twice"):
        lint(etree.tostring(root), described)


@pytest.mark.parametrize(
    "bad",
    [
        conditions.found("tag").replace("null", "log"),
        conditions.found("tag").replace("vars.get('tag') !=", "vars.get('id') !=", 1),
        conditions.found("ta'g"),
        conditions.found("${id}"),
        conditions.forget("pp_wait"),
        conditions.forget("tag").replace("NOT_FOUND", "x"),
        conditions.forget("tag").replace("; 0", "; 1"),
    ],
)
def test_a_condition_looks_at_the_flag_of_one_extractor_and_nothing_else(bad: str) -> None:
    xml = written(full_spec()).xml
    root = etree.fromstring(xml).getroottree()
    (condition,) = root.iterfind(".//*[@name='IfController.condition']")
    place = (root.getpath(condition), "")
    for ours in (conditions.found("tag"), conditions.forget("tag")):
        check_functions(planted(xml, place, ours))
    with pytest.raises(SpecError):
        check_functions(planted(xml, place, bad))
