"""Writes the JSON Schemas beside this file: `make schemas`. A test holds that they are current."""

from __future__ import annotations

import json
from pathlib import Path

from perfpilot.reporting.json_result import schemas

HERE = Path(__file__).parent


def schema_texts() -> dict[str, str]:
    """The text of each schema by its file's name, in the order in which the models name their fields."""
    return {
        f"{name}.json": json.dumps(schema, indent=2, ensure_ascii=True) + "\n"
        for name, schema in schemas().items()
    }


if __name__ == "__main__":
    for name, text in schema_texts().items():
        (HERE / name).write_text(text, encoding="utf-8")
        print(f"wrote {HERE / name}")
