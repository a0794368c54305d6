"""report: every format, history, notification, clean-up. Runs at the end of every run, whatever happened."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from langgraph.runtime import Runtime
from pydantic import SecretStr

from perfpilot.domain.errors import HistoryError, PerfpilotError
from perfpilot.domain.events import EventKind
from perfpilot.domain.outcome import Outcome
from perfpilot.domain.policy import Policy
from perfpilot.domain.result import Charts, Result
from perfpilot.domain.spec import Spec
from perfpilot.graph.context import Context
from perfpilot.graph.state import State, Update
from perfpilot.nodes.assemble import assemble, charts_of, effective_spec
from perfpilot.nodes.base import Authority, Node, node, say
from perfpilot.reporting.html import render_html
from perfpilot.reporting.json_result import result_json
from perfpilot.reporting.junit import render_junit
from perfpilot.reporting.markdown import render_markdown
from perfpilot.reporting.spreadsheet import render_csv
from perfpilot.tools.face import call
from perfpilot.tools.history.event_log import append_event
from perfpilot.tools.history.faces import record_run
from perfpilot.tools.history.leaks import find_leaks
from perfpilot.tools.history.manifest import artifacts_of, write_manifest
from perfpilot.tools.history.run_directory import RunDirectory
from perfpilot.tools.history.run_figures import figures_of
from perfpilot.tools.jmeter.prepare import remove_private
from perfpilot.tools.jmeter.running.left_behind import end_left_behind
from perfpilot.tools.notify.webhook import notify_webhook
from perfpilot.tools.spec.secrets import Redactor, read_secrets


def make_report(authority: Authority) -> Node:
    """The node, with what it may do."""

    @node
    async def report(state: State, runtime: Runtime[Context]) -> Update:
        if state.outcome and not state.run_dir:
            return {"headline": _headline(state.outcome)}  # not even a directory could be made
        run = RunDirectory(Path(state.run_dir))
        await _clean_up(run)
        result = await asyncio.to_thread(assemble, run, state)
        spec = await asyncio.to_thread(effective_spec, run)
        charts = await asyncio.to_thread(charts_of, run, result)
        headline = _headline(result.outcome)
        told = await _notify(run, spec, result)
        kept = await _keep(run, result, headline, authority.history)
        result = result.model_copy(update={"degradations": (*result.degradations, *told, *kept)})
        redactor = await asyncio.to_thread(_redactor, run, spec)
        result = await asyncio.to_thread(_write, run, spec, result, charts, redactor)
        say(runtime, f"reports in {run.path}")
        return {"outcome": result.outcome, "headline": headline}

    return report


async def _clean_up(run: RunDirectory) -> None:
    """Remove what must not stay: a JMeter that an error left behind, secrets of attempts without a load."""
    for number in await asyncio.to_thread(run.attempts):
        await end_left_behind(run, number)
        await asyncio.to_thread(remove_private, run.attempt(number))


def _redactor(run: RunDirectory, spec: Spec | None) -> Redactor:
    policy = run.read_or_none("policy.json", Policy)
    if spec is None or policy is None:
        return Redactor(())
    try:
        return Redactor(read_secrets(spec, policy, os.environ).values())
    except PerfpilotError:
        return Redactor(())  # the run ended because a secret could not be read: there is none to hide


def _write(
    run: RunDirectory, spec: Spec | None, result: Result, charts: Charts | None, redactor: Redactor
) -> Result:
    """All formats. One that fails is a degradation of the report, never a failure of the run."""
    leaks = tuple(f"a secret stands in {path}" for path in find_leaks(run.path, redactor))
    result = result.model_copy(update={"degradations": (*result.degradations, *leaks)})
    renders: dict[str, Callable[[], str]] = {
        "html": lambda: render_html(result, charts),
        "markdown": lambda: render_markdown(result),
        "junit": lambda: render_junit(result),
        "csv": lambda: render_csv(result),
    }
    names = {"html": "report.html", "markdown": "report.md", "junit": "junit.xml", "csv": "endpoints.csv"}
    formats = dict.fromkeys((*(spec.reports.formats if spec else renders), "csv"))
    missing = []
    result = result.model_copy(update={"artifacts": artifacts_of(run)})
    for form in formats:
        try:
            run.write_text(names[form], redactor.redact(renders[form]()))
        except Exception as error:  # whatever a renderer meets, the figures must still be delivered
            missing.append(f"the {form} report could not be written: {type(error).__name__}: {error}")
    if charts:
        run.write("charts.json", charts)
    result = result.model_copy(update={"degradations": (*result.degradations, *missing)})
    run.write_text("result.json", redactor.redact(result_json(result)))
    write_manifest(run)
    return result


async def _keep(run: RunDirectory, result: Result, headline: str, history: str) -> tuple[str, ...]:
    """A row in the history. A history that can't be written costs a sentence, never the report."""
    try:
        await call(
            record_run,
            runs_dir=str(run.path.parent),
            run_id=run.id,
            test_name=result.run.test_name,
            started_ms=result.run.started_ms,
            status=result.outcome.status.value,
            verdict=result.outcome.verdict.value if result.outcome.verdict else "",
            decided_by=result.decided_by,
            headline=headline,
            figures=figures_of(result),
            history=SecretStr(history),
        )
    except HistoryError as error:
        return (f"the history does not hold this run: {error.problem}",)
    return ()


async def _notify(run: RunDirectory, spec: Spec | None, result: Result) -> tuple[str, ...]:
    """Tell the webhook once; a run that is resumed after it was told does not tell it again."""
    if spec is None or not spec.notifications.webhook or await asyncio.to_thread(run.has, "notified"):
        return ()
    await asyncio.to_thread(run.write_text, "notified", "")
    try:
        policy = await asyncio.to_thread(run.read, "policy.json", Policy)
        delivery = (
            await call(
                notify_webhook,
                run_dir=str(run.path),
                url=spec.notifications.webhook,
                webhook_hosts=list(policy.webhook_hosts),
                test_name=result.run.test_name,
                status=result.outcome.status.value,
                verdict=result.outcome.verdict.value if result.outcome.verdict else "",
                reasons=list(result.outcome.reasons),
            )
        ).artifact
    except PerfpilotError as error:
        return (f"nobody was notified: {error.problem}",)
    await asyncio.to_thread(append_event, run.path, EventKind.NOTIFICATION, delivery.sentence)
    return () if delivery.delivered else (f"nobody was notified: {delivery.sentence}",)


def _headline(outcome: Outcome) -> str:
    word = outcome.verdict.value if outcome.verdict else outcome.status.value.replace("_", " ")
    return f"{word}: {outcome.reasons[0]}" if outcome.reasons else word
