"""The tools of this room as a node or a model calls them."""

from __future__ import annotations

import pytest

from perfpilot.tools.face import call
from perfpilot.tools.spec.faces import describe_address, read_description, write_description
from perfpilot.tools.spec.problems import SpecProblems
from tests.planning.sample_specs import mapping, spec


async def test_a_description_is_read_as_a_tool_call_with_its_artefact() -> None:
    message = await call(read_description, source=mapping())
    assert message.artifact == spec()
    assert "shop: a load test of http://127.0.0.1:8080" in message.content


async def test_an_address_is_described_and_written() -> None:
    described = await call(describe_address, url="http://127.0.0.1/x", rate_per_s=5.0, duration="20s")
    assert described.artifact.endpoints[0].path == "/x"
    written = await call(write_description, source=mapping())
    assert str(written.content).startswith("version: 1\ntest_name: shop\n")


async def test_the_error_of_a_wrong_description_arrives_as_it_is() -> None:
    with pytest.raises(SpecProblems, match="thresold: unknown key; did you mean thresholds"):
        await call(read_description, source=mapping(thresold=[]))
