"""Covariances of one form over waves as those of another: where searches begin.

The effects of units over T waves are ``L u`` plus a part of each wave: the columns of L are ones
(constant), ones and time (line), or one for each wave.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.nouns.levels import WAVE
from mlm.nouns.model import Model, RandomTerm, Term
from mlm.results.random_part import WaveForm
from mlm.statistics.fitting.starts import Start
from mlm.statistics.selection.random_part.catalogue import ENGINE_FORMS, LevelOverWaves


class Crossover:
    """From the covariances of a model to those of the same with another form of one level.

    Parameters
    ----------
    level : LevelOverWaves
        The level.
    times : ndarray (T,)
        Times of the waves.
    before, after : (Model, str)
        A model, its random terms in the order of the covariances, and the form of the level in it.
    """

    def __init__(
        self,
        level: LevelOverWaves,
        times: Sequence[float],
        before: tuple[Model, WaveForm],
        after: tuple[Model, WaveForm],
    ):
        self.level, self.times = level, np.array(times, dtype=float)
        (self.before, self.old), (self.after, self.new) = before, after

    def start(self, given: Start) -> Start:
        """Covariances of the model after, from those of the model before.

        Parameters
        ----------
        given : Start
            Of the model before, all of them known.
        """
        known = dict(zip(self.before.random, given.covariances, strict=True))
        own, part = self._own(known)
        whole = self._whole(own, part, given.residual)
        lasting, part, residual = self._split(whole, given.residual)
        found = []
        for term in self.after.random:
            if term in known and term.group not in self._groups:
                found.append(known[term])
            elif term.group == (*self.level.group, WAVE):
                found.append(self._with_slopes(np.array([[part]]), term, known))
            else:
                found.append(self._with_slopes(lasting, term, known))
        return Start(tuple(found), residual)

    @property
    def _groups(self) -> tuple[tuple[str, ...], ...]:
        return self.level.group, (*self.level.group, WAVE)

    def _columns(self, form: WaveForm) -> np.ndarray:
        """L (T, k) of the term of a form."""
        if form == "line":
            return np.column_stack([np.ones(self.times.size), self.times])
        if form == "constant" or (form == "part_by_wave" and self.level.has_part):
            return np.ones((self.times.size, 1))
        return np.eye(self.times.size)

    def _own(self, known) -> tuple[np.ndarray, float]:
        """Covariance (k, k) of the effects u of the form before, and the variance of a wave."""
        k, part = self._columns(self.old).shape[1], 0.0
        own = np.zeros((k, k))
        for term, covariance in known.items():
            if term.group == self._groups[1] and term.terms[0].factors == ():
                part = float(covariance[0, 0])
            elif term.group == self.level.group and self._is_over_waves(term):
                own = covariance[:k, :k]
        return own, part

    def _is_over_waves(self, term: RandomTerm) -> bool:
        """Whether a term holds effects of units, and not only slopes beside a form."""
        return term.terms[0] == self.level.waves or not term.terms[0].factors

    def _whole(self, own: np.ndarray, part: float, residual: float) -> np.ndarray:
        """Covariance (T, T) of the effects; of the rows of the lowest level."""
        columns = self._columns(self.old)
        beside = self.level.is_lowest and not self._takes_residual(self.old)
        return columns @ own @ columns.T + (part + beside * residual) * np.eye(self.times.size)

    def _takes_residual(self, form: WaveForm) -> bool:
        return self.level.is_lowest and (form in ENGINE_FORMS or form == "unstructured")

    def _split(self, whole: np.ndarray, residual: float) -> tuple[np.ndarray, float, float]:
        """Covariance of the effects of the form after, variance of a wave, and the residual's."""
        columns, size = self._columns(self.new), self.times.size
        if columns.shape[1] == size:
            return whole, 0.0, residual
        off = (whole.sum() - np.trace(whole)) / (size * (size - 1))
        is_line = columns.shape[1] == 2
        lasting = _line(whole, columns) if is_line else np.array([[max(off, 0.0)]])
        fitted = columns @ lasting @ columns.T
        rest = max(float(np.trace(whole - fitted)) / size, 0.0)
        if self.level.is_lowest:
            return lasting, 0.0, rest
        return lasting, rest, residual

    def _with_slopes(self, own: np.ndarray, term: RandomTerm, known) -> np.ndarray | None:
        """The covariance of a term, that of its slopes as it was, uncorrelated with the effects.

        None where its slopes were coded otherwise.
        """
        slopes = self._slopes(term)
        if not slopes:
            return own
        has_effects = self._is_over_waves(term)
        for other, covariance in known.items():
            if other.group != term.group or self._slopes(other) != slopes:
                continue
            if other.form != term.form:
                return None
            first = 0
            if self._is_over_waves(other):
                is_part = other.group != self.level.group
                first = 1 if is_part else self._columns(self.old).shape[1]
            held = covariance[first:, first:]
            return block_diagonal(own, held) if has_effects else held
        return None

    def _slopes(self, term: RandomTerm) -> tuple[Term, ...]:
        waves = (self.level.waves, self.level.time)
        return tuple(t for t in term.terms if t.factors and t not in waves)


def block_diagonal(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Two matrices as the blocks of one."""
    size = len(first)
    out = np.zeros((size + len(second),) * 2)
    out[:size, :size], out[size:, size:] = first, second
    return out


def _line(whole: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Covariance (2, 2) of intercepts and slopes that comes nearest to the pairs of waves."""
    size = len(whole)
    rows, other = np.triu_indices(size, 1)
    first, time = columns[:, 0], columns[:, 1]
    design = np.column_stack(
        [
            first[rows] * first[other],
            time[rows] * first[other] + first[rows] * time[other],
            time[rows] * time[other],
        ]
    )
    a, b, c = np.linalg.lstsq(design, whole[rows, other], rcond=None)[0]
    values, vectors = np.linalg.eigh(np.array([[a, b], [b, c]]))
    return (vectors * np.maximum(values, 1e-6 * max(values.max(), 0.0))) @ vectors.T
