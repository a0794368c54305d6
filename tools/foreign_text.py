"""Text that came from outside (a target, a server, a model), made safe to show: bounded and printable."""

from __future__ import annotations

import unicodedata

_LOOKED_AT = 20_000  # characters; a longer text is cut before any work is spent on it


def one_line(text: str, limit: int = 200) -> str:
    """The text on one line, without control characters, of at most `limit` characters."""
    return shortened(" ".join(printable(text[:_LOOKED_AT]).split()), limit)


def printable(text: str) -> str:
    """The text without control, format and surrogate characters; line ends and tabs stay.

    Format characters (category Cf) include the marks that reverse the direction of text and those of no
    width: both can make a terminal or a reader see something else than what is there.
    """
    return "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis, of at most `limit` characters."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"
