"""Rows held in memory while latent normal variables of their categories are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.rows.accumulating.sources import Rows
from mlm.rows.imputing.held_sums import GroupedRows, HeldSums
from mlm.rows.imputing.row_reader import ModelRows, RowReader
from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.gibbs import LatentSums
from mlm.statistics.imputation.joint_model import JointModel, Parameters
from mlm.statistics.imputation.latent_draws import chosen_anew, redraw_latents
from mlm.statistics.imputation.latents.moved_latents import MovedLatents
from mlm.statistics.imputation.latents.moves import OuterEffects, effects_around
from mlm.statistics.imputation.pattern_table import PatternTable, rows_of_sums
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
    units : tuple of ndarray of int (n,)
        Unit of each crossed level of each row.
    """

    pattern: int
    seen: np.ndarray
    predictors: np.ndarray
    responses: np.ndarray
    codes: dict[str, np.ndarray]
    groups: np.ndarray
    units: tuple[np.ndarray, ...]

    @property
    def sides(self) -> tuple[np.ndarray, ...]:
        """Group of each row, then its crossed units."""
        return (self.groups, *self.units)

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
        groups, units = rows.groups[order], tuple(own[order] for own in rows.units)
        latents, shown = self._recursion.latents, []
        codes = {name: rows.codes[name][order] for name in latents if there[latents[name][0]]}
        for name, places in latents.items():
            known = codes.get(name, np.zeros(groups.size, dtype=int))
            shown.append(indicators_of(known, len(places)))
        predictors = np.vstack([rows.predictors[:, order], *shown])
        return HeldPattern(
            p, seen, predictors, rows.responses[seen][:, order], codes, groups, units
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
        outer = self._outer(levels, parameters, priors, groups)
        told, b = self._recursion, parameters.coefficients.copy()
        whole = np.hstack([self._effects(own, effects) for own in self._patterns])
        for name, places in told.latents.items():
            rows = np.flatnonzero(told.explains[:, places[0]])
            shown = np.hstack([own.predictors[told.shown[name]] for own in self._patterns])
            known = np.hstack([own.predictors[rows] for own in self._patterns])
            own_b = b[np.ix_(rows, places)]
            latents = MovedLatents(
                np.hstack([own.responses[own.places(places)] for own in self._patterns]),
                own_b.T @ known + whole[places],
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
        steps = [new[:d] - old[:d] for new, old in pairs]
        nested = len(self._table.parents)
        whole = effects.whole + summed(self._table, steps[:nested]).whole
        pairs = zip(effects.crossed, steps[nested:], strict=True)
        crossed = tuple(own + step for own, step in pairs)
        return moved, replace(effects, levels=tuple(levels), whole=whole, crossed=crossed)

    def _outer(
        self, levels: list[np.ndarray], parameters: Parameters, priors, groups: np.ndarray
    ) -> list[OuterEffects]:
        """Effects around the rows of all patterns: of nested levels, then of crossed ones."""
        n, effects, parents = len(self._table.parents), parameters.effects, self._table.parents
        found = effects_around(levels[:n], effects[:n], priors[:n], parents, groups)
        for place in range(n, len(levels)):
            units = np.concatenate([each.units[place - n] for each in self._patterns])
            own, one = slice(place, place + 1), [np.zeros(levels[place].shape[1], dtype=np.intp)]
            found += effects_around(levels[own], effects[own], priors[own], one, units)
        return found

    @staticmethod
    def _effects(own: HeldPattern, effects: JointEffects) -> np.ndarray:
        """What groups and crossed units add to the rows of a pattern (d, n).

        While chains are started there are no effects of crossed units.
        """
        found = effects.whole[:, own.groups]
        for whole, units in zip(effects.crossed, own.units, strict=False):
            found += whole[:, units]
        return found

    def redrawn(
        self, parameters: Parameters, effects: JointEffects, rng: np.random.Generator
    ) -> PatternTable:
        """The table with latents, and missing categories, drawn given all else."""
        totals, sums = self._totals.copy(), [own.start() for own in self._sums]
        for own in self._patterns:
            self._draw(own, parameters, effects, rng)
            moved, at = self._moved(own), self._places_of(own)
            values = self._values(own)
            products = np.hstack([values @ own.predictors.T, values @ own.responses.T])
            totals[own.pattern][np.ix_(at[moved], at)] = products
            totals[own.pattern][np.ix_(at, at[moved])] = products.T
            for side, held in zip(sums, self._sums, strict=True):
                held.write(side, own.pattern, moved, values)
        pairs = zip(self._table.crossed, sums[1:], strict=True)
        crossed = tuple(replace(side, sums=own) for side, own in pairs)
        return replace(self._table, sums=sums[0], totals=totals, crossed=crossed)

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
        totals, all_known, all_rows = self._table.totals.copy(), [], []
        rows_of = rows_of_sums(self._table.observed, self._table.n_predictors)
        for own in self._patterns:
            known, at = np.vstack([own.predictors, own.responses]), self._places_of(own)
            totals[own.pattern][np.ix_(at, at)] = known @ known.T
            all_known.append(known)
            all_rows.append(rows_of[own.pattern, at])
        self._totals, height = totals, int(rows_of.max()) + 1
        sizes = [self._table.counts.shape[1], *(own.size for own in self._table.crossed)]
        self._sums = []
        for side, size in enumerate(sizes):
            grouped = [GroupedRows.of(own.sides[side]) for own in self._patterns]
            self._sums.append(HeldSums(grouped, all_known, all_rows, (height, size)))

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
        around += self._effects(own, effects)[seen]
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
        redraw_latents(left, expected, precision, places, {"": codes}, rng.random(values.shape))
        values[:] = left + expected


def _joined(parts: list[ModelRows], there: np.ndarray) -> ModelRows:
    """The rows of one pattern, of all batches; rows that lack what none may lack are left out."""
    chosen = [
        np.flatnonzero((part.observed == there[:, None]).all(axis=0) & part.is_known)
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
        tuple(
            np.concatenate([part.units[side][own] for part, own in pairs])
            for side in range(len(parts[0].units))
        ),
    )
