"""A whole description from an address, a rate and a duration: the first test of a service."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from perfpilot.domain.policy import Policy
from perfpilot.domain.spec import Spec
from perfpilot.domain.units import format_duration, parse_duration_s, parse_rate_per_s
from perfpilot.planning.review.load import HIGH_LEVEL
from perfpilot.tools.spec.problems import Problem, SpecProblems
from perfpilot.tools.spec.read import parse_spec


def short_form(url: str, rate_per_s: object = 10, duration: object = "30s") -> Spec:
    """One endpoint under an open load. Without thresholds: `planning.defaults` adds those every test has.

    The path and the query of the address are the request. Raises `SpecProblems` that name the three
    arguments.
    """
    rate, seconds = _numbers(rate_per_s, duration)
    base_url, path = split_url(url)
    return parse_spec(
        {
            "test_name": test_name_of(base_url),
            "environment": {"base_url": base_url, "timeouts": {"response": _timeout(rate)}},
            "endpoints": [{"name": endpoint_name_of(path), "path": path}],
            "load_patterns": [{"constant": _constant(rate, seconds)}],
        }
    )


def split_url(url: str) -> tuple[str, str]:
    """Base URL and path with query of an address. Raises `SpecProblems`."""
    try:
        parts = urlsplit(url.strip()) if isinstance(url, str) else urlsplit("")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise _no_address(url) from None
    if parts.username or parts.password:
        raise SpecProblems([Problem("url", "give no user name or password here: use environment.auth")])
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _no_address(url)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{host}{port}", (parts.path or "/") + query


def endpoint_name_of(path: str) -> str:
    """A name for the endpoint: the last part of its path that holds a letter."""
    parts = [part for part in path.partition("?")[0].split("/") if re.search(r"[A-Za-z]", part)]
    return _name(parts[-1]) if parts else "home"


def test_name_of(base_url: str) -> str:
    """A name for the test: the host."""
    return _name(urlsplit(base_url).netloc)


test_name_of.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever pytest makes of the name


def _no_address(url: object) -> SpecProblems:
    shown = re.sub(r"//[^/@\s]*@", "//***@", repr(url)[:200])
    return SpecProblems([Problem("url", f"{shown} is not a web address: write http://host:port/path")])


def _name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-_.")[:64] or "test"


def _numbers(rate_per_s: object, duration: object) -> tuple[float, float]:
    problems = []
    rate = seconds = 0.0
    try:
        rate = parse_rate_per_s(rate_per_s)
        if not 0 < rate < 1e6:
            problems.append(Problem("rate_per_s", "must lie between 0 and 1000000 arrivals per second"))
    except ValueError as error:
        problems.append(Problem("rate_per_s", str(error)))
    try:
        seconds = parse_duration_s(duration)
        if seconds <= 0:
            problems.append(Problem("duration", "must be longer than nothing"))
    except ValueError as error:
        problems.append(Problem("duration", str(error)))
    if problems:
        raise SpecProblems(problems)
    return rate, seconds


def _constant(rate: float, seconds: float) -> dict[str, Any]:
    ramp_s = round(seconds / 10, 3) if rate >= HIGH_LEVEL else 0.0
    held_s = round(seconds - ramp_s, 3)
    return {"level": rate, "duration": format_duration(held_s), "ramp": format_duration(ramp_s)}


def _timeout(rate: float) -> str:
    """The usual 10 s, or less: an open schedule may have rate x time-out users at once."""
    return format_duration(round(min(10.0, max(1.0, 0.9 * Policy().max_users / rate)), 1))
