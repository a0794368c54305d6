"""A program that runs a test: `python examples/embed.py SPEC` shows the load and ends with the verdict.

The whole of perfpilot is behind one call. `perfpilot.run` is the same for programs with an event loop.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import perfpilot


def show(message: dict[str, Any]) -> None:
    """Told everything that happens: steps, notes, alerts, steering, and figures of the load."""
    if message["kind"] == "node" and message["state"] == "begins":
        print(f"{message['node']} ...")
    elif message["kind"] in ("note", "steering"):
        print(f"  {message['text']}")
    elif message["kind"] == "alert":
        print(f"  {message['severity']} alert {message['state']}: {message['name']}: {message['text']}")
    elif message["kind"] == "live":  # about once a second
        figures = message["figures"]  # the fields of perfpilot.domain.live.LiveFigures
        print(f"  {figures['t_s']:.0f} s: {figures['reached_per_s']:.0f}/s, {figures['errors']} errors")


def main(arguments: list[str]) -> int:
    """Run the description and say what became of it."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    try:
        result = perfpilot.run_sync(Path(arguments[0]), watch=show)
    except perfpilot.ApprovalRequired as wanted:  # pass approve= to answer it here
        print(wanted)
        return wanted.exit_code
    except perfpilot.PerfpilotError as error:  # its message names the mend
        print(error)
        return error.exit_code
    for threshold in result.thresholds:
        value = "-" if threshold.value is None else f"{threshold.value:.4g} {threshold.unit}"
        print(f"{threshold.decision.value:9}  {threshold.text:30}  {value}")
    print(result.outcome.verdict or result.outcome.status, *result.outcome.reasons, sep="\n  ")
    return result.outcome.exit_code()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
