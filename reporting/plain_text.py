"""Outside text made inert: labels, messages and reasons may hold escape sequences and hidden marks.

Every report passes every string through `clean` and then escapes it for its own format.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

HIDDEN = "\N{REPLACEMENT CHARACTER}"
"""Stands for each hidden character that was taken out, so that the reader sees that there was one."""

_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, clearing
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS: title, links
    r"|\x1b[ -/]*[0-~]?"
)
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls, which XML 1.0 forbids
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"  # direction and zero-width marks
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"  # lone surrogates, non-characters, tags
)


def clean(text: object) -> str:
    """One line without terminal escapes, controls, direction marks or characters that XML forbids."""
    without_escapes = _ESCAPE_SEQUENCE.sub("", str(text))
    return " ".join(_HIDDEN.sub(HIDDEN, without_escapes).split())


def file_link(path: str) -> str:
    """A relative link to a file beside the report. No path can become an address or a script."""
    return "./" + quote(clean(path))


def width(text: str) -> int:
    """Columns that a text takes in a terminal: wide East Asian characters take two, marks none."""
    return sum(_columns(character) for character in text)


def shorten(text: str, columns: int) -> str:
    """The text, cut with an ellipsis where it is wider than so many columns."""
    if width(text) <= columns:
        return text
    kept, used = "", 0
    for character in text:
        used += _columns(character)
        if used > columns - 1:
            break
        kept += character
    return kept.rstrip() + "…"


def wrapped(text: str, columns: int, *, whole_paths: bool = False) -> list[str]:
    """The words of a text in lines of at most so many columns; longer words are cut in pieces.

    `whole_paths`: a path stays in one piece, on a line that is too long, so that it can be copied.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        for piece in [word] if whole_paths and word.startswith("/") else _pieces(word, columns):
            if line and width(line) + 1 + width(piece) > columns:
                lines.append(line)
                line = piece
            else:
                line = f"{line} {piece}" if line else piece
    return [*lines, line] if line else lines


def padded(text: str, columns: int) -> str:
    """The text cut or filled with blanks to exactly so many columns."""
    text = shorten(text, columns)
    return text + " " * (columns - width(text))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _pieces(word: str, columns: int) -> list[str]:
    pieces, piece = [], ""
    for character in word:
        if piece and width(piece) + _columns(character) > columns:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]
