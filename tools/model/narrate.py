"""A model words the insights over computed facts; whatever is not grounded in them is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import BaseModel, Field

from perfpilot.analysis.words.grounding import ground
from perfpilot.domain.base import Frozen
from perfpilot.domain.judgement import Fact, Finding, Insight, Insights, Roadmap
from perfpilot.domain.outcome import Outcome
from perfpilot.prompts import load
from perfpilot.tools.model.fence import escape, fence
from perfpilot.tools.model.gateway import ModelGateway
from perfpilot.tools.model.guard import without_addresses, without_verdicts

_FACTS_LIMIT = 36_000  # characters of the fact table; with the rest it stays below the gateway's limit
_FINDINGS_LIMIT = 8_000
_STATEMENTS = 8  # of a section
_TEXT_LIMIT = 700
_VERDICTS = "the text answers the question of release, which is not the model's to answer"
_ADDRESSES = "the text holds an address or a link"


class Said(BaseModel):
    """One statement and the ids of the facts that it rests on."""

    text: str
    facts: list[str] = Field(default=[], description="Ids such as F3")


class Words(BaseModel):
    """What a model is asked for. There is no place for a host, a number, a limit or a verdict."""

    executive_summary: list[Said] = []
    technical_analysis: list[Said] = []
    risk_assessment: list[Said] = []
    weeks_0_2: list[Said] = []
    months_1_3: list[Said] = []
    months_3_plus: list[Said] = []
    capacity_planning: list[Said] = []
    comparative_analysis: list[Said] = []


class Narration(Frozen):
    """The insights, how many sentences were dropped, and why."""

    insights: Insights
    dropped: int = 0
    reasons: tuple[str, ...] = ()
    prompt: str = ""  # name and version

    @property
    def degradations(self) -> tuple[str, ...]:
        """A sentence for the report where words were dropped."""
        if not self.dropped:
            return ()
        many = "1 statement or sentence" if self.dropped == 1 else f"{self.dropped} statements or sentences"
        return (f"{many} of the model dropped: {'; '.join(dict.fromkeys(self.reasons[:3]))}",)


async def narrate(
    gateway: ModelGateway,
    facts: tuple[Fact, ...],
    findings: tuple[Finding, ...],
    outcome: Outcome,
    rules: Insights,
) -> Narration:
    """Insights in a model's words where they are grounded, and `rules` wherever nothing is left.

    The recommendation and the readiness are always those of `rules`. Raises ModelError where the model gave
    no usable answer.
    """
    prompt = await asyncio.to_thread(load, "analyze", "narrate")
    verdict = outcome.verdict.value if outcome.verdict else outcome.status.value
    words = await gateway.ask(
        prompt.fill(
            verdict=verdict,
            facts=fence("facts", fact_table(facts, findings), _FACTS_LIMIT),
            findings=fence("findings", _findings(findings), _FINDINGS_LIMIT),
        ),
        Words,
    )
    return await asyncio.to_thread(_merged, words, facts, rules, f"{prompt.name} {prompt.version}")


def fact_table(facts: Sequence[Fact], findings: Sequence[Finding]) -> str:
    """One line a fact, evidence of findings first, so that a cut at the end costs the least."""
    cited = {name for finding in findings for name in (*finding.evidence_for, *finding.evidence_against)}
    ordered = sorted(facts, key=lambda fact: fact.id not in cited)  # stable: the table's order stays
    return "\n".join(f"{fact.id} | {escape(fact.text, 300).replace(chr(10), ' ')}" for fact in ordered)


def _findings(findings: Sequence[Finding]) -> str:
    lines = [
        f"- {finding.kind.value} of {finding.component}, severity {finding.severity.value}, "
        f"for {', '.join(finding.evidence_for) or 'nothing'}, "
        f"against {', '.join(finding.evidence_against) or 'nothing'}: {finding.explanation}"
        for finding in findings
    ]
    return "\n".join(lines) or "none"


def _merged(words: Words, facts: tuple[Fact, ...], rules: Insights, prompt: str) -> Narration:
    gate = _Gate(facts)
    plan = rules.optimization_roadmap
    insights = Insights(
        executive_summary=gate.through(words.executive_summary) or rules.executive_summary,
        technical_analysis=gate.through(words.technical_analysis) or rules.technical_analysis,
        risk_assessment=gate.through(words.risk_assessment) or rules.risk_assessment,
        readiness=rules.readiness,
        optimization_roadmap=Roadmap(
            weeks_0_2=gate.through(words.weeks_0_2) or plan.weeks_0_2,
            months_1_3=gate.through(words.months_1_3) or plan.months_1_3,
            months_3_plus=gate.through(words.months_3_plus) or plan.months_3_plus,
        ),
        capacity_planning=gate.through(words.capacity_planning) or rules.capacity_planning,
        comparative_analysis=gate.through(words.comparative_analysis) or rules.comparative_analysis,
        recommendation=rules.recommendation,
    )
    return Narration(insights=insights, dropped=gate.dropped, reasons=tuple(gate.reasons), prompt=prompt)


class _Gate:
    """Lets statements through as far as they are grounded, and keeps count."""

    def __init__(self, facts: tuple[Fact, ...]) -> None:
        self._facts = facts
        self._known = {fact.id for fact in facts}
        self.dropped = 0
        self.reasons: list[str] = []

    def through(self, said: Sequence[Said]) -> tuple[Insight, ...]:
        """What is left of a section."""
        passed = [self._one(statement) for statement in said[:_STATEMENTS]]
        if len(said) > _STATEMENTS:
            self._drop(len(said) - _STATEMENTS, f"more than {_STATEMENTS} statements in a section")
        return tuple(insight for insight in passed if insight is not None)

    def _one(self, statement: Said) -> Insight | None:
        cited = tuple(dict.fromkeys(name for name in statement.facts if name in self._known))
        if not cited:
            self._drop(1, "a statement cites no fact")
            return None
        text = statement.text
        for keep, why in ((without_addresses, _ADDRESSES), (without_verdicts, _VERDICTS)):
            kept = keep(text, _TEXT_LIMIT)
            if len(kept) < len(" ".join(text.split())):
                self._drop(1, why if len(text) <= _TEXT_LIMIT else "a text is too long")
            text = kept
        grounded = ground(text, cited, self._facts)
        if grounded.dropped:
            self._drop(grounded.dropped, *grounded.reasons)
        return Insight(text=grounded.text, facts=cited, source="model") if grounded.text.strip() else None

    def _drop(self, count: int, *reasons: str) -> None:
        self.dropped += count
        self.reasons.extend(reasons)
