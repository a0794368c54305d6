"""`perfpilot validate` finds what could not be written as a JMeter plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import perfpilot

SPEC = """\
test_name: t
environment: {{base_url: "http://127.0.0.1:9"}}
endpoints:
  - {endpoint}
load_patterns: [{{rate_per_s: 2}}]
test_data: {{values: {{word: ["two words"]}}}}
"""


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ('{name: a, path: "/a/${word}"}', "may not stand in endpoints.a.path"),
        ('{name: a, path: /a, headers: {X-Name: "é"}}', "printable ASCII"),
        ('{name: a, path: /a, extract: [{name: id, json_path: "$.a;$.b"}]}', "no single JSON path"),
    ],
)
def test_what_no_plan_can_hold_is_refused_before_a_run(tmp_path: Path, endpoint: str, said: str) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(SPEC.format(endpoint=endpoint), encoding="utf-8")
    answer = perfpilot("validate", str(file), cwd=tmp_path)
    assert (answer.returncode, said in answer.stderr) == (2, True), answer.stderr
