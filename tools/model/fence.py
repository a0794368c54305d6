"""Text that a model is to read and not to obey: bounded, printable, inside a fence that it can't close."""

from __future__ import annotations

import re

from perfpilot.tools.foreign_text import printable, shortened

_MARK = "<<<"
_UNMARK = ">>>"
# What chat templates of open models take for the beginning of a turn, such as <|im_start|> or [INST].
_TURNS = re.compile(r"<\|?/?[A-Za-z_]{1,24}\|?>|\[/?INST\]|<</?SYS>>")


def fence(name: str, text: str, limit: int = 8000) -> str:
    """`text` as data under a heading, of at most `limit` characters, safe inside a prompt.

    Control and invisible characters go. Every character that could close the fence or begin a turn of the
    chat (angle brackets, back-ticks, `[INST]`) is replaced by a look-alike that means nothing.
    """
    return f"{_MARK}{_label(name)}\n{escape(text, limit)}\n{_UNMARK}{_label(name)}"


def escape(text: str, limit: int = 8000) -> str:
    """The text that `fence` puts inside."""
    plain = printable(shortened(text, limit)).replace("\t", " ")
    plain = _TURNS.sub(lambda match: "(" + re.sub(r"[^A-Za-z_/]", "", match[0]) + ")", plain)
    return plain.replace("<", "‹").replace(">", "›").replace("`", "'")


def _label(name: str) -> str:
    return re.sub(r"[^A-Z]", "", name.upper()) or "DATA"
