"""Errors that a person meets. Each says what is wrong, how to mend it, and which exit code it earns."""

from __future__ import annotations

from typing import ClassVar

from perfpilot.domain.outcome import ExitCode


class PerfpilotError(Exception):
    """Base of every error that perfpilot raises on purpose.

    `str(error)` is one sentence of fact followed by the mend, ready to be shown to a person.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, problem: str, *, mend: str = "") -> None:
        self.problem = problem
        self.mend = mend
        super().__init__(f"{problem}\n  mend: {mend}" if mend else problem)


class SpecError(PerfpilotError):
    """The description of the test, or the command line, is wrong. Nothing was sent."""

    exit_code = ExitCode.REFUSED


class PolicyError(PerfpilotError):
    """The operator's policy does not allow what was asked. Nothing was sent."""

    exit_code = ExitCode.REFUSED


class NotReadyError(PerfpilotError):
    """The environment is not ready: a target, a server, Java or JMeter is missing."""

    exit_code = ExitCode.NOT_READY


class ApprovalRequired(PerfpilotError):
    """A person must approve the run first. `run_id` names the run that waits."""

    exit_code = ExitCode.NOT_READY

    def __init__(self, problem: str, *, run_id: str, mend: str = "") -> None:
        self.run_id = run_id
        super().__init__(problem, mend=mend)


class ExecutionError(PerfpilotError):
    """JMeter could not be started, or ended without a usable result."""


class RunDirectoryError(PerfpilotError):
    """A run directory is missing, damaged, or of another major version."""

    exit_code = ExitCode.REFUSED


class ResultFileError(PerfpilotError):
    """A result file can't be read: it is no CSV file of JMeter's, or lacks what figures need."""

    exit_code = ExitCode.REFUSED


class HistoryError(PerfpilotError):
    """The history of past runs can't be read or written. Nodes record a degradation and go on."""

    exit_code = ExitCode.NOT_READY


class ModelError(PerfpilotError):
    """The language model gave no usable answer. Callers fall back to rules and record a degradation."""
