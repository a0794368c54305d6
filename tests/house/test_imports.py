"""The house stands: imports run downward, packages are listed, imports cost nothing that is not used."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAY_IMPORT = {
    "cli": {"graph", "nodes", "tools", "reporting", "planning", "analysis", "prompts", "domain", "demo"},
    "graph": {"nodes", "tools", "domain"},
    "nodes": {"tools", "reporting", "planning", "analysis", "prompts", "domain"},
    "tools": {"planning", "analysis", "prompts", "domain"},
    "reporting": {"domain"},
    "planning": {"domain"},
    "analysis": {"domain"},
    "prompts": set(),
    "domain": set(),
    "demo": set(),
}
GROUND_FLOOR = {"perfpilot.graph.state", "perfpilot.graph.context"}  # any room above domain may use them


def _sources() -> list[Path]:
    return [path for room in MAY_IMPORT for path in sorted((ROOT / room).rglob("*.py"))]


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.startswith("perfpilot.")}


@pytest.mark.parametrize("path", _sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_downward(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    upward = []
    for name in _imported(path):
        other = name.split(".")[1]
        if other == room or other not in MAY_IMPORT or other in MAY_IMPORT[room]:
            continue
        module = ".".join(name.split(".")[:3])
        if room in ("nodes", "tools") and module in GROUND_FLOOR:
            continue
        upward.append(name)
    assert not upward, f"{room} must not import {upward}"


def test_the_ground_floor_of_graph_imports_only_domain() -> None:
    for leaf in ("state", "context"):
        rooms = {name.split(".")[1] for name in _imported(ROOT / "graph" / f"{leaf}.py")}
        assert rooms <= {"domain"}, f"graph/{leaf}.py imports {rooms}"


def test_every_folder_with_code_is_a_listed_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = set(project["tool"]["setuptools"]["packages"])
    folders = {path.parent.relative_to(ROOT) for path in _sources()}
    assert {f"perfpilot.{'.'.join(folder.parts)}" for folder in folders} | {"perfpilot"} == listed


def _modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {line.split(".")[0] for line in done.stdout.splitlines()}


@pytest.mark.parametrize(
    "code",
    [
        "import perfpilot",
        "import perfpilot.tools.spec.read, perfpilot.planning.review.review",
        "import perfpilot.cli.main",
    ],
)
def test_what_needs_no_graph_imports_none(code: str) -> None:
    heavy = {"langchain", "langchain_core", "langchain_openai", "langgraph", "matplotlib", "asyncpg", "redis"}
    assert not heavy & _modules_after(code)
