"""What an attempt finds on disk: files to upload, secrets, and the bounds of JMeter's own JVM."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.domain.errors import NotReadyError, PolicyError
from perfpilot.domain.policy import Policy
from perfpilot.tools.jmeter.jvm import command_line
from perfpilot.tools.jmeter.prepare import PRIVATE, SYSTEM
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt

SEND = {
    "name": "send",
    "method": "POST",
    "path": "/send",
    "files": [{"field": "picture", "path": "shop/cat.png", "type": "image/png"}],
}
BASIC = {
    "base_url": "http://127.0.0.1:9",
    "basic_auth": {"user": "anna", "password": "${env:PERFPILOT_SECRET_P}"},
}


async def test_an_attempt_has_copies_of_what_it_uploads(tmp_path: Path) -> None:
    (tmp_path / "root" / "shop").mkdir(parents=True)
    (tmp_path / "root" / "shop" / "cat.png").write_bytes(b"\0cat")
    run = made_run(tmp_path, endpoints=[SEND])
    run.write("policy.json", Policy(data_roots=(str(tmp_path / "root"),)))
    directory = Path((await prepared_attempt(run)).directory)
    assert (directory / "files" / "1" / "cat.png").read_bytes() == b"\0cat"
    for name in ("plan.jmx", "smoke.jmx"):
        assert b">files/1/cat.png<" in (directory / name).read_bytes()


async def test_no_attempt_is_prepared_with_a_file_that_the_policy_does_not_allow(tmp_path: Path) -> None:
    run = made_run(tmp_path, endpoints=[SEND])
    with pytest.raises(PolicyError, match="data_roots"):
        await prepared_attempt(run)
    assert not run.has("attempts/1/prepared.json")


async def test_other_hosts_are_out_of_reach_of_jmeters_jvm(tmp_path: Path) -> None:
    prepared = await prepared_attempt(made_run(tmp_path))
    written = (Path(prepared.directory) / SYSTEM).read_text()
    assert written.splitlines() == [
        "http.proxyHost=other-hosts.invalid",
        "http.proxyPort=9",
        "http.nonProxyHosts=127.0.0.1",
    ]
    command = command_line(
        prepared.generator, Path(prepared.directory), plan="p", results="r", log="l", marker="m",
        property_files=(), system_properties=SYSTEM,
    )  # fmt: skip
    assert command[command.index("-S") + 1] == SYSTEM


async def test_a_password_stands_in_the_private_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERFPILOT_SECRET_P", "hush-hush")
    directory = Path((await prepared_attempt(made_run(tmp_path, environment=BASIC))).directory)
    holding = [path.name for path in directory.rglob("*") if path.is_file() and b"hush" in path.read_bytes()]
    assert holding == [PRIVATE]
    assert (directory / PRIVATE).stat().st_mode & 0o777 == 0o600


async def test_a_password_that_jmeter_would_alter_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERFPILOT_SECRET_P", "pä")
    with pytest.raises(NotReadyError, match="ASCII"):
        await prepared_attempt(made_run(tmp_path, environment=BASIC))
