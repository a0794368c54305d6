"""Facts, decided thresholds and findings of the demo shop, with realistic figures."""

from __future__ import annotations

from perfpilot.domain.judgement import Decision, Fact, Finding, FindingKind, Severity, ThresholdResult

FACTS = (
    Fact(
        id="F1",
        name="steady.p95_ms",
        value=83.2,
        unit="ms",
        text="p95 of all endpoints in the steady phase: 83.2 ms",
    ),
    Fact(
        id="F2",
        name="pool.in_use",
        value=8,
        unit="",
        text="connections in use of shop-db: 8 of 8 for 31 s of 48 s",
    ),
    Fact(
        id="F3", name="errors(checkout,503)", value=29, unit="samples", text="checkout answered 503 29 times"
    ),
    Fact(id="F4", name="cpu(target)", value=31, unit="%", text="mean processor share of the target: 31 %"),
    Fact(id="F5", name="in_flight", value=10.3, unit="", text="requests in flight on average: 10.3"),
)

THRESHOLDS = (
    ThresholdResult(
        text="p95(checkout) < 400ms",
        decision=Decision.MET,
        value=345.7,
        limit=400,
        unit="ms",
        samples=1_436,
        reason="18 of 1,436 samples may be slower; 50 of 1,436 were allowed",
    ),
    ThresholdResult(
        text="error_rate < 1%", decision=Decision.MET, value=0.264, limit=1.0, unit="%", samples=14_371
    ),
    ThresholdResult(
        text="p99 < 180ms",
        decision=Decision.MET,
        value=179.96,
        limit=180,
        unit="ms",
        samples=14_371,
        marginal=True,
    ),
    ThresholdResult(
        text="achieved_load >= 95%", decision=Decision.MET, value=99.8, limit=95.0, unit="%", samples=14_371
    ),
)

BROKEN = ThresholdResult(
    text="p95(checkout) < 300ms",
    decision=Decision.BROKEN,
    value=345.7,
    limit=300,
    unit="ms",
    samples=1_436,
    reason="134 of 1,436 samples were slower; 71 were allowed",
)
UNDECIDED = ThresholdResult(
    text="p99.9(search) < 2s",
    decision=Decision.UNDECIDED,
    value=795.0,
    limit=2000,
    unit="ms",
    samples=2_874,
    reason="2,874 samples; p99.9 takes 10,000",
)

POOL = Finding(
    kind=FindingKind.CONNECTION_POOL_EXHAUSTION,
    component="shop-db",
    severity=Severity.HIGH,
    confidence=0.9,
    evidence_for=("F2", "F3"),
    evidence_against=("F4",),
    explanation="Requests of checkout waited for a database connection while the processor was idle.",
    recommendations=(
        "Raise the pool from 8 to 16 connections and measure again.",
        "Return connections before the call to the payment service.",
    ),
)
CHATTY = Finding(
    kind=FindingKind.N_PLUS_ONE_QUERIES,
    component="target",
    severity=Severity.MEDIUM,
    confidence=0.72,
    evidence_for=("F1", "F9"),
    explanation="Each listing sends one query an item.",
    recommendations=("Fetch the items of a listing with one query.",),
)
