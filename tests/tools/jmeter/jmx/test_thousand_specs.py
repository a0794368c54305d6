"""A real JMeter loads and saves plans of generated descriptions, all in one JVM, and nothing is altered."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import write_plan
from perfpilot.tools.jmeter.check_plan import load_and_save, require_unaltered, written_plans
from perfpilot.tools.jmeter.installation.home import Generator
from perfpilot.tools.jmeter.jmx.write import write_jmx
from perfpilot.tools.jmeter.properties import write_hosts
from tests.generated_specs import made, planned
from tests.tools.jmeter.jmx import real_jmeter


def load_and_save_all(seeds: range, directory: Path) -> Counter[str]:
    """Write, load, save and compare the plans of these descriptions; counts of the elements."""
    java, jmeter = real_jmeter.generator()
    (directory / "plans").mkdir()
    write_hosts(directory / "hosts", ())
    written: dict[str, bytes] = {}
    for seed in seeds:
        for name, xml in written_plans(*planned(made(seed))).items():
            written[f"{seed}-{name}.jmx"] = xml
            (directory / "plans" / f"{seed}-{name}.jmx").write_bytes(xml)
    generator = Generator(java=java, jmeter=jmeter)
    loaded = asyncio.run(load_and_save(generator, directory, ["plans"], timeout_s=240))
    assert set(loaded) == set(written)
    counted: Counter[str] = Counter()
    for name, xml in written.items():
        saved = (directory / "plans" / f"{name}.saved").read_bytes()
        require_unaltered(name, xml, saved, loaded[name])
        counted.update(loaded[name].classes)
    return counted


def test_jmeter_takes_the_plans_of_a_hundred_descriptions_as_they_are(tmp_path: Path) -> None:
    counted = load_and_save_all(range(100), tmp_path)
    assert counted["TestPlan"] == 200
    assert counted["HTTPSamplerProxy"] > 1000


@pytest.mark.long
def test_jmeter_takes_the_plans_of_a_thousand_descriptions_as_they_are(tmp_path: Path) -> None:
    counted = load_and_save_all(range(1000), tmp_path)
    assert counted["TestPlan"] == 2000
    assert counted["HTTPSamplerProxy"] > 10_000


def test_a_plan_of_a_thousand_endpoints_is_written_in_a_second_and_loads(tmp_path: Path) -> None:
    spec, plan = write_plan.planned(1000)
    begun = time.process_time()  # of this process: what else the machine does is not the writer's
    written = write_jmx(spec, plan)
    assert time.process_time() - begun < 1
    java, jmeter = real_jmeter.generator()
    (tmp_path / "plan.jmx").write_bytes(written.xml)
    write_hosts(tmp_path / "hosts", ())
    loaded = asyncio.run(load_and_save(Generator(java=java, jmeter=jmeter), tmp_path, ["plan.jmx"]))
    require_unaltered("load", written.xml, (tmp_path / "plan.jmx.saved").read_bytes(), loaded["plan.jmx"])
    assert loaded["plan.jmx"].classes["HTTPSamplerProxy"] == 1000
