"""Find the one JSON object in what a model wrote: in a tool call, bare, in a fence, after its thoughts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

LIMIT = 64 * 1024
"""Characters of an answer that are looked at. A longer one is no answer to any question of ours."""

_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```[A-Za-z]*\s*(.*?)(?:```|\Z)", re.DOTALL)


class NoDocument(ValueError):
    """The answer holds no JSON object; the message says what was wrong, for the model to read."""


def document_of(message: BaseMessage) -> dict[str, Any]:
    """The JSON object of the answer, not yet validated. Raises NoDocument."""
    for call in getattr(message, "tool_calls", ()):
        return parse_document(json.dumps(call["args"]))  # its length counts like that of any other answer
    text = str(message.text)
    for call in getattr(message, "invalid_tool_calls", ()):
        text = call.get("args") or text
    return parse_document(text)


def parse_document(text: str) -> dict[str, Any]:
    """The JSON object in `text`. Raises NoDocument."""
    if len(text) > LIMIT:
        raise NoDocument(f"the answer is too long: {len(text)} characters, at most {LIMIT}")
    plain = _THOUGHTS.sub("", text).strip()
    fenced = _FENCE.search(plain)
    candidate = fenced[1].strip() if fenced else plain
    begin = candidate.find("{")
    if begin < 0:
        raise NoDocument("the answer holds no JSON object")
    try:
        found, _ = json.JSONDecoder().raw_decode(candidate, begin)
    except (ValueError, RecursionError) as error:
        raise NoDocument(f"the answer is not valid JSON: {type(error).__name__}") from None
    if not isinstance(found, dict):
        raise NoDocument("the answer is not a JSON object")
    return found
