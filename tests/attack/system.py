"""Counts of a survey as unknowns, and what is known of them as linear bounds in whole numbers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

MOST = 1e5  # more than a small survey has
SECONDS = 10.0  # of one search
ERROR = 1e-6


class System:
    """Unknown whole numbers of at least zero, tied by bounds on their weighted sums."""

    def __init__(self) -> None:
        self.keys: dict[Hashable, int] = {}
        self.rows: list[tuple[dict[int, float], float, float]] = []

    def bound(self, terms: Mapping[Hashable, float], low: float, high: float) -> None:
        """State that a weighted sum of counts lies between two ends."""
        places = {self.keys.setdefault(key, len(self.keys)): f for key, f in terms.items()}
        self.rows.append((places, low, high))

    def equal(self, terms: Mapping[Hashable, float], value: float = 0.0) -> None:
        """State what a weighted sum of counts is."""
        self.bound(terms, value, value)

    def quotient(self, top: Hashable, bottom: Hashable, value: float, half: float) -> None:
        """State that one count over another, rounded, is printed as a value."""
        self.bound({top: 1.0, bottom: -(value - half)}, -ERROR, np.inf)
        self.bound({top: 1.0, bottom: -(value + half)}, -np.inf, ERROR)

    def range_of(self, key: Hashable) -> tuple[float, float]:
        """The least and the most that a count can be; infinite where nothing was found."""
        if key not in self.keys:
            return 0.0, np.inf
        return self._end(key, 1.0), self._end(key, -1.0)

    def is_consistent(self) -> bool:
        """Whether any counts agree with all that is stated."""
        return not self.keys or self._solve(np.zeros(len(self.keys))) is not None

    def _end(self, key: Hashable, sign: float) -> float:
        cost = np.zeros(len(self.keys))
        cost[self.keys[key]] = sign
        found = self._solve(cost)
        if found is None:
            return 0.0 if sign > 0 else np.inf
        end = found[self.keys[key]]
        return np.inf if end >= MOST / 2 else float(round(end))

    def _solve(self, cost: np.ndarray) -> np.ndarray | None:
        at = [(i, j, f) for i, (terms, __, __) in enumerate(self.rows) for j, f in terms.items()]
        i, j, factors = zip(*at, strict=True)
        matrix = coo_array((factors, (i, j)), shape=(len(self.rows), len(self.keys))).tocsr()
        low, high = (np.array([row[end] for row in self.rows]) for end in (1, 2))
        found = milp(
            cost,
            integrality=np.ones(len(cost)),
            bounds=Bounds(0, MOST),
            constraints=[LinearConstraint(matrix, low, high)],
            options={"time_limit": SECONDS},
        )
        return found.x if found.status == 0 else None
