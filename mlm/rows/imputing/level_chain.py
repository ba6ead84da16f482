"""Which levels of a joint model lie inside each other, and which are crossed with these."""

from __future__ import annotations

from collections.abc import Iterable

from mlm.nouns.columns import CONSTANT, Columns
from mlm.nouns.hierarchy import Hierarchy
from mlm.rows.accumulating.nesting import nesting_of
from mlm.rows.accumulating.sources import Rows

Group = tuple[str, ...]


def nested_and_crossed(rows: Rows, groups: Iterable[Group]) -> tuple[list[Group], list[Group]]:
    """A chain of levels that ends with the one that has most groups, outermost first; all others.

    Parameters
    ----------
    rows : Rows
        All rows.
    groups : iterable of tuple of str
        Id columns of each level.
    """
    found = _nesting(rows, groups)
    chain, crossed = [level.group for level in found.nested], []
    for level in reversed(found.crossed):
        tried = _nesting(rows, [level.group, *chain])
        if tried.crossed:
            crossed.insert(0, level.group)
        else:
            chain = [own.group for own in tried.nested]
    return chain, crossed


def _nesting(rows: Rows, groups: Iterable[Group]):
    return nesting_of(rows, Columns((CONSTANT,)), Hierarchy.of((group, ()) for group in groups))
