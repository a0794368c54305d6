"""Proving a repair: one safe request to the granted host, with a new token where the endpoint wants one."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Literal

from langchain_core.tools import tool

from perfpilot.domain.base import Frozen
from perfpilot.domain.errors import PerfpilotError
from perfpilot.domain.policy import Envelope, Policy
from perfpilot.domain.spec import Spec
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.probes.endpoint_request import basic_auth_header
from perfpilot.tools.probes.http import probe_http
from perfpilot.tools.probes.login import log_in
from perfpilot.tools.spec.read import load_spec
from perfpilot.tools.spec.secrets import read_secrets


class Proof(Frozen):
    """Whether the repair was proven, and the sentence that says by what."""

    proven: bool
    sentence: str


@tool(parse_docstring=True, response_format="content_and_artifact")
async def prove_repair(
    run_dir: str, method: Literal["GET", "HEAD"], path: str, with_token: bool
) -> tuple[str, Proof]:
    """Send one request that changes nothing, to prove that a repaired endpoint answers.

    Args:
        run_dir: Directory of the run, whose envelope and description apply.
        method: GET or HEAD.
        path: Path below the base address; empty when the login itself is the proof.
        with_token: Log in first and send the new token, or HTTP Basic authentication.
    """
    run = RunDirectory(Path(run_dir))
    proof = await _prove(run, method, path, with_token)
    return proof.sentence, proof


async def _prove(run: RunDirectory, method: Literal["GET", "HEAD"], path: str, with_token: bool) -> Proof:
    spec = await asyncio.to_thread(load_spec, run.path / "spec.effective.yaml")
    envelope = await asyncio.to_thread(run.read, "envelope.json", Envelope)
    policy = await asyncio.to_thread(run.read, "policy.json", Policy)
    address = envelope.addresses[0].split()[1]
    try:
        headers = await _credentials(spec, policy, address) if with_token else {}
    except PerfpilotError as error:
        return Proof(proven=False, sentence=f"logging in again failed: {error.problem}")
    if not path:
        return Proof(proven=True, sentence="a new login gave a token")
    answer = await probe_http(
        spec.environment.base_url + path, method=method, address=address, headers=headers
    )
    if answer.status is None:
        return Proof(proven=False, sentence=f"{method} {path}: {answer.connectivity.detail}")
    return Proof(proven=200 <= answer.status < 400, sentence=f"{method} {path} answered {answer.status}")


async def _credentials(spec: Spec, policy: Policy, address: str) -> dict[str, str]:
    """Headers that say who asks: Basic authentication, and a new token, which wins where both want one."""
    environment = spec.environment
    secrets = await asyncio.to_thread(read_secrets, spec, policy, os.environ)
    headers: dict[str, str] = {}
    if environment.basic_auth:
        headers["Authorization"] = basic_auth_header(environment.basic_auth, secrets)
    if auth := environment.auth:
        token = await log_in(spec, secrets=secrets, address=address)
        if auth.header.lower() == "authorization":
            headers.pop("Authorization", None)
        headers[auth.header] = f"{auth.scheme} {token}".strip()
    return headers
