"""Face of the proof of a plan, for nodes and for models."""

from __future__ import annotations

import asyncio
from pathlib import Path

from langchain_core.tools import tool

from perfpilot.domain.plan import Plan
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.check_plan import PlanProof, check_plan
from perfpilot.tools.jmeter.installation.home import Generator
from perfpilot.tools.spec.read import load_spec


@tool("check_plan", parse_docstring=True, response_format="content_and_artifact")
async def check_plan_tool(run_dir: str) -> tuple[str, PlanProof]:
    """Prove that JMeter loads the next plan of a run and saves it unchanged; sends nothing.

    Args:
        run_dir: Directory of the run.
    """
    run = RunDirectory(Path(run_dir))
    spec = await asyncio.to_thread(load_spec, run.path / "spec.effective.yaml")
    plan = await asyncio.to_thread(run.read, "plan.json", Plan)
    generator = await asyncio.to_thread(run.read, "generator.json", Generator)
    proof = await check_plan(spec, plan, generator)
    elements = ", ".join(f"{each.name}: {each.elements} elements" for each in proof.plans)
    return f"JMeter {proof.jmeter} loads the plan and saves it unchanged ({elements})", proof
