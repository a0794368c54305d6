"""Reads the operator's policy."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from perfpilot.domain.errors import PolicyError
from perfpilot.domain.policy import Policy
from perfpilot.tools.spec.plain_data import NotPlain, plain
from perfpilot.tools.spec.problems import Place, Problem, listed, problem_at
from perfpilot.tools.spec.wording import problems_of
from perfpilot.tools.spec.yaml_text import MAX_CHARACTERS, NotYaml, read_yaml

_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\*?")


def load_policy(path: str | None) -> Policy:
    """The policy in a file, or the defaults without one. Reads the disk: in asynchronous code use a thread.

    Raises `PolicyError` for a file that is missing or wrong: a run under another policy than the operator
    meant would be worse than none.
    """
    if not path:
        return Policy()
    text = _read(path)
    lines: dict[Place, int] = {}
    try:
        data, lines = read_yaml(text)
        data = plain({} if data is None else data)
    except NotYaml as error:
        raise _wrong(path, [error.problem]) from None
    except NotPlain as error:
        raise _wrong(path, [problem_at(error.place, error.text, None)]) from None
    if not isinstance(data, dict):
        raise _wrong(path, [Problem("", "must be a mapping such as: allowed_hosts: [shop.example.com]")])
    try:
        policy = Policy.model_validate(data)
    except ValidationError as error:
        raise _wrong(path, problems_of(error, Policy, data, lines)) from None
    problems = [problem_at(place, text, data, lines) for place, text in _sense(policy, data)]
    if problems:
        raise _wrong(path, problems)
    return policy


def _read(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return file.read(4 * MAX_CHARACTERS).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise PolicyError(
            f"the policy file {path} cannot be read: {reason}",
            mend="set PERFPILOT_POLICY to the operator's file, or unset it for the defaults",
        ) from None


def _sense(policy: Policy, data: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    for key in ("allowed_hosts", "webhook_hosts"):
        for index, entry in enumerate(getattr(policy, key)):
            if not _is_place(entry):
                yield (key, index), f"{entry!r} is no host name, address or network (no scheme, no port)"
    for index, name in enumerate(policy.environment_names):
        if not _VARIABLE.fullmatch(name):
            yield ("environment_names", index), f"{name!r} is no name of a variable; * may stand at its end"
    for index, root in enumerate(policy.data_roots):
        if not Path(root).is_absolute():
            yield ("data_roots", index), f"{root!r} is no absolute path, such as /srv/test-files"
    for key in ("max_rate_per_s", "max_users", "max_requests", "max_duration"):
        value = getattr(policy, key)
        if not 0 < value < float("inf"):
            yield (key,), "must be greater than 0"
        if key == "max_duration" and isinstance(data.get(key), float):
            yield (key,), "needs a unit, such as 4h"


def _is_place(entry: str) -> bool:
    try:
        ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return bool(_HOST.fullmatch(entry))
    return True


def _wrong(path: str, problems: list[Problem]) -> PolicyError:
    return PolicyError(listed(problems, f"the policy file {path}", located=True))
