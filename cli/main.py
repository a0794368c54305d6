"""The command `perfpilot`: reads the command line, hands over to one verb, and turns errors into exit codes.

Only argparse is imported here and in the verbs; everything heavy is imported by the verb that runs, so that
`perfpilot --help` answers at once.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from types import ModuleType
from typing import TextIO

from perfpilot import __version__
from perfpilot.cli import (
    analyze,
    baseline,
    compare,
    demo,
    doctor,
    export,
    init,
    plan,
    report,
    resume,
    run,
    runs,
    stop,
    trend,
    validate,
)

VERBS: dict[str, ModuleType] = {
    "run": run, "demo": demo, "validate": validate, "plan": plan, "init": init, "resume": resume,
    "stop": stop, "analyze": analyze, "report": report, "runs": runs, "compare": compare,
    "trend": trend, "baseline": baseline, "export": export, "doctor": doctor,
}  # fmt: skip

EXIT_CODES = """\
exit codes:
  0    completed, GO: every threshold was met
  1    completed, NO_GO: a threshold was broken
  2    refused: the description, the policy or the command line; nothing was sent
  3    completed, INCONCLUSIVE: the run could not decide; this is not a pass
  4    not ready: the environment, or an approval that is pending
  5    failed: the run could not be finished
  130  stopped by a person or a signal
  (perfpilot demo gives 0 whenever a report was written)

environment variables:
  PERFPILOT_RUNS    where runs are kept, unless --runs is given (default: ./runs)
  PERFPILOT_HISTORY a PostgreSQL server that keeps the history, postgresql://USER@HOST/DATABASE
                    (default: history.sqlite beside the runs)
  PERFPILOT_POLICY  the operator's policy file: who may be tested, and how hard
  PERFPILOT_DEBUG   1 prints the traceback of an unexpected error
  OPENAI_API_KEY, OPENAI_BASE_URL  a language model for the words; without one, rules write them
  PERFPILOT_MODEL   the name of that model
"""

_FAILED, _STOPPED, _REFUSED = 5, 130, 2


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit code. `argv` None: the process's own command line."""
    # numpy starts a thread for each further core otherwise, which spins for a while and is never used.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _never_fail_to_print(sys.stdout, sys.stderr)
    try:
        options = _parser().parse_args(argv)
    except SystemExit as done:  # argparse ends the process itself after --help (0) and usage errors (2)
        return _ended(done.code if isinstance(done.code, int) else _REFUSED)
    try:
        return _ended(int(VERBS[options.verb].run(options)))
    except BrokenPipeError:
        return _reader_is_gone()
    except KeyboardInterrupt:
        print("perfpilot: stopped", file=sys.stderr)
        return _STOPPED
    except Exception as error:
        return _failure(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="perfpilot",
        description="Reviews, plans, runs and judges a performance test with a real JMeter:\n"
        "go, no-go, or inconclusive, with the evidence.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"perfpilot {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, title="verbs")
    for name, module in VERBS.items():
        # The first line of each verb's docstring is its help, so that the two can't differ.
        summary = (module.__doc__ or "").strip().splitlines()[0]
        verb = verbs.add_parser(
            name, help=summary, description=summary, epilog=getattr(module, "EXAMPLES", None),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        module.add_arguments(verb)
    return parser


def _failure(error: Exception) -> int:
    from perfpilot.cli.columns import cleaned
    from perfpilot.cli.words import Words
    from perfpilot.domain.errors import PerfpilotError

    say = Words(sys.stderr).exactly  # whose reader may be gone, which changes no exit code
    # Messages may quote what a target or a file said: no escape sequence of theirs reaches the terminal.
    text = cleaned(str(error))
    if os.environ.get("PERFPILOT_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    if isinstance(error, PerfpilotError):
        say(f"perfpilot: {text}")
        return int(error.exit_code)
    if _disk_is_full(error):
        say(
            f"perfpilot: the disk is full where runs are kept ({' '.join(text.split())})\n"
            "  mend: free some room, then perfpilot resume last"
        )
        return _FAILED
    say(
        f"perfpilot: unexpected {type(error).__name__}: {' '.join(text.split())} "
        "(PERFPILOT_DEBUG=1 prints the traceback)"
    )
    return _FAILED


def _disk_is_full(error: Exception) -> bool:
    return getattr(error, "errno", None) == errno.ENOSPC or "database or disk is full" in str(error)


def _ended(code: int) -> int:
    """The code, once all output has reached its reader; or what a shell reports where there is none."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_is_gone()
    except OSError:  # the terminal was closed: what the run came to stands
        from perfpilot.cli.words import send_nowhere

        send_nowhere(sys.stdout)
    return code


def _reader_is_gone() -> int:
    """`perfpilot runs | head`: whoever read the output has ended. What is left goes nowhere, quietly."""
    from perfpilot.cli.words import send_nowhere

    send_nowhere(sys.stdout)
    return 128 + 13  # what a shell reports for SIGPIPE


def _never_fail_to_print(*streams: TextIO) -> None:
    """A terminal or pipe that is not UTF-8 gets `?` for what it can't show, instead of an error."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")
