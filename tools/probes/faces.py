"""The probes as LangChain tools. Each answers in words for a model and with a typed artefact for a node.

Give secrets as `SecretStr`: the arguments of a tool are traced, and only that type hides its value there.
"""

from __future__ import annotations

from typing import Literal

from langchain_core.tools import tool
from pydantic import SecretStr

from perfpilot.domain.result import Connectivity
from perfpilot.tools.probes import http, postgresql, redis, resolve, target
from perfpilot.tools.probes.attempt import TIMEOUT_S


@tool(parse_docstring=True, response_format="content_and_artifact")
async def resolve_host(host: str, timeout_s: float = TIMEOUT_S) -> tuple[str, resolve.Resolution]:
    """Look a host name up once and return all its addresses.

    Args:
        host: Host name or address, without scheme and port.
        timeout_s: Seconds to wait at most.
    """
    found = await resolve.resolve(host, timeout_s=timeout_s)
    return sentence(found.connectivity), found


@tool(parse_docstring=True, response_format="content_and_artifact")
async def probe_target(
    base_url: str,
    health: str = "",
    timeout_s: float = TIMEOUT_S,
    address: str = "",
    headers: dict[str, SecretStr] | None = None,
) -> tuple[str, target.TargetProbe]:
    """Check whether the system under test can be reached: DNS, TCP, TLS, HTTP, up to the first failure.

    Args:
        base_url: Address of the service, such as http://127.0.0.1:8080.
        health: Path that answers when the service is well; empty asks the base address itself.
        timeout_s: Seconds to wait at most for each step.
        address: Address to connect to instead of looking the name up again.
        headers: Headers to send with the HTTP request.
    """
    probe = await target.probe_target(
        base_url, health=health, address=address, headers=_revealed(headers), timeout_s=timeout_s
    )
    return "\n".join(sentence(step) for step in probe.connectivity), probe


@tool(parse_docstring=True, response_format="content_and_artifact")
async def probe_path(
    base_url: str,
    path: str,
    address: str = "",
    method: Literal["GET", "HEAD", "OPTIONS"] = "GET",
    headers: dict[str, SecretStr] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> tuple[str, http.HttpAnswer]:
    """Send one request that changes nothing to a path of the system under test; follow no redirect.

    Args:
        base_url: Address of the service, such as http://127.0.0.1:8080.
        path: Path to ask, beginning with a slash.
        address: Address to connect to, resolved before; empty looks the name up.
        method: HTTP method without side effects.
        headers: Headers to send.
        timeout_s: Seconds to wait at most.
    """
    answer = await http.probe_http(
        base_url.rstrip("/") + "/" + path.lstrip("/"), method=method, address=address,
        headers=_revealed(headers), timeout_s=timeout_s,
    )  # fmt: skip
    return sentence(answer.connectivity), answer


@tool(parse_docstring=True, response_format="content_and_artifact")
async def probe_server(
    kind: Literal["postgresql", "redis"],
    host: str,
    port: int,
    user: str = "",
    password: SecretStr | None = None,
    database: str = "",
    address: str = "",
    timeout_s: float = TIMEOUT_S,
) -> tuple[str, Connectivity]:
    """Check whether a database or cache that the target depends on can be reached and logged in to.

    Args:
        kind: What the server is.
        host: Host name or address.
        port: TCP port.
        user: User name; empty for the server's default.
        password: Password; empty for none.
        database: Database name or number; empty for the server's default.
        address: Address to connect to, resolved before; empty looks the name up.
        timeout_s: Seconds to wait at most.
    """
    probe = postgresql.probe_postgresql if kind == "postgresql" else redis.probe_redis
    secret = password.get_secret_value() if password else ""
    result = await probe(
        host, port, user=user, password=secret, database=database, address=address, timeout_s=timeout_s
    )
    return sentence(result), result


def sentence(step: Connectivity) -> str:
    """One probe in words: `tcp 127.0.0.1:8080: failed, connection refused ... (0.4 ms)`."""
    state = "ok" if step.ok else "failed"
    return f"{step.kind} {step.subject}: {state}, {step.detail} ({step.duration_ms:.1f} ms)"


def _revealed(headers: dict[str, SecretStr] | None) -> dict[str, str]:
    return {name: value.get_secret_value() for name, value in (headers or {}).items()}
