from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest

from perfpilot.demo.launch import running
from perfpilot.demo.messages import Refused
from perfpilot.demo.tokens import Tokens
from tests.demo.client import Client

KEY = b"k" * 32


def test_a_token_names_its_user() -> None:
    tokens = Tokens(KEY, ttl_s=60)
    assert tokens.user_of(f"Bearer {tokens.issue(42)}") == 42


def test_an_expired_token_is_refused() -> None:
    token = Tokens(KEY, ttl_s=-1).issue(42)
    with pytest.raises(Refused, match="expired"):
        Tokens(KEY, ttl_s=60).user_of(f"Bearer {token}")


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer ", "Basic abc", "Bearer a", "Bearer ###", "Bearer é"]
)
def test_what_is_no_token_is_refused(value: str) -> None:
    with pytest.raises(Refused) as refusal:
        Tokens(KEY, ttl_s=60).user_of(value)
    assert refusal.value.status == 401


def test_a_changed_or_foreign_token_is_refused() -> None:
    raw = bytearray(base64.urlsafe_b64decode(Tokens(KEY, ttl_s=60).issue(1)))
    raw[7] = 2  # the user id
    foreign = Tokens(b"x" * 32, ttl_s=60).issue(1)
    for token in (base64.urlsafe_b64encode(raw).decode(), foreign):
        with pytest.raises(Refused, match="not valid"):
            Tokens(KEY, ttl_s=60).user_of(f"Bearer {token}")


def test_the_running_shop_lets_tokens_expire(tmp_path: Path) -> None:
    with running(directory=tmp_path, token_ttl_s=1.0) as service, Client(service) as client:
        client.log_in()
        deadline = time.monotonic() + 30
        while client.post("/api/cart", {"product_id": 1, "quantity": 1})[0] != 401:
            assert time.monotonic() < deadline, "the token never expired"
            time.sleep(0.05)
        assert "expired" in client.text
        client.log_in()  # a new one can be had
