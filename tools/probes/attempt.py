"""One timed try at a server that ends as a `Connectivity`, whatever happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from perfpilot.domain.result import Connectivity
from perfpilot.tools.foreign_text import one_line
from perfpilot.tools.probes.reasons import reason

TIMEOUT_S = 5.0
"""How long a probe waits where nobody says otherwise."""


async def attempt(
    kind: str,
    subject: str,
    work: Callable[[], Awaitable[str]],
    *,
    timeout_s: float = TIMEOUT_S,
    also: tuple[type[Exception], ...] = (),
    words: Callable[[Exception], str] | None = None,
) -> Connectivity:
    """Run `work`, which returns the detail of a success, for `timeout_s` at most.

    Errors of the network become `ok=False` with a reason; so do those of a client library named in `also`,
    where `words` may phrase them (empty: the general reason). Any other error is a fault of ours and is
    raised.
    """
    caught: tuple[type[Exception], ...] = (OSError, TimeoutError, EOFError, UnicodeError, *also)
    begin = time.perf_counter()
    try:
        async with asyncio.timeout(timeout_s):
            ok, detail = True, await work()
    except caught as error:
        ok, detail = False, (words(error) if words else "") or reason(error, timeout_s)
    duration_ms = (time.perf_counter() - begin) * 1000
    return Connectivity(
        kind=kind, subject=subject, ok=ok, duration_ms=round(duration_ms, 3), detail=one_line(detail, 300)
    )


def place(host: str, port: int, address: str = "") -> str:
    """`host:port`, with the pinned address where it is another text: `shop.test:443 (10.0.0.7)`."""
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"{shown} ({address})" if address and address != host else shown
