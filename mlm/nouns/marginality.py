"""Which terms of a model may leave while others stay, and which of them leaves next.

A set of terms is an integer, one bit a term, so that the thousands of sets of a search are cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from mlm.nouns.model import Term


class Marginality:
    """The rule of marginality over the terms of a model, the intercept left out.

    Parameters
    ----------
    terms : iterable of Term
        Terms of the model.
    held : iterable of Term
        Terms that never leave.

    Source
    ------
    Nelder (1977), J. R. Statist. Soc. A 140, 48-77: a term stays while one stays that it is a
    margin of.
    """

    def __init__(self, terms: Iterable[Term], held: Iterable[Term] = ()):
        self.terms = tuple(term for term in terms if term.factors)
        self.above = tuple(
            sum(1 << j for j, other in enumerate(self.terms) if other.contains(term))
            for term in self.terms
        )
        keys = {term.key for term in held}
        self._held = sum(1 << i for i, term in enumerate(self.terms) if term.key in keys)
        self._orders: dict[int, list[list[int]]] = {}

    @property
    def all(self) -> int:
        """The set of all terms."""
        return (1 << len(self.terms)) - 1

    @cached_property
    def free(self) -> int:
        """The set of terms that may leave sooner or later: not held, no margin of a held one."""
        return sum(
            1 << i
            for i, above in enumerate(self.above)
            if not self._held >> i & 1 and not above & self._held
        )

    def members(self, chosen: int) -> list[Term]:
        """The terms of a set."""
        return [term for i, term in enumerate(self.terms) if chosen >> i & 1]

    def droppable(self, kept: int) -> list[int]:
        """Places of the terms of a set that may leave it: not held, no margin of one that stays."""
        return [
            i
            for i, above in enumerate(self.above)
            if kept >> i & 1 and not self._held >> i & 1 and not above & kept
        ]

    def next_to_leave(
        self,
        kept: int,
        p_value: Callable[[int], float],
        may_leave: Callable[[int, float], bool],
    ) -> int | None:
        """The term that leaves next: of the highest order with one that may, the least needed.

        Parameters
        ----------
        kept : int
            The set.
        p_value : callable
            From the place of a term to how little it is needed; asked order by order.
        may_leave : callable
            From the place of a term and its p-value to whether it leaves; asked from the least
            needed on, until one may.

        Returns
        -------
        int or None
            Place of the term; None where all are needed.
        """

        for alike in self._by_order(kept):
            ranked = sorted((-p_value(i), self._names[i], i) for i in alike)
            for negative, _, i in ranked:
                if may_leave(i, -negative):
                    return i
        return None

    @cached_property
    def _names(self) -> list[str]:
        return [str(term) for term in self.terms]

    def _by_order(self, kept: int) -> list[list[int]]:
        """Places of the droppable terms of a set, those of the highest order first."""
        if kept not in self._orders:
            orders = {i: self.terms[i].order for i in self.droppable(kept)}
            falling = sorted(set(orders.values()), reverse=True)
            self._orders[kept] = [[i for i in orders if orders[i] == each] for each in falling]
        return self._orders[kept]
