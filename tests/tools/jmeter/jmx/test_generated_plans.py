"""What holds for the plan of any description, over the whole vocabulary."""

from __future__ import annotations

import csv
import io
import json
import math
import types
import typing
from collections.abc import Iterator
from enum import Enum
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given, settings
from lxml import etree
from pydantic import BaseModel

from perfpilot.domain.alerts import AlertRule
from perfpilot.domain.benchmark import Benchmark
from perfpilot.domain.labels import CASE_PREFIX
from perfpilot.domain.plan import Plan, Scenario
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.domain.thresholds import Threshold
from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.write import WrittenPlan, write_jmx
from perfpilot.tools.spec.read import parse_spec
from perfpilot.tools.spec.write import dump_spec
from tests.generated_specs import made, planned, specs
from tests.tools.jmeter.jmx.jmeter_evaluation import evaluated

OUR_OWN = ("ActionProcessor.duration", "WhileController.condition", "IfController.condition")
"""Properties that hold templates of ours and nothing from outside."""

LINES = (Threshold, AlertRule, Benchmark)
"""What stands in one line of text has a grammar of its own."""


@settings(max_examples=60, deadline=None)
@given(specs())
def test_any_description_survives_yaml_and_gives_the_same_bytes(spec: Spec) -> None:
    again = parse_spec(dump_spec(spec))
    assert again == spec
    for smoke in (False, True):
        first, second = (write_jmx(*planned(each), smoke=smoke) for each in (spec, again))
        assert first == second


@settings(max_examples=60, deadline=None)
@given(specs())
def test_any_plan_passes_the_guard_with_the_samplers_that_it_should_have(spec: Spec) -> None:
    spec, plan = planned(spec)
    for smoke in (False, True):
        xml = write_jmx(spec, plan, smoke=smoke).xml
        check_functions(xml)
        lint(xml, spec)
    groups = list(groups_of(write_jmx(spec, plan).xml))
    for scenario in plan.scenarios:
        own = [labels for name, labels in groups if name.partition(":")[0] == scenario.name]
        assert own and all(labels == labels_of(spec, scenario, smoke=False) for labels in own)
    smoked = [labels for _, labels in groups_of(write_jmx(spec, plan, smoke=True).xml)]
    in_load = {scenario.name for scenario in plan.scenarios}
    alone = [case for case in plan.before if case.name not in in_load]  # the others had their pass already
    assert smoked == [labels_of(spec, s, smoke=True) for s in (*plan.scenarios, *alone)]


@settings(max_examples=60, deadline=None)
@given(specs())
def test_every_text_of_any_description_reaches_jmeter_as_it_is(spec: Spec) -> None:
    spec, plan = planned(spec)
    for smoke in (False, True):
        written = write_jmx(spec, plan, smoke=smoke)
        meant = texts_for_jmeter(spec, plan)
        missing = meant - set(texts_of(spec, written))
        assert not missing
        assert rows_of(written) == {name: sorted(rows) for name, rows in spec.test_data.values.items()}


def groups_of(xml: bytes) -> Iterator[tuple[str, list[str]]]:
    """Groups of users with the labels of their samplers, each as often as an iteration sends it."""
    root = etree.fromstring(xml)
    for group in root.iter("ThreadGroup", "OpenModelThreadGroup"):
        below: Any = group.getnext()
        labels = []
        for sampler in below.iter("HTTPSamplerProxy"):
            loops = [
                int(str(tree.getprevious().findtext("*[@name='LoopController.loops']")))
                for tree in sampler.iterancestors("hashTree")
                if tree.getprevious() is not None and tree.getprevious().tag == "LoopController"
            ]
            labels += [str(sampler.get("testname"))] * math.prod(loops)
        if labels:
            yield str(group.get("testname")), labels


def labels_of(spec: Spec, scenario: Scenario, *, smoke: bool) -> list[str]:
    auth = spec.environment.auth
    first = []
    if scenario.login_first and auth:
        first = [auth.login if scenario.measured else CASE_PREFIX + auth.login]
    return first + [step.label for step in scenario.steps for _ in range(1 if smoke else step.repeat)]


def texts_for_jmeter(spec: Spec, plan: Plan) -> set[str]:
    """What JMeter must make of the texts of every endpoint that a scenario asks as it is described."""
    used = {step.endpoint for s in plan.scenarios for step in s.steps if not step.request}
    base = urlsplit(spec.environment.base_url).path
    meant: set[str] = set()
    for endpoint in spec.endpoints:
        if endpoint.name in used:
            meant |= set(sent_texts(endpoint, base))
    return meant - {""}


def sent_texts(endpoint: Endpoint, base: str) -> Iterator[str]:
    if endpoint.body is not None:
        yield (
            endpoint.body if isinstance(endpoint.body, str) else json.dumps(endpoint.body, ensure_ascii=False)
        )
    in_address = endpoint.query and (endpoint.method not in ("GET", "OPTIONS"))
    if not in_address:
        path = "".join(piece if piece.startswith("${") else quote(piece, safe="!$&'()*+,-./:;=?@_~%")
                       for piece in split_references(base + endpoint.path))  # fmt: skip
        yield path
        yield from (*endpoint.query, *endpoint.query.values())
    yield from (*endpoint.form, *endpoint.form.values(), *endpoint.headers, *endpoint.headers.values())
    yield from (endpoint.expect.contains, endpoint.expect.lacks, endpoint.expect.json_path)
    for extract in endpoint.extract:
        yield from (extract.name, extract.json_path, extract.regex)
    for upload in endpoint.files:
        yield from (upload.field, upload.type)


def split_references(text: str) -> list[str]:
    found, rest = [], text
    while "${" in rest:
        before, _, rest = rest.partition("${")
        name, _, rest = rest.partition("}")
        found += [before, f"${{{name}}}"]
    return [*found, rest]


def texts_of(spec: Spec, written: WrittenPlan) -> Iterator[str]:
    """What JMeter makes of every text of a plan, variables and secrets standing for themselves."""
    names = {*spec.test_data.values, "pp_token", *(e.name for p in spec.endpoints for e in p.extract)}
    variables = {name: f"${{{name}}}" for name in names}
    properties = dict(written.properties)
    for name in written.secret_names:
        properties[name] = f"${{{name.replace('secret.env.', 'env:')}}}"
    for node in etree.fromstring(written.xml).iter("stringProp"):
        if node.get("name") not in OUR_OWN:
            yield evaluated(node.text or "", properties, variables)


def rows_of(written: WrittenPlan) -> dict[str, list[str]]:
    """Values of each variable in the CSV files, by the names that the plan gives their columns."""
    found: dict[str, list[str]] = {}
    for node in etree.fromstring(written.xml).iter("CSVDataSet"):
        names = str(node.findtext("*[@name='variableNames']")).split(",")
        table = written.data_files[str(node.findtext("*[@name='filename']"))]
        rows = list(csv.reader(io.StringIO(table, newline="")))
        found |= {name: sorted(row[i] for row in rows) for i, name in enumerate(names)}
    return found


def test_the_generator_uses_the_whole_vocabulary() -> None:
    """Every field with another value than its default, and every word that a field may hold."""
    used: set[tuple[str, str]] = set()
    for seed in range(300):
        collect(made(seed), used)
    wanted = set(vocabulary(Spec, set()))
    assert wanted - used == set()


def collect(value: Any, used: set[tuple[str, str]]) -> None:
    if isinstance(value, BaseModel) and not isinstance(value, LINES):
        for name, field in type(value).model_fields.items():
            own = getattr(value, name)
            where = f"{type(value).__name__}.{name}"
            if own != field.default or field.is_required():
                used.add((where, ""))
            for entry in own if isinstance(own, tuple) else (own,):
                if isinstance(entry, str | bool | Enum):
                    used.add((where, str(entry.value if isinstance(entry, Enum) else entry)))
                collect(entry, used)
    elif isinstance(value, tuple):
        for entry in value:
            collect(entry, used)


def vocabulary(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[tuple[str, str]]:
    """(field, "") for every field, and (field, word) for every word of a closed list."""
    if model in seen or issubclass(model, LINES):
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        where = f"{model.__name__}.{name}"
        if where != "Spec.version":
            yield where, ""
        for kind in kinds(field.annotation):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from vocabulary(kind, seen)
            elif isinstance(kind, type) and issubclass(kind, Enum):
                yield from ((where, str(word.value)) for word in kind)
            elif isinstance(kind, str):
                yield where, kind
            elif kind is bool:
                yield from ((where, "True"), (where, "False"))


def kinds(annotation: Any) -> Iterator[Any]:
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        yield from (part for part in parts if isinstance(part, str))
    elif origin is typing.Annotated:
        yield from kinds(parts[0])
    elif origin is typing.Union or isinstance(annotation, types.UnionType) or parts:
        for part in parts:
            yield from kinds(part)
    else:
        yield annotation


@pytest.mark.parametrize("seed", range(3))
def test_the_same_number_gives_the_same_description(seed: int) -> None:
    assert made(seed) == made(seed)
