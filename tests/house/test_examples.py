"""The examples work: every description is read, reviewed and planned; files that are named exist."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

import perfpilot
from perfpilot.domain.errors import PolicyError
from perfpilot.domain.policy import Policy
from perfpilot.domain.spec import Spec
from perfpilot.planning.defaults import with_defaults
from perfpilot.planning.guard.envelope import required_envelope
from perfpilot.planning.guard.hosts import host_of, target_hosts
from perfpilot.planning.plan import make_plan
from perfpilot.planning.review.review import review
from perfpilot.reporting.json_result import schemas
from perfpilot.tools.jmeter.jmx.guard import check_functions
from perfpilot.tools.jmeter.jmx.write import write_jmx
from perfpilot.tools.spec.policy import load_policy
from perfpilot.tools.spec.read import load_spec
from perfpilot.tools.spec.secrets import read_secrets
from tests.house.documents import ROOT

EXAMPLES = ROOT / "examples"
POLICY = EXAMPLES / "compose-policy.yaml"
SPECS = sorted(path for path in EXAMPLES.glob("*.yaml") if path != POLICY)


def _compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def _addresses(spec: Spec) -> dict[str, list[str]]:
    """As in a network of containers: what is no loopback address is a private one."""
    hosts = map(host_of, target_hosts(spec))
    return {host: [host if host.startswith("127.") else "172.18.0.3"] for host in hosts}


def test_there_are_examples() -> None:
    assert {path.stem for path in SPECS} >= {"smoke", "login-journey", "closed-users", "shop", "shapes"}


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_an_example_is_reviewed_without_errors_or_warnings(path: Path) -> None:
    found = [remark for remark in review(load_spec(path)) if remark.severity != "info"]
    assert not found, found


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_an_example_can_be_planned_and_written_for_jmeter(path: Path) -> None:
    spec, _ = with_defaults(load_spec(path))
    envelope = required_envelope(spec, _addresses(spec), Policy())
    plan = make_plan(spec, 1, envelope=envelope)
    written = write_jmx(spec, plan)
    check_functions(written.xml)
    assert set(written.labels) == {endpoint.name for endpoint in spec.endpoints} - _logs_in_once(spec)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_an_example_fits_the_schema_that_editors_use(path: Path) -> None:
    data = yaml.safe_load(path.read_text())
    for journey in data.get("journeys", []):  # a bare name stands for a mapping
        journey["steps"] = [{"endpoint": s} if isinstance(s, str) else s for s in journey["steps"]]
    jsonschema_rs.validator_for(schemas()["spec"]).validate(data)


def _logs_in_once(spec: Spec) -> set[str]:
    auth = spec.environment.auth
    return {auth.login} if auth and auth.scope == "run" else set()


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_only_the_example_for_containers_needs_an_approval(path: Path) -> None:
    spec = load_spec(path)
    needed = required_envelope(spec, _addresses(spec), Policy()).needs_approval
    assert needed == (path.name == "shop.yaml")


def test_the_policy_for_containers_asks_nobody_and_opens_no_public_host() -> None:
    spec, policy = load_spec(EXAMPLES / "shop.yaml"), load_policy(str(POLICY))
    assert not required_envelope(spec, _addresses(spec), policy).needs_approval
    with pytest.raises(PolicyError, match="public address"):
        required_envelope(spec, _addresses(spec) | {"redis": ["203.0.113.7"]}, policy)


def test_compose_gives_perfpilot_every_secret_and_the_policy() -> None:
    services = _compose()["services"]
    given = services["perfpilot"]["environment"]
    secrets = read_secrets(load_spec(EXAMPLES / "shop.yaml"), load_policy(str(POLICY)), given)
    assert secrets["PERFPILOT_SECRET_DB"] == services["postgresql"]["environment"]["POSTGRES_PASSWORD"]
    assert given["PERFPILOT_POLICY"] == f"/app/{POLICY.relative_to(ROOT)}"


def test_compose_knows_the_servers_of_its_example() -> None:
    services = _compose()["services"]
    spec = load_spec(EXAMPLES / "shop.yaml")
    assert {server.host for server in spec.environment.servers} <= set(services)
    assert set(services["perfpilot"]["depends_on"]) <= set(services)
    port = services["demo"]["command"][services["demo"]["command"].index("--port") + 1]
    assert target_hosts(spec)[0] == f"127.0.0.1:{port}"


def test_compose_names_files_that_exist() -> None:
    services = _compose()["services"]
    for service in services.values():
        if "build" in service:
            assert (ROOT / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    mounts = [mount.split(":")[0] for mount in services["perfpilot"]["volumes"]]
    assert [mount for mount in mounts if mount != "./runs" and not (ROOT / mount).exists()] == []
    first_line = (ROOT / "docker-compose.yml").read_text().splitlines()[0]
    assert (ROOT / first_line.split()[-1]).is_file()


def test_the_embedding_program_uses_only_what_perfpilot_offers() -> None:
    tree = ast.parse((EXAMPLES / "embed.py").read_text())
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    used = {node.attr for node in attributes if ast.unparse(node.value) == "perfpilot"}
    assert used and used <= set(perfpilot.__all__)


def test_the_embedding_program_explains_itself() -> None:
    done = subprocess.run([sys.executable, str(EXAMPLES / "embed.py")], capture_output=True, text=True)
    assert done.returncode == 2 and "embed.py SPEC" in done.stdout and not done.stderr
