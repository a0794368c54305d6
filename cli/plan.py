"""write the JMeter plan of a test and draw its load curve; sends nothing"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perfpilot.domain.plan import Plan
    from perfpilot.domain.policy import Envelope
    from perfpilot.domain.spec import Spec

_WIDEST = 120


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`plan SPEC [--out FILE]`."""
    parser.add_argument("spec", metavar="SPEC", help="the description, a YAML file")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the JMX (default: SPEC.jmx here)")
    parser.add_argument("--force", action="store_true", help="replace FILE where it exists")


def run(options: argparse.Namespace) -> int:
    """Plan as a run would, with the defaults that it would add, inside the operator's limits."""
    from perfpilot.cli.columns import cleaned
    from perfpilot.cli.load_drawing import drawn_plan
    from perfpilot.planning.defaults import with_defaults
    from perfpilot.planning.plan import make_plan
    from perfpilot.tools.spec.read import load_spec

    spec, _ = with_defaults(load_spec(options.spec))
    plan = make_plan(spec, 1, envelope=_limits(spec))
    written = _write(options.out or Path(f"{Path(options.spec).stem}.jmx"), spec, plan, options.force)
    columns = min(shutil.get_terminal_size().columns, _WIDEST)
    print(cleaned("\n".join(drawn_plan(plan, spec.test_name, columns))))
    print()
    for path in written:
        print(f"wrote {path}")
    return 0


def _limits(spec: Spec) -> Envelope:
    """The operator's limits as an envelope. No name is resolved for it: a plan is made offline."""
    from perfpilot.domain.policy import Envelope
    from perfpilot.planning.hosts import target_hosts
    from perfpilot.tools.spec.policy import load_policy

    policy = load_policy(os.environ.get("PERFPILOT_POLICY", ""))
    return Envelope(
        hosts=target_hosts(spec),
        addresses=(),
        peak_rate_per_s=policy.max_rate_per_s,
        users=policy.max_users,
        requests=policy.max_requests,
        wall_time_s=policy.max_duration,
        needs_approval=False,
        why="",
    )


def _write(out: Path, spec: Spec, plan: Plan, replace: bool) -> list[Path]:
    """The JMX, and beside it the data and properties that it reads. A run has copies of its own."""
    from perfpilot.cli.new_files import write_new
    from perfpilot.tools.jmeter.jmx.write import write_jmx
    from perfpilot.tools.jmeter.properties import write_properties

    written = write_jmx(spec, plan)
    files = {out: written.xml.decode()}
    files |= {out.parent / name: text for name, text in written.data_files.items()}
    for path, text in files.items():
        write_new(path, text, replace=replace)
    if not written.properties:
        return list(files)
    literals = out.with_suffix(".properties")
    write_new(literals, "", replace=replace)
    write_properties(literals, written.properties)
    return [*files, literals]
