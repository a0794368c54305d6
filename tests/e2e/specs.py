"""Descriptions of small tests against the demo service, and ways to look at what a run did to it."""

from __future__ import annotations

import re
import urllib.request
from typing import Any


def shop_spec(base_url: str, **changes: Any) -> dict[str, Any]:
    """A short open load on two endpoints of the shop; `changes` replace whole top-level keys."""
    spec: dict[str, Any] = {
        "version": 1,
        "test_name": "shop",
        "environment": {
            "base_url": base_url,
            "health": "/health",
            "timeouts": {"connect": "1s", "response": "1s"},
        },
        "endpoints": [
            {"name": "browse", "path": "/api/browse?page=1"},
            {"name": "product", "path": "/api/products/17"},
        ],
        "load_patterns": [{"arrivals": "even", "stages": [{"rate_per_s": 60, "duration": "6s"}]}],
        "thresholds": ["p95 < 500ms", "error_rate < 1%"],
    }
    return {**spec, **changes}


def buyer_spec(base_url: str, **changes: Any) -> dict[str, Any]:
    """Users who carry a token that one login before the load obtained."""
    login = {"user": "user001", "password": "password001"}
    spec = shop_spec(
        base_url,
        environment={
            "base_url": base_url,
            "health": "/health",
            "timeouts": {"connect": "1s", "response": "1s"},
            "auth": {"login": "login"},
        },
        endpoints=[
            {"name": "login", "method": "POST", "path": "/api/login", "body": login, "authenticated": False},
            {
                "name": "cart",
                "method": "POST",
                "path": "/api/cart",
                "body": {"product_id": 17, "quantity": 1},
                "extract": [{"name": "cart_id", "json_path": "$.cart_id"}],
            },
        ],
        journeys=[{"name": "buyer", "steps": ["cart"]}],
        load_patterns=[{"arrivals": "even", "stages": [{"rate_per_s": 40, "duration": "10s"}]}],
    )
    return {**spec, **changes}


def requests_at(base_url: str, path: str) -> int:
    """Requests that the shop itself counted for a path, refused ones included."""
    with urllib.request.urlopen(base_url + "/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(rf'requests_total{{path="{re.escape(path)}"}} (\d+)', text)
    return int(found[1]) if found else 0
