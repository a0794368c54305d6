"""Monitoring as LangChain tools."""

from __future__ import annotations

from langchain_core.tools import tool

from perfpilot.tools.monitoring import baseline


@tool(parse_docstring=True, response_format="content_and_artifact")
async def sample_host(seconds: float = 1.0) -> tuple[str, baseline.Baseline]:
    """Watch this machine for some seconds: processor, memory, and the busiest other process.

    Args:
        seconds: How long to watch, at least 1; the busiest process is known from 3 on.
    """
    found = await baseline.quiet_baseline(min(seconds, 60.0))
    return str(found), found
