"""Five journeys through a small shop, told once; each tool gets them in its own language."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Step:
    """One request, and the pause of a person before it. `extract` names a key of the JSON answer."""

    name: str
    method: str
    path: str
    think_s: float = 0.0
    body: str = ""
    extract: str = ""


@dataclass(frozen=True)
class Journey:
    """What one user does, in order; `weight` is its share of arrivals (or users) in parts of the sum."""

    name: str
    weight: float
    steps: tuple[Step, ...]

    @property
    def think_s(self) -> float:
        """All pauses of one iteration."""
        return sum(step.think_s for step in self.steps)


WORDS = ("lamp", "oak", "vase", "chair", "desk")
"""Test data: what `${word}` stands for, row by row."""

_ADDRESS = '{"street": "Elm Street 1", "city": "Springfield"}'
_PAYMENT = '{"card": "4111", "amount": 12.5}'

JOURNEYS = (
    Journey(
        "product",
        50,
        (Step("product page", "GET", "/product/17"),),
    ),
    Journey(
        "browse",
        20,
        (
            Step("home", "GET", "/home"),
            Step("category", "GET", "/category/3", think_s=0.8),
            Step("item", "GET", "/item/33", think_s=1.2),
        ),
    ),
    Journey(
        "search",
        15,
        (
            Step("search", "GET", "/search?q=${word}"),
            Step("second page", "GET", "/search/next?q=${word}", think_s=1.0),
        ),
    ),
    Journey(
        "login",
        10,
        (
            Step("login", "POST", "/login", body='{"name": "ann", "password": "sesame"}'),
            Step("account", "GET", "/account", think_s=0.6),
            Step("orders", "GET", "/account/orders", think_s=1.0),
        ),
    ),
    Journey(
        "checkout",
        5,
        (
            Step("add to cart", "POST", "/cart", body='{"product": 17}', extract="cart"),
            Step("cart", "GET", "/cart/${cart}", think_s=0.5),
            Step("address", "POST", "/cart/${cart}/address", think_s=1.0, body=_ADDRESS),
            Step("pay", "POST", "/cart/${cart}/pay", think_s=0.8, body=_PAYMENT),
        ),
    ),
)

STEPS = tuple(step for journey in JOURNEYS for step in journey.steps)
"""Every step, in the order by which the target numbers them."""


def equally_weighted(journeys: tuple[Journey, ...]) -> tuple[Journey, ...]:
    """The same journeys, each with the same share."""
    return tuple(replace(journey, weight=1) for journey in journeys)


def paused_between(journeys: tuple[Journey, ...], think_s: float) -> tuple[Journey, ...]:
    """The same journeys with a pause before the first step, so that a looping user is a person."""
    return tuple(
        replace(journey, steps=(replace(journey.steps[0], think_s=think_s), *journey.steps[1:]))
        for journey in journeys
    )


def without_pauses(journeys: tuple[Journey, ...]) -> tuple[Journey, ...]:
    """The same journeys as fast as they go, users shared out by requests: every journey is done as often."""
    return tuple(
        replace(
            journey, weight=len(journey.steps), steps=tuple(replace(s, think_s=0.0) for s in journey.steps)
        )
        for journey in journeys
    )
