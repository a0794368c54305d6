"""What the command imports: help costs nothing, and checking a description needs no graph."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

import pytest

GRAPH = {"langgraph", "langchain", "langchain_core", "langchain_openai", "langsmith"}
HEAVY = GRAPH | {"pydantic", "rich", "yaml", "numpy", "lxml", "jinja2", "matplotlib", "asyncio", "httpx"}
SPEC = str(files("perfpilot.demo").joinpath("spec.yaml"))


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], HEAVY),
        (["--version"], HEAVY),
        (["run", "--help"], HEAVY),
        (["validate", SPEC], GRAPH | {"rich", "numpy", "matplotlib", "httpx"}),
        (["plan", SPEC, "--out", "/dev/null/x"], GRAPH | {"matplotlib", "httpx"}),
        (["runs"], GRAPH | {"rich", "numpy", "lxml"}),
        (["run", "missing.yaml"], GRAPH | {"rich", "numpy"}),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)
def test_a_verb_imports_only_what_it_needs(arguments: list[str], unwanted: set[str]) -> None:
    script = (
        "import sys\nfrom perfpilot.cli.main import main\nmain(sys.argv[1:])\n"
        "sys.stderr.write('MODULES ' + ' '.join({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    imported = set(done.stderr.rpartition("MODULES ")[2].split())
    assert "perfpilot" in imported
    assert not imported & unwanted
