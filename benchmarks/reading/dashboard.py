"""JMeter's own report (`jmeter -g`) of a result file, as its launcher starts it.

    python -m benchmarks.reading.dashboard

prints where Java and JMeter are, as JSON; JMeter is installed where it is missing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.reading.own_process import Cost, run

_ROOT = Path(__file__).parents[2]

# What bin/jmeter gives the JVM if the environment says nothing.
_JVM = (
    "-Xms1g", "-Xmx1g", "-XX:MaxMetaspaceSize=256m", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=100",
    "-XX:G1ReservePercent=20", "-Djava.awt.headless=true",
)  # fmt: skip
QUANTILES = {"medianResTime": 0.5, "pct1ResTime": 0.9, "pct2ResTime": 0.95, "pct3ResTime": 0.99}


@dataclass(frozen=True)
class Dashboard:
    """A JMeter that makes reports."""

    java: str
    launcher: str

    @classmethod
    def find(cls) -> Dashboard:
        """The JMeter that perfpilot would use, found in a process of its own."""
        command = [sys.executable, "-m", "benchmarks.reading.dashboard"]
        found = subprocess.run(command, check=True, capture_output=True, text=True, cwd=_ROOT)
        return cls(**json.loads(found.stdout.splitlines()[-1]))

    def make(self, results: Path, directory: Path) -> tuple[Cost, dict[str, dict[str, Any]]]:
        """The report of a file: what it cost, and its statistics by label. Raises RuntimeError."""
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        report = directory / "report"
        command = [self.java, *_JVM, "-jar", self.launcher, "-g", str(results), "-o", str(report)]
        cost = run([*command, "-j", str(directory / "jmeter.log")], cwd=directory)
        statistics = report / "statistics.json"
        if not statistics.exists():
            raise RuntimeError(f"JMeter made no report: {cost.output[-2000:]}")
        return cost, json.loads(statistics.read_text(encoding="utf-8"))


def _find() -> None:
    import asyncio

    from perfpilot.tools.jmeter.installation.home import find_jmeter
    from perfpilot.tools.jmeter.installation.java import find_java

    async def both() -> dict[str, str]:
        java = await find_java()
        return {"java": java.executable, "launcher": (await find_jmeter(java)).launcher}

    print(json.dumps(asyncio.run(both())))


if __name__ == "__main__":
    _find()
