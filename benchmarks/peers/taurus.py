"""Taurus (bzt from PyPI): one execution for each journey, as its documentation weighs journeys.

Taurus writes a plan for each execution and starts a JMeter for each; so does this comparison. Its rate is
one of requests, by the Throughput Shaping Timer plug-in over a Concurrency Thread Group: there is no rate of
arrivals, and no random arrivals.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from peers.cases import RESPONSE_TIMEOUT_S, Case
from peers.journeys import WORDS, Journey, Step
from peers.layout import Layout

REQUIREMENT = "bzt==1.17.2"
_TIMEOUT_S = 600
_GENERATE = Path(__file__).with_name("taurus_generate.py")


class Taurus:
    """Taurus in an environment of its own."""

    name = "taurus"

    def __init__(self, environment: Path, jmeter_home: Path) -> None:
        self._python, self._home = environment / "bin" / "python", jmeter_home

    @classmethod
    def install(cls, environment: Path, jmeter_home: Path) -> Taurus:
        """Install it by pip into a new environment. Raises CalledProcessError where pip can't."""
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True, timeout=_TIMEOUT_S)
        pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", REQUIREMENT]
        subprocess.run(pip, check=True, timeout=_TIMEOUT_S)
        # Taurus asks the launcher for its version before it writes a plan. It is us who start JMeter, so a
        # launcher that does nothing will do; where there is none Taurus downloads a JMeter of its own.
        launcher = jmeter_home / "bin" / "jmeter"
        launcher.write_text("#!/bin/sh\nexit 0\n", encoding="ascii")
        launcher.chmod(0o755)
        return cls(environment, jmeter_home)

    def write(self, case: Case, port: int, directory: Path) -> Layout:
        """Let Taurus prepare the case in the directory; nothing is started."""
        (directory / "words.csv").write_text("\n".join(["word", *WORDS]) + "\n", encoding="utf-8")
        configuration = directory / "taurus.json"
        configuration.write_text(json.dumps(self._configuration(case, port, directory)), encoding="utf-8")
        command = [str(self._python), str(_GENERATE), str(configuration), str(directory)]
        done = subprocess.run(command, cwd=directory, timeout=_TIMEOUT_S, capture_output=True, text=True)
        plans = tuple(sorted(path.name for path in directory.glob("modified_*.jmx")))
        if done.returncode or len(plans) != len(case.journeys):
            raise RuntimeError(
                f"Taurus wrote {len(plans)} of {len(case.journeys)} plans: {done.stderr[-2000:]}"
            )
        return Layout(plans)

    def _configuration(self, case: Case, port: int, directory: Path) -> dict[str, Any]:
        return {
            "execution": [
                {"executor": "jmeter", "scenario": journey.name, **_load(case, journey)}
                for journey in case.journeys
            ],
            "scenarios": {
                journey.name: {
                    "default-address": f"http://127.0.0.1:{port}",
                    "timeout": f"{RESPONSE_TIMEOUT_S:g}s",
                    "retrieve-resources": False,
                    "store-cache": False,
                    "data-sources": [{"path": str(directory / "words.csv"), "delimiter": ","}],
                    "requests": [_request(step, even=case.even) for step in journey.steps],
                }
                for journey in case.journeys
            },
            "modules": {"jmeter": {"path": str(self._home / "bin" / "jmeter"), "detect-plugins": False}},
            "settings": {"artifacts-dir": str(directory), "check-updates": False},
        }


def _load(case: Case, journey: Journey) -> dict[str, Any]:
    if case.model == "closed":
        return {"concurrency": case.users_of(journey), "hold-for": f"{case.duration_s}s"}
    # Two equal steps up to the peak are the only two stages that Taurus can be asked for.
    rate = case.peak * case.share(journey) * len(journey.steps)
    load: dict[str, Any] = {"concurrency": case.users_for(journey), "throughput": rate}
    if len(case.stages) == 1:
        return {**load, "hold-for": f"{case.duration_s}s"}
    return {**load, "ramp-up": f"{case.duration_s}s", "steps": len(case.stages)}


def _request(step: Step, *, even: bool) -> dict[str, Any]:
    request: dict[str, Any] = {"url": step.path, "label": step.name, "method": step.method}
    if step.think_s:
        milliseconds = round(step.think_s * 1000)
        request["think-time"] = (
            f"{milliseconds}ms" if even else f"uniform({milliseconds}ms,{milliseconds // 2}ms)"
        )
    if step.body:
        request["body"] = step.body
        request["headers"] = {"Content-Type": "application/json"}
    if step.extract:
        request["extract-jsonpath"] = {step.extract: f"$.{step.extract}"}
    return request
