"""The wheel holds the whole package, and a host program's own `tools` is left alone."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "cli", "graph", "nodes", "tools", "reporting", "planning", "analysis", "prompts", "domain", "demo",
)  # fmt: skip


def test_the_wheel_holds_every_module_and_every_data_file(tmp_path: Path) -> None:
    subprocess.run(
        [
            sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
            "--disable-pip-version-check", "--wheel-dir", tmp_path, ROOT,
        ],
        check=True, capture_output=True, cwd=tmp_path,
    )  # fmt: skip
    [wheel] = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"perfpilot/{path.relative_to(ROOT).as_posix()}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    wanted |= {f"perfpilot/{path.name}" for path in (ROOT / "src/perfpilot").glob("*.*")}
    assert wanted <= held, sorted(wanted - held)
    foreign = {name for name in held if not name.startswith(("perfpilot/", "perfpilot-"))}
    assert not foreign, "nothing lands outside of the package's own name"


def test_a_host_program_with_tools_of_its_own_is_not_disturbed(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "__init__.py").write_text("owner = 'host'")
    (tmp_path / "graph.py").write_text("owner = 'host'")
    code = (
        "import tools, graph, perfpilot.tools.history.run_directory, perfpilot.graph.state\n"
        "print(tools.owner, graph.owner, perfpilot.tools.__name__)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["host", "host", "perfpilot.tools"]
