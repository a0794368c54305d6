"""draw, prove and write the plan of a test; sends nothing"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from perfpilot.cli.arguments import add_jmeter_home

if TYPE_CHECKING:
    from perfpilot.domain.plan import Plan
    from perfpilot.domain.policy import Envelope, Policy
    from perfpilot.domain.spec import Spec
    from perfpilot.tools.jmeter.check_plan import PlanProof, ProvedPlan

_WIDEST = 120
_DRAWN_HERE = ""
_GUARDED = (
    "perfpilot's guard: the plan evaluates perfpilot's own templates and declared variables and nothing "
    "else, holds no element but those of the closed list, goes to the target only, and has a time-out for "
    "every request."
)

EXAMPLES = """\
examples:
  perfpilot plan SPEC                   draws the load and writes SPEC.jmx
  perfpilot plan SPEC --show            draws the load, lists what would run, writes nothing
  perfpilot plan SPEC --show load.svg   the same, and a chart (.svg or .png)
  perfpilot plan SPEC --check           proves the plan: JMeter itself loads it and saves it unchanged

exit codes: 0 planned, shown or proved, 2 the description, the plan or the command line is wrong,
4 with --check: there is no Java or JMeter to ask
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`plan SPEC [--show [FILE]] [--check] [--out FILE]`."""
    parser.add_argument("spec", metavar="SPEC", help="the description, a YAML file")
    parser.add_argument(
        "--show", nargs="?", const=_DRAWN_HERE, metavar="FILE",
        help="draw the load and list what would run; with FILE (.png or .svg) also a chart; writes no JMX",
    )  # fmt: skip
    parser.add_argument(
        "--check", action="store_true", help="prove the plan with JMeter itself; writes no JMX without --out"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="the JMX (default: SPEC.jmx here)")
    parser.add_argument("--force", action="store_true", help="replace FILE where it exists")
    add_jmeter_home(parser)


def run(options: argparse.Namespace) -> int:
    """Plan as a run would, with the defaults that it would add, inside the operator's limits."""
    from perfpilot.cli.columns import cleaned
    from perfpilot.cli.load_drawing import drawn_plan
    from perfpilot.planning.defaults import with_defaults
    from perfpilot.planning.plan import make_plan
    from perfpilot.tools.jmeter.check_plan import written_plans
    from perfpilot.tools.spec.policy import load_policy
    from perfpilot.tools.spec.read import load_spec

    chart = _chart_file(options)
    asked, policy = load_spec(options.spec), load_policy(os.environ.get("PERFPILOT_POLICY", ""))
    spec, _ = with_defaults(asked, policy)
    plan = make_plan(spec, 1, envelope=_limits(spec, policy))
    written_plans(spec, plan)  # a plan that our own guard refuses is neither drawn nor written
    only_jmx = options.show is None and not options.check
    proof = _proof(spec, plan, policy, options.jmeter_home) if options.check else None
    wrote: list[Path] = []
    if chart:
        _write_chart(chart, plan, spec.test_name, options.force)
        wrote.append(chart)
    if options.out or only_jmx:
        out = options.out or Path(f"{Path(options.spec).stem}.jmx")
        wrote += _write(out, spec, plan, policy, options.force)
    if options.show is not None or only_jmx:
        print(cleaned("\n".join(drawn_plan(plan, spec.test_name, _columns()))))
    if proof:
        _tell(proof)
    for path in wrote:
        print(f"wrote {path}")
    return 0


def _chart_file(options: argparse.Namespace) -> Path | None:
    """The chart that was asked for. Raises SpecError before anything is planned or written."""
    from perfpilot.domain.errors import SpecError

    if options.show is not None and options.out:
        raise SpecError("--show writes no JMX, so --out has no meaning", mend="leave out one of them")
    if not options.show:
        return None
    path = Path(options.show)
    if path.suffix.lower() not in (".png", ".svg"):
        raise SpecError(
            f"--show {path}: a chart is a .png or a .svg", mend=f"--show {path.stem or 'load'}.svg"
        )
    return path


def _columns() -> int:
    return min(shutil.get_terminal_size().columns, _WIDEST)


def _write_chart(path: Path, plan: Plan, title: str, replace: bool) -> None:
    from perfpilot.cli.new_files import write_new
    from perfpilot.reporting.charts.load import load_chart

    content = load_chart(plan, title, "png" if path.suffix.lower() == ".png" else "svg")
    write_new(path, content, replace=replace, option="--show")


def _proof(spec: Spec, plan: Plan, policy: Policy, jmeter_home: str | None) -> PlanProof:
    """Prove the plan, and that the files are there which it uploads.

    Installs nothing; raises NotReadyError where there is no Java or JMeter.
    """
    import asyncio

    from perfpilot.tools.jmeter.jmx.write import write_jmx
    from perfpilot.tools.testdata.uploads import find_uploads

    find_uploads(write_jmx(spec, plan).uploads, policy.data_roots)
    return asyncio.run(_asked_jmeter(spec, plan, jmeter_home))


def _tell(proof: PlanProof) -> None:
    from perfpilot.reporting.plain_text import wrapped

    print("proved")
    for text in (_GUARDED, *(_proved(proof.jmeter, each) for each in proof.plans)):
        first, *more = wrapped(text, _columns() - 4)
        print("\n".join([f"  {first}", *(f"    {line}" for line in more)]))


def _proved(jmeter: str, plan: ProvedPlan) -> str:
    return (
        f"JMeter {jmeter}: the {plan.name} plan loads and is saved again unchanged: {plan.elements} "
        f"elements, {plan.samplers} of them requests, {plan.properties} properties. Its own parser finds "
        f"references in {plan.evaluated} texts, all of them perfpilot's."
    )


async def _asked_jmeter(spec: Spec, plan: Plan, jmeter_home: str | None) -> PlanProof:
    from perfpilot.tools.jmeter.check_plan import check_plan
    from perfpilot.tools.jmeter.installation.home import Generator, look_for_jmeter
    from perfpilot.tools.jmeter.installation.java import find_java

    java = await find_java(install=False)
    jmeter = await look_for_jmeter(jmeter_home)
    return await check_plan(spec, plan, Generator(java=java, jmeter=jmeter))


def _limits(spec: Spec, policy: Policy) -> Envelope:
    """The operator's limits as an envelope. No name is resolved for it: a plan is made offline."""
    from perfpilot.domain.policy import Envelope
    from perfpilot.planning.guard.hosts import target_hosts

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


def _write(out: Path, spec: Spec, plan: Plan, policy: Policy, replace: bool) -> list[Path]:
    """The JMX, and beside it all that it reads: data, uploads, control files, properties.

    A run has copies of its own. Secrets are not among them.
    """
    from perfpilot.cli.new_files import write_new
    from perfpilot.tools.jmeter.jmx.write import write_jmx
    from perfpilot.tools.jmeter.properties import write_properties
    from perfpilot.tools.testdata.uploads import find_uploads

    written = write_jmx(spec, plan)
    uploads = find_uploads(written.uploads, policy.data_roots)
    files: dict[Path, str | bytes] = {out: written.xml}
    files |= {
        out.parent / name: text for name, text in {**written.data_files, **written.control_files}.items()
    }
    files |= {out.parent / place: source.read_bytes() for place, source in uploads.items()}
    for path, content in files.items():
        write_new(path, content, replace=replace)
    if not written.properties:
        return list(files)
    literals = out.with_suffix(".properties")
    write_new(literals, "", replace=replace)
    write_properties(literals, written.properties)
    return [*files, literals]
