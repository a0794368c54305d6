"""A PostgreSQL server that the target depends on, from pg_stat_activity and pg_stat_database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perfpilot.tools.monitoring.rates import Rates
from perfpilot.tools.monitoring.reading import Reading

if TYPE_CHECKING:
    import asyncpg

_TIMEOUT_S = 2.0
# Our own session is left out of all counts. `waiting` counts sessions that wait for a lock, which is what
# lock contention looks like; waits for input and output are another matter.
_ACTIVITY = """
SELECT count(*) AS connections,
       count(*) FILTER (WHERE state = 'active') AS active,
       count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle_in_transaction,
       count(*) FILTER (WHERE wait_event_type = 'Lock') AS waiting_for_lock,
       coalesce(max(extract(epoch FROM clock_timestamp() - query_start))
                FILTER (WHERE state = 'active'), 0) AS longest_query_s,
       (SELECT setting::int FROM pg_settings WHERE name = 'max_connections') AS max_connections
FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_TOTALS = """
SELECT sum(xact_commit) AS commits, sum(xact_rollback) AS rollbacks, sum(tup_returned) AS rows_read,
       sum(deadlocks) AS deadlocks, sum(temp_bytes) AS temp_bytes,
       sum(blks_hit) AS blocks_hit, sum(blks_read) AS blocks_read
FROM pg_stat_database
"""


class PostgresqlSampler:
    """Sessions by state, the longest running query, rates of transactions, the buffer cache's `hit_share`.

    PostgreSQL publishes the counters of a session with a delay of up to a second or more (15 and later: when
    it goes idle), so rates are lumpy at 1 s.
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
        self._connection: asyncpg.Connection | None = None
        self._rates = Rates()

    async def sample(self) -> Reading:
        """Two queries. Raises asyncpg's errors, OSError or TimeoutError; the next call connects again."""
        from perfpilot.tools.probes.postgresql import connect_postgresql

        try:
            if self._connection is None:
                where: dict[str, Any] = self._where
                self._connection = await connect_postgresql(
                    password=self._password, timeout_s=_TIMEOUT_S, **where
                )
            activity = await self._connection.fetchrow(_ACTIVITY)
            totals = await self._connection.fetchrow(_TOTALS)
        except BaseException:
            await self.close()
            raise
        return _reading(dict(activity), dict(totals), self._rates)

    async def close(self) -> None:
        """Hang up at once: waiting for a farewell could take as long as the server likes."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


def _reading(activity: dict[str, Any], totals: dict[str, Any], rates: Rates) -> Reading:
    reading = {name: float(value) for name, value in activity.items() if value is not None}
    maximum = reading.pop("max_connections", 0.0)
    if maximum > 0:
        reading["connections_share"] = reading["connections"] / maximum
    growth = rates.of({name: float(value) for name, value in totals.items() if value is not None})
    hit, read = growth.pop("blocks_hit", 0.0), growth.pop("blocks_read", 0.0)
    if hit + read > 0:
        reading["hit_share"] = hit / (hit + read)
    return reading | {f"{name}_per_s": value for name, value in growth.items()}
