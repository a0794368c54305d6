"""Every entry of the corpus in every text field: refused with its place, or carried to the byte.

What JMeter evaluates is said by JMeter's own parser, in a real JVM, and not by our scanner.
"""

from __future__ import annotations

import base64
import csv
import functools
import io
import json
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from lxml import etree
from pydantic import ValidationError

from perfpilot.domain.errors import SpecError
from perfpilot.domain.plan import Kind, Plan, PlannedStep
from perfpilot.domain.spec import Endpoint, Spec
from perfpilot.planning.plan import make_plan
from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.write import WrittenPlan, write_jmx
from perfpilot.tools.jmeter.properties import write_properties
from perfpilot.tools.model import propose
from perfpilot.tools.spec.problems import SpecProblems
from perfpilot.tools.spec.read import parse_spec
from tests.generated_specs import ROOMY
from tests.tools.jmeter.jmx import real_jmeter
from tests.tools.jmeter.jmx.examples import curve, plan, scenario
from tests.tools.jmeter.jmx.injection_corpus import CORPUS, FUNCTIONS, ODD
from tests.tools.jmeter.jmx.whole_spec import WHOLE, Text, text_fields, texts

MARK = "qmarkq"
"""Stands where an injection will: no encoding changes it, and nothing else holds it."""

SEVERAL = ("Endpoint.query", "Endpoint.form", "Endpoint.body")
"""Fields that are written in more than one way: every place of theirs is tried."""

RENAMING = ("Spec.test_name", "Endpoint.name", "Journey.name", "Step.endpoint", "Auth.login")
"""Fields whose texts a plan holds itself."""

VARIABLES = ("name", "spare", "one", "two", "three", "pp_token")
_REFERENCE = re.compile(rf"(\$\{{(?:{'|'.join(VARIABLES)}|env:[A-Za-z_][A-Za-z0-9_]*)\}})")


class Carried(NamedTuple):
    """A text of a plan that an injection is in. JMeter must make one of `wanted` of `written`."""

    about: str
    written: str
    properties: tuple[tuple[str, str], ...]  # for the property file
    wanted: tuple[str, ...]  # empty: whatever, but nothing may be evaluated


class Table(NamedTuple):
    """A CSV file that an injection is in: JMeter must read it as a field."""

    about: str
    text: str
    field: str


def test_the_walk_knows_every_text_field_of_the_vocabulary() -> None:
    assert text_fields() - {text.owner for text in texts(parse_spec(WHOLE))} == set()


def test_the_corpus_has_no_entry_twice() -> None:
    assert len(set(CORPUS)) == len(FUNCTIONS) + len(ODD) > 200


def test_every_entry_in_every_field_is_refused_with_its_place_or_carried(tmp_path: Path) -> None:
    """In the form that says most: alone, or after what was there, where nothing else may stand."""
    found = list(everything(telling=True))
    ask_jmeter(tmp_path, found)
    assert len(found) > 2000


@pytest.mark.long
def test_the_same_in_the_other_form(tmp_path: Path) -> None:
    ask_jmeter(tmp_path, list(everything(telling=False)))


def test_every_entry_in_every_field_of_a_case_is_refused_or_carried(tmp_path: Path) -> None:
    """A case comes from rules or a model: no description was read, and the writer alone decides."""
    found: list[Carried | Table] = []
    for place, base in case_fields():
        appended = place.owner == "Endpoint.path"
        try:
            marked = case_plan(planted(base, place, MARK, appended))
        except (SpecError, ValidationError):
            marked = None
        for injection in CORPUS:
            try:
                made = case_plan(planted(base, place, injection, appended))
            except (SpecError, ValidationError):
                continue
            assert marked, (place, injection)
            found += differences(marked, made, injection, f"case {place} {injection!r}")
    ask_jmeter(tmp_path, found)
    assert len(found) > 500


def test_every_entry_in_a_label_is_refused_or_carried(tmp_path: Path) -> None:
    found: list[Carried | Table] = []
    marked = labelled(MARK)
    for injection in CORPUS:
        try:
            made = labelled(injection)
        except SpecError as error:
            assert "label" in str(error)
            continue
        assert "$" not in injection and "\\" not in injection
        found += differences(marked, made, injection, f"label {injection!r}")
    ask_jmeter(tmp_path, found)
    assert len(found) > 20


@pytest.mark.parametrize(
    ("endpoint", "place"), [("read", "query.q"), ("json", "body.key"), ("form", "form.field")]
)
def test_every_entry_that_a_model_proposes_is_refused_or_carried(
    endpoint: str, place: str, tmp_path: Path
) -> None:
    """Through the model's guard, as a run asks for it. What is a reference to JMeter never passes."""
    found: list[Carried | Table] = []
    marked = proposed_plan(endpoint, place, MARK)
    for injection in CORPUS:
        made = proposed_plan(endpoint, place, injection)
        if made:
            assert marked and "${" not in injection
            found += differences(marked, made, injection, f"proposal {injection!r}")
    ask_jmeter(tmp_path, found)
    assert len(found) > 20


def everything(*, telling: bool) -> Iterator[Carried | Table]:
    """What the plans of all accepted descriptions carry. Asserts that each refusal names its place.

    A slash at the end of an address has no meaning and is left out. The plan names an uploaded file by the
    last part of its path alone, in a form that `lint` holds.
    """
    for text in fields(texts(parse_spec(WHOLE))):
        alone = accepted(planted(whole(), text, MARK, appended=False), text)
        appended = (alone is None) == telling
        base = planted(whole(), text, MARK, appended)
        before = accepted(base, text)
        for injection in CORPUS:
            try:
                after = written(parse_spec(planted(whole(), text, injection, appended)), text)
            except SpecError as error:
                require_place(error, text)
                continue
            if before is not None and not (text.owner == "Upload.path" and "/" in injection):
                carried = injection.rstrip("/") if text.owner == "Environment.base_url" else injection
                yield from differences(before, after, carried, f"{text} {injection!r}")


def fields(every: Iterable[Text]) -> Iterator[Text]:
    """One place for each field; all of those that are written in several ways."""
    seen = set()
    for text in every:
        way = (text.owner, text.key, len(text.place))
        if way not in seen or text.owner in SEVERAL:
            seen.add(way)
            yield text


@functools.cache
def whole() -> Any:
    return parse_spec(WHOLE).model_dump(mode="json", exclude_defaults=True)


def planted(base: Any, text: Text, injection: str, appended: bool) -> dict[str, Any]:
    """The data with an injection in the place of a text, or after it. Shares with `base` what stays."""
    data: dict[str, Any] = dict(base)
    *way, last = text.place
    owner: Any = data
    for key in way:
        below = owner.get(key, {}) if isinstance(owner, dict) else owner[key]
        owner[key] = dict(below) if isinstance(below, dict) else list(below)
        owner = owner[key]
    if text.key:
        entries = list(owner.items())
        owner.clear()
        for key, value in entries:
            owner[(key if appended else "") + injection if key == last else key] = value
    else:
        present = owner.get(last, "") if isinstance(owner, dict) else owner[last]
        owner[last] = (str(present) if appended else "") + injection
    return data


def accepted(data: dict[str, Any], text: Text) -> WrittenPlan | None:
    try:
        return written(parse_spec(data), text)
    except SpecError:
        return None


def written(spec: Spec, text: Text) -> WrittenPlan:
    """The plan of a description in which this text was changed. Most texts change nothing that is planned."""
    same = text.owner not in RENAMING
    return guarded(spec, whole_plan() if same else make_plan(spec, 1, envelope=ROOMY), smoke=False)


@functools.cache
def whole_plan() -> Plan:
    return make_plan(parse_spec(WHOLE), 1, envelope=ROOMY)


def guarded(spec: Spec, plan: Plan, *, smoke: bool) -> WrittenPlan:
    made = write_jmx(spec, plan, smoke=smoke)
    check_functions(made.xml)
    lint(made.xml, spec)
    return made


def case_fields() -> Iterator[tuple[Text, dict[str, Any]]]:
    for endpoint in parse_spec(WHOLE).endpoints:
        if endpoint.name != "login":
            base = endpoint.model_dump(mode="json", exclude_defaults=True)
            for text in fields(texts(endpoint)):
                if endpoint.name == "read" or text.owner in (*SEVERAL, "Upload.field", "Upload.type"):
                    yield text, base


def case_plan(request: dict[str, Any]) -> WrittenPlan:
    """The smoke pass of a plan with one case, which sends this request."""
    spec = small_spec()
    step = PlannedStep(endpoint="login", label="case: it", request=Endpoint.model_validate(request))
    return guarded(spec, with_case(step, "it"), smoke=True)


def proposed_plan(endpoint: str, place: str, value: str) -> WrittenPlan | None:
    case = {"endpoint": endpoint, "kind": "edge", "why": "w", "changes": [{"place": place, "value": value}]}
    got = propose.guarded(propose.Proposals.model_validate({"cases": [case]}), parse_spec(WHOLE), ())
    return case_plan(got.cases[0].steps[-1].request.model_dump(mode="json")) if got.cases else None


def labelled(label: str) -> WrittenPlan:
    return guarded(small_spec(), with_case(PlannedStep(endpoint="login", label=label), label), smoke=True)


def with_case(step: PlannedStep, name: str) -> Plan:
    one = scenario("login", load=curve((1, 1, 1)))
    case = one.model_copy(update={"name": name, "kind": Kind.EDGE, "steps": (step,)})
    return plan(one).model_copy(update={"before": (case,)})


@functools.cache
def small_spec() -> Spec:
    return parse_spec(
        {
            "test_name": "small",
            "environment": {"base_url": "http://127.0.0.1:8080"},
            "endpoints": [{"name": "login", "path": "/"}],
            "load_patterns": [{"constant": {"level": 1, "duration": "30s"}}],
            "test_data": {"values": {"name": ["a"], "spare": ["b"]}},
        }
    )


def require_place(error: SpecError, text: Text) -> None:
    """The refusal names where the injection stands; where a name is gone, perhaps who misses it."""
    said = " ".join(p.path for p in error.problems) if isinstance(error, SpecProblems) else str(error)
    named = text.owner in ("Endpoint.name", "Journey.name") or str(text.place[0]) in said
    assert named and "fault of perfpilot" not in str(error), (text, str(error))


def differences(
    before: WrittenPlan, after: WrittenPlan, injection: str, about: str
) -> Iterator[Carried | Table]:
    """Texts and tables that hold the injection where the mark was, each with what JMeter must make of it."""
    old, new = plan_texts(before.xml), plan_texts(after.xml)
    assert len(old) == len(new), about
    for (name, marked), (_, text) in zip(old, new, strict=True):
        if MARK in marked or (marked != text and not (name.endswith("random_seed") and text.isdigit())):
            wanted = tuple(marked.replace(MARK, encode(injection)) for encode in ENCODINGS)
            properties = tuple(after.properties.items()) if "${" in text else ()
            yield Carried(about, text, properties, () if name == "TestPlan.comments" else wanted)
    for name, table in after.data_files.items():
        rows = csv.reader(io.StringIO(before.data_files.get(name, ""), newline=""))
        for field in (field for row in rows for field in row if MARK in field):
            yield Table(about, table, field.replace(MARK, injection))


def plan_texts(xml: bytes) -> list[tuple[str, str]]:
    """Every text of a plan that JMeter may evaluate, with the name of its property or attribute."""
    found = []
    for node in etree.fromstring(xml).iter():
        found += [("testname", str(node.get("testname")))] if node.get("testname") else []
        if node.get("name") and not len(node):
            found.append((str(node.get("name")), node.text or ""))
    return found


def _percent(safe: str) -> Callable[[str], str]:
    return lambda text: "".join(
        piece if _REFERENCE.fullmatch(piece) else quote(piece, safe=safe) for piece in _REFERENCE.split(text)
    )


ENCODINGS: tuple[Callable[[str], str], ...] = (
    str,
    _percent(""),
    _percent("!$&'()*+,-./:;=?@_~%"),
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
)
"""What perfpilot may make of a text: nothing, percent-encoding for addresses (references aside), or JSON."""


def ask_jmeter(directory: Path, found: list[Carried | Table]) -> None:
    """JMeter reads every text and table, and makes of it what was meant, evaluating nothing else."""
    (directory / "tasks").write_text("\n".join(_tasks(directory, found)) + "\n", encoding="ascii")
    java, home = real_jmeter.generator()
    script = str(Path(__file__).with_name("evaluate.groovy"))
    done = subprocess.run(
        [java.executable, *real_jmeter.FAST, f"-Djmeter.home={home.path}", "-cp", home.class_path(),
         "groovy.ui.GroovyMain", script, "tasks"],
        cwd=directory, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    answers = [line.split(" ") for line in done.stdout.splitlines()]
    assert len(answers) == len(found), done.stdout[-500:] + done.stderr[-2000:]
    for (kind, *words), each in zip(answers, found, strict=True):
        said = [_decoded(word) for word in words]
        if isinstance(each, Table):
            assert kind == "ROWS" and each.field in said, (each, said)
            continue
        assert kind == "TEXT", (each, said)
        value, *names = said
        assert set(names) <= {"__P", *VARIABLES}, (each, said)
        if each.wanted:
            assert value in each.wanted, (each, said)
        else:
            assert names == [], (each, said)


def _tasks(directory: Path, found: list[Carried | Table]) -> Iterator[str]:
    given: tuple[tuple[str, str], ...] | None = None
    for each in found:
        if isinstance(each, Table):
            yield f"ROWS {_encoded(each.text)}"
            continue
        if "${" in each.written and each.properties != given:
            given = each.properties
            yield f"FILE {_encoded(_property_file(directory, given))}"
        yield " ".join(["TEXT", *map(_encoded, (each.written, *VARIABLES))])


def _property_file(directory: Path, properties: tuple[tuple[str, str], ...]) -> str:
    """The file as a run has it, secrets with a reference to themselves as their value."""
    secrets = ("HOME", "PERFPILOT_SECRET_P", "PERFPILOT_SECRET_D", "PERFPILOT_SECRET_X")
    values = {**dict(properties), **{f"secret.env.{name}": f"${{env:{name}}}" for name in secrets}}
    write_properties(directory / "properties", values)
    return (directory / "properties").read_text(encoding="latin-1")


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode() or "="


def _decoded(word: str) -> str:
    return base64.b64decode(word).decode()
