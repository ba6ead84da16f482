"""Search for another table of counts that differs from the true one in few printed cells.

A mixed-integer programme, solved by HiGHS: whole changes of the counts that keep all relations, one
count as large as it must be able to be, and the least cost of the facts that no longer hold.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mlm.pages.disclosure.suppression.integer_program import solve

if TYPE_CHECKING:
    from mlm.pages.disclosure.suppression.suppress import _Part

COST_OF_DISTANCE = (
    1e-5  # cost of a change by one that no printed number shows: the nearest table is taken
)
MOST_NODES = 2000  # of a search, so that a slow machine finds what a fast one does
GAP_OF_COSTS = 0.02


class NearestTable:
    """The programme for some counts of a part; the others keep their values.

    Columns: upward changes, downward changes, then a mark for each fact that may be hidden.
    """

    def __init__(self, part: _Part, keys: Sequence[str], hidden: Collection[str]):
        self.part, self.known, self.keys = part, part.known, keys
        self.open = part.known.open
        self.place = {key: i for i, key in enumerate(keys)}
        self.marked: list[str] = []
        self.entries: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.values = np.array([self.known.values[key] for key in keys], dtype=float)
        self.hidden = hidden

    def nearest(self, key: str, sign: int, reach: int) -> dict[str, int] | None:
        """The counts that change, as they are in the other table; None where there is none."""
        need = self.part.needs[key] - sign * self.known.values[key]
        self.reach = reach * need
        self._relations()
        up, down = self._limits()
        self._counts()
        self._quotients()
        self._line({key: sign}, need, np.inf)
        n = len(self.keys)
        marks = np.array([self.known.cost(fact) for fact in self.marked])
        found = solve(
            np.concatenate([np.full(2 * n, COST_OF_DISTANCE), marks]),
            self.entries,
            (self.low, self.high),
            (
                np.zeros(2 * n + len(marks)),
                np.concatenate([up, down, np.ones(len(marks))]),
            ),
            {"node_limit": MOST_NODES, "mip_rel_gap": GAP_OF_COSTS},
        )
        if found.x is None:
            return None
        moved = np.rint(found.x[:n] - found.x[n : 2 * n]).astype(int)
        return {
            k: int(self.values[i]) + int(d)
            for i, (k, d) in enumerate(zip(self.keys, moved, strict=True))
        }

    def _line(self, terms, low: float, high: float, marks: Sequence[tuple[int, float]] = ()):
        """A constraint on changes; terms of counts that keep their values fall out."""
        line, n = len(self.low), len(self.keys)
        for key, factor in terms.items():
            place = self.place.get(key)
            if place is not None:
                self.entries += [(line, place, factor), (line, n + place, -factor)]
        self.entries += [(line, 2 * n + mark, factor) for mark, factor in marks]
        self.low.append(low)
        self.high.append(high)

    def _mark(self, fact: str) -> int:
        self.marked.append(fact)
        return len(self.marked) - 1

    def _relations(self) -> None:
        for relation in self.part.relations:
            if any(key in self.place for key in relation):
                self._line(relation, 0.0, 0.0)

    def _limits(self) -> tuple[np.ndarray, np.ndarray]:
        """How far counts may rise and fall: to one where printed, as zeros are shown."""
        printed = np.array([key in self.part.facts for key in self.keys])
        fixed = np.array([key in self.open for key in self.keys])
        fixed |= printed & (self.values == 0)
        room = np.maximum(self.values - printed, 0.0)
        down = np.where(self.values < 0, self.reach, np.minimum(room, self.reach))
        return np.where(fixed, 0.0, self.reach), np.where(fixed, 0.0, down)

    def _counts(self) -> None:
        """A printed count that changes is hidden."""
        for key in self.keys:
            if key in self.part.facts and key not in self.hidden and key not in self.open:
                mark = self._mark(key)
                self._line({key: 1}, -np.inf, 0.0, [(mark, -self.reach)])
                self._line({key: -1}, -np.inf, 0.0, [(mark, -self.reach)])

    def _quotients(self) -> None:
        """A printed share or mean that no longer fits is hidden."""
        for fact, bounds in self.part.bounds.items():
            if fact in self.hidden:
                continue
            if not any(key in self.place for bound in bounds for key in bound.terms):
                continue
            mark = None if fact in self.open else self._mark(fact)
            for bound in bounds:
                self._bound(bound, mark)

    def _bound(self, bound, mark: int | None) -> None:
        values = self.known.values
        now = sum(factor * values[key] for key, factor in bound.terms.items())
        most = self.reach * sum(abs(factor) for factor in bound.terms.values())
        if np.isfinite(bound.low):
            marks = [] if mark is None else [(mark, most)]
            self._line(bound.terms, min(bound.low - now, 0.0), np.inf, marks)
        if np.isfinite(bound.high):
            marks = [] if mark is None else [(mark, -most)]
            self._line(bound.terms, -np.inf, max(bound.high - now, 0.0), marks)
