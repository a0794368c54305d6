"""What became of the cases that were sent once each, before the load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perfpilot.analysis.failures.error_causes import cause_of
from perfpilot.analysis.failures.error_kinds import ErrorKind, error_kind
from perfpilot.analysis.rows import Rows
from perfpilot.domain.load_outcome import CaseOutcome, Met
from perfpilot.domain.plan import Plan, PlannedStep, Scenario
from perfpilot.domain.plan_messages import LACKS_MESSAGE, STATUS_MESSAGE, TEXT_MESSAGE, TOO_SLOW_MESSAGE
from perfpilot.domain.result import ClosedAttempt
from perfpilot.domain.spec import Endpoint, Expect, Spec
from perfpilot.domain.units import format_duration

_ORDERLY = frozenset({"2xx", "3xx", "4xx"})


@dataclass(frozen=True)
class _Answer:
    code: str
    ok: bool
    elapsed_ms: float
    text: str = ""  # of a failure


def case_outcomes(
    rows: Rows, labels: Sequence[str], codes: Sequence[str], plan: Plan, spec: Spec
) -> tuple[CaseOutcome, ...]:
    """The outcome of each case of `plan.before`, in its order, from the rows of the smoke pass.

    The last step of a case is the request in question. One that is sent several times is judged by its first
    failure. Texts of the target are not repeated: a failure is told in words of ours.
    """
    answers = _answers(rows, labels, codes)
    return tuple(_outcome(scenario, answers, plan, spec) for scenario in plan.before if scenario.steps)


def latest_cases(closed: Sequence[ClosedAttempt], number: int) -> tuple[CaseOutcome, ...]:
    """The cases of an attempt; where it sent none, those of the last attempt that did."""
    own = next((attempt.cases for attempt in closed if attempt.attempt.number == number), ())
    return own or next((attempt.cases for attempt in reversed(closed) if attempt.cases), ())


def expected_words(expect: Expect) -> str:
    """What counts as a success, in words: `401 or 403`, `an orderly answer`."""
    statuses = set(expect.status)
    if not statuses:
        return "a status from 200 to 399"
    if statuses >= _ORDERLY and not expect.accepts(500):
        return "an orderly answer"
    return " or ".join(str(status) for status in expect.status)


def _answers(rows: Rows, labels: Sequence[str], codes: Sequence[str]) -> dict[str, list[_Answer]]:
    texts = {(failure.label, failure.code): failure.text for failure in rows.failures}
    found: dict[str, list[_Answer]] = {}
    columns = (rows.label, rows.code, rows.success, rows.elapsed_ms)
    for label, code, ok, elapsed_ms in zip(*(column.tolist() for column in columns), strict=True):
        text = "" if ok else texts.get((label, code), "")
        found.setdefault(labels[label], []).append(_Answer(codes[code], ok, float(elapsed_ms), text))
    return found


def _outcome(
    scenario: Scenario, answers: Mapping[str, Sequence[_Answer]], plan: Plan, spec: Spec
) -> CaseOutcome:
    step = scenario.steps[-1]
    expect = _sent(step, spec).expect
    told = answers.get(step.label, ())
    answer = next((each for each in told if not each.ok), told[-1] if told else None)
    if answer is None:
        met, detail = Met.NOT_SENT, _why_not_sent(scenario, answers)
    elif answer.ok:
        met, detail = Met.AS_EXPECTED, ""
    else:
        met = _met(answer, step, spec)
        detail = _detail(answer, expect, plan)
    return CaseOutcome(
        name=scenario.name,
        kind=scenario.kind,
        label=step.label,
        code=answer.code if answer else "",
        ok=met is Met.AS_EXPECTED,
        elapsed_ms=answer.elapsed_ms if answer else 0.0,
        detail=detail,
        met=met,
        endpoint=step.endpoint,
        expected=expected_words(expect),
        why=scenario.why.partition(";")[0],  # what it shows; the rest says why it ran when it did
    )


def _sent(step: PlannedStep, spec: Spec) -> Endpoint:
    return step.request or spec.endpoint(step.endpoint)


def _met(answer: _Answer, step: PlannedStep, spec: Spec) -> Met:
    kind = error_kind(cause_of(answer.code))
    if kind in (ErrorKind.TIMEOUT, ErrorKind.CONNECTION):
        return Met.NO_ANSWER
    if kind is ErrorKind.SERVER_ERROR:
        return Met.SERVER_ERROR
    refused_expected = not any(_sent(step, spec).expect.accepts(status) for status in range(200, 300))
    if refused_expected and answer.code.startswith("2"):
        return Met.LET_IN if _lacks_credentials(step, spec) else Met.ACCEPTED
    return Met.OTHER


def _lacks_credentials(step: PlannedStep, spec: Spec) -> bool:
    """Whether the case asks without the right credentials, or asks the login itself with a wrong request."""
    auth = spec.environment.auth
    described = spec.endpoint(step.endpoint)
    if step.request is None or (auth and auth.login == step.endpoint):
        return step.request is not None
    if described.authenticated and not step.request.authenticated:
        return True
    return any(
        value != {**spec.environment.headers, **step.request.headers}.get(name)
        for name, value in {**spec.environment.headers, **described.headers}.items()
        if "${env:" in value or name.lower() == "authorization"
    )


def _detail(answer: _Answer, expect: Expect, plan: Plan) -> str:
    cause = cause_of(answer.code)
    if cause == "timeout":
        return f"no answer within {format_duration(plan.response_timeout_s)}"
    if cause in ("connect", "connect timeout"):
        return "no connection could be made"
    if error_kind(cause) is ErrorKind.CONNECTION:
        return "the connection was closed without an answer"
    if not answer.code.isdigit():
        return f"no answer: {cause}"
    if answer.text.startswith(STATUS_MESSAGE) or not expect.accepts(int(answer.code)):
        return f"{answer.code} where {expected_words(expect)} was expected"
    if answer.text.startswith(TOO_SLOW_MESSAGE):
        return f"{answer.code}, later than expected"
    for message in (TEXT_MESSAGE, LACKS_MESSAGE):
        if answer.text.startswith(message):
            return f"{answer.code}, but {message}"
    return f"{answer.code}, but not the answer that was expected"


def _why_not_sent(scenario: Scenario, answers: Mapping[str, Sequence[_Answer]]) -> str:
    for step in scenario.steps[:-1]:
        failed = next((each for each in answers.get(step.label, ()) if not each.ok), None)
        if failed:
            return f"not sent: {step.endpoint}, which comes before it, met {cause_of(failed.code)}"
    variable = scenario.steps[-1].only_if
    if variable and all(answers.get(step.label) for step in scenario.steps[:-1]):
        return f"not sent: nothing was found for {variable}"
    return "not sent: JMeter ended before it"
