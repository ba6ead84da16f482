"""Complementary suppression: counts to hide so that no small count follows from the shown ones.

A relation says that counts, each with a whole coefficient, add up to zero. Shown counts are known
to the reader, the others are unknowns of which the reader knows that they are at least 1 (a zero
is shown). A count can be recovered when the relations determine it, by elimination or by bounds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

Relation = Mapping[str, int]
Row = tuple[dict[str, int], int]
FIRST, SECOND = "small", "complementary"
PASSES = 50
INFINITE = float("inf")
OPTIONS = 12  # counts that are tried for the next to hide, the smallest ones
PRIME = 2_147_483_647  # products of two residues still fit 64 bits


def suppress(
    values: Mapping[str, int],
    shown: Collection[str],
    small: Collection[str],
    relations: Sequence[Relation],
    dear: Collection[str] = (),
    known: Collection[str] = (),
    reasons: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The counts to hide, with the rule that hides each.

    Parameters
    ----------
    values : mapping of str to int
        Every count by its key.
    shown : collection of str
        Counts that the report would print.
    small : collection of str
        Counts that nobody may learn, printed or not.
    relations : sequence of mapping of str to int
        Coefficients by key; the counts times the coefficients add up to zero.
    dear : collection of str
        Counts that are hidden only where no other would do.
    known : collection of str
        Counts that readers know from elsewhere: hiding them would be of no use.
    reasons : mapping of str to str, optional
        Rule that hides others for the sake of a small count; by default ``complementary``.

    Returns
    -------
    dict of str to str
        ``small``, ``complementary`` or another reason for each key that must not be printed.
    """
    known = frozenset(known)
    shown = frozenset(shown) | known
    for spared in (known | frozenset(dear), known):
        hidden = _hidden(values, shown, small, relations, spared, known, reasons or {})
        visible = {key for key in shown if key not in hidden or key in known}
        if not recoverable(values, visible, small, relations):
            break
    return _without_needless(hidden, values, shown, small, relations, known)


def _hidden(values, shown, small, relations, spared, known, reasons) -> dict[str, str]:
    """Small counts, and others one by one until no small one can be recovered."""
    hidden = dict.fromkeys(small, FIRST)
    visible = {key for key in shown if key not in hidden or key in known}
    system = _System(values, relations, visible)
    while True:
        found = system.recovered(small)
        tried = ((key, _choose(system, small, key, spared)) for key in found)
        protected, choice = next(((k, c) for k, c in tried if c is not None), (None, None))
        if choice is None:
            return hidden
        hidden[choice] = reasons.get(protected, SECOND)
        system.hide(choice)


def _without_needless(hidden, values, shown, small, relations, known) -> dict[str, str]:
    """The hidden counts without those that later choices made needless, largest first."""
    visible = {k for k in shown if k not in hidden or k in known}
    left = recoverable(values, visible, small, relations)
    for key in sorted((k for k in hidden if hidden[k] != FIRST), key=lambda k: (-values[k], k)):
        fewer = {k: rule for k, rule in hidden.items() if k != key}
        visible = {k for k in shown if k not in fewer or k in known}
        if len(recoverable(values, visible, small, relations)) <= len(left):
            hidden = fewer
    return hidden


def recoverable(
    values: Mapping[str, int],
    visible: Collection[str],
    wanted: Collection[str],
    relations: Sequence[Relation],
) -> list[str]:
    """The wanted counts that the visible ones determine, in order."""
    return _System(values, relations, set(visible)).recovered(wanted)


class _System:
    """Relations with the visible counts put in: rows of unknown counts, and what they add up to."""

    def __init__(self, values: Mapping[str, int], relations: Sequence[Relation], visible: set[str]):
        self.values, self.relations, self.visible = values, relations, visible
        self.of: dict[str, list[int]] = {}
        self.rows: dict[int, Row] = {}
        for number, relation in enumerate(relations):
            for key in relation:
                self.of.setdefault(key, []).append(number)
            row = {k: c for k, c in relation.items() if k not in visible and values[k] != 0}
            if row:
                total = sum(c * values[k] for k, c in row.items())  # all of them add up to zero
                self.rows[number] = row, total

    def without(self, key: str) -> dict[int, Row]:
        """The rows when one more count is not visible."""
        rows, value = dict(self.rows), self.values[key]
        for number in self.of.get(key, ()) if value else ():
            row, total = rows.get(number, ({}, 0))
            factor = self.relations[number][key]
            rows[number] = {**row, key: factor}, total + factor * value
        return rows

    def hide(self, key: str) -> None:
        """Make a count unknown."""
        self.rows = self.without(key)
        self.visible.discard(key)

    def recovered(self, wanted: Collection[str], rows: dict[int, Row] | None = None) -> list[str]:
        """The wanted counts that the rows determine, in order."""
        found, left = _peeled(list((self.rows if rows is None else rows).values()))
        sought = set(wanted)
        for part in _parts(left):
            if any(key in sought for row, _total in part for key in row):
                found |= _determined(part) | _bounded(part, self.values)
        return [key for key in wanted if key in found and key not in self.visible]


def _peeled(rows: list[Row]) -> tuple[set[str], list[Row]]:
    """Counts that relations with one unknown give, one after the other, and what is left."""
    known: dict[str, int] = {}
    left = [[dict(row), total] for row, total in rows]
    of: dict[str, list[int]] = {}
    for number, (row, _total) in enumerate(left):
        for key in row:
            of.setdefault(key, []).append(number)
    single = [number for number, (row, _total) in enumerate(left) if len(row) == 1]
    while single:
        row, total = left[single.pop()]
        if not row:
            continue
        ((key, factor),) = row.items()
        known[key] = total // factor
        for number in of[key]:
            other = left[number]
            factor = other[0].pop(key, None)
            if factor is not None:
                other[1] -= factor * known[key]
                if len(other[0]) == 1:
                    single.append(number)
    return set(known), [(row, total) for row, total in left if row]


def _parts(rows: list) -> list[list]:
    """Relations that share unknown counts, put together."""
    of: dict[str, list[int]] = {}
    for position, (row, _total) in enumerate(rows):
        for key in row:
            of.setdefault(key, []).append(position)
    parts, seen = [], set()
    for start in range(len(rows)):
        if start in seen:
            continue
        seen.add(start)
        members, waiting = [], [start]
        while waiting:
            position = waiting.pop()
            members.append(rows[position])
            near = {other for key in rows[position][0] for other in of[key]} - seen
            seen |= near
            waiting += sorted(near)
        parts.append(members)
    return parts


def _determined(part: list) -> set[str]:
    """Unknown counts that elimination determines.

    Coefficients are small whole numbers; elimination modulo a large prime finds the same pivots.
    """
    keys = sorted({key for row, _total in part for key in row})
    place = {key: i for i, key in enumerate(keys)}
    matrix = np.zeros((len(part), len(keys)), dtype=np.int64)
    for line, (row, _total) in zip(matrix, part, strict=True):
        for key, factor in row.items():
            line[place[key]] = factor % PRIME
    rank = 0
    for column in range(len(keys)):
        pivots = np.flatnonzero(matrix[rank:, column])
        if not pivots.size:
            continue
        matrix[[rank, rank + pivots[0]]] = matrix[[rank + pivots[0], rank]]
        inverse = pow(int(matrix[rank, column]), -1, PRIME)
        matrix[rank] = matrix[rank] * inverse % PRIME
        others = np.flatnonzero(matrix[:, column])
        others = others[others != rank]
        product = matrix[others, column][:, None] * matrix[rank][None, :] % PRIME
        matrix[others] = (matrix[others] - product) % PRIME
        rank += 1
        if rank == len(matrix):
            break
    single = np.flatnonzero((matrix != 0).sum(axis=1) == 1)
    return {keys[int(np.flatnonzero(matrix[i])[0])] for i in single}


def _bounded(part: list, values: Mapping[str, int]) -> set[str]:
    """Unknown counts of which the bounds leave a single value; moves may have either sign."""
    keys = {key for row, _total in part for key in row}
    bounds = {key: [1 if values[key] > 0 else -INFINITE, INFINITE] for key in keys}
    for _pass in range(PASSES):
        before = {key: tuple(ends) for key, ends in bounds.items()}
        for row, total in part:
            _tighten(row, total, bounds)
        if before == {key: tuple(ends) for key, ends in bounds.items()}:
            break
    return {key for key, (low, high) in bounds.items() if low == high}


def _tighten(row: Mapping[str, int], total: int, bounds: dict[str, list]) -> None:
    for key, factor in row.items():
        least = sum(c * bounds[k][c < 0] for k, c in row.items() if k != key)
        most = sum(c * bounds[k][c > 0] for k, c in row.items() if k != key)
        ends = sorted(((total - most) / factor, (total - least) / factor))
        bounds[key] = [max(bounds[key][0], ends[0]), min(bounds[key][1], ends[1])]


def _choose(system: _System, small, key: str, spared: Collection[str]) -> str | None:
    """The shown count to hide next: the one that protects most, the smallest of these."""
    values, visible = system.values, system.visible
    unknown, size = {key}, 0
    while len(unknown) > size:
        size = len(unknown)
        numbers = sorted({number for k in unknown for number in system.of.get(k, ())})
        near = [system.relations[number] for number in numbers]
        options = {k for relation in near for k in relation if k in visible and values[k] != 0}
        options -= set(spared)
        if options:
            least = sorted(options, key=lambda k: (values[k], k))[:OPTIONS]
            return min(least, key=lambda k: _cost(system, small, k))
        unknown |= {k for relation in near for k in relation if k not in visible}
    return None


def _cost(system: _System, small, option: str) -> tuple[int, int, str]:
    left = system.recovered(small, system.without(option))
    return len(left), system.values[option], option
