"""What monitors record of each kind of component: names of metrics, as they stand in `monitor.csv`.

The end of a name tells its unit: `_share` a share, `_bytes` bytes, `_per_s` events (or bytes) per second,
`_s` seconds; all others are counts.
"""

from __future__ import annotations

PROCESS = frozenset({"up", "processes", "cores_allowed", "cpu_share", "rss_bytes", "threads", "open_files"})
"""Of a process with its children: the target, JMeter, perfpilot, a server that listens on this machine."""

JMETER = PROCESS | {"sockets"}
"""Of JMeter: its open sockets too, on Linux."""

HOST = frozenset({
    "cpu_share", "steal_share", "iowait_share", "memory_share", "memory_available_bytes", "swap_used_bytes",
    "load_1m", "disk_read_bytes_per_s", "disk_write_bytes_per_s", "net_received_bytes_per_s",
    "net_sent_bytes_per_s", "net_drops_per_s", "disk_free_bytes", "disk_free_share",
})  # fmt: skip
"""Of the machine that perfpilot runs on."""

NEIGHBOURS = frozenset({"cpu_share"})
"""Of all other processes of this machine."""

_SERVER = frozenset({"up", "answers"})

POSTGRESQL = _SERVER | {
    "connections", "active", "idle_in_transaction", "waiting_for_lock", "longest_query_s",
    "connections_share", "hit_share", "commits_per_s", "rollbacks_per_s", "rows_read_per_s",
    "deadlocks_per_s", "temp_bytes_per_s",
}  # fmt: skip

REDIS = _SERVER | {
    "clients", "blocked_clients", "connections_share", "memory_bytes", "busy_cores", "hit_share",
    "commands_per_s", "hits_per_s", "misses_per_s", "evictions_per_s", "rejected_connections_per_s",
}  # fmt: skip

SHORT = {"cpu": "cpu_share", "memory": "rss_bytes"}
"""Names for what is asked most: `cpu` is the share of the cores that a component may use, `memory` its bytes
(`memory_bytes` of a Redis elsewhere)."""

EVERY = JMETER | HOST | NEIGHBOURS | POSTGRESQL | REDIS | SHORT.keys()
"""All names."""


def metrics_of(component: str, kind: str = "") -> frozenset[str]:
    """What can be recorded of a component. `kind`: of a server, `postgresql` or `redis`."""
    if kind:  # one that listens on this machine is watched as a process too
        own = (POSTGRESQL if kind == "postgresql" else REDIS) | PROCESS
    else:
        own = {"host": HOST, "neighbours": NEIGHBOURS, "jmeter": JMETER}.get(component, PROCESS)
    short = {name for name, meant in SHORT.items() if meant in own}
    return own | short


def unit_of(metric: str) -> str:
    """`%`, `bytes`, `bytes/s`, `/s`, `s`, or nothing for a count."""
    if metric == "cpu" or metric.endswith("_share"):
        return "%"
    if metric == "memory" or metric.endswith("_bytes"):
        return "bytes"
    if metric.endswith("_bytes_per_s"):
        return "bytes/s"
    if metric.endswith("_per_s"):
        return "/s"
    return "s" if metric.endswith("_s") else ""
