"""A Redis server that the target depends on, from INFO."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perfpilot.tools.monitoring.rates import Rates
from perfpilot.tools.monitoring.reading import Reading

if TYPE_CHECKING:
    from redis.asyncio import Redis

_TIMEOUT_S = 2.0
_NOW = {
    "connected_clients": "clients",
    "blocked_clients": "blocked_clients",
    "used_memory": "memory_bytes",
}
_COUNTERS = {
    "total_commands_processed": "commands",
    "keyspace_hits": "hits",
    "keyspace_misses": "misses",
    "evicted_keys": "evictions",
    "rejected_connections": "rejected_connections",
}


class RedisSampler:
    """Clients, memory, rates of commands and evictions, and the share of look-ups that hit (`hit_share`).

    `busy_cores` is the processor time of the server per second: 1 means that its one main thread is full.
    `connections_share` is clients / `maxclients`, where the server tells the latter (Redis 7).
    """

    def __init__(
        self,
        component: str,
        address: str,
        port: int,
        *,
        user: str = "",
        password: str = "",
        database: str = "",
    ) -> None:
        self.component = component
        self._where = {"address": address, "port": port, "user": user, "database": database}
        self._password = password
        self._client: Redis | None = None
        self._rates = Rates()

    async def sample(self) -> Reading:
        """One INFO. Raises redis.RedisError, OSError or TimeoutError; the next call connects again."""
        from perfpilot.tools.probes.redis import open_redis

        if self._client is None:
            where: dict[str, Any] = self._where
            self._client = await open_redis(password=self._password, timeout_s=_TIMEOUT_S, **where)
        try:
            info: dict[str, Any] = await self._client.info()
        except BaseException:
            await self.close()
            raise
        return _reading(info, self._rates)

    async def close(self) -> None:
        """Hang up."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


def _reading(info: dict[str, Any], rates: Rates) -> Reading:
    counters = {name: float(info[key]) for key, name in _COUNTERS.items() if key in info}
    counters["busy_cores"] = float(info.get("used_cpu_user", 0)) + float(info.get("used_cpu_sys", 0))
    growth = rates.of(counters)
    reading = {name: float(info[key]) for key, name in _NOW.items() if key in info}
    if info.get("maxclients") and "clients" in reading:
        reading["connections_share"] = reading["clients"] / float(info["maxclients"])
    if "busy_cores" in growth:
        reading["busy_cores"] = growth.pop("busy_cores")
    looked_up = growth.get("hits", 0.0) + growth.get("misses", 0.0)
    if looked_up > 0:
        reading["hit_share"] = growth.get("hits", 0.0) / looked_up
    return reading | {f"{name}_per_s": value for name, value in growth.items()}
