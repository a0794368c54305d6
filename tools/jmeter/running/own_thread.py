"""Work in a thread of its own, for what must go on while the event loop is busy or hangs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


async def in_own_thread(work: Callable[[threading.Event], T]) -> T:
    """Run `work` to its end. Where this call is cancelled, the event that `work` got is set; the call then
    still waits until `work` has ended, so that nothing goes on behind the caller's back."""
    cancelled = threading.Event()
    pool = ThreadPoolExecutor(1, thread_name_prefix="perfpilot-load")
    try:
        future = asyncio.get_running_loop().run_in_executor(pool, work, cancelled)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            cancelled.set()
            await asyncio.wait([future])
            raise
    finally:
        pool.shutdown(wait=False)
