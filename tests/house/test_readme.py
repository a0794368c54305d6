"""What the documents say is true: their YAML is read, their links lead somewhere, their tables agree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from perfpilot.cli.main import EXIT_CODES
from perfpilot.domain import spec as models
from perfpilot.domain.base import Strict
from perfpilot.domain.outcome import ExitCode
from perfpilot.domain.policy import Policy
from perfpilot.domain.result import Result, RunInfo
from perfpilot.domain.thresholds import Metric, parse_threshold
from perfpilot.tools.spec.policy import load_policy
from perfpilot.tools.spec.read import parse_spec
from tests.house.documents import (
    DOCUMENTS,
    ROOT,
    anchors,
    exit_codes_of_a_table,
    links,
    pieces,
    without_code,
)

README = ROOT / "README.md"
SPEC_PAGE = ROOT / "docs" / "spec.md"
RESULT_PAGE = ROOT / "docs" / "result.md"


def _merged(onto: dict[str, Any], piece: dict[str, Any]) -> dict[str, Any]:
    """Mappings are merged, everything else is replaced."""
    return onto | {
        key: _merged(onto[key], value) if isinstance(value, dict) and key in onto else value
        for key, value in piece.items()
    }


def _spec_keys() -> set[str]:
    strict = [m for m in vars(models).values() if isinstance(m, type) and issubclass(m, Strict)]
    return {field for model in strict for field in model.model_fields}


@pytest.mark.parametrize("text", pieces(README, "yaml"))
def test_the_description_in_the_readme_is_one(text: str) -> None:
    assert parse_spec(text).thresholds


def test_the_pieces_of_the_spec_page_are_parts_of_one_description() -> None:
    found = [yaml.safe_load(text) for text in pieces(SPEC_PAGE, "yaml")]
    whole: dict[str, Any] = {}
    for piece in found:
        whole = _merged(whole, piece)
    for piece in found:  # two pieces show the same key in two ways: each of them must be read
        parse_spec(_merged(whole, piece))
    assert set(whole) == set(models.Spec.model_fields)


@pytest.mark.parametrize("key", sorted(_spec_keys()))
def test_the_spec_page_names_every_key(key: str) -> None:
    quoted = re.search(rf"`([a-z_]+\.)*{key}(\.[a-z_]+)*`", without_code(SPEC_PAGE))
    assert quoted, f"docs/spec.md does not explain {key}"


@pytest.mark.parametrize("metric", list(Metric))
def test_the_spec_page_explains_every_metric(metric: Metric) -> None:
    name = "pQ" if metric is Metric.PERCENTILE else metric.value
    assert re.search(rf"^\| .*`{name}[`(].*\|.*\|.*\|$", without_code(SPEC_PAGE), re.MULTILINE)


@pytest.mark.parametrize("key", sorted({*Result.model_fields, *RunInfo.model_fields}))
def test_the_result_page_names_every_key(key: str) -> None:
    assert f"`{key}`" in without_code(RESULT_PAGE), f"docs/result.md does not explain {key}"


def test_the_defaults_on_the_policy_page_are_the_defaults(tmp_path: Path) -> None:
    (text,) = pieces(ROOT / "docs" / "policy.md", "yaml")
    (tmp_path / "policy.yaml").write_text(text)
    assert load_policy(str(tmp_path / "policy.yaml")) == Policy()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_what_exists(document: Path) -> None:
    dead = []
    for target in links(document):
        path, _, anchor = target.partition("#")
        place = (document.parent / path).resolve() if path else document
        if not place.exists() or (anchor and anchor not in anchors(place)):
            dead.append(target)
    assert not dead, f"{document.name} links to {dead}"


def test_the_help_and_the_documents_tell_the_same_exit_codes() -> None:
    help_codes = {int(code): text for code, text in re.findall(r"^  (\d+) +(.+)$", EXIT_CODES, re.MULTILINE)}
    assert set(help_codes) == {code.value for code in ExitCode}
    assert exit_codes_of_a_table(README) == help_codes
    assert set(exit_codes_of_a_table(RESULT_PAGE)) == set(help_codes)


@pytest.mark.parametrize("code", list(ExitCode))
def test_the_row_of_an_exit_code_names_it(code: ExitCode) -> None:
    for rows in (exit_codes_of_a_table(README), exit_codes_of_a_table(RESULT_PAGE)):
        assert code.name.lower().replace("_", " ") in rows[code].lower().replace("_", " ")


def test_the_spec_page_lists_the_built_in_alerts_with_their_severity() -> None:
    from perfpilot.analysis.alerts.rules import OF_COMPONENTS, rules

    made = [*rules(), *(rule_for("X") for rule_for in OF_COMPONENTS.values())]
    known = {re.sub(r" \(.*", "", rule.name): rule.severity.value for rule in made}
    section = SPEC_PAGE.read_text().split("### Built-in rules")[1].split("\n## ")[0]
    assert dict(re.findall(r"^\| `([^`]+)` \| (\w+) \|", section, re.MULTILINE)) == known


def test_the_spec_page_lists_every_metric_that_an_alert_may_name() -> None:
    from perfpilot.domain.alerts import LIVE_METRICS
    from perfpilot.domain.monitored import EVERY

    section = SPEC_PAGE.read_text().split("## `alerts`")[1].split("### Built-in rules")[0]
    rows = "".join(line for line in section.splitlines() if line.startswith("| `"))
    assert {*LIVE_METRICS, *EVERY} <= set(re.findall(r"`(\w+)`", rows))


def test_the_floors_on_the_spec_page_are_those_of_the_analysis() -> None:
    from perfpilot.domain.sample_floors import samples_needed

    row = next(line for line in without_code(SPEC_PAGE).splitlines() if "any `pQ`" in line)
    told = {name: int(count.replace(",", "")) for name, count in re.findall(r"(p[\d.]+) ([\d,]+)", row)}
    assert set(told) == {"p95", "p99", "p99.9"}
    assert told == {name: samples_needed(parse_threshold(f"{name} < 1s")) for name in told}
