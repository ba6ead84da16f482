"""Completed data sets of the same rows: the cross-products of each, and what differs among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import starmap
from typing import TypeVar

import numpy as np

from mlm.errors import DifferentImputations
from mlm.nouns.model import Model
from mlm.statistics.evidence.alike import difference_of_recipes
from mlm.statistics.evidence.crossing import CrossedFactor, Crossing
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.excerpt import kept_columns

MOST_SEARCHED = 5
"""Imputations in which the random part is searched.

A few are enough to build a model, more are needed for its final estimates: van Buuren (2018),
Flexible Imputation of Missing Data, section 2.8. An odd number has a median that one of them is.
"""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class CompletedSamples:
    """Cross-products of M completed data sets, which have the same rows, units and columns.

    Attributes
    ----------
    draws : tuple of CrossProducts
        One a completed data set.
    """

    draws: tuple[CrossProducts, ...]

    @classmethod
    def of(cls, draws: Sequence[CrossProducts], names: Sequence[str] = ()) -> CompletedSamples:
        """Imputations that were compared with the first.

        Parameters
        ----------
        draws : sequence of CrossProducts
            One a completed data set.
        names : sequence of str, optional
            How each is called in a message, such as its file.

        Raises
        ------
        DifferentImputations
            When two of them have not the same rows, units and columns, naming the first difference.
        """
        first, *others = draws
        called = list(names) or [f"imputation {i}" for i in range(1, len(draws) + 1)]
        for name, other in zip(called[1:], others, strict=True):
            found = _difference(first, other)
            if found is not None:
                raise DifferentImputations(
                    f"{name} is no imputation of the rows of {called[0]}: {found}. Imputations "
                    "differ in values that were missing alone: complete the same clean rows, and "
                    "accumulate and merge each with the same columns."
                )
        return cls(tuple(_placed_alike(draws)))

    def __len__(self) -> int:
        return len(self.draws)

    @property
    def first(self) -> CrossProducts:
        """The first completed data set, which has the rows, units and columns of all."""
        return self.draws[0]

    @property
    def searched(self) -> tuple[CrossProducts, ...]:
        """The first few that differ, in which the random part is searched."""
        return self.different[:MOST_SEARCHED]

    @property
    def different(self) -> tuple[CrossProducts, ...]:
        """Those that differ, each once."""
        return tuple(self.draws[i] for i in self._first_places)

    @cached_property
    def mean(self) -> CrossProducts:
        """Total sums, averaged: means of columns over the rows of all draws.

        It has no units: what units add to a likelihood is no function of average sums.
        """
        total = _mean([draw.total for draw in self.draws])
        return replace(self.first, total=total, levels=(), crossing=Crossing(), bundles=())

    @cached_property
    def moved(self) -> frozenset[int]:
        """Places of the stored columns that are not the same in all draws."""
        differs = np.zeros(len(self.first.columns), dtype=bool)
        for other in self.draws[1:]:
            differs |= _moved_columns(self.first, other)
        return frozenset(np.flatnonzero(differs).tolist())

    @cached_property
    def places(self) -> tuple[int, ...]:
        """For each draw the first one that equals it; itself where none before does."""
        found: list[int] = []
        for i, draw in enumerate(self.draws):
            alike = (j for j in dict.fromkeys(found) if _are_equal(self.draws[j], draw))
            found.append(next(alike, i))
        return tuple(found)

    @property
    def _first_places(self) -> list[int]:
        """Places of those that differ."""
        return sorted(set(self.places))

    def are_observed(self, model: Model) -> bool:
        """Whether all that a model holds is the same in all draws: nothing of it was imputed."""
        return not self.moved.intersection(kept_columns(model, self.first))

    def of_model(self, model: Model) -> tuple[CrossProducts, ...]:
        """Those that differ in what a model looks at; one where nothing of that was imputed."""
        return (self.first,) if self.are_observed(model) else self.different

    def each(self, answers: Sequence[Answer]) -> tuple[Answer, ...]:
        """An answer for each draw.

        Parameters
        ----------
        answers : sequence
            Of the draws that differ, in their order, or one for all.
        """
        if len(answers) == 1:
            return tuple(answers) * len(self)
        found = dict(zip(self._first_places, answers, strict=True))
        return tuple(found[place] for place in self.places)

    def without_levels(self, *groups: tuple[str, ...]) -> CompletedSamples:
        """The same with some levels of the hierarchy taken out."""
        kept = [draw.without_levels(*groups) for draw in self.different]
        return CompletedSamples(self.each(_placed_alike(kept)))


def _placed_alike(draws: Sequence[CrossProducts]) -> list[CrossProducts]:
    """The same draws, which share places of effects: these hang on the rows, which are the same."""
    changed = {id(each): each.placed_as(draws[0]) for each in draws}
    return [changed[id(each)] for each in draws]


def _mean(totals: Sequence[np.ndarray]) -> np.ndarray:
    """Their mean, which is exactly each of them where all are equal."""
    return totals[0] + np.mean([total - totals[0] for total in totals], axis=0)


def _difference(first: CrossProducts, other: CrossProducts) -> str | None:
    """In what rows, units or columns differ; None where they are the same."""
    found = difference_of_recipes(first, other)
    if found is not None:
        return found[0]
    if (first.sampled is None) != (other.sampled is None):
        return "one has sampling weights, the other has none"
    if first.n_obs != other.n_obs:
        return f"it has {other.n_obs} rows, and not {first.n_obs}"
    different = starmap(_difference_of_units, zip(first.all_levels, other.all_levels, strict=True))
    return next((text for text in different if text is not None), None)


def _difference_of_units(
    mine: GroupSums | CrossedFactor, its: GroupSums | CrossedFactor
) -> str | None:
    if mine.size != its.size or mine.ids != its.ids:
        alone = sorted(set(mine.ids) ^ set(its.ids))[:3]
        shown = ", ".join(":".join(ids) for ids in alone) or "their order"
        return f"its units of {mine.name} are others ({shown}; {its.size} units, not {mine.size})"
    rows, others = np.asarray(mine.rows), np.asarray(its.rows)
    if not np.array_equal(rows, others):
        place = int(np.flatnonzero(rows != others)[0])
        return (
            f"{mine.name} {':'.join(mine.ids[place])} has {others[place]:g} rows in it, and not "
            f"{rows[place]:g}"
        )
    return None


def _moved_columns(first: CrossProducts, other: CrossProducts) -> np.ndarray:
    """Which stored columns (k,) have other values in some row, as far as sums tell."""
    differs = np.diagonal(first.total) != np.diagonal(other.total)
    differs |= first.total[0] != other.total[0]
    for mine, its in zip(first.all_levels, other.all_levels, strict=True):
        differs |= (np.asarray(mine.sums[0]) != np.asarray(its.sums[0])).any(axis=0)
    still = np.flatnonzero(~differs)
    apart = first.total[np.ix_(still, still)] != other.total[np.ix_(still, still)]
    differs[still[apart.any(axis=0)]] = True
    return differs


def _are_equal(a: CrossProducts, b: CrossProducts) -> bool:
    """Whether two completed data sets are the same, sum by sum."""
    if a is b:
        return True
    pairs = zip(a.all_levels, b.all_levels, strict=True)
    return np.array_equal(a.total, b.total) and all(
        np.array_equal(np.asarray(mine.sums[0]), np.asarray(its.sums[0])) for mine, its in pairs
    )
