"""Rows held in memory while latent normal variables of their categories are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from mlm.rows.accumulating.sources import Rows
from mlm.rows.imputing.row_reader import ModelRows, RowReader
from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.gibbs import LatentSums
from mlm.statistics.imputation.joint_model import JointModel, Parameters
from mlm.statistics.imputation.latent_draws import chosen_anew, redraw_latents, sweeps_of
from mlm.statistics.imputation.latents.moved_latents import MovedLatents
from mlm.statistics.imputation.latents.moves import effects_around
from mlm.statistics.imputation.pattern_table import (
    Entries,
    PatternTable,
    rows_of_sums,
    table_of,
)
from mlm.statistics.imputation.row_choices import RowClasses, indicators_of
from mlm.statistics.imputation.small_matrices import inverse
from mlm.statistics.imputation.tree_effects import JointEffects, summed

ROWS_TO_MOVE = 20_000  # up to which what explains latents is moved in each iteration


@dataclass(frozen=True)
class HeldPattern:
    """The rows of one pattern, sorted by group.

    Attributes
    ----------
    pattern : int
        Its place in the table.
    seen : ndarray of int (s,)
        Responses that these rows have; all latents among them, as they were drawn last.
    predictors : ndarray (k + i, n)
        q, and indicators of the categories, as they were drawn last where they are missing.
    responses : ndarray (s, n)
        What they have.
    codes : dict of str to ndarray of int (n,)
        Categories of the variables with latents that these rows have.
    groups : ndarray of int (n,)
        Group of each row.
    starts : ndarray of int (G,)
        First row of each group that is there.
    """

    pattern: int
    seen: np.ndarray
    predictors: np.ndarray
    responses: np.ndarray
    codes: dict[str, np.ndarray]
    groups: np.ndarray
    starts: np.ndarray

    def places(self, responses: list[int]) -> list[int]:
        """Places of responses among those that these rows have."""
        return np.searchsorted(self.seen, responses).tolist()


class HeldRows(LatentSums):
    """Rows of a joint model that has latents, and its table.

    Parameters
    ----------
    rows : Rows
        All rows.
    reader : RowReader
        Reads them.
    model : JointModel
        The model.
    table : PatternTable
        Sums of the same rows, with indicators in place of latents.
    """

    def __init__(self, rows: Rows, reader: RowReader, model: JointModel, table: PatternTable):
        self._recursion = model.recursion
        parts = [reader.read(batch) for batch in rows.batches(list(reader.names))]
        self._patterns = [
            self._held(p, there, _joined(parts, there)) for p, there in enumerate(table.observed)
        ]
        observed = table.observed.copy()
        observed[:, self._latents] = True
        self._table = replace(table, observed=observed)
        self._add_up()

    @property
    def _latents(self) -> list[int]:
        return [place for own in self._recursion.latents.values() for place in own]

    def _held(self, p: int, there: np.ndarray, rows: ModelRows) -> HeldPattern:
        order = np.argsort(rows.groups, kind="stable")
        seen = np.union1d(np.flatnonzero(there), self._latents).astype(int)
        groups = rows.groups[order]
        starts = np.flatnonzero(np.diff(groups, prepend=-1))
        latents, shown = self._recursion.latents, []
        codes = {name: rows.codes[name][order] for name in latents if there[latents[name][0]]}
        for name, places in latents.items():
            known = codes.get(name, np.zeros(groups.size, dtype=int))
            shown.append(indicators_of(known, len(places)))
        predictors = np.vstack([rows.predictors[:, order], *shown])
        return HeldPattern(
            p, seen, predictors, rows.responses[seen][:, order], codes, groups, starts
        )

    def moved(
        self,
        parameters: Parameters,
        effects: JointEffects,
        priors: Sequence[MixedPrior],
        rng: np.random.Generator,
    ) -> tuple[Parameters, JointEffects]:
        """Parameters and effects moved by what the categories tell, latents redrawn given them.

        Where rows are many a move costs much: it is made the less often the more they are.
        """
        if rng.random() * self._table.rows.sum() > ROWS_TO_MOVE:
            return parameters, effects
        groups = np.concatenate([own.groups for own in self._patterns])
        levels = [own.copy() for own in effects.levels]
        outer = effects_around(levels, parameters.effects, priors, self._table.parents, groups)
        told, b, whole = self._recursion, parameters.coefficients.copy(), effects.whole
        for name, places in told.latents.items():
            rows = np.flatnonzero(told.explains[:, places[0]])
            shown = np.hstack([own.predictors[told.shown[name]] for own in self._patterns])
            known = np.hstack([own.predictors[rows] for own in self._patterns])
            own_b = b[np.ix_(rows, places)]
            latents = MovedLatents(
                np.hstack([own.responses[own.places(places)] for own in self._patterns]),
                own_b.T @ known + whole[places][:, groups],
                (np.arange(1.0, len(places) + 1.0) @ shown).astype(int),
                known,
                own_b,
                rows.size,
            )
            variance = float(parameters.residual[places[0], places[0]])
            latents.moved(variance, outer, places[0], rng)
            b[np.ix_(rows, places)], done = latents.coefficients, 0
            for own in self._patterns:
                size = own.groups.size
                own.responses[own.places(places)] = latents.values[:, done : done + size]
                done += size
        found = tuple(each.root @ each.root.T for each in outer)
        moved, d = replace(parameters, coefficients=b, effects=found), self._table.n_responses
        pairs = zip(levels, effects.levels, strict=True)
        added = summed(self._table, [new[:d] - old[:d] for new, old in pairs]).whole
        return moved, replace(effects, levels=tuple(levels), whole=whole + added)

    def redrawn(
        self, parameters: Parameters, effects: JointEffects, rng: np.random.Generator
    ) -> PatternTable:
        """The table with latents, and missing categories, drawn given all else."""
        totals, sums = self._totals.copy(), self._sums.copy()
        for own, places in zip(self._patterns, self._places, strict=True):
            self._draw(own, parameters, effects, rng)
            moved, at = self._moved(own), self._places_of(own)
            values = self._values(own)
            products = np.hstack([values @ own.predictors.T, values @ own.responses.T])
            totals[own.pattern][np.ix_(at[moved], at)] = products
            totals[own.pattern][np.ix_(at, at[moved])] = products.T
            if own.starts.size:
                found = np.add.reduceat(values, own.starts, axis=1)
                _entries(sums)[places[moved]] = found
        return replace(self._table, sums=sums, totals=totals)

    def _moved(self, own: HeldPattern) -> np.ndarray:
        """Places, among predictors and responses of a pattern, of what is drawn."""
        k = self._table.n_predictors
        latents = (k + place for place in own.places(self._latents))
        return np.array([*self._chosen(own), *latents], dtype=int)

    def _chosen(self, own: HeldPattern) -> list[int]:
        """Places among the predictors of indicators whose categories are missing."""
        lacking = [
            places for name, places in self._recursion.shown.items() if name not in own.codes
        ]
        return [place for places in lacking for place in places]

    def _values(self, own: HeldPattern) -> np.ndarray:
        """What is drawn, in that order."""
        latents = own.responses[own.places(self._latents)]
        return np.vstack([own.predictors[self._chosen(own)], latents])

    def _places_of(self, own: HeldPattern) -> np.ndarray:
        """Places in the table of the predictors and responses of a pattern."""
        k = self._table.n_predictors
        return np.r_[:k, k + own.seen]

    def _add_up(self) -> None:
        """Sums of all that is not drawn, and where those of what is drawn stand among them."""
        totals, entries, numbers, done = self._table.totals.copy(), [], [], 0
        rows_of = rows_of_sums(self._table.observed, self._table.n_predictors)
        for own in self._patterns:
            known, at = np.vstack([own.predictors, own.responses]), self._places_of(own)
            totals[own.pattern][np.ix_(at, at)] = known @ known.T
            groups, rows = own.groups[own.starts], rows_of[own.pattern, at]
            sums = np.zeros((at.size, groups.size))
            if own.starts.size:
                sums = np.add.reduceat(known, own.starts, axis=1)
            own_numbers = done + 1.0 + np.arange(sums.size, dtype=float).reshape(sums.shape)
            done += sums.size
            entries.append(Entries(rows, groups, sums))
            numbers.append(Entries(rows, groups, own_numbers))
        shape = (int(rows_of.max()) + 1, self._table.counts.shape[1])
        self._totals, self._sums = totals, table_of(entries, shape)
        found = _entries(table_of(numbers, shape))
        there = np.flatnonzero(found)
        place = np.empty(done, dtype=np.intp)
        place[found[there].astype(np.intp) - 1] = there
        self._places = [place[each.values.astype(np.intp) - 1] for each in numbers]

    def rescaled(self, scale: np.ndarray) -> None:
        """Divide the latents by a scale (d,)."""
        for own in self._patterns:
            drawn = own.places(self._latents)
            own.responses[drawn] /= scale[own.seen[drawn]][:, None]

    def copy(self) -> HeldRows:
        """The same rows for another chain."""
        made = object.__new__(HeldRows)
        made.__dict__.update(self.__dict__)
        made._patterns = [
            replace(own, responses=own.responses.copy(), predictors=own.predictors.copy())
            for own in self._patterns
        ]
        return made

    def _draw(self, own: HeldPattern, parameters: Parameters, effects, rng) -> None:
        """Latents of one variable after the other, and the categories that are missing."""
        told = self._recursion
        if not own.groups.size:
            return
        complete, seen = own.predictors[: told.complete], own.seen
        around = parameters.coefficients[: told.complete, seen].T @ complete
        around += effects.whole[seen][:, own.groups]
        slopes = parameters.coefficients[told.complete :, seen].T
        shown = own.predictors[told.complete :]
        for name, latents in told.latents.items():
            at = own.places(latents)
            expected = around[at] + slopes[at] @ shown
            precision = inverse(parameters.residual[np.ix_(latents, latents)])
            values = own.responses[at]
            if name in own.codes:
                self._redraw(values, expected, precision, own.codes[name], rng)
            else:
                gains = self._gains(own, parameters, around, shown, name)
                chosen = chosen_anew(values, expected, precision, gains, rng)
                shown[self._own(name)] = indicators_of(chosen, len(latents))
            own.responses[at] = values

    def _own(self, name: str) -> list[int]:
        """Places of the indicators of a variable among all indicators."""
        return [place - self._recursion.complete for place in self._recursion.shown[name]]

    def _gains(self, own: HeldPattern, parameters, around, shown, name: str) -> np.ndarray:
        """What numbers and latents of other variables tell of each category (c + 1, n)."""
        latents = self._recursion.latents[name]
        others = [place for place in own.seen.tolist() if place not in latents]
        classes, at = RowClasses.of(parameters, self._recursion, others), own.places(others)
        return classes.logarithms(own.responses[at] - around[at], shown, self._own(name))

    @staticmethod
    def _redraw(values, expected, precision, codes, rng) -> None:
        """Draw latents (c, n) of categories that are there, in place."""
        places, left = {"": list(range(len(values)))}, values - expected
        for _ in range(sweeps_of(values)):
            numbers = rng.random(values.shape)
            redraw_latents(left, expected, precision, places, {"": codes}, numbers)
        values[:] = left + expected


def _entries(sums: np.ndarray | csr_array) -> np.ndarray:
    """The numbers of a table, as a view."""
    return sums.reshape(-1) if isinstance(sums, np.ndarray) else sums.data


def _joined(parts: list[ModelRows], there: np.ndarray) -> ModelRows:
    """The rows of one pattern, of all batches; rows that lack what none may lack are left out."""
    chosen = [
        np.flatnonzero((part.observed == there[:, None]).all(axis=0) & (part.groups >= 0))
        for part in parts
    ]
    pairs = list(zip(parts, chosen, strict=True))
    codes = {
        name: np.concatenate([part.codes[name][own] for part, own in pairs])
        for name in parts[0].codes
    }
    return ModelRows(
        np.concatenate([part.at[own] for part, own in pairs]),
        np.hstack([part.predictors[:, own] for part, own in pairs]),
        np.hstack([part.responses[:, own] for part, own in pairs]),
        np.hstack([part.observed[:, own] for part, own in pairs]),
        codes,
        np.concatenate([part.groups[own] for part, own in pairs]),
    )
