"""Complementary suppression: counts to hide so that no small count follows from the shown ones.

A relation says that counts, each with a whole coefficient, add up to zero. Shown counts are known
to the reader, the others are unknowns of which the reader knows that they are at least 1 (a zero
is shown). A count can be recovered when the relations determine it, by elimination or by bounds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

Relation = Mapping[str, int]
FIRST, SECOND = "small", "complementary"
PASSES = 50
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
    while True:
        visible = {key for key in shown if key not in hidden or key in known}
        found = recoverable(values, visible, small, relations)
        tried = ((key, _choose(values, visible, small, relations, key, spared)) for key in found)
        protected, choice = next(((k, c) for k, c in tried if c is not None), (None, None))
        if choice is None:
            return hidden
        hidden[choice] = reasons.get(protected, SECOND)


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
    rows = [_reduced(relation, values, visible) for relation in relations]
    rows = [row for row in rows if row[0]]
    found, rows = _peeled(rows)
    sought = set(wanted)
    for part in _parts(rows):
        if any(key in sought for row, _total in part for key in row):
            found |= _determined(part) | _bounded(part)
    return [key for key in wanted if key in found and key not in visible]


def _reduced(relation: Relation, values, visible) -> tuple[dict[str, int], int]:
    """The unknown counts of a relation with their coefficients, and what they add up to."""
    unknown = {k: c for k, c in relation.items() if k not in visible and values[k] != 0}
    total = -sum(c * values[k] for k, c in relation.items() if k not in unknown)
    return unknown, total


def _peeled(rows: list) -> tuple[set[str], list]:
    """Counts that relations with one unknown give, one after the other, and what is left."""
    known: dict[str, int] = {}
    while True:
        single = [(row, total) for row, total in rows if len(row) == 1]
        if not single:
            return set(known), rows
        for row, total in single:
            ((key, factor),) = row.items()
            known.setdefault(key, total // factor)
        rows = [_without_known(row, total, known) for row, total in rows]
        rows = [(row, total) for row, total in rows if row]


def _without_known(
    row: dict[str, int], total: int, known: dict[str, int]
) -> tuple[dict[str, int], int]:
    if not any(key in known for key in row):
        return row, total
    total = total - sum(factor * known[key] for key, factor in row.items() if key in known)
    return {key: factor for key, factor in row.items() if key not in known}, total


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


def _bounded(part: list) -> set[str]:
    """Unknown counts of which the bounds leave a single value."""
    bounds = {key: [1, float("inf")] for row, _total in part for key in row}
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


def _choose(values, visible, small, relations, key: str, spared) -> str | None:
    """The shown count to hide next: the one that protects most, the smallest of these."""
    unknown, size = {key}, 0
    while len(unknown) > size:
        size = len(unknown)
        near = [relation for relation in relations if not unknown.isdisjoint(relation)]
        options = {k for relation in near for k in relation if k in visible and values[k] != 0}
        options -= spared
        if options:
            least = sorted(options, key=lambda k: (values[k], k))[:OPTIONS]
            return min(least, key=lambda k: _cost(values, visible, small, relations, k))
        unknown |= {k for relation in near for k in relation if k not in visible}
    return None


def _cost(values, visible, small, relations, option: str) -> tuple[int, int, str]:
    left = recoverable(values, visible - {option}, small, relations)
    return len(left), values[option], option
