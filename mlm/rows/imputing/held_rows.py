"""Rows held in memory while latent normal variables of their categories are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from mlm.rows.accumulating.sources import Rows
from mlm.rows.imputing.row_reader import ModelRows, RowReader
from mlm.statistics.imputation.gibbs import LatentSums
from mlm.statistics.imputation.joint_model import JointModel, Parameters
from mlm.statistics.imputation.latent_draws import latents_among, redraw_latents
from mlm.statistics.imputation.pattern_table import Entries, PatternTable, table_of
from mlm.statistics.imputation.tree_effects import JointEffects


@dataclass(frozen=True)
class HeldPattern:
    """The rows of one pattern, sorted by group.

    Attributes
    ----------
    pattern : int
        Its place in the table.
    seen : ndarray of int (s,)
        Responses that these rows have.
    predictors : ndarray (k, n)
        q.
    responses : ndarray (s, n)
        What they have; latents as they were drawn last.
    codes : dict of str to ndarray of int (n,)
        Categories of the variables that have latents here.
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

    def latents(self, places: Mapping[str, Sequence[int]]) -> list[int]:
        """Places of latents among the responses that these rows have."""
        own = latents_among(places, self.seen.tolist())
        return [place for some in own.values() for place in some]


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
        self._table, self._latents = table, model.latents
        parts = [reader.read(batch) for batch in rows.batches(list(reader.names))]
        self._patterns = [
            self._held(p, _joined(parts, there)) for p, there in enumerate(table.observed)
        ]
        self._add_up()

    def _held(self, p: int, rows: ModelRows) -> HeldPattern:
        order = np.argsort(rows.groups, kind="stable")
        seen = np.flatnonzero(self._table.observed[p])
        groups = rows.groups[order]
        starts = np.flatnonzero(np.diff(groups, prepend=-1))
        codes = {
            name: rows.codes[name][order]
            for name, places in self._latents.items()
            if places[0] in seen
        }
        own = rows.responses[seen][:, order]
        return HeldPattern(p, seen, rows.predictors[:, order], own, codes, groups, starts)

    def redrawn(
        self, parameters: Parameters, effects: JointEffects, rng: np.random.Generator
    ) -> PatternTable:
        """The table with latents drawn given parameters, effects and all that is observed."""
        totals, sums = self._totals.copy(), self._sums.copy()
        k = self._table.n_predictors
        for own, places in zip(self._patterns, self._places, strict=True):
            if own.codes:
                self._draw(own, parameters, effects, rng)
                drawn = own.latents(self._latents)
                values, at = own.responses[drawn], np.r_[:k, k + own.seen]
                products = np.hstack([values @ own.predictors.T, values @ own.responses.T])
                totals[own.pattern][np.ix_(k + own.seen[drawn], at)] = products
                totals[own.pattern][np.ix_(at, k + own.seen[drawn])] = products.T
                if own.starts.size:
                    found = np.add.reduceat(values, own.starts, axis=1)
                    _entries(sums)[places[k + np.array(drawn)]] = found
        return replace(self._table, sums=sums, totals=totals)

    def _add_up(self) -> None:
        """Sums of all that is not drawn, and where those of latents stand among them."""
        k, width = self._table.n_predictors, self._table.width
        totals, entries, numbers, done = self._table.totals.copy(), [], [], 0
        for own in self._patterns:
            known, at = np.vstack([own.predictors, own.responses]), np.r_[:k, k + own.seen]
            totals[own.pattern][np.ix_(at, at)] = known @ known.T
            groups, rows = own.groups[own.starts], own.pattern * width + at
            sums = np.zeros((at.size, groups.size))
            if own.starts.size:
                sums = np.add.reduceat(known, own.starts, axis=1)
            own_numbers = done + 1.0 + np.arange(sums.size, dtype=float).reshape(sums.shape)
            done += sums.size
            entries.append(Entries(rows, groups, sums))
            numbers.append(Entries(rows, groups, own_numbers))
        shape = (len(totals) * width, self._table.counts.shape[1])
        self._totals, self._sums = totals, table_of(entries, shape)
        found = _entries(table_of(numbers, shape))
        there = np.flatnonzero(found)
        place = np.empty(done, dtype=np.intp)
        place[found[there].astype(np.intp) - 1] = there
        self._places = [place[each.values.astype(np.intp) - 1] for each in numbers]

    def rescaled(self, scale: np.ndarray) -> None:
        """Divide the latents by a scale (d,)."""
        for own in self._patterns:
            if own.codes:
                drawn = own.latents(self._latents)
                own.responses[drawn] /= scale[own.seen[drawn]][:, None]

    def copy(self) -> HeldRows:
        """The same rows for another chain."""
        made = object.__new__(HeldRows)
        made._table, made._latents = self._table, self._latents
        made._totals, made._sums, made._places = self._totals, self._sums, self._places
        made._patterns = [replace(own, responses=own.responses.copy()) for own in self._patterns]
        return made

    def _draw(self, own: HeldPattern, parameters: Parameters, effects, rng) -> None:
        seen, n = own.seen, own.groups.size
        latents = latents_among(self._latents, seen.tolist())
        fixed = parameters.coefficients[:, seen].T @ own.predictors
        fixed += effects.whole[seen][:, own.groups]
        precision = np.linalg.inv(parameters.residual[np.ix_(seen, seen)])
        left = own.responses - fixed
        numbers = rng.random((seen.size, n))
        redraw_latents(left, fixed, precision, latents, own.codes, numbers)
        drawn = own.latents(self._latents)
        own.responses[drawn] = left[drawn] + fixed[drawn]


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
