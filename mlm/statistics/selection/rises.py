"""Rises of the deviance drawn from the model without the free terms, and the rise seldom passed.

At variance components that are held the distribution of the rise is known. With estimated ones a
rise is that one times a ratio, which varies little between draws: its tail is that of the known
distribution mixed over the ratios of the draws. Where units are few the ratio falls as the rise
grows; draws count in proportion to their rises, so that those near the tail have the say, and what
is left of that makes the bound wider, never narrower.

Every draw has variances of its own, as likely as the data make them: with those estimated for all,
a variance that is estimated as zero, though it need not be, would judge the terms of few units by
units inside these, which are many.
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
from mlm.statistics.fitting.solution import fit_model, solve
from mlm.statistics.fitting.starts import start_from
from mlm.statistics.inference.likely_parameters import likely_parameters
from mlm.statistics.likelihood.covariance import level_matrices, working_theta
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.making import redrawn, working_statistics
from mlm.statistics.selection.few_units import without_many_groups

SEED = 19_740_201
SMALLEST_RATIO = 1e-12  # of a rise to that at held variances; smaller ones are zero
MOST_AN_OBSERVATION = 50.0  # rise an observation at which no probability is left
NEAR_IN_RISES = 1e-4  # deviance that a further step could gain, at which searches end
STEP_OF_TAIL = 1e-3  # relative, of the derivative of the tail


class DrawnRises:
    """Rises of the deviance of a model over that of a larger one, the smaller one being true.

    Innermost levels with many groups are eliminated first, and crossed factors with many after
    them, their variances held: what is drawn and fitted then has few groups, however many rows
    there are.

    Parameters
    ----------
    full : Fit
        The larger model by ML.
    smallest : Model
        The smaller model, nested in it.
    stats : CrossProducts
        Their sample.

    Attributes
    ----------
    holds_factors : bool
        Whether crossed factors with many groups were eliminated too.
    """

    def __init__(self, full: Fit, smallest: Model, stats: CrossProducts):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._make(full, smallest, excerpt(full.model, stats))
        self._rng = np.random.default_rng(SEED)
        self._found: list[tuple[float, float]] = []

    def _make(self, full: Fit, smallest: Model, part: CrossProducts) -> None:
        whole = fit_model(smallest, part, "REML", start=full)
        model, left = without_many_groups(whole, part)
        found = solve(model, left, "REML", start=whole)
        self._small, self._bends = found.fit, [found.best.hessian] * 2
        large = working_statistics(full.model.with_random(self._small.model.random), left)
        self._workings = (found.working, large)
        self._columns = (self._small.beta.size, large.n_fixed)
        self.holds_factors = len(left.crossing.factors) < len(part.crossing.factors)
        self._left, self._solution = left, found

    @property
    def size(self) -> int:
        """Draws for which both models could be fitted."""
        return len(self._found)

    @property
    def rises(self) -> np.ndarray:
        """Rises with estimated and with held variance components (draws, 2)."""
        return np.array(self._found).reshape(-1, 2)

    def held_tail(self, rise: np.ndarray) -> np.ndarray:
        """Probability of a larger rise at held variance components.

        The residual sums of squares of the two models are then in the ratio of a beta variable
        with (n - p) / 2 and (p - p0) / 2 degrees of freedom.

        Parameters
        ----------
        rise : ndarray
            In units of the deviance.
        """
        from scipy.special import betainc

        n, (few, many) = self._small.n_obs, self._columns
        return betainc(0.5 * (n - many), 0.5 * (many - few), np.exp(-rise / n))

    def more(self, draws: int) -> None:
        """Add draws; those for which a model cannot be fitted are left out.

        Each has variances of its own, as likely as the data make them.
        """
        for theta in likely_parameters(self._solution, draws, seed=self._rng):
            try:
                true = self._solution.evaluated_at(theta).fit
                sample = drawing_of(replace(true, criterion="ML"), self._left).draw(self._rng)
                self._found.append(self._rise(sample, true))
            except FitError:
                continue

    def critical(self, alpha: float) -> tuple[float, float]:
        """Rise that is passed with a probability, and its Monte Carlo standard error.

        Parameters
        ----------
        alpha : float
            The probability.

        Source
        ------
        Conditional Monte Carlo: Asmussen and Glynn (2007), Stochastic Simulation, section V.4.
        """
        from scipy.optimize import brentq

        rise, held = self.rises.T
        ratios, weights = np.maximum(rise / held, SMALLEST_RATIO), held / held.sum()

        def beyond(value: float) -> np.ndarray:
            return self.held_tail(value / ratios)

        def tail(value: float) -> float:
            return float(weights @ beyond(value))

        largest = ratios.max() * self._small.n_obs * MOST_AN_OBSERVATION
        value = float(brentq(lambda c: tail(c) - alpha, 0.0, largest))
        step = STEP_OF_TAIL * value
        slope = (tail(value - step) - tail(value + step)) / (2.0 * step)
        error = np.linalg.norm(weights * (beyond(value) - alpha)) / slope
        return value, float(error)

    def _rise(self, sample: CrossProducts, true: Fit) -> tuple[float, float]:
        estimated, held, start = [], [], None
        for place, known in enumerate(self._workings):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                working = redrawn(known, sample)
            start = start or start_from(true, working.model, working, sample)
            deviance, self._bends[place], start = lowest(
                start, working, sample, self._small, self._bends[place], NEAR_IN_RISES
            )
            estimated.append(deviance)
            theta = working_theta(true.omegas, working.blocks)
            held.append(evaluate(working, level_matrices(theta, working), "ML").deviance)
        return max(estimated[0] - estimated[1], 0.0), held[0] - held[1]
