"""When requests reached the recorder, in seconds of the load, while a plan ran on a real JMeter."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from perfpilot.domain.plan import Plan
from perfpilot.domain.spec import Spec
from perfpilot.tools.jmeter.jmx.write import WrittenPlan, write_jmx
from tests.tools.jmeter.jmx import real_jmeter
from tests.tools.jmeter.jmx.recorder import Recorder, Request

_STARTED = re.compile(r"^Starting standalone test @ .* \((\d{13})\)$", re.M)


@dataclass(frozen=True)
class Arrived:
    """What the recorder saw of a path or of all, and when the load began on its clock."""

    requests: tuple[Request, ...]
    origin_s: float

    def of(self, path: str) -> Arrived:
        """Only requests of one path, whatever their query."""
        own = tuple(r for r in self.requests if r.target.partition("?")[0] == path)
        return Arrived(own, self.origin_s)

    @property
    def times_s(self) -> list[float]:
        """Seconds since the load began, ascending."""
        return sorted(request.at_s - self.origin_s for request in self.requests)

    def between(self, from_s: float, to_s: float) -> int:
        """Requests in a stretch of the load."""
        return sum(from_s <= at < to_s for at in self.times_s)

    def per_second(self, from_s: int, to_s: int) -> list[int]:
        """Requests of each full second."""
        return [self.between(second, second + 1) for second in range(from_s, to_s)]

    def users(self, from_s: float, to_s: float) -> int:
        """Connections seen in a stretch: each user keeps its own."""
        return len({r.connection for r in self.requests if from_s <= r.at_s - self.origin_s < to_s})


class Running:
    """A plan on a real JMeter that has begun its load."""

    def __init__(self, directory: Path, written: WrittenPlan, process: subprocess.Popen[bytes]) -> None:
        self.directory, self._process = directory, process
        while not (found := _STARTED.search((directory / "jmeter.out").read_text(errors="replace"))):
            assert process.poll() is None, (directory / "jmeter.out").read_text(errors="replace")
            time.sleep(0.02)
        wall_s = int(found[1]) / 1000 + written.lead_s
        self.origin_s = wall_s - (time.time() - time.monotonic())

    def at(self, t_s: float) -> None:
        """Wait until a second of the load."""
        time.sleep(max(0.0, self.origin_s + t_s - time.monotonic()))

    def write(self, name: str, text: str) -> None:
        """Write a control file as perfpilot does: whole or not at all."""
        (self.directory / "new").write_text(text)
        (self.directory / "new").replace(self.directory / "control" / name)

    def ended(self, seconds: float = 60) -> bool:
        """Wait for the end."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


@contextlib.contextmanager
def running(directory: Path, spec: Spec, plan: Plan) -> Iterator[Running]:
    """The plan, from the start of its test; ended in any case."""
    written = write_jmx(spec, plan)
    real_jmeter.lay_out(directory, written)
    process = real_jmeter.start(directory)
    try:
        yield Running(directory, written, process)
    finally:
        process.kill()
        process.wait()


def arrivals(
    directory: Path,
    server: Recorder,
    spec: Spec,
    plan: Plan,
    follow: Callable[[Running], None] = lambda _: None,
) -> Arrived:
    """Run a plan to its end while `follow` may move its control files; what the recorder saw."""
    with running(directory, spec, plan) as test:
        follow(test)
        assert test.ended(plan.duration_s + 60)
    return Arrived(tuple(server.requests), test.origin_s)


def shares_off(counts: list[int], asked: float) -> list[float]:
    """By how much each count differs from what was asked, as shares."""
    return [round(count / asked - 1, 4) for count in counts]


def by_label(rows: list[dict[str, str]]) -> Counter[str]:
    """Samples of each label in a result file."""
    return Counter(row["label"] for row in rows)
