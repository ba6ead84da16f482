"""Parametric bootstrap of likelihood-ratio tests, from cross-products alone."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import numpy as np

from mlm.errors import FitError, ModelError, StatisticsError
from mlm.results.reason import Reason
from mlm.results.reference import Simulated
from mlm.results.test import RefusedTest
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.design.refusals import check_unweighted
from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.fitting.fit import Fit, check_sample
from mlm.statistics.fitting.form_search import optimum_of_forms
from mlm.statistics.fitting.optimise import optimum
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.inference.likelihood_ratio import likelihood_ratio_test
from mlm.statistics.inference.reference import tail
from mlm.statistics.likelihood.covariance import working_theta
from mlm.statistics.likelihood.making import working_statistics

REFUSED = {
    "different_samples": "the fits use different samples, accumulate once with all columns",
    "different_criteria": "the fits are by different criteria",
    "different_fixed_effects": 'REML criteria of different fixed effects, fit both by "ML"',
    "not_nested": "the models are not nested",
    "same_parameters": "the models have the same parameters",
    "fits_worse": "the larger model fits worse, one of them has not converged",
}


@dataclass(frozen=True)
class BootstrapTest:
    """A likelihood-ratio test whose reference distribution was drawn.

    Attributes
    ----------
    statistic : float
        Difference of the deviances.
    df : int
        Difference of the numbers of parameters.
    p_value : float
        ``(1 + draws as large) / (1 + draws)``.
    std_error : float
        Monte Carlo standard error of the p-value.
    draws : ndarray
        Statistics of the responses drawn from the smaller model, sorted.
    reference : Simulated
        Their distribution.
    failed : int
        Draws for which a model could not be fitted; left out of ``draws``.
    seed : int
        Seed of the draws.
    """

    statistic: float
    df: int
    p_value: float
    std_error: float
    draws: np.ndarray = field(repr=False)
    failed: int
    seed: int

    @property
    def reference(self) -> Simulated:
        """The distribution that was drawn."""
        return Simulated(draws=self.draws.size, of="responses")


def bootstrap_test(
    small: Fit, large: Fit, stats: CrossProducts, draws: int = 999, seed: int = 1
) -> BootstrapTest:
    """Likelihood-ratio test against responses drawn from the smaller model.

    Parameters
    ----------
    small, large : Fit
        Nested fits to the same rows by the same criterion.
    stats : CrossProducts
        Their sample.
    draws : int
        Number of responses.
    seed : int
        Seed; the same seed gives the same test.

    Returns
    -------
    BootstrapTest

    Raises
    ------
    StatisticsError
        When the fits are not comparable, or most draws cannot be fitted.

    Source
    ------
    Davison and Hinkley (1997), Bootstrap Methods and their Application, section 4.2; (1 + k) /
    (1 + B): Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9, 39.
    """
    check_sample(small, stats)
    check_sample(large, stats)
    check_unweighted(large, "the parametric bootstrap")
    observed = likelihood_ratio_test(small, large)
    if isinstance(observed, RefusedTest):
        raise StatisticsError(f"no bootstrap test: {_why(observed.reason)}")
    drawn = draw_statistics(small, large, stats, draws, seed)
    found = np.sort(drawn[np.isfinite(drawn)])
    if 2 * found.size < draws:
        raise StatisticsError(f"{draws - found.size} of {draws} drawn responses cannot be fitted.")
    p_value = tail(Simulated(draws=found.size, of="responses"), observed.statistic, found)
    error = float(np.sqrt(p_value * (1.0 - p_value) / (1.0 + found.size)))
    return BootstrapTest(
        observed.statistic, observed.df, p_value, error, found, draws - found.size, seed
    )


def _why(reason: Reason) -> str:
    """A reason for the message of an error."""
    numbers = {name: value for name, value in reason.model_dump().items() if name != "kind"}
    details = ", ".join(f"{name} {value}" for name, value in numbers.items() if value is not None)
    message = REFUSED.get(reason.kind, reason.kind.replace("_", " "))
    return f"{message} ({details})." if details else f"{message}."


def draw_statistics(
    small: Fit, large: Fit, stats: CrossProducts, draws: int, seed: int
) -> np.ndarray:
    """Statistics (draws,) of responses drawn from the smaller model; NaN where a fit failed.

    Parameters
    ----------
    small : Fit
        The smaller model.
    large : Fit
        The larger model, fitted to the same rows.
    stats : CrossProducts
        Their sample.
    draws : int
        Number of draws.
    seed : int
        Seed of the draws.
    """
    rng = np.random.default_rng(seed)
    needed = {term.group for fit in (small, large) for term in fit.model.random}
    others = (v.group for v in stats.all_levels if v.group not in needed)
    drawing = drawing_of(small, stats.without_levels(*others))
    out = np.empty(draws)
    for i in range(draws):
        sample = drawing.draw(rng)
        try:
            out[i] = max(_deviance(small, sample, small) - _deviance(large, sample, small), 0.0)
        except (FitError, ModelError):  # a form's parameters are not told apart in a draw
            out[i] = np.nan
    return out


def _deviance(fit: Fit, sample: CrossProducts, null: Fit) -> float:
    """The criterion of a model at its optimum for a drawn sample."""
    if fit.ratios is not None:
        return fit_model(fit.model, sample, fit.criterion).deviance
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        working = working_statistics(fit.model, sample)
    if any(block.form for block in working.blocks):
        return optimum_of_forms(working, fit.criterion).at.deviance
    start = None
    if fit.model.random == null.model.random and not null.is_singular:
        start = working_theta(null.omegas, working.blocks)
    return optimum(working, fit.criterion, start).at.deviance
