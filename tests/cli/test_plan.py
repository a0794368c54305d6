"""`perfpilot plan`: shown, proved or written, as a real process."""

from __future__ import annotations

import os
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from perfpilot.reporting.plain_text import width
from tests.cli.command import perfpilot
from tests.tools.jmeter.jmx import real_jmeter

SPEC = files("perfpilot.demo").joinpath("spec.yaml").read_text("utf-8")
BASE = """
test_name: small
environment: {base_url: "http://127.0.0.1:8080"}
endpoints: [{name: home, path: /, query: {q: "${word}"}}]
load_patterns: [{constant: {level: 5, duration: 30s, ramp: 3s}}]
test_data: {values: {word: [a, b]}}
"""


def left_in(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def test_show_draws_and_lists_and_writes_nothing(tmp_path: Path) -> None:
    spec = BASE.replace("}]\nload", "}, {name: put, method: POST, path: /p, body: {a: b}}]\nload")
    (tmp_path / "spec.yaml").write_text(spec + "cases: {run: [edge], share: 5%}\n")
    done = perfpilot("plan", "spec.yaml", "--show", cwd=tmp_path, COLUMNS="80")
    assert done.returncode == 0, done.stderr
    assert left_in(tmp_path) == ["spec.yaml"]
    lines = done.stdout.splitlines()
    assert max(map(width, lines)) <= 80
    assert lines[0] == "small: 33 s of load"
    headings = [line.split(",")[0] for line in lines if line and not line.startswith(" ") and "┤" not in line]
    assert headings[1:] == [
        "requests per second", "scenarios", "cases before the load", "cases during the load", "left out",
        "sizes",
    ]  # fmt: skip
    assert "home: journey, 2.5 arrivals/s" in done.stdout
    assert "home empty q: edge, 1 request" in done.stdout
    assert "cases.writes: true" in done.stdout


@pytest.mark.parametrize(("name", "begins"), [("load.svg", b"<?xml"), ("out/load.PNG", b"\x89PNG")])
def test_show_with_a_file_draws_a_chart_too(name: str, begins: bytes, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    done = perfpilot("plan", "spec.yaml", "--show", name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert f"wrote {name}" in done.stdout
    assert left_in(tmp_path) == sorted([name, "spec.yaml"])
    again = perfpilot("plan", "spec.yaml", "--show", name, cwd=tmp_path)
    assert again.returncode == 2
    assert "give another --show" in again.stderr
    assert perfpilot("plan", "spec.yaml", "--show", name, "--force", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--show", "load.pdf"], "mend: --show load.svg"),
        (["--show", "load"], "mend: --show load.svg"),
        (["--show", "a.svg", "--out", "b.jmx"], "leave out one of them"),
        (["--out", "spec.yaml"], "exists and is left as it is"),
    ],
)
def test_a_wrong_command_line_is_refused_and_writes_nothing(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    done = perfpilot("plan", "spec.yaml", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert left_in(tmp_path) == ["spec.yaml"]


def test_check_proves_the_plan_with_jmeter_and_writes_nothing(tmp_path: Path) -> None:
    real_jmeter.generator()  # what --check itself never installs
    (tmp_path / "spec.yaml").write_text(SPEC)
    done = perfpilot("plan", "spec.yaml", "--check", cwd=tmp_path, COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert left_in(tmp_path) == ["spec.yaml"]
    lines = done.stdout.splitlines()
    assert lines[0] == "proved"
    assert "perfpilot's guard: " in lines[1]
    for name in ("load", "smoke"):
        assert f"the {name} plan loads and is saved again unchanged: " in done.stdout
    assert "5 of them requests" in done.stdout


def test_check_with_out_proves_and_writes(tmp_path: Path) -> None:
    real_jmeter.generator()
    (tmp_path / "spec.yaml").write_text(BASE)
    done = perfpilot("plan", "spec.yaml", "--check", "--out", "p/plan.jmx", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert left_in(tmp_path) == ["p/data/values.csv", "p/plan.jmx", "spec.yaml"]
    assert "proved" in done.stdout


def test_check_without_java_or_jmeter_is_not_ready(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    nowhere = {
        "PATH": str(tmp_path),
        "JAVA_HOME": "",
        "JMETER_HOME": "",
        "XDG_CACHE_HOME": str(tmp_path / "c"),
    }
    done = perfpilot("plan", "spec.yaml", "--check", cwd=tmp_path, **nowhere)
    assert done.returncode == 4
    assert "No Java" in done.stderr and "mend: perfpilot doctor --install" in done.stderr
    java = shutil.which("java")
    if java:
        (tmp_path / "java").symlink_to(os.path.realpath(java))
        done = perfpilot("plan", "spec.yaml", "--check", cwd=tmp_path, **nowhere)
        assert done.returncode == 4
        assert "No JMeter" in done.stderr and "mend: perfpilot doctor --install" in done.stderr


def test_a_jmeter_that_is_none_is_not_ready(tmp_path: Path) -> None:
    real_jmeter.generator()
    (tmp_path / "spec.yaml").write_text(SPEC)
    done = perfpilot("plan", "spec.yaml", "--check", "--jmeter-home", ".", cwd=tmp_path)
    assert done.returncode == 4
    assert "is no JMeter home" in done.stderr


def test_a_description_that_is_wrong_is_neither_shown_nor_proved(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(BASE.replace("${word}", "${__time()}"))
    for flag in ("--show", "--check"):
        done = perfpilot("plan", "spec.yaml", flag, cwd=tmp_path)
        assert done.returncode == 2
        assert "endpoints.home.query.q" in done.stderr
        assert done.stdout == ""


def test_what_a_written_plan_reads_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "a.bin").write_bytes(b"\x00\xff")
    (tmp_path / "policy.yaml").write_text(f"data_roots: [{tmp_path / 'up'}]\n")
    spec = BASE.replace("path: /,", "path: /, method: POST, files: [{field: f, path: a.bin}],")
    spec = spec.replace("ramp: 3s}}", "ramp: 3s}, steered: true}").replace("[a, b]", '["a", "b"]')
    (tmp_path / "spec.yaml").write_text(spec)
    refused = perfpilot("plan", "spec.yaml", "--out", "p/plan.jmx", cwd=tmp_path)
    assert refused.returncode == 2
    assert "data_roots" in refused.stderr
    assert not (tmp_path / "p").exists()
    policy = str(tmp_path / "policy.yaml")
    done = perfpilot("plan", "spec.yaml", "--out", "p/plan.jmx", cwd=tmp_path, PERFPILOT_POLICY=policy)
    assert done.returncode == 0, done.stderr
    found = left_in(tmp_path / "p")
    assert found == ["control/rate_1", "data/values.csv", "files/1/a.bin", "plan.jmx"]
    assert (tmp_path / "p" / "files" / "1" / "a.bin").read_bytes() == b"\x00\xff"
