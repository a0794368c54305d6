"""The proof of a plan: what JMeter loads and saves again is what was written, or the reason why not."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx
from langchain_core.messages import ToolMessage

from perfpilot.domain.errors import NotReadyError, SpecError
from perfpilot.domain.plan import Engine
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.check_plan import (
    LoadedPlan,
    PlanProof,
    check_plan,
    load_and_save,
    require_unaltered,
)
from perfpilot.tools.jmeter.check_plan_tool import check_plan_tool
from perfpilot.tools.jmeter.installation.home import Generator
from perfpilot.tools.jmeter.jmx.round_trip import alterations, classes, count_properties
from perfpilot.tools.jmeter.jmx.write import write_jmx
from perfpilot.tools.spec.write import dump_spec
from tests.tools.jmeter.jmx import real_jmeter
from tests.tools.jmeter.jmx.examples import curve, plan, scenario, spec

DESCRIBED = spec(
    {
        "name": "a",
        "method": "POST",
        "path": "/a?${id}",
        "body": "é \\ ${id}\r\n<&>]]>",
        "headers": {"X": "1"},
    },
    test_data={"values": {"id": ["1"]}},
)
PLANNED = plan(
    scenario("a", load=curve((5, 1, 2))),
    scenario("a", load=curve((5, 1, 2)), engine=Engine.STEERED_RATE, name="steered"),
)
WRITTEN = write_jmx(DESCRIBED, PLANNED).xml


@pytest.fixture
def generator() -> Generator:
    java, jmeter = real_jmeter.generator()
    return Generator(java=java, jmeter=jmeter)


async def test_a_plan_is_proved_by_jmeter_and_nothing_is_left_behind(
    generator: Generator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    proof = await check_plan(DESCRIBED, PLANNED, generator)
    assert proof.jmeter == generator.jmeter.version
    assert [(each.name, each.samplers) for each in proof.plans] == [("load", 2), ("smoke", 2)]
    assert proof.plans[0].elements == classes(WRITTEN).total()
    assert proof.plans[0].properties == count_properties(WRITTEN) > 50
    assert proof.plans[0].evaluated > proof.plans[1].evaluated > 0
    assert list(tmp_path.iterdir()) == []


async def test_the_face_proves_the_plan_of_a_run(generator: Generator, tmp_path: Path) -> None:
    run = RunDirectory.create(tmp_path, "20261122-000000-x-abcdef")
    run.write_text("spec.effective.yaml", dump_spec(DESCRIBED))
    run.write("plan.json", PLANNED)
    run.write("generator.json", generator)
    with blockbuster_ctx():
        message = await check_plan_tool.ainvoke(
            {"type": "tool_call", "id": "1", "name": "check_plan", "args": {"run_dir": str(run.path)}}
        )
    assert isinstance(message, ToolMessage) and isinstance(message.artifact, PlanProof)
    assert "loads the plan and saves it unchanged (load: " in str(message.content)


async def test_names_are_arguments_and_plans_are_data(generator: Generator, tmp_path: Path) -> None:
    """A file name with everything that a shell knows, and a plan that would write a file were it run."""
    name = "a b;'\"$(touch x)`${__time()}.jmx"
    harm = f"${{__groovy(new File('{tmp_path}/harm').text='1')}}${{__StringToFile({tmp_path}/harm,1)}}"
    (tmp_path / name).write_bytes(WRITTEN.replace(b">Bearer<", b"><").replace(b">X<", f">{harm}<".encode()))
    assert harm.encode() in (tmp_path / name).read_bytes()
    loaded = await load_and_save(generator, tmp_path, [name])
    assert loaded[name].done
    assert loaded[name].seen[harm] == ("__groovy", "__StringToFile")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "prefs") == sorted(
        [name, f"{name}.saved"]
    )


async def test_a_plan_that_jmeter_does_not_take_fails_with_the_reason(
    generator: Generator, tmp_path: Path
) -> None:
    bad = WRITTEN.replace(b"HTTPSamplerProxy", b"NoSuchSampler")
    (tmp_path / "bad.jmx").write_bytes(bad)
    (tmp_path / "good.jmx").write_bytes(WRITTEN)
    loaded = await load_and_save(generator, tmp_path, ["bad.jmx", "good.jmx"])
    with pytest.raises(SpecError, match=r"JMeter can't load the load plan: .*NoSuchSampler"):
        require_unaltered("load", bad, b"", loaded["bad.jmx"])
    require_unaltered("load", WRITTEN, (tmp_path / "good.jmx.saved").read_bytes(), loaded["good.jmx"])


async def test_a_reference_that_our_scanner_does_not_see_fails(generator: Generator, tmp_path: Path) -> None:
    (tmp_path / "plan.jmx").write_bytes(WRITTEN)
    loaded = (await load_and_save(generator, tmp_path, ["plan.jmx"]))["plan.jmx"]
    saved = (tmp_path / "plan.jmx.saved").read_bytes()
    loaded.seen["$ {__time()}"] = ("__time",)
    with pytest.raises(SpecError, match="JMeter finds __time in"):
        require_unaltered("load", WRITTEN, saved, loaded)


@pytest.mark.parametrize("program", ["/bin/false", "/bin/true", "/no/such/java"])
async def test_a_java_that_does_not_answer_is_not_ready(
    program: str, generator: Generator, tmp_path: Path
) -> None:
    broken = generator.model_copy(update={"java": generator.java.model_copy(update={"executable": program})})
    with pytest.raises(NotReadyError, match="perfpilot doctor"):
        await check_plan(DESCRIBED, PLANNED, broken)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b">UTF-8<", b">utf-8<", "was stringProp 'UTF-8' and came back as stringProp 'utf-8'"),
        (b'<stringProp name="HTTPSampler.method">POST</stringProp>', b"", "HTTPSampler.method was lost"),
        (b">POST</stringProp>", b'>POST</stringProp><stringProp name="n">v</stringProp>', "/n was added"),
        (b"boolProp", b"stringProp", "was boolProp 'true' and came back as stringProp 'true'"),
        (b'testname="a"', b'testname="A"', "came back as"),
        (b"<CookieManager", b"<CacheManager", "came back as another one"),
        (b'="HTTPArgument"', b'="Header"', "'HTTPArgument' and came back as elementProp 'Header'"),
    ],
)  # fmt: skip
def test_each_alteration_is_told(old: bytes, new: bytes, said: str) -> None:
    assert old in WRITTEN
    changed = WRITTEN.replace(old, new)
    if b"Manager" in old:
        changed = changed.replace(b"</" + old[1:], b"</" + new[1:])
    assert any(said in text for text in alterations(WRITTEN, changed))
    counted = LoadedPlan(classes=classes(WRITTEN), classes_again=classes(WRITTEN), done=True)
    with pytest.raises(SpecError, match="JMeter alters the load plan"):
        require_unaltered("load", WRITTEN, changed, counted)


def test_another_order_of_properties_is_no_alteration() -> None:
    lines = WRITTEN.decode().split("\n")
    at = next(i for i, line in enumerate(lines) if "HTTPSampler.protocol" in line)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    assert alterations(WRITTEN, "\n".join(lines).encode()) == []


def test_another_order_of_headers_is_one() -> None:
    described = spec({"name": "a", "path": "/", "headers": {"X-A": "1", "X-B": "2"}})
    written = write_jmx(described, plan(scenario("a", load=curve((5, 1, 2))))).xml
    swapped = written.replace(b"X-A", b"X-C").replace(b"X-B", b"X-A").replace(b"X-C", b"X-B")
    assert len(alterations(written, swapped)) == 2
