"""What a description must be beyond its shape: names that exist, load that can be made."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from perfpilot.domain.alerts import LIVE_METRICS, AlertRule
from perfpilot.domain.monitored import metrics_of
from perfpilot.domain.spec import Environment, Spec
from perfpilot.domain.thresholds import Metric, Threshold
from perfpilot.planning.scenarios import drafts, measured_labels
from perfpilot.tools.spec.endpoint_rules import endpoint_problems
from perfpilot.tools.spec.journey_rules import journey_problems
from perfpilot.tools.spec.load_levels import level_problems
from perfpilot.tools.spec.problems import Place, did_you_mean
from perfpilot.tools.spec.text_rules import text_problems

Found = tuple[Place, str]

WATCHED = ("host", "target", "jmeter", "perfpilot", "neighbours")
"""Components whose CPU is always watched; servers of the environment come on top."""


def cross_check(spec: Spec) -> list[Found]:
    """Every problem with its place. An empty list: the description can be used."""
    found = [
        *_duplicates(spec), *_endpoint_names(spec), *_environment(spec.environment), *_statuses(spec),
        *_patterns(spec), *_data(spec), *text_problems(spec), *endpoint_problems(spec),
        *journey_problems(spec),
    ]  # fmt: skip
    names_exist = not any(place[0] in ("journeys", "environment", "endpoints") for place, _ in found)
    return [
        *found, *_thresholds(spec, sound=names_exist), *_benchmark(spec, sound=names_exist),
        *_alerts(spec, sound=names_exist),
    ]  # fmt: skip


def _duplicates(spec: Spec) -> Iterator[Found]:
    for key, names in (
        ("endpoints", [endpoint.name for endpoint in spec.endpoints]),
        ("journeys", [journey.name for journey in spec.journeys]),
    ):
        yield from _twice((key,), names)
    yield from _twice(("environment", "servers"), [server.name for server in spec.environment.servers])


def _twice(place: Place, names: Sequence[str]) -> Iterator[Found]:
    seen: Counter[str] = Counter()
    for index, name in enumerate(names):
        if seen[name]:
            yield (*place, index, "name"), f"{name!r} is taken: every name stands once"
        seen[name] += 1


def _endpoint_names(spec: Spec) -> Iterator[Found]:
    declared = [endpoint.name for endpoint in spec.endpoints]
    auth = spec.environment.auth
    if auth and auth.login not in declared:
        yield (
            ("environment", "auth", "login"),
            f"no endpoint is called {auth.login!r}; {did_you_mean(auth.login, declared)}",
        )
    for j, journey in enumerate(spec.journeys):
        for s, step in enumerate(journey.steps):
            if step.endpoint not in declared:
                yield (
                    ("journeys", j, "steps", s, "endpoint"),
                    f"no endpoint is called {step.endpoint!r}; {did_you_mean(step.endpoint, declared)}",
                )


def _environment(environment: Environment) -> Iterator[Found]:
    try:
        urlsplit(environment.base_url).port  # noqa: B018  the property raises for an impossible port
    except ValueError:
        yield ("environment", "base_url"), "the port must be a number from 1 to 65535"
    if environment.health and not environment.health.startswith("/"):
        yield ("environment", "health"), "must begin with /"
    for key, seconds in (
        ("connect", environment.timeouts.connect),
        ("response", environment.timeouts.response),
    ):
        if not 0.001 <= seconds <= 3600:
            yield ("environment", "timeouts", key), "must lie between 1ms and 1h: there is no 'for ever'"


def _statuses(spec: Spec) -> Iterator[Found]:
    for index, endpoint in enumerate(spec.endpoints):
        for s, status in enumerate(endpoint.expect.status):
            if isinstance(status, int) and not 100 <= status <= 599:
                yield (
                    ("endpoints", index, "expect", "status", s),
                    f"{status} is no HTTP status: 100 to 599",
                )


def _search(spec: Spec) -> Iterator[Found]:
    """What runs beside a search would change what it finds."""
    for number, pattern in enumerate(spec.load_patterns):
        if pattern.search and len(spec.load_patterns) > 1:
            yield ("load_patterns", number, "search"), "a search runs alone: leave out the other patterns"
        if pattern.search and spec.cases.share:
            yield ("cases", "share"), "a search knows no load to take a share of: cases run before it"


def _patterns(spec: Spec) -> Iterator[Found]:
    names = [draft.name for draft in drafts(spec)]
    taken: Counter[str] = Counter()
    for number, pattern in enumerate(spec.load_patterns):
        place: Place = ("load_patterns", number)
        yield from level_problems(pattern, place)
        for index, name in enumerate(pattern.journeys):
            if name not in names:
                yield (
                    (*place, "journeys", index),
                    f"no scenario is called {name!r}; {did_you_mean(name, names)}",
                )
            elif taken[name]:
                yield (*place, "journeys", index), f"{name!r} arrives by another load pattern already"
            taken[name] += 1
    yield from _rest(spec, [name for name in names if not taken[name]])
    yield from _search(spec)
    if all(pattern.begins > 0 for pattern in spec.load_patterns):
        yield ("load_patterns", 0, "begins"), "one load pattern must begin at once"


def _rest(spec: Spec, rest: Sequence[str]) -> Iterator[Found]:
    """Scenarios that no pattern names need one pattern that takes them, and that pattern needs one."""
    takes_rest = [number for number, p in enumerate(spec.load_patterns) if not p.journeys]
    if rest and not takes_rest:
        yield ("load_patterns",), f"no load pattern names {', '.join(map(repr, rest))}"
    for number in takes_rest if not rest else takes_rest[1:]:
        text = (
            "has nothing left to drive: name its journeys"
            if not rest
            else ("drives the same scenarios as an earlier pattern: name the journeys of each")
        )
        yield ("load_patterns", number), text


def _data(spec: Spec) -> Iterator[Found]:
    for name, rows in spec.test_data.values.items():
        if not rows:
            yield ("test_data", "values", name), "needs at least one value"
    for key, limit in (("rate_per_s", spec.limits.rate_per_s), ("duration", spec.limits.duration)):
        if limit is not None and not (math.isfinite(limit) and limit > 0):
            yield ("limits", key), "must be greater than 0"


def _thresholds(spec: Spec, *, sound: bool) -> Iterator[Found]:
    declared = {endpoint.name for endpoint in spec.endpoints}
    measured = measured_labels(spec) if sound else frozenset(declared)
    for index, threshold in enumerate(spec.thresholds):
        text = _threshold(threshold, spec, declared, measured)
        if text:
            yield ("thresholds", index), f"{threshold.text!r}: {text}"


def _benchmark(spec: Spec, *, sound: bool) -> Iterator[Found]:
    declared = {endpoint.name for endpoint in spec.endpoints}
    measured = measured_labels(spec) if sound else frozenset(declared)
    seen: set[tuple[str, str]] = set()
    for index, line in enumerate(spec.baseline.benchmark if spec.baseline else ()):
        text = _label(line.label, declared, measured) if line.label else ""
        if (line.metric, line.label) in seen:
            text = "has a figure already"
        seen.add((line.metric, line.label))
        if text:
            yield ("baseline", "benchmark", index), f"{line.text!r}: {text}"


def _threshold(threshold: Threshold, spec: Spec, declared: set[str], measured: frozenset[str]) -> str:
    label, metric = threshold.label, threshold.metric
    if not math.isfinite(threshold.limit):
        return "the limit must be a number that can be reached"
    if metric is Metric.CPU:
        watched = (*WATCHED, *(server.name for server in spec.environment.servers))
        if label in watched:
            return ""
        return f"nothing called {label!r} is watched; {did_you_mean(label, watched)}"
    return _label(label, declared, measured) if label else ""


def _alerts(spec: Spec, *, sound: bool) -> Iterator[Found]:
    declared = {endpoint.name for endpoint in spec.endpoints}
    measured = measured_labels(spec) if sound else frozenset(declared)
    seen: set[str] = set()
    for index, rule in enumerate(spec.alerts):
        text = "stands twice" if rule.text in seen else _alert(rule, spec, declared, measured)
        seen.add(rule.text)
        if text:
            yield ("alerts", index), f"{rule.text!r}: {text}"


def _alert(rule: AlertRule, spec: Spec, declared: set[str], measured: frozenset[str]) -> str:
    if rule.metric in LIVE_METRICS:
        return _label(rule.subject, declared, measured) if rule.subject else ""
    kinds = dict.fromkeys(WATCHED, "") | {server.name: server.kind for server in spec.environment.servers}
    if rule.subject not in kinds:
        return f"nothing called {rule.subject!r} is watched; {did_you_mean(rule.subject, kinds)}"
    recorded = metrics_of(rule.subject, kinds[rule.subject])
    if rule.metric not in recorded:
        return f"{rule.metric} is not read of {rule.subject}; {did_you_mean(rule.metric, recorded)}"
    return ""


def _label(label: str, declared: set[str], measured: frozenset[str]) -> str:
    if label not in declared:
        return f"no endpoint is called {label!r}; {did_you_mean(label, declared)}"
    if label not in measured:
        return f"{label!r} gets no load in this test, so nothing would be measured"
    return ""
