"""Reading and writing a description as LangChain tools, for nodes and for models."""

from __future__ import annotations

import asyncio
from typing import Any

from langchain_core.tools import tool

from perfpilot.domain.spec import Spec
from perfpilot.tools.spec.read import parse_spec
from perfpilot.tools.spec.short_form import short_form
from perfpilot.tools.spec.write import dump_spec


@tool(parse_docstring=True, response_format="content_and_artifact")
async def read_description(source: dict[str, Any] | str) -> tuple[str, Spec]:
    """Read the description of a performance test and check it strictly; nothing is sent anywhere.

    Args:
        source: The description as YAML text or as a mapping of its keys.
    """
    spec = await asyncio.to_thread(parse_spec, source)
    return _sentence(spec), spec


@tool(parse_docstring=True, response_format="content_and_artifact")
async def describe_address(url: str, rate_per_s: float = 10.0, duration: str = "30s") -> tuple[str, Spec]:
    """Make a description of a performance test from an address, a rate and a duration.

    Args:
        url: Address to test, with its path.
        rate_per_s: Arrivals per second.
        duration: How long, with its unit, such as 60s.
    """
    spec = await asyncio.to_thread(short_form, url, rate_per_s, duration)
    return _sentence(spec), spec


@tool(parse_docstring=True, response_format="content_and_artifact")
async def write_description(source: dict[str, Any] | str) -> tuple[str, Spec]:
    """Write the description of a performance test as YAML in its usual order.

    Args:
        source: The description as YAML text or as a mapping of its keys.
    """
    spec = await asyncio.to_thread(parse_spec, source)
    return await asyncio.to_thread(dump_spec, spec), spec


def _sentence(spec: Spec) -> str:
    return (
        f"{spec.test_name}: a {spec.test_type.value} test of {spec.environment.base_url} with "
        f"{len(spec.endpoints)} endpoint(s), {len(spec.journeys)} journey(s) and "
        f"{len(spec.thresholds)} threshold(s)"
    )
