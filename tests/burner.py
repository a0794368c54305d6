"""A child process that uses processor time on command, for tests of the monitors.

Each line on standard input is a number of seconds of processor time to use; `child N` has a child use them
and waits for it. Each is answered by a line `done SECONDS`. It ends with its standard input.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

_PROGRAM = """
import subprocess, sys, time
BURN = "import sys, time\\nwhile time.process_time() < float(sys.argv[1]): pass"
for line in sys.stdin:
    words = line.split()
    begin = time.process_time()
    if words[0] == "child":
        subprocess.run([sys.executable, "-S", "-c", BURN, words[1]], check=True)
    else:
        while time.process_time() - begin < float(words[0]):
            pass
    print("done", flush=True)
"""
_LAUNCHER = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:]).pid, file=sys.stderr, flush=True)"


class Burner:
    """A running one."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid

    def burn(self, seconds: float, *, in_a_child: bool = False) -> None:
        """Use that much processor time and come back."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{'child ' if in_a_child else ''}{seconds}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"


@contextlib.contextmanager
def burner(*, detached: bool = False) -> Iterator[Burner]:
    """A burner; `detached` makes it nobody's child, as another user's program would be."""
    command = [sys.executable, "-S", "-c", _PROGRAM, "--password", "hush"]
    if detached:  # the process in the middle ends at once, so that init adopts the burner
        command = [sys.executable, "-c", _LAUNCHER, *command]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout and process.stderr
    try:
        made = Burner(process)
        if detached:
            made.pid = int(process.stderr.readline())
            process.wait(10)
        yield made
    finally:
        process.stdin.close()
        process.stdout.read()  # until it has ended
        process.stdout.close()
        process.stderr.close()
        process.wait(10)
