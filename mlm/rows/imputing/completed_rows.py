"""Rows with what they lack filled in, batch by batch, for every imputation at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from mlm.nouns.columns import Columns
from mlm.rows.accumulating.batches import Batch
from mlm.rows.imputing.filled_columns import with_categories, with_numbers
from mlm.rows.imputing.imputed_units import ImputedUnits
from mlm.rows.imputing.row_reader import ModelRows, RowReader
from mlm.statistics.imputation.conditionals import regression
from mlm.statistics.imputation.joint_model import JointModel
from mlm.statistics.imputation.latent_draws import categories_of
from mlm.statistics.imputation.row_choices import SWEEPS, RowChoice
from mlm.statistics.imputation.sampling import DrawnState
from mlm.statistics.imputation.streams import DrawnFor, stream

PAGE = 4096  # rows whose random numbers are made together


class RowImputer:
    """Fills in what rows lack, given states of the sampler.

    Parameters
    ----------
    columns : Columns
        The recipe, for origins, units and categories.
    model : JointModel
        The model.
    reader : RowReader
        Reads the rows.
    states : sequence of DrawnState
        One an imputation.
    seed : int
        Of the random numbers.
    units : ImputedUnits, optional
        Fills in the variables of units.
    shift : mapping of str to float
        By number, what is added to each of its imputed values, in its unit.
    """

    def __init__(
        self,
        columns: Columns,
        model: JointModel,
        reader: RowReader,
        states: Sequence[DrawnState],
        seed: int,
        units: ImputedUnits | None = None,
        shift: Mapping[str, float] | None = None,
    ):
        self._columns, self._model, self._reader = columns, model, reader
        self._states, self._seed, self._shift = states, seed, shift or {}
        self._units = units
        self._latents, self._chosen = model.latents, tuple(range(len(states)))
        self.names = reader.names

    @property
    def draws(self) -> int:
        """Imputations."""
        return len(self._chosen)

    def of_draw(self, draw: int) -> RowImputer:
        """The same for one of the imputations alone."""
        made = copy(self)
        made._chosen = (draw,)
        return made

    def completed(self, batch: Batch, source: int = 0) -> Iterator[Batch]:
        """A batch once for each imputation, what it lacks filled in.

        Parameters
        ----------
        batch : Batch
            Rows that follow each other in their source, with the columns ``names`` among others.
        source : int
            Number of the source, such as the place of a wave, where there are several.
        """
        rows = self._reader.read(batch)
        patterns = _patterns(rows)
        for draw in self._chosen:
            drawn = self._states[draw]
            values = rows.responses.copy()
            numbers = self._numbers(draw, source, batch, rows.at) if patterns else None
            for pattern in patterns:
                self._fill(values, rows, pattern, drawn, numbers)
            written = self._written(batch, rows, values)
            if self._units is not None:
                written = self._units.filled(written, rows, drawn.state.units, self._shift)
            yield written

    def _numbers(self, draw: int, source: int, batch: Batch, at: np.ndarray) -> np.ndarray:
        """Uniform numbers (w, n) of some rows, which are the same however rows are batched."""
        width = self._model.size * (1 + SWEEPS * bool(self._latents))
        first, last = batch.first, batch.first + batch.rows
        pages = []
        for page in range(first // PAGE, max(last - 1, first) // PAGE + 1):
            counter = (source << 40) + page
            pages.append(
                stream(self._seed, draw, counter, DrawnFor.COMPLETION).random((PAGE, width))
            )
        return np.vstack(pages)[at + first % PAGE].T

    def _fill(
        self,
        values: np.ndarray,
        rows: ModelRows,
        pattern: _Pattern,
        drawn: DrawnState,
        numbers: np.ndarray,
    ) -> None:
        """Draw what the rows of a pattern lack: categories, then numbers given these."""
        parameters, told, at = drawn.state.parameters, self._model.recursion, pattern.rows
        d, complete, b = self._model.size, told.complete, parameters.coefficients
        own = drawn.state.effects
        effects = own.whole[:, rows.groups[at]] * (rows.groups[at] >= 0)
        for whole, units in zip(own.crossed, rows.units, strict=True):
            effects += whole[:, units[at]] * (units[at] >= 0)
        around = b[:complete].T @ rows.predictors[:, at] + effects
        seen = np.intersect1d(pattern.seen, told.numbers).astype(int)
        lacking = np.intersect1d(pattern.lacking, told.numbers).astype(int)
        given = values[np.ix_(seen, at)]
        choice = RowChoice(parameters, told, around, seen, given)
        codes = {name: rows.codes[name][at] for name in told.latents}
        shown = choice.drawn(codes, numbers[d:, at])
        fixed = around + b[complete:].T @ shown
        loads, root = regression(b, parameters.residual, seen, lacking)
        noise = root @ ndtri(numbers[lacking][:, at])
        left = loads[len(b) :].T @ (given - fixed[seen])
        values[np.ix_(lacking, at)] = fixed[lacking] + left + noise
        for name, places in told.latents.items():
            own = np.array(told.shown[name]) - complete
            values[np.ix_(places, at)] = shown[own] - 0.5  # on the side of its category

    def _written(self, batch: Batch, rows: ModelRows, values: np.ndarray) -> Batch:
        """The batch with completed values in place of missing ones."""
        columns = dict(batch.columns)
        for place, column in enumerate(self._model.responses):
            lacking = ~rows.observed[place]
            if column.powers and lacking.any():
                name = column.variables[0]
                origin, unit = self._columns.scales[name, "identity"]
                own = origin + unit * values[place, lacking] + self._shift.get(name, 0.0)
                columns[name] = with_numbers(name, columns[name], rows.at[lacking], own)
        for name, places in self._latents.items():
            lacking = ~rows.observed[places[0]]
            if lacking.any():
                found = categories_of(values[np.ix_(places, np.flatnonzero(lacking))])
                known = self._columns.categories[name]
                columns[name] = with_categories(columns[name], rows.at[lacking], found, known)
        return replace(batch, columns=columns)


@dataclass(frozen=True)
class _Pattern:
    """Rows that lack the same responses."""

    rows: np.ndarray
    seen: np.ndarray
    lacking: np.ndarray


def _patterns(rows: ModelRows) -> list[_Pattern]:
    """The patterns of rows that lack something."""
    bits = np.packbits(rows.observed, axis=0).T
    found, first, inverse = np.unique(bits, axis=0, return_index=True, return_inverse=True)
    out = []
    for i in range(len(found)):
        there = rows.observed[:, first[i]]
        if not there.all():
            own = np.flatnonzero(inverse.ravel() == i)
            out.append(_Pattern(own, np.flatnonzero(there), np.flatnonzero(~there)))
    return out
