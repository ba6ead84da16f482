"""A fit together with the statistics it came from, for questions that need both.

``Fit`` is the conclusion alone and can be stored; a ``Solution`` lives in memory only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.model import Model
from mlm.statistics.covariance import level_matrices, theta_of
from mlm.statistics.crossproducts import CrossProducts
from mlm.statistics.fit import Fit, fit_working, ordered_model
from mlm.statistics.likelihood import Evaluation, evaluate
from mlm.statistics.optimise import Optimum
from mlm.statistics.satterthwaite import degrees_of_freedom
from mlm.statistics.working import Working, working_statistics


@dataclass(frozen=True)
class Solution:
    """A fit, its evidence, and the point of the likelihood where they meet."""

    fit: Fit
    stats: CrossProducts
    working: Working
    best: Optimum

    def contrast(self, weights: np.ndarray) -> dict[str, float]:
        """A linear combination of the fixed effects.

        Parameters
        ----------
        weights : ndarray (p,)
            One weight a fixed effect, in the order of ``fit.names``.

        Returns
        -------
        dict
            ``estimate``, ``std_error``, ``df`` (Satterthwaite), ``p_value``, and the 95 %
            interval ``lower``, ``upper``, in units of the response.
        """
        from scipy.stats import t as student

        fit = self.fit
        estimate = float(weights @ fit.beta)
        error = float(np.sqrt(weights @ fit.covariance @ weights))
        reml = fit.criterion == "REML"
        df = float(degrees_of_freedom(self.working, self.best, reml, weights[None, :])[0])
        reach = float(student.ppf(0.975, df)) * error
        return {
            "estimate": estimate,
            "std_error": error,
            "df": df,
            "p_value": float(2.0 * student.sf(abs(estimate) / error, df)),
            "lower": estimate - reach,
            "upper": estimate + reach,
        }


def solve(
    model: Model, stats: CrossProducts, criterion: str = "REML", start: Fit | None = None
) -> Solution:
    """Fit a model and keep what it was fitted to; arguments and errors as ``fit_model``."""
    model = ordered_model(model, stats)
    working = working_statistics(model, stats)
    fit, best = fit_working(model, stats, working, criterion, start)
    return Solution(fit, stats, working, best)


def evaluation_of(fit: Fit, stats: CrossProducts) -> tuple[Working, Evaluation]:
    """The working statistics of a stored fit, groups apart, and the criterion at its estimates."""
    working = working_statistics(fit.model, stats, pooled=False)
    pairs = zip(fit.omegas, working.blocks, strict=True)
    theta = theta_of([block.transform @ omega @ block.transform.T for omega, block in pairs])
    reml = fit.criterion == "REML"
    return working, evaluate(working, level_matrices(theta, working), reml)
