"""Which terms leave next in a backward elimination: a whole variable, or one term.

A variable that is in several terms is tested by all of them at once before any of them is tested
alone. One without any effect is then kept no more often than the level says, however many products
it is in; tested term by term, each of them would be a further chance to stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mlm.nouns.marginality import Marginality
from mlm.nouns.model import Term


class BackwardRule:
    """The rule of an elimination over sets of terms, which are integers, one bit a term.

    Parameters
    ----------
    terms : iterable of Term
        Terms of the full model.
    held : iterable of Term
        Terms that never leave.

    Attributes
    ----------
    marginality : Marginality
        Which terms may leave while others stay.

    Source
    ------
    A hypothesis is looked into only where those that imply it are rejected: Marcus, Peritz and
    Gabriel (1976), Biometrika 63, 655-660.
    """

    def __init__(self, terms: Iterable[Term], held: Iterable[Term] = ()):
        self.marginality = Marginality(terms, held)
        mine = self.marginality.terms
        names = dict.fromkeys(name for term in mine for name in term.variables)
        sets = {
            sum(1 << i for i, term in enumerate(mine) if name in term.variables): name
            for name in names
        }
        free = self.marginality.free
        self._variables = {chosen: name for chosen, name in sets.items() if not chosen & ~free}

    @property
    def all(self) -> int:
        """The set of all terms."""
        return self.marginality.all

    def next_to_leave(self, kept: int, p_value: Callable[[int], float], alpha: float) -> int:
        """The set of terms that leaves next.

        Parameters
        ----------
        kept : int
            The terms of the present model.
        p_value : callable
            From a set of its terms to the p-value of the test that none of them has an effect; any
            that is not above the level will do for one that is not.
        alpha : float
            Level of each test.

        Returns
        -------
        int
            All terms of a variable, the one that is needed least; where no variable may leave
            whole, one term, those of the highest order first; 0 where all are needed.
        """
        found = [
            (p, name, chosen & kept)
            for chosen, name in self._variables.items()
            if (chosen & kept).bit_count() > 1 and (p := p_value(chosen & kept)) > alpha
        ]
        if found:
            return min(found, key=lambda item: (-item[0], item[1]))[2]
        chosen = self.marginality.next_to_leave(
            kept, lambda i: p_value(1 << i), lambda _, p: p > alpha
        )
        return 0 if chosen is None else 1 << chosen
