"""jmeter-java-dsl (Maven Central): a program in its language, `ShopPlans.java`, that saves a JMX.

Open journeys are RPS thread groups that count iterations (Concurrency Thread Group and Throughput Shaping
Timer plug-ins): the nearest that it has to a rate of arrivals. It has no random arrivals.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from peers.cases import RESPONSE_TIMEOUT_S, Case
from peers.journeys import WORDS, Journey, Step
from peers.layout import Layout

VERSION = "2.2"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_TIMEOUT_S = 600
_PROGRAM = Path(__file__).with_name("ShopPlans.java")
_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>perfpilot</groupId><artifactId>peers</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies><dependency>
    <groupId>us.abstracta.jmeter</groupId><artifactId>jmeter-java-dsl</artifactId><version>{VERSION}</version>
  </dependency></dependencies>
</project>
"""
_PLUGINS = (
    "jmeter-plugins-casutg-*",
    "jmeter-plugins-tst-*",
    "jmeter-plugins-cmn-jmeter-*",
    "jmeter-java-dsl-*",
)


class JavaDsl:
    """The library with all that it needs, and the compiled program, in a directory."""

    name = "jmeter-java-dsl"

    def __init__(self, directory: Path) -> None:
        self._jars, self._classes = directory / "lib", directory / "classes"

    @classmethod
    def install(cls, directory: Path) -> JavaDsl:
        """Fetch it by Maven and compile the program. Raises RuntimeError without Maven or a Java compiler."""
        for needed in ("mvn", "javac"):
            if not shutil.which(needed):
                raise RuntimeError(f"{needed} is not on PATH")
        directory.mkdir(parents=True)
        (directory / "pom.xml").write_text(_POM, encoding="utf-8")
        dsl = cls(directory)
        fetch = ["mvn", "-B", "-q", "-C", _COPY, "-DincludeScope=runtime", f"-DoutputDirectory={dsl._jars}"]
        compile_ = ["javac", "-cp", f"{dsl._jars}/*", "-d", str(dsl._classes), str(_PROGRAM)]
        for command in (fetch, compile_):
            done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=_TIMEOUT_S)
            if done.returncode:
                raise RuntimeError(f"{command[0]} failed: {(done.stdout + done.stderr)[-2000:]}")
        return dsl

    def plugins(self) -> list[Path]:
        """Jars that JMeter needs for the plans of both peers: the plug-ins, and the library itself."""
        return [jar for pattern in _PLUGINS for jar in sorted(self._jars.glob(pattern))]

    def write(self, case: Case, port: int, directory: Path) -> Layout:
        """Let the library save the case as a JMX."""
        (directory / "words.csv").write_text("\n".join(["word", *WORDS]) + "\n", encoding="utf-8")
        text = directory / "case.tsv"
        text.write_text("\n".join(_lines(case, port, directory)) + "\n", encoding="utf-8")
        class_path = os.pathsep.join((str(self._classes), f"{self._jars}/*"))
        command = ["java", "-cp", class_path, "ShopPlans", str(text), "plan.jmx"]
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=_TIMEOUT_S)
        if done.returncode:
            raise RuntimeError(f"jmeter-java-dsl failed: {(done.stdout + done.stderr)[-2000:]}")
        return Layout(("plan.jmx",))


def _lines(case: Case, port: int, directory: Path) -> list[str]:
    head = ["case", case.model, f"http://127.0.0.1:{port}", f"{RESPONSE_TIMEOUT_S * 1000:.0f}"]
    lines = ["\t".join([*head, str(directory / "words.csv")])]
    for journey in case.journeys:
        lines.append("\t".join(["journey", journey.name, *_load(case, journey)]))
        lines += ["\t".join(["step", *_step(step, even=case.even)]) for step in journey.steps]
    return lines


def _load(case: Case, journey: Journey) -> list[str]:
    if case.model == "closed":
        return [str(case.users_of(journey)), str(case.duration_s)]
    rates = [f"{stage.level * case.share(journey):g}\t{stage.duration_s}" for stage in case.stages]
    return [str(case.users_for(journey)), *rates]


def _step(step: Step, *, even: bool) -> list[str]:
    think_ms = round(step.think_s * 1000)
    spread_ms = 0 if even else think_ms // 2
    return [step.name, step.method, step.path, str(think_ms), str(spread_ms), step.body, step.extract]
