"""Does the server speak TLS, with a certificate that is trusted here?"""

from __future__ import annotations

import asyncio
import datetime
import ssl
from typing import Any

from perfpilot.domain.result import Connectivity
from perfpilot.tools.probes.attempt import TIMEOUT_S, attempt, place


async def probe_tls(
    host: str, port: int = 443, *, address: str = "", timeout_s: float = TIMEOUT_S
) -> Connectivity:
    """Shake hands, verifying the certificate against `host` and the system's trust store.

    `detail` names the protocol and the day the certificate ends. JMeter itself accepts any certificate, so
    a failure here does not mean that the load would fail: it means that a browser would.
    """

    async def shake_hands() -> str:
        # Reading the trust store takes tens of milliseconds.
        context = await asyncio.to_thread(ssl.create_default_context)
        _, writer = await asyncio.open_connection(address or host, port, ssl=context, server_hostname=host)
        try:
            return _described(writer.get_extra_info("ssl_object"))
        finally:
            writer.transport.abort()  # no farewell: some servers never answer TLS's closing message

    return await attempt("tls", place(host, port, address), shake_hands, timeout_s=timeout_s)


def _described(connection: Any) -> str:
    certificate = connection.getpeercert() or {}
    protocol = connection.version() or "TLS"
    if "notAfter" not in certificate:
        return str(protocol)
    ends = datetime.datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), datetime.UTC)
    days = (ends - datetime.datetime.now(datetime.UTC)).days
    return f"{protocol}, certificate valid until {ends:%Y-%m-%d} ({days} days)"
