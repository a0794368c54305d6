"""The operator's policy is read strictly: a wrong file is never taken for no file."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.domain.errors import PolicyError
from perfpilot.domain.policy import Policy
from perfpilot.tools.spec.policy import load_policy

GOOD = """\
allowed_hosts: [shop.example.com, 10.0.0.0/8, '2001:db8::/32']
max_rate_per_s: 300/s
max_duration: 10m
"""


@pytest.mark.parametrize("path", [None, ""])
def test_without_a_file_the_defaults_hold(path: str | None) -> None:
    assert load_policy(path) == Policy()


def test_a_file_is_read_with_its_units(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(GOOD, encoding="utf-8")
    policy = load_policy(str(file))
    assert (policy.max_rate_per_s, policy.max_duration, len(policy.allowed_hosts)) == (300.0, 600.0, 3)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("alowed_hosts: []", "line 1: alowed_hosts: unknown key; did you mean allowed_hosts?"),
        (
            "version: 1\nallowed_hosts: ['http://shop']",
            "line 2: allowed_hosts.0: 'http://shop' is no host name",
        ),
        ("allowed_hosts: ['10.0.0.0/33']", "allowed_hosts.0"),
        ("environment_names: ['*SECRET']", "environment_names.0: '*SECRET' is no name"),
        ("data_roots: [files]", "data_roots.0: 'files' is no absolute path"),
        ("max_users: 0", "max_users: must be greater than 0"),
        ("max_duration: 60", "max_duration: 60 is not a duration"),
        ("max_duration: 60.0", "max_duration: needs a unit"),
        ("approval: sometimes", "approval: 'sometimes' is not possible"),
        ("a: 1\na: 2", "a: this key is given twice"),
        ("- x", "must be a mapping"),
        ("x: {y: !!python/name:os.system }", "the tag"),
    ],
)
def test_a_wrong_policy_is_an_error_with_its_line(tmp_path: Path, text: str, part: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(str(file))
    assert part in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read: No such file"):
        load_policy(str(tmp_path / "none.yaml"))


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("# nothing yet\n", encoding="utf-8")
    assert load_policy(str(file)) == Policy()
