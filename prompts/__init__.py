"""Prompt templates, one folder for each node that uses a model; the first line of each is its version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template


@dataclass(frozen=True)
class Prompt:
    """A template with `$name` places. What is filled in is never read as a template itself."""

    name: str  # `analyze/narrate`
    version: int
    text: str

    def fill(self, **values: str) -> str:
        """The prompt. Raises KeyError for a place without a value."""
        return Template(self.text).substitute(values)


@cache
def load(node: str, name: str) -> Prompt:
    """The template `prompts/<node>/<name>.md`, read once. Blocks the first time: call it in a thread.

    Raises FileNotFoundError, and ValueError where the first line is not `version: N`.
    """
    text = (files(__name__) / node / f"{name}.md").read_text(encoding="utf-8")
    head, _, body = text.partition("\n")
    key, _, number = head.partition(":")
    if key.strip() != "version" or not number.strip().isdigit():
        raise ValueError(f"prompts/{node}/{name}.md must begin with a line `version: N`")
    return Prompt(name=f"{node}/{name}", version=int(number), text=body.strip() + "\n")
