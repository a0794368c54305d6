from __future__ import annotations

import runpy
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schemas"


def test_the_schemas_in_docs_are_those_of_the_models() -> None:
    current = runpy.run_path(str(FOLDER / "write.py"))["schema_texts"]()
    stored = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    stale = sorted(name for name in current | stored if current.get(name) != stored.get(name))
    assert not stale, f"docs/schemas: {', '.join(stale)} differ from the models; run: make schemas"


def test_every_schema_ends_with_a_line_end_and_is_plain_ascii() -> None:
    for path in FOLDER.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert text.isascii() and text.endswith("}\n"), path.name
