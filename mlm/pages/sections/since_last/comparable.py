"""Which coefficients of two models are the same quantity.

A coefficient is that of its variables where those that stand in a term with them are at zero or at
their reference. So it is the same quantity only where the same terms contain its own, and where
their variables have the same reference and unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlm.pages.context import Context
from mlm.pages.previous import codebook
from mlm.results.coefficient import Term
from mlm.results.runs.kept import KeptVariable

Key = frozenset[tuple[str, str | None, int]]  # variables of a term, their functions and powers


class SameQuantity:
    """Whether a coefficient of the settled model is what it was in the one before.

    Parameters
    ----------
    context : Context
        With a record of the results before.
    """

    def __init__(self, context: Context):
        before = context.previous
        self._now = [_key(term) for term in context.results.settled.terms.value]
        self._before = [_key(term) for term in before.terms.value]
        now_book, before_book = (
            {item.name: item for item in book}
            for book in (
                codebook(context.configuration, context.analysis),
                before.codebook.value,
            )
        )
        self._units = [_units(book) for book in (now_book, before_book)]
        time = context.time
        self._references = [
            _references(book, [item.term for item in fixed], time, waves)
            for book, fixed, waves in (
                (now_book, context.settled.fixed.value, context.results.time.waves.value),
                (before_book, before.fixed.value, before.waves.value),
            )
        ]

    def holds(self, term: Term) -> bool:
        """Whether both models have the same terms around it, on the same references and units."""
        own = _key(term)
        now, before = (_around(own, terms) for terms in (self._now, self._before))
        if now != before:
            return False
        return all(self._is_same_scale(name) for key in (own, *now) for name, *__ in key)

    def _is_same_scale(self, name: str) -> bool:
        now, before = (units.get(name) for units in self._units)
        ours, theirs = (references.get(name, set()) for references in self._references)
        is_told = bool(ours) and bool(theirs)
        return now == before and not (is_told and ours.isdisjoint(theirs))


def _key(term: Term) -> Key:
    return frozenset((factor.variable, factor.function, factor.power) for factor in term)


def _around(own: Key, terms: Iterable[Key]) -> set[Key]:
    """The terms of a model that contain one: with more variables, or with higher powers of them."""
    return {
        term
        for term in terms
        if term != own
        and all(any(f[:2] == each[:2] and f[2] >= each[2] for f in term) for each in own)
    }


def _units(book: dict[str, KeptVariable]) -> dict[str, tuple[str, str | None]]:
    return {name: (item.type, item.unit) for name, item in book.items()}


def _references(
    book: dict[str, KeptVariable], fixed: Sequence[Term], time: str, waves: Sequence[str]
) -> dict[str, set[str]]:
    """Categories without a coefficient, by variable: the reference, and any without rows."""
    told = {(factor.variable, factor.category) for term in fixed for factor in term}
    codes = {name: [each.code for each in item.categories] for name, item in book.items()}
    codes[time] = list(waves)
    return {
        name: {code for code in found if (name, code) not in told} for name, found in codes.items()
    }
