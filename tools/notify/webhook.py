"""Tell a webhook how a run ended. Nothing depends on it: a webhook that is down costs a sentence."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.tools import tool

from perfpilot.domain.base import Frozen
from perfpilot.domain.errors import SpecError
from perfpilot.domain.policy import Policy
from perfpilot.planning.guard.hosts import Reach, classify
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.probes.reasons import reason
from perfpilot.tools.probes.resolve import resolve
from perfpilot.tools.probes.web_address import WebAddress, read_web_address
from perfpilot.tools.spec.secrets import resolve_secrets

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 5.0
_PAUSE_S = 0.5
_TRY_AGAIN = frozenset({408, 425, 429})  # and every status from 500 on


class Delivery(Frozen):
    """Whether the webhook took it, and the sentence that says so. It never names more than the host:

    the path of a webhook is often its secret.
    """

    delivered: bool
    sentence: str
    attempts: int = 0
    in_vain: bool = False  # trying again later could not help either


@tool(parse_docstring=True, response_format="content_and_artifact")
async def notify_webhook(
    run_dir: str,
    url: str,
    webhook_hosts: list[str],
    test_name: str,
    status: str,
    verdict: str,
    reasons: list[str],
) -> tuple[str, Delivery]:
    """Tell a webhook how a run ended, by one JSON POST.

    Args:
        run_dir: Directory of the run; its name is the run's id, and its policy applies.
        url: Address of the webhook; may be a reference such as ${env:PERFPILOT_SECRET_WEBHOOK}.
        webhook_hosts: Hosts beyond this machine that may be told.
        test_name: Name of the test.
        status: What became of the run, such as completed.
        verdict: GO, NO_GO or INCONCLUSIVE; empty where there is none.
        reasons: Reasons for both, most important first.
    """
    run = RunDirectory(Path(run_dir))
    policy = await asyncio.to_thread(run.read_or_none, "policy.json", Policy) or Policy()
    payload = {
        "version": 1,
        "run_id": run.path.name,
        "test_name": test_name,
        "status": status,
        "verdict": verdict or None,
        "reasons": reasons,
        "report": str(run.path / "report.html"),
    }
    delivery = await notify(
        resolve_secrets(url, policy, os.environ),
        payload,
        policy.model_copy(update={"webhook_hosts": tuple(webhook_hosts)}),
    )
    return delivery.sentence, delivery


async def notify(
    url: str,
    payload: Mapping[str, Any],
    policy: Policy,
    attempts: int = 3,
    *,
    pause_s: float = _PAUSE_S,
    key: str = "",
) -> Delivery:
    """POST `payload` as JSON, at most `attempts` times of 5 s. Never raises.

    Only to this machine and to the policy's `webhook_hosts`; the name is resolved once and the connection
    pinned to what it gave; no redirect is followed. A receiver may see the same payload twice (an answer
    that got lost): the header Idempotency-Key tells. It holds `key`, or the payload's `run_id`.
    """
    try:
        where = read_web_address(url)
    except SpecError:
        return Delivery(delivered=False, sentence="the webhook is not a web address", in_vain=True)
    address, refused, in_vain = await _allowed_address(where, policy)
    if refused:
        return Delivery(delivered=False, sentence=refused, in_vain=in_vain)
    last, again = "", True
    for number in range(1, max(attempts, 1) + 1):
        last, again = await _post(url, address, payload, key or str(payload.get("run_id", "")))
        if not last:
            return Delivery(delivered=True, sentence=f"{where.host} was notified", attempts=number)
        if not again:
            break
        if number < attempts:
            await asyncio.sleep(pause_s * 2 ** (number - 1))
    return Delivery(
        delivered=False,
        sentence=f"the webhook on {where.host}: {last}",
        attempts=number,
        in_vain=not again,
    )


async def _allowed_address(where: WebAddress, policy: Policy) -> tuple[str, str, bool]:
    """The address to connect to, or why there is none, and whether that is so for good."""
    resolution = await resolve(where.host, timeout_s=TIMEOUT_S)
    if not resolution.addresses:
        return "", f"the webhook on {where.host}: {resolution.connectivity.detail}", False
    reaches = {classify(address) for address in resolution.addresses}
    listed = where.host.lower().rstrip(".") in {host.lower().rstrip(".") for host in policy.webhook_hosts}
    if Reach.FORBIDDEN in reaches:
        return "", f"{where.host} is an address that nothing may be sent to", True
    if not listed and reaches != {Reach.LOOPBACK}:
        return "", f"the policy does not list {where.host} in webhook_hosts", True
    return resolution.addresses[0], "", False


async def _post(url: str, address: str, payload: Mapping[str, Any], key: str) -> tuple[str, bool]:
    """Why it failed (empty: it did not), and whether trying again makes sense."""
    import httpx

    from perfpilot.tools.probes.pinned import build_request, open_client

    content = json.dumps(payload, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    try:
        async with asyncio.timeout(TIMEOUT_S), await open_client(url, TIMEOUT_S) as client:
            request = build_request(client, "POST", url, address=address, headers=headers, content=content)
            return _judged(await _status(client, request))
    except (httpx.TransportError, OSError, TimeoutError) as error:
        return reason(error, TIMEOUT_S), not isinstance(error, httpx.LocalProtocolError)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        return reason(error, TIMEOUT_S), False


async def _status(client: httpx.AsyncClient, request: httpx.Request) -> int:
    response = await client.send(request, stream=True)  # the answer's body is never read
    await response.aclose()
    return response.status_code


def _judged(status: int) -> tuple[str, bool]:
    if 200 <= status < 300:
        return "", False
    return f"it answered {status}", status in _TRY_AGAIN or status >= 500
