"""The groups of one level in several samples, put together: their ids, parents and places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlm.errors import StatisticsError
from mlm.nouns.hierarchy import group_codes

LETTERS_OF_INTEGER = 8  # characters of an id that make one integer
DIGITS_OF_INTEGER = 18  # that an integer holds, whatever they are
ONE_BYTE = 255  # last character code that takes one byte


@dataclass(frozen=True)
class Joined:
    """The groups of a level in all samples together.

    Attributes
    ----------
    keys : tuple of ndarray (G,)
        Ids of each group, one array an id column.
    parent : ndarray of int (G,)
        Position of the enclosing group, non-decreasing.
    places : tuple of ndarray of int
        For each sample, position of each of its groups.
    """

    keys: tuple[np.ndarray, ...]
    parent: np.ndarray
    places: tuple[np.ndarray, ...]


def joined(levels: Sequence[Any], around: Sequence[np.ndarray] | None) -> Joined:
    """Put the groups of one level in several samples together.

    Parameters
    ----------
    levels : sequence of GroupSums
        The level in each sample; ids may still lie in a file.
    around : sequence of ndarray of int, optional
        Places of each sample's groups of the next outer level; None at the top.

    Returns
    -------
    Joined
        Children of a parent next to each other, in the order in which the samples have them.

    Raises
    ------
    StatisticsError
        When a group lies in different outer groups in two samples.
    """
    columns = zip(*(level.keys for level in levels), strict=True)
    codes, first = group_codes(number for parts in columns for number in _numbers(parts))
    parents = [np.asarray(level.parent) for level in levels]
    if around is not None:
        parents = [outer[parent] for outer, parent in zip(around, parents, strict=True)]
    every = np.concatenate(parents)
    parent = every[first]
    order = np.argsort(parent, kind="stable")
    position = np.empty_like(order)
    position[order] = np.arange(order.size)
    codes = position[codes]
    if (every != parent[order][codes]).any():
        raise StatisticsError(
            f"cannot add: groups of {levels[0].name} lie in different groups of the level above in "
            "two samples, so the levels are not nested in the sum. Include the outer id in the "
            "group."
        )
    ends = np.cumsum([0, *(part.size for part in parents)])
    keys = tuple(
        _chosen(parts, ends, first[order])
        for parts in zip(*(level.keys for level in levels), strict=True)
    )
    return Joined(keys, parent[order], tuple(np.split(codes, ends[1:-1])))


def _are_integers(parts: Sequence) -> bool:
    return all(part.dtype.kind in "iu" for part in parts)


def _text(part) -> np.ndarray:
    values = np.ascontiguousarray(part)
    return values if values.dtype.kind == "U" else values.astype(str)


def _numbers(parts: Sequence) -> Iterator[np.ndarray]:
    """Ids of one column in all samples, one below the other, as integers that tell them apart.

    Texts are cut into pieces of eight letters; as a whole they would take several times the memory.
    """
    if _are_integers(parts):
        yield np.concatenate([np.asarray(part) for part in parts])
        return
    numbers = [_written(_text(part)) for part in parts]
    if all(own is not None for own in numbers):
        yield np.concatenate(numbers)
        return
    pieces = [_pieces(_text(part)) for part in parts]
    if any(piece is None for piece in pieces):
        yield np.concatenate([_text(part) for part in parts])
        return
    for i in range(max(len(piece) for piece in pieces)):
        yield np.concatenate(
            [p[i] if i < len(p) else np.zeros(p.shape[1], dtype=np.int64) for p in pieces]
        )


def _written(texts: np.ndarray) -> np.ndarray | None:
    """Texts (n,) of as many digits each, without zeros in front, as integers; None for others."""
    width = texts.dtype.itemsize // 4
    letters = texts.view(np.uint32).reshape(texts.size, width)
    if not letters.size or width > DIGITS_OF_INTEGER or letters[:, 0].min() <= ord("0"):
        return None
    numbers = np.zeros(texts.size, dtype=np.int64)
    for column in letters.T:
        if column.min() < ord("0") or column.max() > ord("9"):
            return None
        numbers *= 10
        numbers += column.astype(np.int64) - ord("0")
    return numbers


def _pieces(texts: np.ndarray) -> np.ndarray | None:
    """Texts (n,) as integers (pieces, n), or None where they hold letters of several bytes."""
    width = texts.dtype.itemsize // 4
    letters = texts.view(np.uint32).reshape(texts.size, width)
    if letters.size and letters.max() > ONE_BYTE:
        return None
    filled = np.zeros(
        (texts.size, -(-max(width, 1) // LETTERS_OF_INTEGER) * LETTERS_OF_INTEGER), dtype=np.uint8
    )
    filled[:, :width] = letters
    return np.ascontiguousarray(filled.view(np.int64).T)


def _chosen(parts: Sequence, ends: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Some ids of the samples one below the other: integers where all are, otherwise text."""
    values, at = [], []
    for part, start, stop in zip(parts, ends, ends[1:], strict=False):
        mine = np.flatnonzero((chosen >= start) & (chosen < stop))
        own = np.asarray(part) if _are_integers(parts) else _text(part)
        values.append(own[chosen[mine] - start])
        at.append(mine)
    out = np.empty(chosen.size, dtype=np.result_type(*values))
    for mine, own in zip(at, values, strict=True):
        out[mine] = own
    return out
