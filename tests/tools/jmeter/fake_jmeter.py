"""A FAKE JMeter, for faults that a real one can't be made to show: it writes what it is told to write.

It stands where Java would: the first argument of the command line is this script, made executable.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from perfpilot.domain.policy import Envelope, Policy
from perfpilot.planning.plan import make_plan
from perfpilot.tools.history.run_directory import RunDirectory, mint_run_id
from perfpilot.tools.jmeter.installation.home import Generator, JMeterHome
from perfpilot.tools.jmeter.installation.java import Java
from perfpilot.tools.jmeter.prepare import Prepared, prepare
from perfpilot.tools.spec.read import parse_spec
from perfpilot.tools.spec.write import dump_spec

_SCRIPT = '''#!{python}
"""A FAKE JMeter."""
import os, sys, time
from pathlib import Path

arguments = sys.argv[1:]
results, log = (Path(arguments[arguments.index(flag) + 1]) for flag in ("-l", "-j"))
HEADER = ("timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,"
    "bytes,sentBytes,grpThreads,allThreads,Latency,IdleTime,Connect")

def sample(label="page", elapsed=10, code=200, success="true"):
    now = int(time.time() * 1000) - elapsed
    with results.open("a") as file:
        if file.tell() == 0:
            file.write(HEADER + "\\n")
        file.write(f"{{now}},{{elapsed}},{{label}},{{code}},,t 1-1,text,{{success}},,100,50,1,1,5,0,1\\n")

def begin():
    now = time.time()
    print(f"Starting standalone test @ now ({{int(now * 1000)}})", flush=True)
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now))
    with log.open("a") as file:
        file.write(f"{{stamp}},{{int(now * 1000) % 1000:03d}} INFO x: All thread groups have been started\\n")

def end():
    print("... end of run", flush=True)

{behaviour}
'''


def fake_generator(folder: Path, behaviour: str) -> Generator:
    """A generator whose Java is the fake. `behaviour`: Python that may call `begin`, `sample` and `end`."""
    script = folder / "fake-java"
    script.write_text(_SCRIPT.format(python=sys.executable, behaviour=behaviour))
    script.chmod(0o700)
    java = Java(home=str(folder), executable=str(script), version="21", major=21, source="fake")
    return Generator(java=java, jmeter=JMeterHome(path=str(folder), version="5.6.3", source="fake"))


def made_run(folder: Path, behaviour: str = "", **spec: Any) -> RunDirectory:
    """A run that is ready for its first attempt, with the fake JMeter."""
    run = RunDirectory.create(folder / "runs", mint_run_id("fake"))
    described = parse_spec(
        {
            "test_name": "fake",
            "environment": {"base_url": "http://127.0.0.1:9"},
            "endpoints": [{"name": "page", "path": "/"}],
            "load_patterns": [{"model": "closed", "stages": [{"users": 1, "duration": "30s"}]}],
            "thresholds": ["error_rate < 1%"],
            **spec,
        }
    )
    envelope = Envelope(
        hosts=("127.0.0.1:9",),
        addresses=("127.0.0.1 127.0.0.1",),
        peak_rate_per_s=100,
        users=10,
        requests=1000,
        wall_time_s=1000,
        needs_approval=False,
        why="",
    )
    run.write_text("spec.yaml", dump_spec(described))
    run.write_text("spec.effective.yaml", dump_spec(described))
    run.write("policy.json", Policy())
    run.write("envelope.json", envelope)
    run.write("generator.json", fake_generator(folder, behaviour))
    run.write("plan.json", make_plan(described, 1, envelope=envelope))
    return run


async def prepared_attempt(run: RunDirectory, number: int = 1) -> Prepared:
    """The attempt, claimed and laid out."""
    assert run.claim_attempt(number, "task")
    return await prepare(run, number)
