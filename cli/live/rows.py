"""The rows of a terminal, shared out to the blocks of the live view: what matters most stays when few are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.text import Text


@dataclass(frozen=True)
class Block:
    """A part of the view, drawn into as many rows as it is given and never more."""

    rank: int  # 0 matters most
    least: int  # rows below which it is of no use; 0: air, which comes last
    wants: int  # rows in which all of it fits
    draw: Callable[[int], RenderableType]


def lines(rank: int, text: Text) -> Block:
    """A block of lines of which the first matter most; nothing where there is no text."""
    rows = text.plain.count("\n") + 1 if text.plain else 0
    return Block(rank, min(rows, 1), rows, lambda given: Text("\n").join(text.split("\n")[:given]))


def whole(rank: int, text: Text) -> Block:
    """A block of lines that are there together or not at all."""
    rows = text.plain.count("\n") + 1 if text.plain else 0
    return Block(rank, rows, rows, lambda _: text)


def air(draw: Callable[[int], RenderableType] = lambda _: Text()) -> Block:
    """An empty line, or a rule, where all else has found its room."""
    return Block(0, 0, 1, draw)


def shared_rows(blocks: Sequence[Block], rows: int) -> list[int]:
    """Rows of each block.

    By rank each gets its least, or nothing. What is left goes round, one row each, to those that want more:
    so a long list does not take the room of all that ranks below it. The rest is air.
    """
    given = [0] * len(blocks)
    by_rank = sorted(range(len(blocks)), key=lambda index: blocks[index].rank)
    for index in by_rank:
        if blocks[index].least <= rows:
            given[index] = blocks[index].least
            rows -= given[index]
    while rows and (wanting := [i for i in by_rank if 0 < given[i] < blocks[i].wants][:rows]):
        for index in wanting:
            given[index] += 1
        rows -= len(wanting)
    for index in by_rank:
        if rows and not blocks[index].least and blocks[index].wants:
            given[index] = 1
            rows -= 1
    return given


def drawn(blocks: Sequence[Block], rows: int) -> RenderableType:
    """The blocks one below the other in so many rows."""
    given = shared_rows(blocks, rows)
    return Group(*(block.draw(own) for block, own in zip(blocks, given, strict=True) if own))
