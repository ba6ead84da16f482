"""Fixed effects, (co)variances and shares of a weighted fit as functions of its parameters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlm.nouns.levels import RESIDUAL
from mlm.nouns.model import INTERCEPT
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import mean_moments
from mlm.statistics.fitting.design.model_errors import normal_covariance
from mlm.statistics.fitting.design.record import VarianceName
from mlm.statistics.fitting.newton import Optimum
from mlm.statistics.fitting.search import Search
from mlm.statistics.likelihood.differences import jacobian, relative_steps
from mlm.statistics.likelihood.working import Working

SQUARE_STEP = 1e-5  # relative, of differences of covariances, which are squares of the parameters


class DesignEstimates:
    """Fixed effects, (co)variances and shares as functions of the parameters of a search.

    Parameters
    ----------
    search : Search
        The criterion of a model.
    stats : CrossProducts
        Its sample.
    """

    def __init__(self, search: Search, stats: CrossProducts):
        working = search.working
        self._search, self._unit = search, working.response[1]
        self.names, self._places = _named(working)
        moments = mean_moments(working.model, stats)
        self.groups = tuple(dict.fromkeys(name.group for name in self.names))
        self._weights = np.zeros((len(self.groups), len(self.names)))
        for i, (name, place) in enumerate(zip(self.names, self._places, strict=True)):
            weight = 1.0
            if place is not None:
                b, row, column = place
                weight = float(moments[b][row, column]) * (1.0 if row == column else 2.0)
            self._weights[self.groups.index(name.group), i] = weight
        self.back = self._unit * np.linalg.inv(working.transform) if working.n_fixed else None

    def variances(self, theta: np.ndarray, sigma2: float) -> np.ndarray:
        """(Co)variances (v,) in squared units of the response; sigma^2 in those of the search."""
        return self._variances(self._search, theta, sigma2)

    def _variances(self, search: Search, theta: np.ndarray, sigma2: float) -> np.ndarray:
        covariances = search.covariances(theta)
        parts = [1.0 if at is None else covariances[at[0]][at[1:]] for at in self._places]
        return sigma2 / search.share(theta) * self._unit**2 * np.array(parts)

    def shares(self, variances: np.ndarray) -> np.ndarray:
        """Share (..., s) of each group in the sum of the mean variances (..., v) of all."""
        parts = variances @ self._weights.T
        return parts / parts.sum(axis=-1, keepdims=True)

    def of_normal_effects(self, best: Optimum, stats: CrossProducts) -> np.ndarray:
        """Errors (v + s,) of logarithms of variances and logits of shares of normal effects.

        NaN where they are not known, as with a form over waves, and of covariances.
        """
        values = self.variances(best.theta, best.at.sigma2)
        shares, working = self.shares(values), self._search.working
        is_free = all(block.form is None for block in working.blocks)
        clusters = stats.sampled.clusters
        found = normal_covariance(working, best.theta, clusters) if is_free else None
        if found is None or not (values[-1] > 0.0):
            return np.full(values.size + shares.size, np.nan)
        places, covariance = found
        if not places.keys() >= set(self._places):
            return np.full(values.size + shares.size, np.nan)
        back = self._raw_by_working(places)
        own = back @ covariance @ back.T * values[-1] ** 2
        slopes = (self._weights - shares[:, None] * self._weights.sum(axis=0)) / np.sum(
            self._weights @ values
        )
        spread = np.sqrt(np.maximum(np.einsum("sv,vu,su->s", slopes, own, slopes), 0.0))
        is_variance = [at is None or at[1] == at[2] for at in self._places]
        with np.errstate(divide="ignore", invalid="ignore"):
            of_logs = np.sqrt(np.diagonal(own)) / np.where(is_variance, values, np.nan)
            found = np.concatenate([of_logs, spread / (shares * (1.0 - shares))])
        return np.where(np.isfinite(found), found, np.nan)

    def _raw_by_working(self, places: Mapping[tuple[int, int, int] | None, int]) -> np.ndarray:
        """Derivative (v, c) of the raw (co)variances by those of the working columns.

        Parameters
        ----------
        places : mapping of (int, int, int) or None to int
            Place of each of these, by block, row and column; None: the residual's.
        """
        backs = [np.linalg.inv(block.transform) for block in self._search.working.blocks]
        out = np.zeros((len(self._places), len(places)))
        for row, at in enumerate(self._places):
            if at is None:
                out[row, places[None]] = 1.0
                continue
            b, i, j = at
            for (_, k, m), place in ((key, p) for key, p in places.items() if key and key[0] == b):
                out[row, place] = backs[b][i, k] * backs[b][j, m]
                out[row, place] += backs[b][i, m] * backs[b][j, k] if k != m else 0.0
        return out

    def fixed(self, beta: np.ndarray) -> np.ndarray:
        """Raw fixed effects (p,), their response counted from its origin."""
        return beta if self.back is None else self.back @ beta

    def change(self, theta: np.ndarray, sigma2: float, free: np.ndarray) -> np.ndarray:
        """Derivative (v, f + 1) of the (co)variances by parameters that are free, log sigma^2.

        Parameters
        ----------
        theta : ndarray (t,)
            Parameters of the covariance.
        sigma2 : float
            Residual variance there, in squared working units.
        free : ndarray of int (f,)
            Places of those parameters that are free.
        """
        steps = relative_steps(theta, SQUARE_STEP)
        here, held = self.variances(theta, sigma2), self._search.holding(theta)
        by = np.zeros((0, here.size))
        if theta.size:
            by = jacobian(lambda each: self._variances(held, each, sigma2), theta, steps)[free]
        return np.vstack([by, here]).T


def _named(working: Working) -> tuple[tuple[VarianceName, ...], list]:
    """Names of the (co)variances, and the random term, row and column of each; None: residual.

    A term in the residual's place leaves none.
    """
    names, places = [], []
    for b, (term, block) in enumerate(zip(working.model.random, working.blocks, strict=True)):
        own, size = block.names, block.size
        pairs = [(i, i) for i in range(size)]
        pairs += [(i, j) for j in range(size) for i in range(j + 1, size)]
        for i, j in pairs:
            names.append(VarianceName(term.name, own[j], None if i == j else own[i]))
            places.append((b, i, j))
    if any(block.is_residual for block in working.blocks):
        return tuple(names), places
    return (*names, VarianceName(RESIDUAL, INTERCEPT)), [*places, None]
