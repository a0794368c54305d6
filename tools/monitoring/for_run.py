"""The monitor of a run: what its description lets us watch from here."""

from __future__ import annotations

from collections.abc import Mapping

from perfpilot.domain.policy import Envelope
from perfpilot.domain.spec import Server, Spec
from perfpilot.planning.guard.hosts import Reach, classify, host_of
from perfpilot.tools.monitoring.postgresql import PostgresqlSampler
from perfpilot.tools.monitoring.reading import RemoteSampler
from perfpilot.tools.monitoring.redis import RedisSampler
from perfpilot.tools.monitoring.sampler import Monitor
from perfpilot.tools.spec.secrets import fill_secrets

TARGET = "target"


def monitor_for(spec: Spec, envelope: Envelope, secrets: Mapping[str, str]) -> Monitor:
    """Watches this machine, the target's process where it listens here, and every declared server.

    `secrets`: value by name of the environment variables that the description refers to.
    """
    pairs = [pair.split() for pair in envelope.addresses]
    addresses = {host: address for host, address in reversed(pairs)}  # the first address of each host
    local = {host for host, address in pairs if classify(address) is Reach.LOOPBACK}
    place = envelope.hosts[0]
    ports = {TARGET: int(place.rpartition(":")[2])} if host_of(place) in local else {}
    ports |= {server.name: server.port for server in spec.environment.servers if server.host in local}
    remote = [_sampler(server, addresses, secrets) for server in spec.environment.servers]
    return Monitor(ports=ports, remote=remote)


def _sampler(server: Server, addresses: Mapping[str, str], secrets: Mapping[str, str]) -> RemoteSampler:
    kind = PostgresqlSampler if server.kind == "postgresql" else RedisSampler
    return kind(
        server.name,
        addresses[server.host],
        server.port,
        user=server.user,
        password=fill_secrets(server.password, secrets),
        database=server.database,
    )
