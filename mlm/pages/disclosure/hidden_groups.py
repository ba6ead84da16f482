"""Groups of rows of a sample of which no mean and no share may be shown.

Those that rest on few; and whoever knows the mean, or share, of all rows and those of all groups
but some knows that of these together: so of the categories of a variable in a wave never one alone
is hidden, and never some that rest on few together. Rows without a category are hidden from the
start: their mean follows from that of all rows and those of all categories.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlm.pages.context import Context
from mlm.pages.disclosure.rules import Rules
from mlm.results.reading import At

Name = tuple[str | None, str | None, str]  # variable, category and wave; all rows have two None


@dataclass(frozen=True)
class _Group:
    """A group of rows, and how many of them each side of its number stands for.

    Attributes
    ----------
    source : str
        Its place in the results.
    rows, clusters : int
    sides : tuple of float
        All rows; of a share those at or above its cut, and those from the cut before up to it.
    """

    source: str
    rows: int
    clusters: int
    sides: tuple[float, ...]


def hidden_groups(context: Context) -> frozenset[str]:
    """Places of the groups of rows of which no mean or share may be shown."""
    if not context.rules.is_public:
        return frozenset()
    results, rules = context.results, context.rules
    found = set(_hidden(_means(results.means), rules))
    below: dict[Name, float] = {}
    for told in sorted(results.shares_at, key=lambda told: told.cut.value):
        found |= set(_hidden(_shares(told, below), rules))
        below = {name: group.estimate.value for name, group in _named(told)}
    return frozenset(found)


def _named(told: At) -> Iterator[tuple[Name, At]]:
    """Every group of rows of means or of shares at a cut."""
    for group in told.waves:
        yield (None, None, group.wave.value), group
    for item in told.by:
        for category in item.categories:
            for group in category.waves:
                yield (item.variable.value, category.category.value, group.wave.value), group


def _means(told: At) -> dict[Name, _Group]:
    return {name: _group(group, (group.rows.value,)) for name, group in _named(told)}


def _shares(told: At, below: dict[Name, float]) -> dict[Name, _Group]:
    """Groups with their rows on both sides of a cut; `below` are the shares at the cut before."""
    found = {}
    for name, group in _named(told):
        above = group.estimate.value * group.rows.value
        before = below.get(name, 1.0) * group.rows.value
        found[name] = _group(group, (above, before - above))
    return found


def _group(group: At, sides: tuple[float, ...]) -> _Group:
    return _Group(str(group.source), group.rows.value, group.clusters.value, sides)


def _hidden(groups: dict[Name, _Group], rules: Rules) -> Iterator[str]:
    """Groups that rest on few, and of their wave as many more as protect them."""
    parts: dict[tuple[str | None, str], list[_Group]] = {}
    for (variable, __, wave), group in groups.items():
        parts.setdefault((variable, wave), []).append(group)
    for (variable, wave), part in parts.items():
        whole = groups.get((None, None, wave))
        rest = [] if variable is None or whole is None else _rest(whole, part)
        weak = [group for group in part if _is_weak([group], rules)]
        others = sorted((group for group in part if group not in weak), key=lambda g: g.rows)
        hidden = [*rest, *weak]
        while hidden and others and _follows(hidden, weak, rules):
            hidden.append(others.pop(0))
        yield from (group.source for group in hidden if group.source)


def _follows(hidden: Sequence[_Group], weak: Sequence[_Group], rules: Rules) -> bool:
    """Whether what is shown tells of few: of one category alone, or of those hidden together."""
    return (len(hidden) == 1 and len(weak) == 1) or _is_weak(hidden, rules)


def _rest(whole: _Group, part: Sequence[_Group]) -> list[_Group]:
    """Rows of a wave in none of its categories; nothing where there are none."""
    rows = whole.rows - sum(group.rows for group in part)
    if rows <= 0:
        return []
    sides = zip(whole.sides, *(group.sides for group in part), strict=True)
    return [_Group("", rows, whole.clusters, tuple(side - sum(own) for side, *own in sides))]


def _is_weak(groups: Sequence[_Group], rules: Rules) -> bool:
    """Whether groups together have few rows on any side, or rows of few clusters."""
    sides = (sum(rows) for rows in zip(*(group.sides for group in groups), strict=True))
    few = any(rows < rules.threshold for rows in sides)
    return few or rules.are_few_units(max(group.clusters for group in groups))
