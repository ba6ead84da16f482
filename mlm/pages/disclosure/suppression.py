"""Complementary suppression: counts to hide so that no small count follows from the shown ones.

A relation says that counts, each with a whole coefficient, add up to zero. Shown counts are known
to the reader, the others are unknowns of which the reader knows that they are at least 1 (a zero
is shown). A count can be recovered when the relations determine it, by elimination or by bounds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

Relation = Mapping[str, int]
FIRST, SECOND = "small", "complementary"
PASSES = 50


def suppress(
    values: Mapping[str, int],
    shown: Collection[str],
    small: Collection[str],
    relations: Sequence[Relation],
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

    Returns
    -------
    dict of str to str
        ``small`` or ``complementary`` for each key that must not be printed.
    """
    hidden = dict.fromkeys(small, FIRST)
    while True:
        visible = {key for key in shown if key not in hidden}
        found = recoverable(values, visible, small, relations)
        choice = _choose(values, visible, small, relations, found[0]) if found else None
        if choice is None:
            return _without_needless(hidden, values, shown, small, relations)
        hidden[choice] = SECOND


def _without_needless(hidden, values, shown, small, relations) -> dict[str, str]:
    """The hidden counts without those that later choices made needless, largest first."""
    left = recoverable(values, {k for k in shown if k not in hidden}, small, relations)
    for key in sorted((k for k in hidden if hidden[k] == SECOND), key=lambda k: -values[k]):
        fewer = {k: rule for k, rule in hidden.items() if k != key}
        visible = {k for k in shown if k not in fewer}
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
    found = set()
    for part in _parts(rows):
        if any(key in wanted for row, _total in part for key in row):
            found |= _determined(part) | _bounded(part)
    return [key for key in wanted if key in found and key not in visible]


def _reduced(relation: Relation, values, visible) -> tuple[dict[str, int], int]:
    """The unknown counts of a relation with their coefficients, and what they add up to."""
    unknown = {k: c for k, c in relation.items() if k not in visible and values[k] != 0}
    total = -sum(c * values[k] for k, c in relation.items() if k not in unknown)
    return unknown, total


def _parts(rows: list) -> list[list]:
    """Relations that share unknown counts, put together."""
    parts: list[tuple[set[str], list]] = []
    for row in rows:
        keys, together, apart = set(row[0]), [row], []
        for known, members in parts:
            if known & keys:
                keys |= known
                together = members + together
            else:
                apart.append((known, members))
        parts = [*apart, (keys, together)]
    return [members for _keys, members in parts]


def _determined(part: list) -> set[str]:
    """Unknown counts that elimination determines."""
    keys = sorted({key for row, _total in part for key in row})
    matrix = [[Fraction(row.get(key, 0)) for key in keys] for row, _total in part]
    place = 0
    for column in range(len(keys)):
        pivot = next((i for i in range(place, len(matrix)) if matrix[i][column]), None)
        if pivot is None:
            continue
        matrix[place], matrix[pivot] = matrix[pivot], matrix[place]
        first = matrix[place] = [item / matrix[place][column] for item in matrix[place]]
        for i, row in enumerate(matrix):
            if i != place and row[column]:
                factor = row[column]
                matrix[i] = [a - factor * b for a, b in zip(row, first, strict=True)]
        place += 1
    single = [row for row in matrix if sum(1 for item in row if item) == 1]
    return {keys[next(i for i, item in enumerate(row) if item)] for row in single}


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
        others = [(c, bounds[k]) for k, c in row.items() if k != key]
        least = sum(c * (ends[0] if c > 0 else ends[1]) for c, ends in others)
        most = sum(c * (ends[1] if c > 0 else ends[0]) for c, ends in others)
        ends = sorted(((total - most) / factor, (total - least) / factor))
        bounds[key] = [max(bounds[key][0], ends[0]), min(bounds[key][1], ends[1])]


def _choose(values, visible, small, relations, key: str) -> str | None:
    """The shown count to hide next: the one that protects most, the smallest of these."""
    near = [relation for relation in relations if key in relation]
    for pool in (near, relations):
        options = {k for relation in pool for k in relation if k in visible and values[k] != 0}
        if options:
            return min(sorted(options), key=lambda k: _cost(values, visible, small, relations, k))
    return None


def _cost(values, visible, small, relations, option: str) -> tuple[int, int, str]:
    left = recoverable(values, visible - {option}, small, relations)
    return len(left), values[option], option
