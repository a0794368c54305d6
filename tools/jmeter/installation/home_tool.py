"""Faces of finding JMeter and checking the load generator, for nodes and for models."""

from __future__ import annotations

from typing import Any

from langchain_core.tools import tool

from perfpilot.tools.jmeter.doctor import check_generator
from perfpilot.tools.jmeter.installation.home import Generator, find_jmeter
from perfpilot.tools.jmeter.installation.java import find_java


@tool("find_jmeter", parse_docstring=True, response_format="content_and_artifact")
async def find_jmeter_tool(
    jmeter_home: str | None = None, install: bool = True
) -> tuple[str, dict[str, Any]]:
    """Find Java and JMeter on this machine, and install what is missing into the user's cache.

    The artefact is a `Generator`: {"java": {...}, "jmeter": {...}}.

    Args:
        jmeter_home: Directory of a JMeter to use; empty to look in JMETER_HOME, on PATH and in the cache.
        install: Whether a missing Java or JMeter may be downloaded and installed.
    """
    java = await find_java(install=install)
    jmeter = await find_jmeter(java, jmeter_home=jmeter_home, install=install)
    content = (
        f"JMeter {jmeter.version} at {jmeter.path} ({jmeter.source}), "
        f"Java {java.version} at {java.home} ({java.source})"
    )
    return content, Generator(java=java, jmeter=jmeter).model_dump(mode="json")


@tool("check_generator", parse_docstring=True, response_format="content_and_artifact")
async def check_generator_tool(
    jmeter_home: str | None = None, runs_dir: str = "runs"
) -> tuple[str, dict[str, Any]]:
    """Check whether this machine can generate load; changes and installs nothing.

    The artefact is {"checks": [{name, ok, found, where, problem, mend}, ...]}.

    Args:
        jmeter_home: Directory of a JMeter to check; empty to look in JMETER_HOME, on PATH and in the cache.
        runs_dir: Directory that run directories are written to.
    """
    checks = await check_generator(jmeter_home=jmeter_home, runs_dir=runs_dir)
    lines = [
        f"{'ok' if check.ok else 'WRONG'}  {check.name}: {check.found}"
        + (f"; {check.problem}" if check.problem else "")
        + (f"; mend: {check.mend}" if check.mend else "")
        for check in checks
    ]
    return "\n".join(lines), {"checks": [check.model_dump(mode="json") for check in checks]}
