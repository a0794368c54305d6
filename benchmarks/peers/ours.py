"""Our side: a description of the test, and the plan that perfpilot makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from peers.cases import RESPONSE_TIMEOUT_S, Case
from peers.journeys import WORDS, Journey, Step
from peers.layout import Layout
from perfpilot.domain.policy import Envelope
from perfpilot.planning.plan import EXPECTED_RESPONSE_S, make_plan
from perfpilot.tools.jmeter.jmx.guard import check_functions, lint
from perfpilot.tools.jmeter.jmx.write import write_jmx
from perfpilot.tools.spec.read import parse_spec

_ROOMY = Envelope(
    hosts=(),
    addresses=(),
    peak_rate_per_s=1e6,
    users=10**6,
    requests=10**9,
    wall_time_s=3600,
    needs_approval=False,
    why="a benchmark on loopback",
)


class Perfpilot:
    """perfpilot, by the library functions that its graph calls."""

    name = "perfpilot"

    def __init__(self, *, steered: bool = False, response_s: float = EXPECTED_RESPONSE_S) -> None:
        """`response_s` is what a probe of the target would have told the planner."""
        self._steered, self._response_s = steered, response_s

    def write(self, case: Case, port: int, directory: Path) -> Layout:
        """The plan of a case, written as an attempt has it."""
        spec = parse_spec(description(case, port, steered=self._steered))
        plan = make_plan(spec, 1, envelope=_ROOMY, expected_response_s=self._response_s)
        written = write_jmx(spec, plan)
        check_functions(written.xml)
        lint(written.xml, spec)
        (directory / "plan.jmx").write_bytes(written.xml)
        for name, text in {**written.control_files, **written.data_files}.items():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_text(text, encoding="utf-8")
        lead_s = written.lead_s if case.model == "open" else None
        return Layout(("plan.jmx",), written.properties, lead_s)


def description(case: Case, port: int, *, steered: bool) -> dict[str, Any]:
    """The case in the words of docs/spec.md."""
    level = "rate_per_s" if case.model == "open" else "users"
    stages = [{level: stage.level, "duration": f"{stage.duration_s}s"} for stage in case.stages]
    return {
        "version": 1,
        "test_name": f"case {case.key}",
        "environment": {
            "base_url": f"http://127.0.0.1:{port}",
            "timeouts": {"connect": "2s", "response": f"{RESPONSE_TIMEOUT_S:g}s"},
        },
        "endpoints": [_endpoint(step) for journey in case.journeys for step in journey.steps],
        "journeys": [_journey(journey) for journey in case.journeys],
        "load_patterns": [
            {
                "model": case.model,
                "arrivals": "even" if case.even else "random",
                "steered": steered,
                "stages": stages,
            }
        ],
        "test_data": {"values": {"word": list(WORDS)}},
    }


def _endpoint(step: Step) -> dict[str, Any]:
    endpoint: dict[str, Any] = {"name": step.name, "method": step.method, "path": step.path}
    if step.body:
        endpoint["body"] = step.body
        endpoint["headers"] = {"Content-Type": "application/json"}
    if step.extract:
        endpoint["extract"] = [{"name": step.extract, "json_path": f"$.{step.extract}"}]
    return endpoint


def _journey(journey: Journey) -> dict[str, Any]:
    return {
        "name": journey.name,
        "weight": journey.weight,
        "steps": [
            {"endpoint": step.name, "think_time": f"{step.think_s * 1000:.0f}ms"} for step in journey.steps
        ],
    }
