"""Reading the documents of the house: their pieces of YAML, their links, their tables of exit codes."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def pieces(document: Path, language: str) -> list[str]:
    """The fenced pieces of that language, in order."""
    found = _FENCE.findall(document.read_text(encoding="utf-8"))
    return [text for name, text in found if name == language]


def without_code(document: Path) -> str:
    """The text of a document without its fenced pieces."""
    return _FENCE.sub("", document.read_text(encoding="utf-8"))


def links(document: Path) -> list[str]:
    """Targets of links within this repository, as they are written."""
    found = _LINK.findall(without_code(document))
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def anchors(document: Path) -> set[str]:
    """What `#...` may name in a document, as GitHub makes it from the headings."""
    headings = _HEADING.findall(without_code(document))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def exit_codes_of_a_table(document: Path) -> dict[int, str]:
    """Rows of the table whose first column is a number: code to the rest of the row."""
    rows = re.findall(r"^\| (\d+) \|(.*)\|$", without_code(document), re.MULTILINE)
    return {int(code): rest.strip() for code, rest in rows}
