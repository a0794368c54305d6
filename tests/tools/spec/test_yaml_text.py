"""YAML is read as plain data: no tags, no duplicates, no bombs."""

from __future__ import annotations

from typing import Any

import pytest

from perfpilot.tools.spec.yaml_text import MAX_CHARACTERS, NotYaml, read_yaml

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGE_BOMB = "a: &a {k: 1}\n" + "".join(
    f"{new}: &{new} {{<<: [{','.join(['*' + old] * 9)}]}}\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "part", "line"),
    [
        ("a: 1\nb: 2\na: 3", "a: this key is given twice", 3),
        ("x:\n  - {k: 1, k: 2}", "x.0.k: this key is given twice", 2),
        (BOMB, "more than 50000 values", None),
        (MERGE_BOMB, "more than 50000 values", None),
        ("a: &a [*a]", "nested deeper than 32 levels", None),
        ("[" * 5000, "nested deeper than 32 levels", None),
        ("a: " + "[" * 40 + "]" * 40, "nested deeper than 32 levels", 1),
        ("a: !!python/object/apply:os.system [ls]", "the tag tag:yaml.org,2002:python", 1),
        ("a: !!binary aGk=", "the tag", 1),
        ("a: !!set {x, y}", "the tag", 1),
        ("a: !mine 3", "the tag !mine", 1),
        ("? [a]\n: 3", "a key must be text", 1),
        ("a: 1\n---\nb: 2", "this is not YAML", 2),
        ("a: b: c", "this is not YAML", 1),
        ("a: 1.0e+999", "too large", 1),
        ("a" * (MAX_CHARACTERS + 1), "longer than", None),
    ],
)
def test_what_is_not_plain_data_is_refused_with_its_line(text: str, part: str, line: int | None) -> None:
    with pytest.raises(NotYaml) as caught:
        read_yaml(text)
    assert part in str(caught.value)
    assert line is None or caught.value.problem.line == line


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("true", True), ("010", "010"), ("0x1f", "0x1f"), ("2024-01-01", "2024-01-01"),
        ("1:30", "1:30"), ("12", 12), ("-0.5", -0.5), ("1e3", "1e3"), ("~", None), ("'12'", "12"),
        (".inf", ".inf"), ("!!str 12", "12"), ("90s", "90s"), ("1_000", "1_000"),
    ],
)  # fmt: skip
def test_scalars_follow_the_core_schema(text: str, value: Any) -> None:
    read = read_yaml(f"a: {text}")[0]["a"]
    assert read == value
    assert type(read) is type(value)


def test_aliases_and_merges_of_a_sound_size_are_followed() -> None:
    data, _ = read_yaml("base: &b {x: 1, y: 2}\nmore: {<<: *b, y: 3}\nlist: [*b]")
    assert data["more"] == {"x": 1, "y": 3}
    assert data["list"] == [{"x": 1, "y": 2}]


def test_lines_are_known_for_keys_and_entries() -> None:
    _, lines = read_yaml("a:\n  b: 1\nc:\n  - x\n  - y: 2")
    assert lines[("a", "b")] == 2
    assert lines[("c", 1)] == lines[("c", 1, "y")] == 5
