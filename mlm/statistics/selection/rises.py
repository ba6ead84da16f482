"""Rises of the deviance drawn from the model without the free terms, and their mean.

At variance components that are held the mean of the rise is known, and the rise varies between
draws almost as the one with estimated components does. The mean of the latter is therefore that
known mean and what the draws show of the difference: a control variate.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from mlm.errors import FitError
from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.refit import lowest
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.likelihood.covariance import level_matrices, working_theta
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.selection.few_units import without_many_groups

SEED = 19_740_201


class DrawnRises:
    """Rises of the deviance of a model over that of a larger one, the smaller one being true.

    Innermost levels with many groups are eliminated first, their variances held: what is drawn
    and fitted then has few groups, however many rows there are.

    Parameters
    ----------
    full : Fit
        The larger model by ML.
    smallest : Model
        The smaller model, nested in it.
    stats : CrossProducts
        Their sample.
    """

    def __init__(self, full: Fit, smallest: Model, stats: CrossProducts):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._make(full, smallest, excerpt(full.model, stats))
        self._rng = np.random.default_rng(SEED)
        self._found: list[tuple[float, float]] = []
        self._bends: list[np.ndarray | None] = [None, None]

    def _make(self, full: Fit, smallest: Model, part: CrossProducts) -> None:
        model, left = without_many_groups(fit_model(smallest, part, "REML"), part)
        self._small = fit_model(model, left, "REML")
        larger = full.model.with_random(self._small.model.random)
        large = fit_model(larger, left, "ML", start=self._small)
        self._models = (self._small.model, large.model)
        self._columns = (self._small.beta.size, large.beta.size)
        self._drawing = drawing_of(replace(self._small, criterion="ML"), left)

    @property
    def size(self) -> int:
        """Draws for which both models could be fitted."""
        return len(self._found)

    @property
    def rises(self) -> np.ndarray:
        """Rises with estimated and with held variance components (draws, 2)."""
        return np.array(self._found).reshape(-1, 2)

    @property
    def held_mean(self) -> float:
        """Mean of the rise at held variance components.

        The residual sums of squares of the two models are then in the ratio of a beta variable
        with (n - p) / 2 and (p - p0) / 2 degrees, whose logarithm has this mean.
        """
        from scipy.special import digamma

        n, (few, many) = self._small.n_obs, self._columns
        return float(n * (digamma(0.5 * (n - few)) - digamma(0.5 * (n - many))))

    def more(self, draws: int) -> None:
        """Add draws; those for which a model cannot be fitted are left out."""
        for _ in range(draws):
            sample = self._drawing.draw(self._rng)
            try:
                self._found.append(self._rise(sample))
            except FitError:
                continue

    def mean(self) -> tuple[float, float]:
        """Mean of the rise, and its Monte Carlo standard error.

        Source
        ------
        Regression on a control variate: Lavenberg and Welch (1981), Management Science 27, 322-335.
        """
        rise, held = self.rises.T
        if rise.size < 3 or not held.var() > 0.0:
            return float(rise.mean()), float(np.inf)
        slope = float(np.cov(rise, held)[0, 1] / held.var(ddof=1))
        left = rise - slope * (held - self.held_mean)
        centred = held - held.mean()
        spread = 1.0 / rise.size + (held.mean() - self.held_mean) ** 2 / float(centred @ centred)
        variance = float(left.var()) * rise.size / (rise.size - 2)
        return float(left.mean()), float(np.sqrt(variance * spread))

    def _rise(self, sample: CrossProducts) -> tuple[float, float]:
        estimated, held = [], []
        for place, model in enumerate(self._models):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                working = working_statistics(model, sample)
            deviance, self._bends[place] = lowest(
                self._small, working, sample, "ML", self._bends[place]
            )
            estimated.append(deviance)
            theta = working_theta(self._small.omegas, working.blocks)
            held.append(evaluate(working, level_matrices(theta, working), "ML").deviance)
        return max(estimated[0] - estimated[1], 0.0), held[0] - held[1]
