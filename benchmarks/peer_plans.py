"""Our plans and those of peers, for the same five journeys, measured at the target.

    python benchmarks/peer_plans.py [--quick] [--only CASES] [--keep DIRECTORY]

Every plan runs on the same JMeter 5.6.3 with the same heap, properties and command against the same target on
loopback. Four loads: even arrivals, random arrivals in two stages, users who think, and a weighted mix.
Arrivals, mix, users and think times are taken from the target's record, never from JMeter's.

Peers are fetched into a temporary directory (or DIRECTORY, where they stay for the next time): Taurus by pip
from PyPI, jmeter-java-dsl and the JMeter plug-ins that both need by Maven. What can't be fetched is left out,
and the output says so. Takes about ten minutes; `--quick` about seven, with fewer seconds to judge by.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from peers import recorded, running
from peers.cases import Case, cases
from peers.java_dsl import JavaDsl
from peers.judge import Finding, Verdict, judge
from peers.layout import Layout, Tool
from peers.ours import Perfpilot
from peers.taurus import REQUIREMENT, Taurus

from perfpilot.tools.jmeter.installation.home import Generator

_QUICK = 0.6


def main() -> int:
    """Fetch peers, run every case with every tool in turns, print a table for each case."""
    parser = argparse.ArgumentParser(description="our plans and those of peers, measured at the target")
    parser.add_argument("--quick", action="store_true", help="loads of 18 s in the place of 30 s")
    parser.add_argument("--only", default="ABCD", help="cases to run, such as AD")
    parser.add_argument("--keep", type=Path, help="directory for peers and runs that stays")
    options = parser.parse_args()
    begun = time.monotonic()
    failed = 0
    with _directory(options.keep) as directory:
        generator, tools = prepare(directory)
        for case in cases(_QUICK if options.quick else 1.0):
            if case.key in options.only:
                failed += _compare(case, tools, generator, directory)
    print(f"perfpilot failed {failed} criteria. {time.monotonic() - begun:.0f} s in all.")
    return 1 if failed else 0


@contextmanager
def _directory(keep: Path | None) -> Iterator[Path]:
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="perfpilot-peers-") as path:
        yield Path(path)


def prepare(directory: Path) -> tuple[Generator, list[Tool]]:
    """The JMeter that all run on, and the tools that could be had."""
    generator = running.find_generator()
    tools: list[Tool] = [Perfpilot()]
    home = directory / "jmeter"
    try:
        dsl = _java_dsl(directory / "java-dsl")
        tools.append(dsl)
        if not home.exists():
            running.with_plugins(generator, home, dsl.plugins())
        generator = running.at_home(generator, home)
        tools.insert(1, _taurus(directory / "taurus", home))
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        print(f"left out: {error}")
    print(f"JMeter {generator.jmeter.version} at {generator.jmeter.path}, Java {generator.java.major}")
    return generator, tools


def _java_dsl(directory: Path) -> JavaDsl:
    if directory.exists():
        return JavaDsl(directory)
    print(f"fetching jmeter-java-dsl and JMeter plug-ins with Maven into {directory}", flush=True)
    return JavaDsl.install(directory)


def _taurus(environment: Path, home: Path) -> Taurus:
    if environment.exists():
        return Taurus(environment, home)
    print(f"installing {REQUIREMENT} with pip into {environment}", flush=True)
    return Taurus.install(environment, home)


def _compare(case: Case, tools: Sequence[Tool], generator: Generator, directory: Path) -> int:
    """Run a case with all tools and print what the target saw. Returns how many criteria perfpilot failed."""
    print(f"\nCase {case.key}: {case.title}, {case.duration_s} s", flush=True)
    columns: dict[str, list[Finding]] = {}
    notes: list[str] = []
    for tool in tools:
        own = Path(tempfile.mkdtemp(prefix=f"{case.key}-{tool.name}-", dir=directory))
        port = running.free_port()
        try:
            layout = tool.write(case, port, own)
            ran = running.run(generator, own, layout.plans, layout.properties, port, case.duration_s)
            record = recorded.read(ran.record)
            begins_s = _begins_s(layout, own, record, ran)
        except (RuntimeError, ValueError) as error:
            notes.append(f"{tool.name}: {error}")
            continue
        columns[tool.name] = judge(case, record, begins_s=begins_s, processes=len(layout.plans))
        spent = ran.spent_in_all()
        notes.append(
            f"{tool.name}: {len(layout.plans)} JMeter, {len(record.at_s)} requests in {ran.wall_s:.0f} s, "
            f"JMeter's processor time {spent.jmeter_s:.0f} s, others used {spent.others:.0%} of the machine"
        )
    _print_table(columns)
    print("\n".join(notes), flush=True)
    if "perfpilot" not in columns:
        return 1
    return sum(finding.verdict is Verdict.FAIL for finding in columns["perfpilot"])


def _begins_s(layout: Layout, directory: Path, record: recorded.Recorded, ran: running.Ran) -> float | None:
    """When the load begins by the plan, in the record's time; None where the plan does not say."""
    if layout.lead_s is None:
        return None
    started_ns = running.test_started_ns(directory, layout.plans[0])
    return (started_ns - ran.wall_ns - record.begun_ns) / 1e9 + layout.lead_s


def _print_table(columns: dict[str, list[Finding]]) -> None:
    criteria = list(dict.fromkeys(f.criterion for findings in columns.values() for f in findings))
    rows = [["", *columns]]
    for criterion in criteria:
        row = [criterion]
        for findings in columns.values():
            cells = [f"{f.seen} {f.verdict}".rstrip() for f in findings if f.criterion == criterion]
            row.append(cells[0] if cells else "")
        rows.append(row)
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
