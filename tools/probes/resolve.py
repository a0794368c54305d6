"""Resolve a host name once, to all its addresses, so that everything after is pinned to them."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from perfpilot.domain.base import Frozen
from perfpilot.domain.result import Connectivity
from perfpilot.tools.probes.attempt import TIMEOUT_S, attempt


class Resolution(Frozen):
    """The addresses of a host at one moment. No address: `connectivity.detail` says why."""

    host: str
    addresses: tuple[str, ...] = ()
    connectivity: Connectivity


async def resolve(host: str, *, timeout_s: float = TIMEOUT_S) -> Resolution:
    """All A and AAAA addresses of `host`, IPv4 first, each once. Never raises for a name that is unknown.

    IPv4 comes first because the JVM tries those first (java.net.preferIPv6Addresses is false), so that a
    probe and JMeter meet the same server.
    """
    found: list[str] = []

    async def look_up() -> str:
        found.extend(await _addresses(host))
        return ", ".join(found)

    connectivity = await attempt("dns", host, look_up, timeout_s=timeout_s)
    return Resolution(host=host, addresses=tuple(found) if connectivity.ok else (), connectivity=connectivity)


async def _addresses(host: str) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host.strip("[]")))]
    except ValueError:
        pass
    if not host or any(character.isspace() or character in "/@:%" for character in host):
        raise socket.gaierror(socket.EAI_NONAME, "this is not a host name")
    answers = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    ordered = sorted(answers, key=lambda answer: answer[0] != socket.AF_INET)  # stable
    return list(dict.fromkeys(str(answer[4][0]) for answer in ordered))
