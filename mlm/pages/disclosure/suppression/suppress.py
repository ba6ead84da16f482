"""Complementary suppression: what to hide so that no small count follows from what is shown.

For every small count another table of counts is looked for, in which it is as large as the
threshold and which differs from the true one in as few printed numbers as possible. What differs is
hidden: then readers cannot tell the two tables apart. (The heuristic of Kelly, Golden and Assad
(1992), Networks 22, 397-417, for any linear system.)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mlm.pages.disclosure.facts import LinearBound, Relation
from mlm.pages.disclosure.suppression.nearest_table import NearestTable

FIRST, SECOND = "small", "complementary"
WHOLE = 1e-6  # how far a count of the other table may lie from a whole number
REACHES = (12, 500)  # how many times the missing size a count may change
HOPS = (2, 4, 8, 1000)  # relations from a small count within which others may change
DEAR_HOPS = 8  # within which another table is looked for where one hides a dear fact
DEAR = 50.0  # how many other cells are hidden rather than a dear one


@dataclass(frozen=True)
class Knowledge:
    """What readers could know of the counts of a survey.

    Attributes
    ----------
    values : mapping of str to int
        Every count by its key.
    relations : sequence of mapping of str to int
        Coefficients by key; the counts times the coefficients add up to zero.
    facts : mapping of str to sequence of LinearBound
        What each printed number says; that of a printed count stands under its key.
    needs : mapping of str to int
        Small counts that nobody may learn, each with the size that it must be able to have.
    cells : mapping of str to float
        How often each fact is printed; of a number that may be shown with a digit fewer, a part.
    dear : collection of str
        Facts that are hidden only where no other would do.
    known : collection of str
        Facts that readers know from elsewhere: hiding them would be of no use.
    told : mapping of str to str
        Counts that the texts of the configuration tell, which cannot be hidden, with their words.
    reasons : mapping of str to str
        Rule that hides others for the sake of a small count; by default ``complementary``.
    """

    values: Mapping[str, int]
    relations: Sequence[Relation]
    facts: Mapping[str, Sequence[LinearBound]]
    needs: Mapping[str, int]
    cells: Mapping[str, float] = field(default_factory=dict)
    dear: Collection[str] = ()
    known: Collection[str] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def open(self) -> set[str]:
        """Facts that hiding would not hide: known from elsewhere, or told in words."""
        return set(self.known) | (set(self.told) - set(self.needs))

    def cost(self, fact: str) -> float:
        """What it costs to hide a fact: the cells, and a little more where counts are large."""
        size = abs(self.values.get(fact, 1))
        cells = self.cells.get(fact, 1.0) * (DEAR if fact in self.dear else 1.0)
        return cells * (1.0 + 0.01 * np.log1p(size))


def suppress(known: Knowledge) -> dict[str, str]:
    """The facts to hide, with the rule that hides each.

    Returns
    -------
    dict of str to str
        ``small``, ``complementary`` or another reason for each fact that must not be printed; a
        small count that cannot be protected, since readers know all around it, is hidden alone.
    """
    hidden = {key: FIRST for key in known.needs if key not in known.known}
    for part in _parts(known):
        _protect(part, known, hidden)
    return hidden


def _protect(part: _Part, known: Knowledge, hidden: dict[str, str]) -> None:
    """Hide in one part of the counts what its small counts need."""
    tables: list[dict[str, int]] = []
    for key in sorted(part.needs, key=lambda k: (-part.needs[k], k)):
        sign = -1 if known.values[key] < 0 else 1
        if any(sign * table.get(key, 0) >= part.needs[key] - WHOLE for table in tables):
            continue
        table = part.other_table(key, sign, hidden)
        if table is None:
            continue
        tables.append(table)
        for fact in part.broken(table):
            hidden.setdefault(fact, known.reasons.get(key, SECOND))
    kept = {fact for fact in part.facts if hidden.get(fact, FIRST) != FIRST}
    broken = {fact for table in tables for fact in part.broken(table)}
    for fact in kept - broken:
        del hidden[fact]


class _Part:
    """Counts that relations and facts tie together, and the search for another table of them."""

    def __init__(self, known: Knowledge, keys: list[str], relations, facts):
        self.known, self.keys = known, keys
        self.facts = facts
        self.needs = {key: known.needs[key] for key in keys if key in known.needs}
        self.bounds = {fact: bounds for fact, bounds in facts.items() if fact not in known.values}
        self.ties = [*relations, *(b.terms for bounds in self.bounds.values() for b in bounds)]
        self.relations = relations
        self.of: dict[str, list[int]] = {}
        for number, tie in enumerate(self.ties):
            for key in tie:
                self.of.setdefault(key, []).append(number)

    def broken(self, table: Mapping[str, float]) -> list[str]:
        """The facts that do not hold in another table, which differs in these counts alone."""
        full = {**self.known.values, **table}
        touched = {fact for fact in table if fact in self.facts}
        touched |= {
            fact
            for fact, bounds in self.bounds.items()
            if any(key in table for bound in bounds for key in bound.terms)
        }
        return [
            fact
            for fact in sorted(touched - self.known.open)
            if not all(bound.holds(full) for bound in self.facts[fact])
        ]

    def other_table(self, key: str, sign: int, hidden: Collection[str]) -> dict[str, float] | None:
        """The nearest table in which a count is as large as it must be able to be.

        It is looked for around the count first: what lies further away keeps its value, but where
        a dear fact would no longer hold.
        """
        for reach in REACHES:
            size, found = 0, []
            for hops in HOPS:
                near = self._around(key, hops)
                if len(near) == size or (found and hops > DEAR_HOPS):
                    continue
                size = len(near)
                table = NearestTable(self, near, hidden).nearest(key, sign, reach)
                if table is not None:
                    broken = [fact for fact in self.broken(table) if fact not in hidden]
                    found.append((sum(map(self.known.cost, broken)), len(found), table))
                    if not any(fact in self.known.dear for fact in broken):
                        break
            if found:
                return min(found)[2]
        return None

    def _around(self, key: str, hops: int) -> list[str]:
        """Counts that so many relations lead to."""
        near = {key}
        for __ in range(hops):
            numbers = {number for k in near for number in self.of.get(k, ())}
            grown = near | {k for number in numbers for k in self.ties[number]}
            if len(grown) == len(near):
                break
            near = grown
        return sorted(near)


def _parts(known: Knowledge) -> list[_Part]:
    """Counts that are tied to each other, where any of them is small."""
    head: dict[str, str] = {key: key for key in known.values}

    def find(key: str) -> str:
        while head[key] != key:
            head[key] = head[head[key]]
            key = head[key]
        return key

    ties = [list(relation) for relation in known.relations]
    ties += [list(bound.terms) for bounds in known.facts.values() for bound in bounds]
    for first, *others in ties:
        for other in others:
            head[find(other)] = find(first)
    small = {find(key) for key in known.needs}
    keys: dict[str, list[str]] = {name: [] for name in sorted(small)}
    for key in sorted(known.values):
        if find(key) in keys:
            keys[find(key)].append(key)
    relations = {name: [r for r in known.relations if find(next(iter(r))) == name] for name in keys}
    facts = {name: {} for name in keys}
    for fact, bounds in known.facts.items():
        name = find(next(iter(bounds[0].terms))) if bounds else None
        if name in keys:
            facts[name][fact] = bounds
    return [_Part(known, keys[name], relations[name], facts[name]) for name in keys]
