"""Proof of a plan before anything is sent: our own guard, then JMeter itself loads and saves it."""

from __future__ import annotations

import asyncio
import base64
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from perfpilot.domain.base import Frozen
from perfpilot.domain.errors import NotReadyError, SpecError
from perfpilot.domain.plan import Plan
from perfpilot.domain.spec import Spec
from perfpilot.tools.foreign_text import one_line
from perfpilot.tools.jmeter.environment import jvm_environment
from perfpilot.tools.jmeter.installation.command import run_to_end
from perfpilot.tools.jmeter.installation.home import Generator
from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.round_trip import alterations, classes, count_properties
from perfpilot.tools.jmeter.jmx.scanner import scan
from perfpilot.tools.jmeter.jmx.write import write_jmx
from perfpilot.tools.jmeter.properties import write_hosts

SCRIPT = Path(__file__).with_name("load_and_save.groovy")
SAVED = ".saved"

_TIMEOUT_S = 120.0
_JVM = (
    "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m", "-Djava.awt.headless=true",
    "-Duser.language=en", "-Duser.region=EN",
)  # fmt: skip
_MEND = "this is a fault of perfpilot: report it with the description"


class ProvedPlan(Frozen):
    """A plan that came back from JMeter as it was written."""

    name: str
    elements: int
    samplers: int
    properties: int
    evaluated: int  # texts in which JMeter's parser finds functions or variables: all of them ours


class PlanProof(Frozen):
    """What was proved, and by which JMeter."""

    jmeter: str
    plans: tuple[ProvedPlan, ...]


@dataclass
class LoadedPlan:
    """What JMeter said about one plan. `seen`: text -> names of the functions and variables in it."""

    refused: str = ""
    classes: Counter[str] = field(default_factory=Counter)
    classes_again: Counter[str] = field(default_factory=Counter)
    seen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    done: bool = False


def written_plans(spec: Spec, plan: Plan) -> dict[str, bytes]:
    """The load and the smoke pass as XML, by name, each past our own guard. Raises SpecError."""
    found = {}
    for name, smoke in (("load", False), ("smoke", True)):
        xml = write_jmx(spec, plan, smoke=smoke).xml
        check_functions(xml)
        lint(xml, spec)
        found[name] = xml
    return found


async def check_plan(spec: Spec, plan: Plan, generator: Generator) -> PlanProof:
    """Write the plan, let JMeter load it and save it again, and compare. Nothing is sent.

    Raises SpecError, with the reason, for a plan that our guard or JMeter does not take or that JMeter
    alters, and NotReadyError where JMeter's own classes can't be used.
    """
    plans = await asyncio.to_thread(written_plans, spec, plan)
    directory = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="perfpilot-check-"))
    try:
        await asyncio.to_thread(_lay_out, directory, plans)
        loaded = await load_and_save(generator, directory, [f"{name}.jmx" for name in plans])
        proved = await asyncio.to_thread(_proved, directory, plans, loaded)
    finally:
        await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)
    return PlanProof(jmeter=generator.jmeter.version, plans=proved)


async def load_and_save(
    generator: Generator, directory: Path, names: Sequence[str], *, timeout_s: float = _TIMEOUT_S
) -> dict[str, LoadedPlan]:
    """Let JMeter's SaveService load plans of a directory and save each beside it with `.saved`.

    `names` are files of `directory`, or directories in it that hold plans; they are the only arguments that
    the script gets. What a plan says is never part of a script. Needs no JDK: Groovy is among JMeter's own
    jars. Raises NotReadyError where that JVM can't do it.
    """
    command = [
        generator.java.executable,
        *_JVM,
        f"-Djdk.net.hosts.file={directory / 'hosts'}",
        f"-Djava.util.prefs.userRoot={directory / 'prefs'}",
        f"-Djmeter.home={generator.jmeter.path}",
        "-cp",
        await asyncio.to_thread(generator.jmeter.class_path),
        "groovy.ui.GroovyMain",
        str(SCRIPT),
        *names,
    ]
    try:
        done = await run_to_end(command, timeout_s=timeout_s, env=jvm_environment(), cwd=directory)
    except (OSError, TimeoutError) as error:
        raise _unusable(generator, str(error) or f"no answer within {timeout_s:.0f} s") from None
    try:
        loaded = _read(done.stdout.splitlines())
    except ValueError:
        raise _unusable(generator, done.last_words(1)) from None
    unheard = {name for name in names if name.endswith(".jmx")} - set(loaded)
    if done.returncode != 0 or unheard or not all(plan.done or plan.refused for plan in loaded.values()):
        raise _unusable(generator, done.last_words(1))
    return loaded


def require_unaltered(name: str, written: bytes, saved: bytes, loaded: LoadedPlan) -> None:
    """Raise SpecError, with the first reasons, unless JMeter took a plan as it was written."""
    if loaded.refused:
        raise SpecError(f"JMeter can't load the {name} plan: {one_line(loaded.refused, 300)}", mend=_MEND)
    if not classes(written) == loaded.classes == loaded.classes_again:
        raise SpecError(f"JMeter loads other elements of the {name} plan than were written", mend=_MEND)
    if changed := alterations(written, saved):
        raise SpecError(f"JMeter alters the {name} plan: {'; '.join(changed[:3])}", mend=_MEND)
    for text, names in loaded.seen.items():
        # Our scanner allowed every reference that it found; it must have found all that JMeter does.
        if tuple(reference.name for reference in scan(text).references) != names:
            raise SpecError(
                f"JMeter finds {', '.join(names)} in {text[:80]!r} of the {name} plan, which perfpilot's own "
                "guard does not",
                mend=_MEND,
            )


def _lay_out(directory: Path, plans: Mapping[str, bytes]) -> None:
    write_hosts(directory / "hosts", ())  # this JVM can reach nothing by name
    for name, xml in plans.items():
        (directory / f"{name}.jmx").write_bytes(xml)


def _proved(
    directory: Path, plans: Mapping[str, bytes], loaded: Mapping[str, LoadedPlan]
) -> tuple[ProvedPlan, ...]:
    found = []
    for name, xml in plans.items():
        said = loaded[f"{name}.jmx"]
        saved = directory / f"{name}.jmx{SAVED}"
        require_unaltered(name, xml, saved.read_bytes() if saved.is_file() else b"", said)
        counted = classes(xml)
        found.append(
            ProvedPlan(
                name=name,
                elements=sum(counted.values()),
                samplers=counted["HTTPSamplerProxy"],
                properties=count_properties(xml),
                evaluated=len(said.seen),
            )
        )
    return tuple(found)


def _read(lines: Sequence[str]) -> dict[str, LoadedPlan]:
    """What the script said, by the name of the plan. What JMeter itself may say is passed over."""
    found: dict[str, LoadedPlan] = {}
    plan = LoadedPlan()
    for line in lines:
        match line.split(" "):
            case ["PLAN", name]:
                plan = found.setdefault(_text(name), LoadedPlan())
            case ["CLASS", count, name]:
                plan.classes[name] = int(count)
            case ["AGAIN", count, name]:
                plan.classes_again[name] = int(count)
            case ["SEES", text, *names]:
                plan.seen[_text(text)] = tuple(map(_text, names))
            case ["FAILED", reason]:
                plan.refused = _text(reason) or "no reason given"
            case ["DONE"]:
                plan.done = True
    return found


def _text(encoded: str) -> str:
    return base64.b64decode(encoded, validate=True).decode()


def _unusable(generator: Generator, reason: str) -> NotReadyError:
    return NotReadyError(
        f"the JMeter at {generator.jmeter.path} could not be asked about the plan: {reason}",
        mend="perfpilot doctor",
    )
