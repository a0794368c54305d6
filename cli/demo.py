"""test a small service of our own on this machine: a first look, about a minute

Starts a shop on the loopback interface, runs the whole workflow against it and ends it again.
"""

from __future__ import annotations

import argparse
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

from perfpilot.cli.arguments import (
    add_jmeter_home,
    add_no_model,
    add_runs_directory,
    add_showing,
    positive_number,
)

FAULTS = ("cpu", "lock", "slow_query", "pool", "errors")
"""The names of `demo.faults`, which this file must not import: a test compares them."""

SEVERITIES = ("low", "medium", "high")
RATE_PER_S, LOAD_S, RAMP_S = 55.0, 40.0, 5.0

EXAMPLES = """\
examples:
  perfpilot demo                      a healthy shop
  perfpilot demo --fault lock         a shop with a fault that perfpilot has to find by its effects
exit code: 0 whenever a report was written, whatever the verdict
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`demo [--fault NAME] [--severity LEVEL] [--rate N] [--seconds N]`."""
    parser.add_argument("--fault", choices=FAULTS, help="what is wrong with the shop (default: nothing)")
    parser.add_argument("--severity", choices=SEVERITIES, default="medium", help="how much (default: medium)")
    parser.add_argument(
        "--rate", type=positive_number, default=RATE_PER_S, metavar="N",
        help=f"customers who arrive per second, each sends 2 or 3 requests (default: {RATE_PER_S:g})",
    )  # fmt: skip
    parser.add_argument(
        "--seconds", type=_longer_than_the_ramp, default=LOAD_S, metavar="N",
        help=f"length of the load, {RAMP_S:g} s of ramp-up included (default: {LOAD_S:g})",
    )  # fmt: skip
    add_runs_directory(parser)
    add_jmeter_home(parser)
    add_showing(parser)
    add_no_model(parser)


def run(options: argparse.Namespace) -> int:
    """0 whenever a report was written; an error's own code otherwise."""
    from perfpilot.cli.driving import drive, finish
    from perfpilot.domain.outcome import ExitCode
    from perfpilot.graph import session
    from perfpilot.graph.context import Context

    with tempfile.TemporaryDirectory(prefix="perfpilot-demo-") as directory:

        async def work(**told: Any) -> Any:
            service = await _started(Path(directory), options)
            try:
                return await session.run(
                    demo_spec(service.base_url, options.rate, options.seconds),
                    runs_dir=options.runs_dir,
                    jmeter_home=options.jmeter_home,
                    context=Context(use_model=not options.no_model),
                    **told,
                )
            finally:
                await service.stop()

        title = f"demo shop ({options.fault}, {options.severity})" if options.fault else "demo shop (healthy)"
        result = drive(work, title=title, json=options.json)
    finish(result, options.runs_dir, json=options.json)
    return 0 if result else int(ExitCode.STOPPED)


def demo_spec(base_url: str, rate_per_s: float = RATE_PER_S, load_s: float = LOAD_S) -> dict[str, Any]:
    """The description in `demo/spec.yaml` with this address, this rate and this length."""
    import yaml

    spec: dict[str, Any] = yaml.safe_load(files("perfpilot.demo").joinpath("spec.yaml").read_text("utf-8"))
    spec["environment"]["base_url"] = base_url
    for stage, length_s in zip(spec["load_patterns"][0]["stages"], (RAMP_S, load_s - RAMP_S), strict=True):
        stage |= {"rate_per_s": rate_per_s, "duration": f"{length_s:g}s"}
    return spec


async def _started(directory: Path, options: argparse.Namespace) -> Any:
    from perfpilot.demo import launch
    from perfpilot.domain.errors import NotReadyError

    try:
        return await launch.start(directory=directory, fault=options.fault, severity=options.severity)
    except launch.ServiceNotStarted as error:
        raise NotReadyError(str(error), mend="perfpilot doctor looks at this machine") from error


def _longer_than_the_ramp(text: str) -> float:
    number = positive_number(text)
    if number < 2 * RAMP_S:
        raise argparse.ArgumentTypeError(f"{text}: give at least {2 * RAMP_S:g} s")
    return number
