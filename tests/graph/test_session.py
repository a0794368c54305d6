"""Two at once on one run."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.domain.errors import RunDirectoryError
from perfpilot.graph.session import resume
from perfpilot.tools.history.run_directory import RunDirectory, mint_run_id


async def test_a_run_that_another_perfpilot_drives_is_not_resumed(tmp_path: Path) -> None:
    run = RunDirectory.create(tmp_path, mint_run_id("x"))
    with run.held():
        run.request_stop()
        with pytest.raises(RunDirectoryError, match="another perfpilot is at work"):
            await resume(run.path)
        assert run.stop_requested(), "what the first was asked for stands"
