"""The system under test from the outside in: name, port, TLS, HTTP, up to the first step that fails."""

from __future__ import annotations

from collections.abc import Mapping

from perfpilot.domain.base import Frozen
from perfpilot.domain.result import Connectivity
from perfpilot.tools.probes.attempt import TIMEOUT_S
from perfpilot.tools.probes.http import HttpAnswer, probe_http
from perfpilot.tools.probes.resolve import resolve
from perfpilot.tools.probes.tcp import probe_tcp
from perfpilot.tools.probes.tls import probe_tls
from perfpilot.tools.probes.web_address import read_web_address


class TargetProbe(Frozen):
    """Every step that was tried, the addresses of the name, and the one that answered (empty: none)."""

    host: str
    port: int
    addresses: tuple[str, ...] = ()
    address: str = ""
    connectivity: tuple[Connectivity, ...] = ()
    answer: HttpAnswer | None = None

    @property
    def ok(self) -> bool:
        """Whether the target answered HTTP; with a health path: answered that it is well."""
        return self.answer is not None and self.answer.connectivity.ok


async def probe_target(
    base_url: str,
    *,
    health: str = "",
    address: str = "",
    headers: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> TargetProbe:
    """Probe `base_url`, or its `health` path where there is one. With `address` no name is looked up.

    A health path must answer below 400. A base URL alone must answer below 500: many services have nothing
    at their root and say 404 or 401, which proves that they live. A certificate that is not trusted is
    recorded and ends the probe, because httpx would refuse it in the next step too. Raises
    SpecError for what is no web address.
    """
    https, host, port, path = read_web_address(base_url)
    steps: list[Connectivity] = []
    addresses: tuple[str, ...] = (address,) if address else ()
    if not address:
        resolution = await resolve(host, timeout_s=timeout_s)
        steps.append(resolution.connectivity)
        addresses = resolution.addresses
    reached = await _first_that_listens(host, port, addresses, timeout_s, steps)
    answer = None
    if reached and https:
        steps.append(await probe_tls(host, port, address=reached, timeout_s=timeout_s))
    if reached and steps[-1].ok:
        answer = await probe_http(
            base_url + (health or ("" if path else "/")), address=reached, headers=headers,
            timeout_s=timeout_s, ok_below=400 if health else 500,
        )  # fmt: skip
        steps.append(answer.connectivity)
    return TargetProbe(
        host=host, port=port, addresses=addresses, address=reached, connectivity=tuple(steps), answer=answer
    )


async def _first_that_listens(
    host: str, port: int, addresses: tuple[str, ...], timeout_s: float, steps: list[Connectivity]
) -> str:
    for candidate in addresses:
        steps.append(await probe_tcp(host, port, address=candidate, timeout_s=timeout_s))
        if steps[-1].ok:
            return candidate
    return ""
