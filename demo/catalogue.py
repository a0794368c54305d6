"""What the shop sells and who shops there, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

PRODUCTS = 5000
USERS = 200

CATEGORIES = (
    "Kitchen", "Garden", "Office", "Lighting", "Bedroom", "Bathroom", "Outdoor", "Travel", "Music", "Sports",
    "Toys", "Books", "Tools", "Storage", "Textiles", "Decoration", "Electronics", "Pets", "Crafts", "Sewing",
)  # fmt: skip
_LOOKS = (
    "amber", "ashen", "azure", "bright", "classic", "compact", "copper", "coral", "crimson", "deep", "faded",
    "golden", "green", "ivory", "light", "mellow", "modern", "pale", "plain", "quiet", "rustic", "silver",
    "slim", "vivid", "warm",
)  # fmt: skip
_MATERIALS = (
    "bamboo", "birch", "brass", "canvas", "ceramic", "cotton", "glass", "granite", "leather", "linen",
    "maple", "marble", "oak", "paper", "pine", "steel", "stone", "walnut", "willow", "wool",
)  # fmt: skip
_THINGS = (
    "apron", "basket", "bench", "bottle", "bowl", "box", "brush", "candle", "chair", "cup", "cushion", "desk",
    "drawer", "easel", "frame", "hammock", "hook", "jar", "kettle", "ladder", "lamp", "mat", "mirror", "mug",
    "pan", "plate", "pot", "rack", "rug", "shelf", "spoon", "stand", "stool", "table", "tray", "trunk",
    "umbrella", "vase", "whisk", "wreath",
)  # fmt: skip


class Product(NamedTuple):
    id: int
    category_id: int
    name: str
    description: str
    price_cents: int


def products(seed: int) -> Iterator[Product]:
    """`PRODUCTS` products with the ids 1, 2, 3, ... without gaps."""
    chance = random.Random(seed)
    for number in range(1, PRODUCTS + 1):
        look, material, thing = chance.choice(_LOOKS), chance.choice(_MATERIALS), chance.choice(_THINGS)
        yield Product(
            id=number,
            category_id=chance.randint(1, len(CATEGORIES)),
            name=f"{look} {material} {thing}".title(),
            description=f"A {look} {thing} made of {material}, model {chance.randint(100, 999)}.",
            price_cents=chance.randint(199, 49_999),
        )


def users() -> Iterator[tuple[str, str]]:
    """Names and passwords: `user001` with `password001`, and so on up to `USERS`."""
    for number in range(1, USERS + 1):
        yield f"user{number:03}", f"password{number:03}"
