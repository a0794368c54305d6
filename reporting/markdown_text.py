"""Pieces of Markdown in which outside text can't format, link or break a table."""

from __future__ import annotations

import re
from collections.abc import Iterable

from perfpilot.reporting import figures
from perfpilot.reporting.plain_text import clean

_SPECIAL = re.compile(r"([\\`*_{}\[\]#~$!])")
_LIST_START = re.compile(r"^(?:[-+=](?=[-+=\s]|$)|\d{1,9}[.)](?=\s|$))")


def words(text: object) -> str:
    """Prose from outside: no formatting, table cell, HTML, link or mention can come of it."""
    escaped = _SPECIAL.sub(r"\\\1", clean(text))
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "&#124;")
    # GitHub links bare addresses and mentions after it has read escapes: a word joiner breaks both.
    escaped = escaped.replace("://", ":\u2060//").replace("@", "@\u2060").replace("www.", "www\u2060.")
    return _LIST_START.sub(lambda match: match[0][:-1] + "\\" + match[0][-1], escaped)


def code(text: object) -> str:
    """A name from outside as a code span, in which Markdown reads nothing but a backtick.

    A table is divided at its bars before code spans are read, so that a bar becomes a broken bar.
    """
    inside = clean(text).replace("`", "'").replace("|", "¦")
    return f"`{inside}`" if inside else figures.DASH


def table(head: str, rows: Iterable[Iterable[str]]) -> str:
    """`head` names the columns, divided by bars; a name that begins with `>` aligns to the right."""
    names = [name.strip() for name in head.split("|")]
    lines = [
        "| " + " | ".join(name.removeprefix(">") for name in names) + " |",
        "|" + "|".join("---:" if name.startswith(">") else "---" for name in names) + "|",
    ]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def bullets(items: Iterable[str]) -> str:
    """A list, an item a line."""
    return "\n".join(f"- {item}" for item in items)


def titled(title: str, *blocks: str) -> str:
    """Blocks below a heading; empty ones are left out."""
    return "\n\n".join([f"### {title}", *(block for block in blocks if block)])
