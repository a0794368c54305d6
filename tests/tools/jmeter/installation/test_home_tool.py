from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from blockbuster import blockbuster_ctx
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool

from perfpilot.domain.errors import NotReadyError
from perfpilot.tools.jmeter.doctor import Check
from perfpilot.tools.jmeter.installation.home_tool import Generator, check_generator_tool, find_jmeter_tool
from tests.tools.jmeter.installation.made_up_home import make_home, make_java


async def call(tool: BaseTool, **args: Any) -> ToolMessage:
    """As a node calls it: with a tool-call, so that the artefact survives; no call may block the loop."""
    with blockbuster_ctx():
        message = await tool.ainvoke({"type": "tool_call", "id": "1", "name": tool.name, "args": args})
    assert isinstance(message, ToolMessage)
    return message


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with a Java in JAVA_HOME and nothing else."""
    empty = tmp_path / "empty-path"
    empty.mkdir()
    monkeypatch.delenv("JMETER_HOME", raising=False)
    monkeypatch.setenv("JAVA_HOME", str(make_java(tmp_path / "java", "17.0.1")))
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


async def test_the_face_returns_words_and_the_model_as_json(machine: Path) -> None:
    home = make_home(machine / "jmeter", "5.6.3")
    message = await call(find_jmeter_tool, jmeter_home=str(home), install=False)
    generator = Generator.model_validate(json.loads(json.dumps(message.artifact)))
    assert generator.jmeter.path == str(home)
    assert generator.java.version == "17.0.1"
    assert message.content == (
        f"JMeter 5.6.3 at {home} (--jmeter-home), Java 17.0.1 at {machine / 'java'} (JAVA_HOME)"
    )


async def test_a_missing_jmeter_is_an_error_with_the_mend(machine: Path) -> None:
    with pytest.raises(NotReadyError, match="mend: perfpilot doctor --install"):
        await call(find_jmeter_tool, install=False)


async def test_the_checks_come_as_lines_and_as_json(machine: Path) -> None:
    message = await call(check_generator_tool, runs_dir=str(machine / "runs"))
    checks = [Check.model_validate(check) for check in message.artifact["checks"]]
    assert [check.name for check in checks if not check.ok] == ["jmeter"]
    assert "ok  java: 17.0.1 (JAVA_HOME)" in str(message.content)
    assert "WRONG  jmeter: none; No JMeter was found" in str(message.content)


@pytest.mark.parametrize("tool", [find_jmeter_tool, check_generator_tool])
def test_every_argument_is_described_to_a_model(tool: BaseTool) -> None:
    assert tool.args
    assert all(argument.get("description") for argument in tool.args.values())
