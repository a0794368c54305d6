"""The search for the highest load that meets the thresholds, made while the load runs.

1. *Climb.* From `start` each level is twice the last, held briefly, until one is lost or `end` is kept. A
   ladder spends most of its requests near and above the limit; doubling looks there once.
2. *Recover.* After a lost level the load is low until response times are calm, so that the queue of one level
   does not speak for the next.
3. *Probe.* A saturated target completes what it can: its throughput at a lost level is an estimate of the
   limit (the utilisation law: X = c/s when all slots are busy; Lazowska et al., Quantitative System
   Performance, 1984, ch. 3). Probes a little below and a little above it close the bracket at once. Where
   there is no estimate (a threshold that breaks below saturation; users), levels are bisected geometrically,
   as throughput searches of network benchmarks do (RFC 2544 section 26.1; shorter trials first and longer
   ones for the answer: MLRsearch, draft-ietf-bmwg-mlrsearch).
4. *Confirm.* The highest kept level is held once more where it was only held briefly.

How a level is judged: see `judge` (rules, with the bounds of `knee`), `growth` (a queue that grows shows as
response times that climb: at 3 % above capacity by 30 ms a second), `hold` (which samples speak for a level).
A level in doubt, or with few samples, is held longer: three times as long at most. A level at which the
load was not sent though response times were calm was the generator's limit: the search ends and says so.

No level is above `end`, none is negative, users are whole. Nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from perfpilot.analysis.rows import Rows, joined, labelled
from perfpilot.analysis.search.bracket import Bracket, Next
from perfpilot.analysis.search.calm import Calm
from perfpilot.analysis.search.hold import READ_LAG_S, Seen, see
from perfpilot.analysis.search.judge import LEAST_S, Verdict, judge
from perfpilot.analysis.search.level_thresholds import of_a_level
from perfpilot.analysis.search.recovery import Recovery, recovery
from perfpilot.analysis.search.words import words
from perfpilot.domain.search import Search, SearchOutcome, SearchPhase, SearchStep
from perfpilot.domain.thresholds import Threshold

SETTLE_S = 1.5
"""A level is judged by samples that began so long after it was applied: JMeter follows within a second."""

SHORTEST_S = SETTLE_S + READ_LAG_S + LEAST_S
LONGER = 3.0
"""A level in doubt is held for so many times its hold."""

_HOLDS = {SearchPhase.CLIMB: 0.6, SearchPhase.PROBE: 1.0, SearchPhase.CONFIRM: 2.0}
_USUAL, _MORE = 1.05, 5.0  # so many times the samples asked for, and so many more, are no chance


@dataclass(frozen=True)
class Tick:
    """What to do now. `outcome`: the search is over, and `level` is 0."""

    level: float
    ended: tuple[SearchStep, ...] = ()
    begun: SearchStep | None = None
    outcome: SearchOutcome | None = None


class LoadSearch:
    """One search. Feed it samples as they are read, and tick it about twice a second."""

    def __init__(
        self,
        search: Search,
        *,
        start_ms: int,
        labels: Sequence[str],
        measured: Callable[[str], bool],
        requests_per_arrival: float,
        thresholds: Sequence[Threshold],
        earlier: Sequence[SearchStep] = (),
        iteration_s: float = 0.0,
        unloaded_ms: Mapping[str, float] | None = None,
    ) -> None:
        """`start_ms`: epoch ms at which the load began. `labels`: the reader's list, which grows.
        `requests_per_arrival`: samples of one iteration. `earlier`: recorded steps to go on from, after the
        target had time to recover. `iteration_s`: how long one iteration takes, mostly its think time; for
        so long after a change, samples still belong to iterations that began at the level before.
        `unloaded_ms`: response time of each label with one user, as the smoke pass met it.
        """
        self._search = _whole_users(search)
        self._start_ms = start_ms
        self._labels = labels
        self._measured = measured
        self._samples_per_arrival = max(requests_per_arrival, 1e-9)
        self._thresholds = of_a_level(thresholds)
        self._settle_s = SETTLE_S + max(iteration_s, 0.0)
        self._steps = [step for step in earlier if step.to_s is not None]
        self._number = max((step.number for step in earlier), default=0)
        self._bracket = Bracket(self._search, self._steps)
        self._resumed = bool(earlier)
        self._calm = Calm(labels, unloaded_ms)
        self._usual = 1.0  # samples of an arrival, as a multiple of those asked for: conditional steps
        self._now: SearchStep | None = None
        self._parts: list[Rows] = []
        self._concerns: list[str] = []
        self._ticks = 0
        self._t_s = 0.0
        self._again: set[float] = set()
        self._then: Next | None = None  # after the target recovered
        self._over: SearchOutcome | None = None

    def add(self, rows: Rows) -> None:
        """Take in samples as they are read. Those that ended before the present level are dropped."""
        wanted = self._since(labelled(rows, self._labels, self._measured))
        if wanted.size:
            self._parts.append(wanted)

    def tick(self, t_s: float, *, generator: Sequence[str] = ()) -> Tick:
        """The level to apply now, `t_s` seconds since the load began. `generator`: concerns about the load
        generator at this moment; not empty: it may be the limit."""
        self._t_s = max(t_s, self._t_s)
        if self._over:
            return Tick(0.0, outcome=self._over)
        if self._now is None:
            pause = self._bracket.recovery("the search goes on from what was recorded, after a pause")
            return self._go_on(pause if self._resumed else self._bracket.next(), ())
        self._ticks += 1
        self._concerns.extend(generator[:1])
        if self._now.phase is SearchPhase.RECOVER:
            return self._look_at_recovery(self._now)
        return self._look_at_level(self._now)

    @property
    def words(self) -> str:
        """What the search is doing: `probing 47.2/s: kept 45/s, lost 52/s`."""
        return words(self._bracket, self._now, over=self._over is not None)

    def outcome(self, because: str) -> SearchOutcome:
        """What is known when the load ends from outside. After the search ended: its own outcome."""
        return self._over or self._outcome(because)

    def _look_at_level(self, step: SearchStep) -> Tick:
        seen = self._seen(step)
        held_s = self._t_s - step.from_s
        hold_s = self._hold_s(step.phase)
        out_of_time = self._t_s >= self._search.longest_s
        verdict = judge(
            seen,
            self._calm,
            self._thresholds,
            self._labels,
            whole_s=hold_s - self._settle_s,
            held=held_s >= hold_s,
            last=held_s >= self._longest_hold_s(step.phase),
            careful=step.phase is not SearchPhase.CLIMB,
        )
        if verdict.kept is None:
            if not out_of_time:
                return Tick(step.level)
            ended = self._end(step, seen, None)
            return self._finish("the time for the search is used up", (ended,))
        if verdict.kept:
            self._learn_from_kept(seen)
            self._bracket.learn(step.level, True, held_s)
            return self._go_on(self._bracket.next(), (self._end(step, seen, True),))
        return self._lost(step, seen, verdict, held_s)

    def _lost(self, step: SearchStep, seen: Seen, verdict: Verdict, held_s: float) -> Tick:
        concern = self._concern()
        if verdict.calm:
            # Not in the bracket: it says nothing about the target.
            reason = concern or "all its users were busy or the load generator could send no more"
            short = f"{verdict.lost} while response times were calm"
            ended = self._end(step, seen, None, short)
            limited = f"at {self._bracket.named(step.level)} {short}: {reason}"
            return self._finish("the load generator was the limit, not the target", (ended,), limited)
        lost = verdict.lost
        estimate = self._bracket.estimate
        if estimate and step.level < 0.99 * estimate and step.level not in self._again:
            # A pause of the machine can lose a level. Below what the target completes it is asked twice.
            self._again.add(step.level)
            ended = self._end(step, seen, None, f"{lost}, below what the target completes: held again")
            self._then = Next(
                step.phase, step.level, "lost a little while ago, below what the target completes"
            )
            return self._recover(step, ended)
        if concern:
            lost += f"; the load generator may have had a part in it: {concern}"
        completed = seen.completed_per_s / self._arrival if seen.completed_per_s else None
        self._bracket.learn(step.level, False, held_s, completed)
        ended = self._end(step, seen, False, lost)
        following = self._bracket.next()
        return self._go_on(following, (ended,)) if following.level is None else self._recover(step, ended)

    def _recover(self, step: SearchStep, ended: SearchStep) -> Tick:
        why = f"until response times are calm after {self._bracket.named(step.level)}"
        return self._go_on(self._bracket.recovery(why), (ended,))

    def _look_at_recovery(self, step: SearchStep) -> Tick:
        found = recovery(self._rows(), step.from_s, self._t_s, self._start_ms, self._calm)
        if found.state is Recovery.WAITING:
            if self._t_s >= self._search.longest_s:
                return self._finish("the time for the search is used up", (self._end(step, None, None),))
            return Tick(step.level)
        ended = self._end(step, None, None)
        if found.state is Recovery.NOT:
            because = f"the target did not recover at {self._bracket.named(step.level)}: {found.words}"
            return self._finish(because, (ended,))
        self._calm.learn(found.rows)
        following, self._then = self._then or self._bracket.next(), None
        return self._go_on(following, (ended,))

    def _go_on(self, following: Next, ended: tuple[SearchStep, ...]) -> Tick:
        if following.level is None:
            return self._finish(following.why, ended, finished=following.finished)
        if self._t_s + self._hold_s(following.phase) > self._search.longest_s:
            return self._finish("the time for the search is used up", ended)
        self._number += 1
        self._now = SearchStep(
            number=self._number,
            phase=following.phase,
            from_s=self._t_s,
            level=following.level,
            why=following.why,
            highest_kept=self._bracket.kept,
            lowest_lost=self._bracket.lost,
        )
        self._concerns, self._ticks = [], 0
        self._parts = [kept for rows in self._parts if (kept := self._since(rows)).size]
        return Tick(following.level, ended, self._now)

    def _end(self, step: SearchStep, seen: Seen | None, kept: bool | None, lost: str = "") -> SearchStep:
        reached = None
        if seen is not None and seen.asked and seen.span_s >= LEAST_S:
            reached = seen.samples / seen.span_s / self._arrival
        update = {
            "to_s": self._t_s,
            "kept": kept,
            "lost": lost,
            "reached": reached,
            "highest_kept": self._bracket.kept,
            "lowest_lost": self._bracket.lost,
        }
        self._now = step.model_copy(update=update)
        self._steps.append(self._now)
        return self._now

    def _finish(
        self, because: str, ended: tuple[SearchStep, ...], limited: str = "", *, finished: bool = False
    ) -> Tick:
        self._now, self._parts = None, []
        self._over = self._outcome(because, limited, finished=finished)
        return Tick(0.0, ended, outcome=self._over)

    def _outcome(self, because: str, limited: str = "", *, finished: bool = False) -> SearchOutcome:
        open_steps = [self._now.model_copy(update={"to_s": self._t_s})] if self._now else []
        return SearchOutcome(
            search=self._search,
            steps=(*self._steps, *open_steps),
            highest_kept=self._bracket.kept,
            lowest_lost=self._bracket.lost,
            finished=finished,
            because=because,
            generator_limited=limited,
        )

    def _learn_from_kept(self, seen: Seen) -> None:
        self._calm.learn(seen.rows)
        # Steps that run under a condition are not asked for, yet they count: see `knee`.
        if seen.reached and seen.reached > _USUAL and seen.samples - seen.asked > max(seen.chance, _MORE):
            self._usual *= seen.reached

    def _concern(self) -> str:
        """The latest concern, where there was one in half of the ticks of this level."""
        return self._concerns[-1] if self._concerns and 2 * len(self._concerns) >= self._ticks else ""

    @property
    def _arrival(self) -> float:
        return self._samples_per_arrival * self._usual

    def _hold_s(self, phase: SearchPhase) -> float:
        hold_s = self._search.hold_s * _HOLDS.get(phase, 0.0)
        return max(hold_s, SHORTEST_S) + self._settle_s - SETTLE_S

    def _longest_hold_s(self, phase: SearchPhase) -> float:
        return LONGER * max(self._hold_s(SearchPhase.PROBE), self._hold_s(phase) / 2)

    def _seen(self, step: SearchStep) -> Seen:
        asked_per_s = step.level * self._arrival if self._search.unit == "rate_per_s" else 0.0
        begin_s = step.from_s + self._settle_s
        return see(self._rows(), begin_s, self._t_s, self._start_ms, asked_per_s, self._calm)

    def _rows(self) -> Rows:
        self._parts = [joined(self._parts)]
        return self._parts[0]

    def _since(self, rows: Rows) -> Rows:
        """The samples that ended within the present level."""
        if self._now is None:
            return rows
        ended = rows.start_ms + rows.elapsed_ms >= self._start_ms + self._now.from_s * 1000
        return rows if ended.all() else rows.pick(ended)


def _whole_users(search: Search) -> Search:
    if search.unit == "rate_per_s":
        return search
    start = max(round(search.start), 1)
    return search.model_copy(update={"start": float(start), "end": float(int(search.end))})
