"""The JVM of a load has the heap that its plan needs, as far as the host can give it."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfpilot.domain.events import EventKind
from perfpilot.tools.history.event_log import read_events
from perfpilot.tools.jmeter.jvm import GC_LOG, command_line, heap_within
from perfpilot.tools.jmeter.running.run import run_load
from perfpilot.tools.monitoring.sampler import Monitor
from tests.tools.jmeter.fake_jmeter import fake_generator, made_run, prepared_attempt

KEEPS_ITS_ARGUMENTS = "Path('arguments').write_text(' '.join(arguments))\nbegin()\nsample()\nend()"


def flags(folder: Path, **more: int) -> list[str]:
    return command_line(
        fake_generator(folder, ""),
        folder,
        plan="p",
        results="r",
        log="l",
        marker="m",
        property_files=(),
        **more,
    )


def test_a_load_has_a_fixed_heap_and_one_user_a_jvm_that_starts_fast(tmp_path: Path) -> None:
    load, smoke = flags(tmp_path, heap_mb=768), flags(tmp_path)
    assert {"-Xms768m", "-Xmx768m", "-XX:+UseG1GC"} <= set(load)
    assert "-XX:+UseSerialGC" in smoke and "-XX:+UseG1GC" not in smoke


def test_a_load_keeps_a_log_of_its_collector_that_does_not_grow_for_ever(tmp_path: Path) -> None:
    (log,) = [flag for flag in flags(tmp_path, heap_mb=768) if flag.startswith("-Xlog:")]
    assert f"file={GC_LOG}:" in log and "filecount=2,filesize=10m" in log
    assert not [flag for flag in flags(tmp_path) if flag.startswith("-Xlog")]


def test_java_8_has_other_flags_and_keeps_none(tmp_path: Path) -> None:
    generator = fake_generator(tmp_path, "")
    old = generator.model_copy(update={"java": generator.java.model_copy(update={"major": 8})})
    command = command_line(
        old, tmp_path, plan="p", results="r", log="l", marker="m", property_files=(), heap_mb=768
    )
    assert not [flag for flag in command if flag.startswith("-Xlog")]


@pytest.mark.parametrize(("wanted", "allowed", "given"), [(512, 8000, 512), (512, 700, 350), (256, 32, 64)])
def test_at_most_half_of_the_memory_is_heap(wanted: int, allowed: int, given: int) -> None:
    assert heap_within(wanted, allowed) == given


@pytest.mark.parametrize(("allowed", "heap", "told"), [(100_000, 256, False), (300, 150, True)])
async def test_a_host_with_little_memory_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: int, heap: int, told: bool
) -> None:
    monkeypatch.setattr("perfpilot.tools.jmeter.running.supervise.memory_allowed_mb", lambda pid: allowed)
    run = made_run(tmp_path, KEEPS_ITS_ARGUMENTS)
    prepared = await prepared_attempt(run)

    async def nobody_listens(*_: object) -> None: ...

    await run_load(run, prepared, Monitor(), nobody_listens)
    assert f"-Xmx{heap}m" in (Path(prepared.directory) / "arguments").read_text().split()
    texts = [event.text for event in read_events(run.path, EventKind.DEGRADATION)]
    assert [("150 MB where 256 MB were planned" in text) for text in texts] == [True] * told
