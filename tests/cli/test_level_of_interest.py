"""A description that gives only a level of interest is validated and planned like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import perfpilot

SPEC = """
test_name: interest
test_type: {kind}
environment: {{base_url: "http://127.0.0.1:8080"}}
endpoints: [{{name: a, path: /a}}]
load_patterns: [{{{level}}}]
thresholds: [p95 < 400ms]
"""


@pytest.mark.parametrize(
    ("kind", "level", "shape", "arrivals"),
    [
        ("load", "rate_per_s: 50", "constant", "rate(50/sec)"),
        ("breakpoint", "rate_per_s: 50", "search", "from 12.5/s, never above 150/s"),
        ("stress", "users: 8", "steps", "ThreadGroup.num_threads"),
    ],
)
def test_it_is_drawn_by_validate_and_plan_alike(
    kind: str, level: str, shape: str, arrivals: str, tmp_path: Path
) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC.format(kind=kind, level=level))
    told = perfpilot("validate", "spec.yaml", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert f"info: load_patterns.0.{shape}: a {kind} test " in told.stdout
    done = perfpilot("plan", "spec.yaml", "--out", "x.jmx", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert arrivals in (tmp_path / "x.jmx").read_text()


def test_a_plan_goes_no_higher_than_the_policy_allows(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC.format(kind="breakpoint", level="rate_per_s: 50"))
    (tmp_path / "policy.yaml").write_text("max_rate_per_s: 110\n")
    policy = str(tmp_path / "policy.yaml")
    done = perfpilot("plan", "spec.yaml", "--out", "x.jmx", cwd=tmp_path, PERFPILOT_POLICY=policy)
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "x.jmx").read_text()
    assert "never above 100/s" in written and "rate &gt; 6000.0 ? 6000.0" in written, "samples per minute"
