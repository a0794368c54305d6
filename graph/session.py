"""One run from outside the graph: start, watch, stop, approve, resume. For the library and the command."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from perfpilot.domain.errors import ApprovalRequired, RunDirectoryError, SpecError
from perfpilot.domain.policy import Policy
from perfpilot.domain.result import Result
from perfpilot.domain.thresholds import Threshold, parse_threshold
from perfpilot.graph.context import Context
from perfpilot.graph.state import Input
from perfpilot.tools.history.run_directory import RunDirectory, mint_run_id
from perfpilot.tools.jmeter.foreign import Asked
from perfpilot.tools.jmeter.lay_out import lay_out
from perfpilot.tools.spec.read import load_spec, parse_spec
from perfpilot.tools.spec.write import dump_spec

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langgraph.graph.state import CompiledStateGraph
    from langgraph.types import StateSnapshot

    from perfpilot.graph.state import State

CHECKPOINT = "checkpoint.sqlite"

Watch = Callable[[dict[str, Any]], None]
"""Called with every message of the run: `{"kind": "run" | "node" | "live" | ...}`; see docs/live.md."""

Approve = Callable[[dict[str, Any]], Awaitable[bool]]
"""Asked with the envelope that wants approval; answers whether it is granted."""


async def run(
    spec: str | Mapping[str, Any] | Path,
    *,
    runs_dir: str | Path = "runs",
    policy: Policy | None = None,
    model: BaseChatModel | None = None,
    jmeter_home: str | None = None,
    context: Context | None = None,
    approve: Approve | None = None,
    watch: Watch | None = None,
    stop: asyncio.Event | None = None,
) -> Result:
    """Run a whole test and return its result; `result.outcome` says how it went.

    Args:
        spec: YAML text, a mapping, or the path of a YAML file.
        runs_dir: Where the run directory is made.
        policy: The operator's policy; None reads PERFPILOT_POLICY.
        model: A chat model; None takes the environment's, or works by rules.
        jmeter_home: A JMeter to use.
        context: Tightenings for this run.
        approve: Asked where the policy wants a person; without it such a run raises.
        watch: Told what happens.
        stop: Set it to end the load gracefully; the report follows.

    Raises:
        SpecError: the description is wrong; nothing was sent.
        ApprovalRequired: a person must approve, and `approve` was not given.
    """
    parsed = await asyncio.to_thread(load_spec, spec) if isinstance(spec, Path) else parse_spec(spec)
    directory = await asyncio.to_thread(RunDirectory.create, Path(runs_dir), mint_run_id(parsed.test_name))
    context = context or Context()
    await asyncio.to_thread(directory.write, "context.json", context)
    async with _workflow(directory, policy=policy, model=model, jmeter_home=jmeter_home) as app:
        begin = Input(spec=dump_spec(parsed))
        return await _drive(app, directory, begin, context, approve, watch, stop)


async def resume(
    run_dir: Path,
    *,
    policy: Policy | None = None,
    model: BaseChatModel | None = None,
    jmeter_home: str | None = None,
    approve: Approve | None = None,
    watch: Watch | None = None,
    stop: asyncio.Event | None = None,
) -> Result:
    """Go on with a run that was interrupted, at the node that was next; a finished one is just read.

    The checkpoint says only which node is next. Without one, a run that has an attempt goes on with its
    figures. A load is never sent twice: a JMeter that still runs is adopted.

    Raises:
        RunDirectoryError: no such run, nothing in it to go on with, a checkpoint that can't be read, or
            another perfpilot is at work on it.
        ApprovalRequired: it still waits for a person, and `approve` was not given.
    """
    directory = await asyncio.to_thread(RunDirectory.open, run_dir)
    context = await asyncio.to_thread(directory.read_or_none, "context.json", Context) or Context()
    async with _workflow(directory, policy=policy, model=model, jmeter_home=jmeter_home) as app:
        snapshot = await _where_it_was(app, directory)
        if not snapshot.next:
            if directory.has("result.json"):
                return await asyncio.to_thread(directory.read, "result.json", Result)
            await _enter_at_collect(app, directory, context)
        await asyncio.to_thread(directory.forget_stop)
        return await _drive(app, directory, None, context, approve, watch, stop)


async def analyze(
    path: str | Path,
    *,
    spec: str | Mapping[str, Any] | Path | None = None,
    thresholds: Sequence[str] = (),
    baseline: str | Path | None = None,
    name: str = "",
    runs_dir: str | Path = "runs",
    model: BaseChatModel | None = None,
    use_model: bool = True,
    watch: Watch | None = None,
) -> Result:
    """Judge a result file that JMeter wrote elsewhere, with the same figures, reports and outcome as a run.

    Args:
        path: A CSV result file. It is read twice and not copied.
        spec: The description of the load, where there is one: YAML text, a mapping, or the path of a file.
        thresholds: Lines such as `p95 < 400ms`, beside those of the description.
        baseline: Another result file to compare with, or the id of a run in `runs_dir`.
        name: Of the test; empty takes the description's, or the file's.
        runs_dir: Where the run directory with the reports is made.
        model: A chat model; None takes the environment's, or works by rules.
        use_model: False works by rules even where a model is configured.
        watch: Told what happens.

    Raises:
        ResultFileError: the file can't be read, or is no CSV file of JMeter's.
        SpecError: the description or a threshold is wrong, or names a label that the file does not have.
    """
    parsed = None
    if spec is not None:
        parsed = await asyncio.to_thread(load_spec, spec) if isinstance(spec, Path) else parse_spec(spec)
    asked = Asked(name=name, spec=parsed, thresholds=_thresholds(thresholds))
    directory = await asyncio.to_thread(lay_out, Path(runs_dir), Path(path), asked, baseline)
    # What JMeter ran elsewhere can't be run again: there is no way back.
    context = Context(use_model=use_model, max_repairs=0, max_replans=0, max_resetups=0)
    await asyncio.to_thread(directory.write, "context.json", context)
    async with _workflow(directory, policy=None, model=model, jmeter_home=None) as app:
        await _enter_at_collect(app, directory, context)
        return await _drive(app, directory, None, context, None, watch, None)


def analyze_sync(path: str | Path, **options: Any) -> Result:
    """`analyze` for programs without an event loop of their own; same arguments, same errors."""
    return asyncio.run(analyze(path, **options))


def _thresholds(lines: Sequence[str]) -> tuple[Threshold, ...]:
    try:
        return tuple(map(parse_threshold, lines))
    except ValueError as error:
        raise SpecError(str(error), mend="docs/spec.md lists the metrics") from None


def run_sync(spec: str | Mapping[str, Any] | Path, **options: Any) -> Result:
    """`run` for programs without an event loop of their own; same arguments, same errors."""
    return asyncio.run(run(spec, **options))


@contextlib.asynccontextmanager
async def _workflow(
    directory: RunDirectory, *, policy: Policy | None, model: BaseChatModel | None, jmeter_home: str | None
) -> AsyncIterator[CompiledStateGraph[State, Context, Input, State]]:
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    from perfpilot.graph.workflow import build_graph, checkpoint_serde

    checkpoint = str(directory.path / CHECKPOINT)
    with directory.held():
        async with AsyncSqliteSaver.from_conn_string(checkpoint) as saver:
            saver.serde = checkpoint_serde()
            yield build_graph(
                policy=policy,
                model=model,
                runs_dir=str(directory.path.parent),
                jmeter_home=jmeter_home,
                checkpointer=saver,
            )


async def _drive(
    app: CompiledStateGraph[State, Context, Input, State],
    directory: RunDirectory,
    begin: Input | None,
    context: Context,
    approve: Approve | None,
    watch: Watch | None,
    stop: asyncio.Event | None,
) -> Result:
    from langgraph.types import Command

    if watch:
        watch({"kind": "run", "id": directory.id})
    config = _config(directory)
    todo: Input | Command[Any] | None = begin
    listener = asyncio.ensure_future(_stop_when_asked(directory, stop)) if stop else None
    try:
        while True:
            snapshot = await app.aget_state(config)
            if snapshot.interrupts:
                todo = Command(
                    resume={"approved": await _ask(snapshot.interrupts[0].value, directory, approve)}
                )
            async for part in app.astream(
                todo, config, context=context, stream_mode=["custom"], version="v2", durability="sync"
            ):
                if watch:
                    watch(cast("dict[str, Any]", part["data"]))
            if not (await app.aget_state(config)).interrupts:
                return await asyncio.to_thread(directory.read, "result.json", Result)
    finally:
        if listener:
            listener.cancel()


async def _ask(question: dict[str, Any], directory: RunDirectory, approve: Approve | None) -> bool:
    if approve is None:
        raise ApprovalRequired(
            f"run {directory.id} waits for approval: {question['why']}",
            run_id=directory.id,
            mend=f"perfpilot resume {directory.id} --approve",
        )
    return await approve(question)


async def _where_it_was(
    app: CompiledStateGraph[State, Context, Input, State], directory: RunDirectory
) -> StateSnapshot:
    try:
        return await app.aget_state(_config(directory))
    except Exception as error:  # a damaged or foreign file may raise anything; none of it may be guessed at
        checkpoint = directory.path / CHECKPOINT
        raise RunDirectoryError(
            f"{checkpoint} can't be read ({type(error).__name__}: {error})",
            mend=f"rm {checkpoint}* and resume: the run goes on with what its attempts left",
        ) from error


async def _enter_at_collect(
    app: CompiledStateGraph[State, Context, Input, State], directory: RunDirectory, context: Context
) -> None:
    attempts = await asyncio.to_thread(directory.attempts)
    if not attempts:
        raise RunDirectoryError(
            f"run {directory.id} had sent nothing and has no checkpoint: there is nothing to go on with",
            mend="perfpilot run SPEC starts anew",
        )
    values = {
        "run_id": directory.id,
        "run_dir": str(directory.path),
        "granted": True,
        "attempt": attempts[-1],
        "budget": context.budget(),
    }
    await app.aupdate_state(_config(directory), values, as_node="execute")


async def _stop_when_asked(directory: RunDirectory, stop: asyncio.Event) -> None:
    await stop.wait()
    await asyncio.to_thread(directory.request_stop)


def _config(directory: RunDirectory) -> Any:
    from perfpilot.graph.workflow import RECURSION_LIMIT

    return {"configurable": {"thread_id": directory.id}, "recursion_limit": RECURSION_LIMIT}
