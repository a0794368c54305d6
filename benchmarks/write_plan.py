"""How long a plan of many endpoints takes: to read, plan, write and guard, and to be loaded by JMeter.

    python benchmarks/write_plan.py [ENDPOINTS]

Prints seconds, each the best of three. JMeter's figures hold its start, and loading the plan twice and saving
it once: what many endpoints cost is the difference to a plan of one.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from perfpilot.domain.plan import Plan
from perfpilot.domain.policy import Envelope
from perfpilot.domain.spec import Spec
from perfpilot.planning.defaults import with_defaults
from perfpilot.planning.plan import make_plan
from perfpilot.tools.jmeter.check_plan import load_and_save
from perfpilot.tools.jmeter.installation.home import Generator, find_jmeter
from perfpilot.tools.jmeter.installation.java import find_java
from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.write import write_jmx
from perfpilot.tools.jmeter.properties import write_hosts
from perfpilot.tools.spec.read import parse_spec

ROUNDS = 3


def description(endpoints: int) -> dict[str, Any]:
    """Half of them POST with a JSON body and a check, half GET with a query and an extractor."""
    return {
        "test_name": "many endpoints",
        "environment": {"base_url": "http://127.0.0.1:8080", "headers": {"Accept": "application/json"}},
        "endpoints": [_endpoint(number) for number in range(endpoints)],
        "load_patterns": [{"constant": {"level": endpoints, "duration": "10m", "ramp": "30s"}}],
        "test_data": {"values": {"word": ["lamp", "oak", "vase"]}},
    }


def planned(endpoints: int) -> tuple[Spec, Plan]:
    """The description and its plan, in an envelope that they fit into."""
    spec, _ = with_defaults(parse_spec(description(endpoints)))
    roomy = Envelope(
        hosts=(), addresses=(), peak_rate_per_s=1e9, users=10**9, requests=10**12, wall_time_s=1e9,
        needs_approval=False, why="",
    )  # fmt: skip
    return spec, make_plan(spec, 1, envelope=roomy)


def _endpoint(number: int) -> dict[str, Any]:
    if number % 2:
        return {
            "name": f"post {number}", "method": "POST", "path": f"/things/{number}",
            "body": {"word": "${word}", "text": "a \\ b"}, "expect": {"status": [201]},
        }  # fmt: skip
    return {
        "name": f"get {number}", "path": f"/things/{number}", "query": {"q": "${word}"},
        "extract": [{"name": f"id_{number}", "json_path": "$.id", "optional": True}],
    }  # fmt: skip


def best_of(rounds: int, work: Callable[[], object]) -> float:
    """Seconds of the fastest round: what else the machine does only makes a round longer."""
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


async def _generator() -> Generator:
    java = await find_java()
    return Generator(java=java, jmeter=await find_jmeter(java))


def main() -> None:
    endpoints = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    text = description(endpoints)
    spec, plan = planned(endpoints)
    xml = write_jmx(spec, plan).xml

    def guard() -> None:
        check_functions(xml)
        lint(xml, spec)

    print(f"{endpoints} endpoints, {len(xml) / 1e6:.1f} MB of XML; best of {ROUNDS}")
    for name, work in (
        ("read", lambda: parse_spec(text)),
        ("plan", lambda: planned(endpoints)),
        ("write", lambda: write_jmx(spec, plan)),
        ("guard", guard),
    ):
        print(f"{name:>24}  {best_of(ROUNDS, work):6.2f} s")
    generator = asyncio.run(_generator())
    for name, plan_xml in (
        ("JMeter, one endpoint", write_jmx(*planned(1)).xml),
        ("JMeter, all of them", xml),
    ):
        with tempfile.TemporaryDirectory() as directory:
            seconds = best_of(ROUNDS, lambda: _loaded(generator, Path(directory), plan_xml))  # noqa: B023
        print(f"{name:>24}  {seconds:6.2f} s")


def _loaded(generator: Generator, directory: Path, xml: bytes) -> None:
    (directory / "plan.jmx").write_bytes(xml)
    write_hosts(directory / "hosts", ())
    said = asyncio.run(load_and_save(generator, directory, ["plan.jmx"]))["plan.jmx"]
    if not said.done:
        raise SystemExit(f"JMeter does not load the plan: {said.refused}")


if __name__ == "__main__":
    main()
