"""Does the residual variance differ between waves? One variance a wave, from the cross-products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.results.reference import ChiSquared
from mlm.results.test import Test
from mlm.statistics.evidence.by_wave import reweighted
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.inference.reference import tested
from mlm.statistics.inference.residual_variances import newton_over_ratios

SETTLED_GAIN = 1e-3  # deviance to which the variances are settled


@dataclass(frozen=True)
class ResidualByWave:
    """Residual variance of each wave.

    Attributes
    ----------
    waves : tuple of str
    variances : ndarray (T,)
        In squared units of the response.
    fit : Fit
        The model with these variances; coefficients are those with the waves weighted by them.
    test : Test
        Against one variance for all waves.
    """

    waves: tuple[str, ...]
    variances: np.ndarray
    fit: Fit
    test: Test


def residual_by_wave(plan: Plan, model: Model, stats: CrossProducts) -> ResidualByWave:
    """Fit a model with random intercepts and a residual variance for each wave, by REML.

    Parameters
    ----------
    plan : Plan
        At least two waves.
    model : Model
        The claim.
    stats : CrossProducts
        The sample, with the waves kept apart.

    Returns
    -------
    ResidualByWave

    Raises
    ------
    StatisticsError, FitError
        When the waves are not kept apart, or the variances do not settle.
    """
    waves = plan.time.waves

    def solved(logs: np.ndarray, start: Fit | None) -> Fit:
        ratios = np.exp(np.append(0.0, logs))
        weights = dict(zip(waves, 1.0 / ratios, strict=True))
        return fit_model(model, reweighted(plan, stats, weights), "REML", start)

    zero = np.zeros(len(waves) - 1)
    equal = solved(zero, None)
    logs, best = newton_over_ratios(solved, zero, equal, SETTLED_GAIN)
    statistic, df = max(equal.deviance - best.deviance, 0.0), len(waves) - 1
    test = tested(statistic, df, ChiSquared(df=df))
    return ResidualByWave(waves, best.sigma2 * np.exp(np.append(0.0, logs)), best, test)
