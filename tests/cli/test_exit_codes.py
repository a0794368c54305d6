"""What the command answers, as a real process: exit code, stdout, stderr."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from perfpilot import __version__
from perfpilot.cli.main import EXIT_CODES
from perfpilot.domain.outcome import ExitCode
from tests.cli.command import perfpilot

SPEC = files("perfpilot.demo").joinpath("spec.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--help"], 0, "exit codes:"),
        (["--version"], 0, __version__),
        (["run", "--help"], 0, "--max-rate"),
        ([], 2, "VERB"),
        (["fly"], 2, "invalid choice"),
        (["run"], 2, "SPEC"),
        (["run", "spec.yaml", "--fast"], 2, "unrecognized arguments: --fast"),
        (["run", "spec.yaml", "--max-rate", "0"], 2, "0 is not a number above 0"),
        (["run", "spec.yaml", "--max-duration", "90"], 2, "write a number with its unit"),
        (["run", "spec.yaml", "--max-users", "1.5"], 2, "invalid"),
        (["demo", "--fault", "gremlins"], 2, "invalid choice"),
        (["demo", "--seconds", "3"], 2, "at least 10 s"),
        (["run", "missing.yaml"], 2, "no such file"),
        (["run", "typo.yaml"], 2, "thresholds"),
        (["run", "spec.yaml", "--repeat", "0"], 2, "at least 1"),
        (["run", "spec.yaml", "--repeat", "2", "--against", "typo.yaml"], 2, "thresholds"),
        (["validate", "missing.yaml"], 2, "no such file"),
        (["validate", "typo.yaml"], 2, "line 2: "),
        (["validate", "spec.yaml"], 0, "demo shop can be run"),
        (["plan", "missing.yaml"], 2, "no such file"),
        (["plan", "spec.yaml", "--out", "spec.yaml/x.jmx"], 2, "can't be written"),
        (["runs"], 0, "no runs in runs"),
        (["report", "last"], 2, "holds no run"),
        (["resume", "20261122-000000-nothing-abcdef"], 2, "holds no run"),
        (["stop", "../elsewhere"], 2, "is not a run of perfpilot"),
        (["init", "ftp://example.org"], 2, "http"),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, list) else None,
)
def test_each_mistake_has_its_exit_code(arguments: list[str], code: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    (tmp_path / "typo.yaml").write_text("test_name: a\nthreshholds: []\n")
    done = perfpilot(*arguments, cwd=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert said in done.stdout + done.stderr
    if code:
        assert done.stdout == ""  # what went wrong is told on stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("code", ExitCode, ids=lambda code: code.name)
def test_the_help_has_the_exit_code(code: ExitCode) -> None:
    word = code.name.lower().replace("_", " ")
    rows = [line for line in EXIT_CODES.splitlines() if line.split()[:1] == [str(int(code))]]
    assert len(rows) == 1
    assert word in rows[0].lower().replace("_", " ")


def test_init_writes_a_description_that_validates_and_is_never_overwritten(tmp_path: Path) -> None:
    first = perfpilot("init", "http://127.0.0.1:8080/api", "--out", "new.yaml", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "perfpilot validate new.yaml" in first.stdout
    assert perfpilot("validate", "new.yaml", cwd=tmp_path).returncode == 0
    (tmp_path / "new.yaml").write_text("mine")
    second = perfpilot("init", "http://127.0.0.1:8080/api", "--out", "new.yaml", cwd=tmp_path)
    assert second.returncode == 2
    assert "exists and is left as it is" in second.stderr
    assert (tmp_path / "new.yaml").read_text() == "mine"


def test_plan_writes_the_jmx_and_draws_the_load(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    done = perfpilot("plan", "spec.yaml", "--out", "out/demo.jmx", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "<jmeterTestPlan" in (tmp_path / "out" / "demo.jmx").read_text()
    assert "browse > search > product" in done.stdout
    assert "\n146.7 ┤" in done.stdout
    again = perfpilot("plan", "spec.yaml", "--out", "out/demo.jmx", cwd=tmp_path)
    assert again.returncode == 2
    assert perfpilot("plan", "spec.yaml", "--out", "out/demo.jmx", "--force", cwd=tmp_path).returncode == 0


def test_doctor_says_not_ready_where_the_policy_can_not_be_read(tmp_path: Path) -> None:
    done = perfpilot("doctor", cwd=tmp_path, PERFPILOT_POLICY=str(tmp_path / "missing.yaml"))
    assert done.returncode == 4
    policy = next(line for line in done.stdout.splitlines() if " policy " in line)
    assert policy.startswith("MISSING")
    assert done.stdout.rstrip().endswith("not ready")


def test_an_unexpected_error_is_one_line_and_the_traceback_is_a_switch_away(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    script = (
        "from perfpilot.cli import main, validate\n"
        "def run(options): raise KeyError('surprise \\x1b[31m')\n"
        "validate.run = run\n"
        "raise SystemExit(main.main(['validate', 'spec.yaml']))\n"
    )
    for debug in ("", "1"):
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, env={**os.environ, "PERFPILOT_DEBUG": debug},
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 5
        last = done.stderr.splitlines()[-1]
        assert last.startswith("perfpilot: unexpected KeyError: 'surprise ")
        assert "PERFPILOT_DEBUG=1" in last
        assert "\x1b" not in last
        assert ("Traceback" in done.stderr) == (debug == "1")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m perfpilot --version | true; echo ${{PIPESTATUS[0]}}"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.strip() in ("0", "141")
    assert "Traceback" not in done.stderr
