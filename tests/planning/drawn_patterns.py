"""Load patterns of every named shape, generated: sound ones, as `parse_spec` lets them through."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from perfpilot.domain.load_pattern import LoadPattern

_seconds = st.integers(1, 7200).map(float)
_ramps = st.just(0.0) | st.integers(1, 600).map(float)


@st.composite
def patterns(draw: st.DrawFn, shape: str = "") -> LoadPattern:
    """A pattern of this shape, or of any."""
    key = shape or draw(st.sampled_from(["constant", "ramp", "steps", "spike", "wave", "soak", "breakpoint"]))
    model = draw(st.sampled_from(["open", "closed"]))
    lows = st.integers(1, 400).map(float) if model == "closed" else st.floats(0.05, 400).map(_tidy)
    low = draw(lows)
    high = low + draw(lows)
    return LoadPattern.model_validate({"model": model, key: _shape(draw, key, low, high)})


def _shape(draw: st.DrawFn, key: str, low: float, high: float) -> dict[str, Any]:
    hold, ramp = draw(_seconds), draw(_ramps)
    if key in ("constant", "soak"):
        return {"level": high, "duration": hold, "ramp": ramp}
    if key == "ramp":
        start, end = draw(st.permutations([low, high]))
        return {"start": start, "end": end, "duration": hold}
    if key == "steps":
        start, end = draw(st.permutations([low, high]))
        step = max(1.0, (high - low) // draw(st.integers(1, 12)))
        return {"start": start, "end": end, "step": step, "hold": hold, "ramp": ramp}
    if key == "spike":
        before, after = draw(_seconds), draw(_seconds)
        return {"base": low, "peak": high, "before": before, "hold": hold, "after": after, "ramp": ramp}
    if key == "wave":
        duration = hold * draw(st.floats(1, 9))
        return {"low": low, "high": high, "period": hold, "duration": duration}
    growth = draw(st.floats(0.05, 2))
    return {"start": low, "end": high, "growth": growth, "hold": hold, "ramp": ramp}


def _tidy(level: float) -> float:
    return float(f"{level:.4g}")
