"""Where an address leads: this machine, a private network, the internet, or where no load may ever go."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import urlsplit

from perfpilot.domain.policy import Policy
from perfpilot.domain.spec import Spec


class Reach(StrEnum):
    """How far away an address is."""

    LOOPBACK = "loopback"
    PRIVATE = "private"
    PUBLIC = "public"
    FORBIDDEN = "forbidden"


_PRIVATE = tuple(
    ipaddress.ip_network(net)
    for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
# Link-local holds the metadata services of most clouds (169.254.169.254, 169.254.170.2); the others live
# inside private or public ranges. 0.0.0.0/8 means `this host` and would reach loopback unseen.
_FORBIDDEN = tuple(
    ipaddress.ip_network(net)
    for net in (
        "169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128", "100.100.100.200/32",
        "192.0.0.192/32", "168.63.129.16/32", "0.0.0.0/8", "::/128", "224.0.0.0/4", "240.0.0.0/4", "ff00::/8",
    )
)  # fmt: skip
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def classify(address: str) -> Reach:
    """The reach of an IP address. Raises ValueError for a text that is none.

    An IPv4 address inside an IPv6 one (mapped, NAT64, 6to4) counts as that IPv4 address.
    """
    plain = _unwrapped(ipaddress.ip_address(address.strip("[]")))
    if _inside(plain, _FORBIDDEN):
        return Reach.FORBIDDEN
    if plain.is_loopback:
        return Reach.LOOPBACK
    return Reach.PRIVATE if _inside(plain, _PRIVATE) else Reach.PUBLIC


def listed(host: str, address: str, policy: Policy) -> bool:
    """Whether the policy's `allowed_hosts` names the host, the address, or a network around it."""
    plain = _unwrapped(ipaddress.ip_address(address.strip("[]")))
    names = {_name(host), str(plain), address}
    for entry in policy.allowed_hosts:
        try:
            network = ipaddress.ip_network(entry, strict=False)
        except ValueError:
            if _name(entry) in names:
                return True
            continue
        if _inside(plain, (network,)):
            return True
    return False


def target_hosts(spec: Spec) -> tuple[str, ...]:
    """`host:port` of the service and of every server that is probed, each once, in order."""
    parts = urlsplit(spec.environment.base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = [host_port(parts.hostname or "", port)]
    found += [host_port(server.host, server.port) for server in spec.environment.servers]
    return tuple(dict.fromkeys(found))


def host_port(host: str, port: int) -> str:
    """`host:port`, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def host_of(place: str) -> str:
    """The host of `host:port`."""
    return place.rpartition(":")[0].strip("[]")


def _unwrapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


def _inside(address: Address, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _name(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()
