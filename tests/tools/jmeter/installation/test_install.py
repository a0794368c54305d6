from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from perfpilot.domain.errors import NotReadyError
from perfpilot.tools.jmeter.installation.install import (
    MARKER,
    SourceFailed,
    cache_directory,
    install,
    install_lock,
    read_install,
)

# A fake source that is slow: it writes half of the files, says so, and goes on only when it is let.
SLOW_INSTALLER = """
import asyncio, sys
from pathlib import Path
from perfpilot.tools.jmeter.installation.install import install, install_lock, read_install

directory, go_on, count = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])

async def fake_slow_source(partial):
    with count.open("a") as file:
        file.write("x")
    (partial / "first.jar").write_text("first")
    print("half way", flush=True)
    while not go_on.exists():
        await asyncio.sleep(0.02)
    (partial / "second.jar").write_text("second")

async def main():
    async with install_lock(directory, lambda text: print(text, flush=True)):
        try:
            read_install(directory / "1")
        except ValueError:
            await install(directory / "1", fake_slow_source, version="1", source="fake slow source")
    print("done", flush=True)

asyncio.run(main())
"""


def start(directory: Path, go_on: Path, count: Path) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", SLOW_INSTALLER, str(directory), str(go_on), str(count)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> int:
    code = process.wait(timeout=60)
    assert process.stdout
    process.stdout.close()
    return code


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


async def two_files(partial: Path) -> None:
    (partial / "lib").mkdir()
    (partial / "lib/first.jar").write_text("first")
    (partial / "second.jar").write_text("second")


def test_an_installer_killed_half_way_leaves_nothing_that_is_taken_for_an_install(tmp_path: Path) -> None:
    directory, go_on, count = tmp_path / "jmeter", tmp_path / "go-on", tmp_path / "count"
    killed = start(directory, go_on, count)
    assert line_of(killed) == "half way"
    os.kill(killed.pid, signal.SIGKILL)
    assert end(killed) == -signal.SIGKILL
    assert not (directory / "1").exists()
    assert len(list(directory.glob(".partial-*"))) == 1

    go_on.touch()
    second = start(directory, go_on, count)  # the dead one's lock is gone with it
    assert end(second) == 0
    assert read_install(directory / "1").files.keys() == {"first.jar", "second.jar"}
    assert list(directory.glob(".partial-*")) == []


def test_of_two_installers_the_second_waits_and_uses_what_the_first_installed(tmp_path: Path) -> None:
    directory, go_on, count = tmp_path / "jmeter", tmp_path / "go-on", tmp_path / "count"
    first = start(directory, go_on, count)
    assert line_of(first) == "half way"
    second = start(directory, go_on, count)
    assert line_of(second).startswith("another perfpilot is installing")
    go_on.touch()
    assert (end(first), end(second)) == (0, 0)
    assert count.read_text() == "x"


async def test_what_stood_there_without_a_marker_is_replaced(tmp_path: Path) -> None:
    destination = tmp_path / "5.6.3"
    destination.mkdir()
    (destination / "old.jar").write_text("half finished")
    await install(destination, two_files, version="5.6.3", source="fake")
    assert names_in(destination) == ["lib", MARKER, "second.jar"]
    assert names_in(tmp_path) == ["5.6.3"]


async def test_a_source_that_fails_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    async def failing(partial: Path) -> None:
        await two_files(partial)
        raise SourceFailed("not reachable")

    await install(tmp_path / "1", two_files, version="1", source="fake")
    with pytest.raises(SourceFailed):
        await install(tmp_path / "1", failing, version="1", source="fake")
    assert read_install(tmp_path / "1").source == "fake"
    assert names_in(tmp_path) == ["1"]


async def test_a_cancelled_install_cleans_up(tmp_path: Path) -> None:
    started = asyncio.Event()

    async def endless(partial: Path) -> None:
        (partial / "first.jar").write_text("first")
        started.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(install(tmp_path / "1", endless, version="1", source="fake"))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert names_in(tmp_path) == []


async def test_a_full_disk_is_named_with_the_way_out(tmp_path: Path) -> None:
    async def no_space(partial: Path) -> None:
        await asyncio.to_thread(Path("/dev/full").write_bytes, b"x")

    with pytest.raises(NotReadyError, match="No space left on device") as caught:
        await install(tmp_path / "1", no_space, version="1", source="fake")
    assert "XDG_CACHE_HOME" in caught.value.mend


async def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotReadyError, match="can't be written"):
        async with install_lock(tmp_path / "file/jmeter", print):
            pass


@pytest.mark.parametrize("value", ["", "relative/cache"])
def test_an_empty_or_relative_cache_variable_is_ignored(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    monkeypatch.setenv("HOME", "/home/somebody")
    assert cache_directory("jmeter") == Path("/home/somebody/.cache/perfpilot/jmeter")
