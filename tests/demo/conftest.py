from __future__ import annotations

from collections.abc import Iterator

import pytest

from perfpilot.demo.launch import Service, running
from tests.demo.client import Client


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A healthy shop, shared by the tests of one file."""
    with running(directory=tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with Client(service) as client:
        yield client


@pytest.fixture
def customer(client: Client) -> Client:
    """A client that has logged in."""
    client.log_in()
    return client
