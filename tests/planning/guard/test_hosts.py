"""Where an address leads decides whether load may go there."""

from __future__ import annotations

import pytest

from perfpilot.domain.policy import Policy
from perfpilot.planning.guard.hosts import Reach, classify, listed, target_hosts
from tests.planning.sample_specs import spec

REACHES = {
    Reach.LOOPBACK: ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "::ffff:127.0.0.1"],
    Reach.PRIVATE: [
        "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1",
    ],
    Reach.PUBLIC: [
        "8.8.8.8", "172.32.0.1", "172.15.0.1", "11.0.0.1", "203.0.113.5", "2001:db8::1", "2606:4700::1111",
        "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
    ],
    Reach.FORBIDDEN: [
        "169.254.169.254", "169.254.170.2", "fd00:ec2::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fe80::1", "fe80::1%eth0",
        "0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "ff02::1", "::ffff:0.0.0.0",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("address", "reach"), [(address, reach) for reach, every in REACHES.items() for address in every]
)
def test_every_address_has_one_reach(address: str, reach: Reach) -> None:
    assert classify(address) is reach


@pytest.mark.parametrize("text", ["shop.test", "", "127.1", "0x7f000001", "2130706433", "127.0.0.1:80"])
def test_a_text_that_is_no_address_has_none(text: str) -> None:
    with pytest.raises(ValueError):
        classify(text)


@pytest.mark.parametrize(
    ("entry", "host", "address", "expected"),
    [
        ("shop.test", "shop.test", "8.8.8.8", True),
        ("Shop.Test.", "shop.test", "8.8.8.8", True),
        ("shop.test", "api.shop.test", "8.8.8.8", False),
        ("shop.test", "shop.test.evil.net", "8.8.8.8", False),
        ("8.8.8.8", "shop.test", "8.8.8.8", True),
        ("8.8.8.8", "shop.test", "::ffff:8.8.8.8", True),
        ("8.8.8.0/24", "shop.test", "8.8.8.8", True),
        ("8.8.9.0/24", "shop.test", "8.8.8.8", False),
        ("2001:db8::/32", "shop.test", "2001:db8::5", True),
        ("2001:db8::/32", "shop.test", "8.8.8.8", False),
    ],
)
def test_a_policy_lists_names_addresses_and_networks(
    entry: str, host: str, address: str, expected: bool
) -> None:
    assert listed(host, address, Policy(allowed_hosts=(entry,))) is expected


def test_hosts_of_a_description_are_the_service_and_its_servers() -> None:
    servers = [
        {"name": "db", "kind": "postgresql", "host": "db", "port": 5432},
        {"name": "cache", "kind": "redis", "host": "::1", "port": 6379},
        {"name": "cache2", "kind": "redis", "host": "::1", "port": 6379},
    ]
    described = spec(environment={"base_url": "https://Shop.test/api", "servers": servers})
    assert target_hosts(described) == ("shop.test:443", "db:5432", "[::1]:6379")
    assert target_hosts(spec(environment={"base_url": "http://[::1]"})) == ("[::1]:80",)
