"""The audit: what the written files of a report give away of the counts that they hide.

All that the files say is put into one system with what ties the counts of the survey together. For
every count that nobody may learn its largest and smallest possible values are found by linear and
integer programming (HiGHS). The files may be published only if each could be as large as the
threshold. It knows nothing of how the hidden cells were chosen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import ResultError
from mlm.pages.disclosure.facts import LinearBound, Relation
from mlm.pages.disclosure.suppression.integer_program import solve

SOLVER_ERROR = 1e-6
MANY = 1e9  # more than any survey has
LONGEST_CHECK = 2000  # nodes of a search in whole numbers
LOOSE = 1e-9  # relative: what is left of rounding in binary numbers


@dataclass(frozen=True)
class Statement:
    """What one place of the files says of counts.

    Attributes
    ----------
    place : str
        File and cell.
    bounds : tuple of LinearBound
        What it says.
    """

    place: str
    bounds: tuple[LinearBound, ...]


@dataclass(frozen=True)
class Secret:
    """A count that nobody may learn.

    Attributes
    ----------
    key : str
        The count.
    need : int
        How large readers must think that it can be.
    is_negative : bool
        Whether it is a move downwards.
    """

    key: str
    need: int
    is_negative: bool = False

    @property
    def sign(self) -> float:
        """What its values are multiplied with, so that they are large where they are safe."""
        return -1.0 if self.is_negative else 1.0


@dataclass(frozen=True)
class Leak:
    """A hidden count that the files bound too narrowly: its bounds, and the places they need."""

    key: str
    low: float
    high: float
    need: int
    places: tuple[str, ...]


def leaks(
    secrets: Sequence[Secret],
    relations: Sequence[Relation],
    statements: Sequence[Statement],
    least: Mapping[str, float] | None = None,
    known: Collection[str] = (),
    most: int = 5,
) -> list[Leak]:
    """The secrets that statements give away, each with the places that do.

    Parameters
    ----------
    secrets : sequence of Secret
    relations : sequence of mapping of str to int
        Coefficients by key; the counts times the coefficients add up to zero.
    statements : sequence of Statement
        What the files say.
    least : mapping of str to float, optional
        Smallest value of a count that is not told; default 0.
    known : collection of str
        Places of statements that readers have from elsewhere: what these alone give away is no
        leak of the files.
    most : int
        How many are looked for.
    """
    found = []
    system = System(relations, statements, least or {})
    system.take_together(secrets)
    for secret in secrets:
        if system.allows(secret) or len(found) >= most:
            continue
        elsewhere = [each for each in statements if each.place in known]
        if known and not System(relations, elsewhere, least or {}).allows(secret):
            continue
        places = _needed(secret, *system.near(secret.key), least or {})
        low, high = system.range_of(secret.key)
        found.append(Leak(secret.key, low, high, secret.need, places))
    return found


def _needed(secret, relations, statements: list[Statement], least) -> tuple[str, ...]:
    """Places without any of which the secret would be safe, large groups tried first."""
    left, size = list(statements), len(statements)
    while size > 1:
        size = (size + 1) // 2
        for start in range(0, len(left), size):
            fewer = left[:start] + left[start + size :]
            if len(fewer) < len(left) and not System(relations, fewer, least).allows(secret):
                left = fewer
                break
        else:
            continue
        size = min(2 * size, len(left))
    return tuple(each.place for each in left)


class System:
    """Relations and statements as a system in the counts that no statement tells outright."""

    def __init__(
        self,
        relations: Sequence[Relation],
        statements: Sequence[Statement],
        least: Mapping[str, float],
    ):
        self.relations, self.statements, self.least = relations, statements, least
        self.told: dict[str, float] = {}
        self.rows: list[tuple[dict[str, float], float, float]] = []
        bounds = [bound for each in statements for bound in each.bounds]
        for bound in bounds:
            if len(bound.terms) == 1 and bound.low == bound.high:
                ((key, factor),) = bound.terms.items()
                self.told[key] = bound.low / factor
        for relation in relations:
            self._row(relation, 0.0, 0.0)
        for bound in bounds:
            self._row(bound.terms, bound.low, bound.high)
        self.of: dict[str, list[int]] = {}
        for number, (terms, __, __) in enumerate(self.rows):
            for key in terms:
                self.of.setdefault(key, []).append(number)
        self.tables: list[dict[str, float]] = []

    def _row(self, terms: Mapping[str, float], low: float, high: float) -> None:
        left = {key: factor for key, factor in terms.items() if key not in self.told}
        if left:
            parts = [factor * self.told[key] for key, factor in terms.items() if key in self.told]
            slack = LOOSE * sum(abs(part) for part in parts) if low != high else 0.0
            self.rows.append((left, low - sum(parts) - slack, high - sum(parts) + slack))

    def take_together(self, secrets: Sequence[Secret]) -> None:
        """Look for tables in which all secrets that are tied to each other are large at once.

        One such table answers for all of them; where there is none, each is looked at alone.
        """
        left = [secret for secret in secrets if secret.key not in self.told]
        while left:
            keys = set(self._component(left[0].key))
            tied = [secret for secret in left if secret.key in keys]
            left = [secret for secret in left if secret.key not in keys]
            if len(tied) > 1:
                self._table(tied)

    def allows(self, secret: Secret) -> bool:
        """Whether a secret can be as large as it must be able to be, in whole numbers."""
        if secret.key in self.told:
            return False
        if any(secret.sign * table.get(secret.key, 0.0) >= secret.need for table in self.tables):
            return True
        found, is_unfinished = self._table([secret])
        if found:
            return True
        extreme = secret.sign * self._extreme(secret.key, secret.sign)
        return is_unfinished and extreme >= secret.need - SOLVER_ERROR

    def range_of(self, key: str) -> tuple[float, float]:
        """The smallest and the largest value that a count can have."""
        if key in self.told:
            return self.told[key], self.told[key]
        return self._extreme(key, -1.0), self._extreme(key, 1.0)

    def near(self, key: str) -> tuple[list[Relation], list[Statement]]:
        """The relations and statements that touch the counts tied to a count."""
        keys = set(self._component(key))
        relations = [each for each in self.relations if not keys.isdisjoint(each)]
        bounds = [bound for each in self.statements for bound in each.bounds]
        tied = [bound.terms for bound in bounds if not keys.isdisjoint(bound.terms)]
        keys = keys.union(*relations, *tied)
        return relations, [
            statement
            for statement in self.statements
            if any(k in keys for bound in statement.bounds for k in bound.terms)
        ]

    def _extreme(self, key: str, sign: float) -> float:
        """The end of the range of a count; infinite where nothing bounds it."""
        found, __ = self._solve(key, sign)
        if found is None:
            raise ResultError(
                f"the counts that the report shows contradict each other around {key}. "
                "This is a fault of mlm, not of your data: please report it."
            )
        return sign * np.inf if abs(found[key]) >= MANY / 2 else found[key]

    def _table(self, secrets: Sequence[Secret]) -> tuple[bool, bool]:
        """Whether there is a table in which tied secrets are large; whether the search was cut."""
        found, is_unfinished = self._solve(secrets[0].key, None, secrets)
        if found is not None:
            self.tables.append(found)
        return found is not None, is_unfinished

    def _solve(self, key: str, sign: float | None, large: Sequence[Secret] = ()):
        """A table of the counts tied to a key, and whether the search for it was cut short.

        With a sign the one with the most of the key, or the least; without, one in whole numbers
        in which secrets are as large as they must be able to be.
        """
        keys = self._component(key)
        place = {name: i for i, name in enumerate(keys)}
        numbers = sorted({number for name in keys for number in self.of.get(name, ())})
        at = [
            (line, place[name], factor)
            for line, number in enumerate(numbers)
            for name, factor in self.rows[number][0].items()
        ]
        low = np.array([self.least.get(name, 0.0) for name in keys])
        high = np.full(len(keys), MANY)
        for secret in large:
            ends = high if secret.is_negative else low
            ends[place[secret.key]] = secret.sign * secret.need
        lines = [self.rows[number][1:] for number in numbers]
        cost = np.zeros(len(keys))
        if sign is not None:
            cost[place[key]] = -sign
        between = tuple(zip(*lines, strict=True))
        options = {"node_limit": LONGEST_CHECK}
        found = solve(cost, at, between, (low, high), options, whole=sign is None)
        table = None if found.x is None else dict(zip(keys, found.x, strict=True))
        return table, found.is_unfinished

    def _component(self, key: str) -> list[str]:
        """The untold counts tied to a count through untold ones."""
        keys, waiting = {key}, [key]
        while waiting:
            for number in self.of.get(waiting.pop(), ()):
                new = set(self.rows[number][0]) - keys
                keys |= new
                waiting += new
        return sorted(keys)
