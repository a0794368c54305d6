"""Does the name resolve?"""

from __future__ import annotations

from perfpilot.domain.result import Connectivity
from perfpilot.tools.probes.attempt import TIMEOUT_S
from perfpilot.tools.probes.resolve import resolve


async def probe_dns(host: str, *, timeout_s: float = TIMEOUT_S) -> Connectivity:
    """Look the name up; `detail` lists its addresses, or says why there are none."""
    return (await resolve(host, timeout_s=timeout_s)).connectivity
