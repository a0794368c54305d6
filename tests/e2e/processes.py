"""The command as a real process, and the JMeter processes that belong to a run."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml


@dataclass
class Command:
    """A started `perfpilot`. Its output goes to a file that can be read while it runs."""

    process: asyncio.subprocess.Process
    output: Path

    async def ends(self, within_s: float = 120) -> int:
        """Its exit code; kills it and fails the test where it does not end."""
        try:
            return await asyncio.wait_for(self.process.wait(), within_s)
        except TimeoutError:
            self.process.kill()
            raise AssertionError(f"did not end within {within_s} s:\n{self.text()}") from None

    def text(self) -> str:
        """All that it has written so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    async def says(self, text: str, within_s: float = 90) -> None:
        """Wait until its output holds the text."""
        for _ in range(int(within_s * 10)):
            if text in self.text():
                return
            if self.process.returncode is not None:
                break
            await asyncio.sleep(0.1)
        raise AssertionError(f"never said {text!r}:\n{self.text()}")

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)


async def perfpilot(*arguments: str, directory: Path, **environment: str) -> Command:
    """Start the command in a directory, with `runs` below it."""
    output = directory / f"output-{len(list(directory.glob('output-*')))}.txt"
    with output.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "perfpilot",
            *arguments,
            cwd=directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "PERFPILOT_RUNS": str(directory / "runs"), **environment},
        )
    return Command(process, output)


def write_spec(directory: Path, spec: dict[str, Any]) -> str:
    """Write a description and return its file name."""
    path = directory / "spec.yaml"
    path.write_text(yaml.safe_dump(spec), encoding="utf-8")
    return str(path)


def only_run(directory: Path) -> Path:
    """The one run directory below `runs`."""
    runs = [path for path in (directory / "runs").iterdir() if path.is_dir()]
    assert len(runs) == 1, runs
    return runs[0]


def jmeters_of(run: Path) -> list[psutil.Process]:
    """Living JMeter processes of a run, by the marker on their command line."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(f"-Jperfpilot.run={run.name}" in argument for argument in process.info["cmdline"] or ()):
            found.append(process)
    return found


async def load_runs(run: Path, samples: int = 100, within_s: float = 90) -> None:
    """Wait until the first attempt's load has written so many samples."""
    results = run / "attempts" / "1" / "results.jtl"
    for _ in range(int(within_s * 10)):
        if results.is_file() and results.read_bytes().count(b"\n") > samples:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the load never began")
