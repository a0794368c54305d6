"""A checkpoint that is damaged, of another version or tampered with: refused by name, and never believed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import ormsgpack
import pytest

from perfpilot.domain.errors import RunDirectoryError
from perfpilot.domain.outcome import ExitCode, Verdict
from perfpilot.graph.session import CHECKPOINT, resume
from perfpilot.graph.workflow import checkpoint_serde
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.jmeter.running.run import run_load
from perfpilot.tools.monitoring.sampler import Monitor
from tests.tools.jmeter.fake_jmeter import made_run, prepared_attempt

SHORT = "begin()\nfor _ in range(30):\n    sample()\n    time.sleep(0.01)\nend()"


async def _nobody_listens(_: object) -> None: ...


@pytest.fixture
async def loaded(tmp_path: Path) -> RunDirectory:
    """A run that was killed after its load and before its report."""
    run = made_run(tmp_path, SHORT)
    await run_load(run, await prepared_attempt(run), Monitor(), _nobody_listens)
    return run


def _tampered(path: Path, kind: str, data: bytes) -> None:
    """A checkpoint in the form of LangGraph's saver, with other contents."""
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TABLE checkpoints (thread_id TEXT NOT NULL, checkpoint_ns TEXT NOT NULL DEFAULT '', "
            "checkpoint_id TEXT NOT NULL, parent_checkpoint_id TEXT, type TEXT, checkpoint BLOB, "
            "metadata BLOB, PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id))"
        )
        row = (path.parent.name, "", "1f0", None, kind, data, b"{}")
        database.execute("INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    database.close()


async def test_a_checkpoint_that_is_no_database_is_refused_with_its_name_and_the_way_on(
    loaded: RunDirectory,
) -> None:
    checkpoint = loaded.path / CHECKPOINT
    checkpoint.write_bytes(b"this is no database at all. " * 200)
    with pytest.raises(RunDirectoryError, match=r"checkpoint\.sqlite can't be read") as refused:
        await resume(loaded.path)
    assert refused.value.exit_code is ExitCode.REFUSED
    assert refused.value.mend.startswith(f"rm {checkpoint}")
    checkpoint.unlink()
    result = await resume(loaded.path)
    assert result.scenarios[0].files.rows == 30, "the figures of its attempt"
    assert result.outcome.verdict in (Verdict.GO, Verdict.INCONCLUSIVE)
    assert (loaded.path / "report.html").is_file()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("pickle", b"cposix\nsystem\n(S'touch executed'\ntR."),
        ("msgpack", b"\xc1\xc1 no msgpack"),
        ("another version's", b"{}"),
        ("json", b'{"v": 4, "channel_values": "none"}'),
    ],
)
async def test_contents_that_no_perfpilot_wrote_are_refused_and_never_run(
    kind: str, data: bytes, loaded: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(loaded.path)
    _tampered(loaded.path / CHECKPOINT, kind, data)
    with pytest.raises(RunDirectoryError, match=r"checkpoint\.sqlite can't be read"):
        await resume(loaded.path)
    assert not (loaded.path / "executed").exists()


def test_a_callable_that_a_checkpoint_names_is_not_called(tmp_path: Path) -> None:
    executed = tmp_path / "executed"
    for code in range(4):  # each of the ways in which LangGraph's format builds an object
        argument = {0: f"touch {executed}", 1: [f"touch {executed}"], 2: {"command": f"touch {executed}"}}
        inner = ormsgpack.packb(
            ("posix", "system", argument.get(code, f"touch {executed}"), "model_validate")
        )
        data = ormsgpack.packb({"state": ormsgpack.Ext(code, inner)})
        checkpoint_serde().loads_typed(("msgpack", data))
        assert not executed.exists(), code
