"""The next wave: effects predicted with their errors, those of the covariance among them.

At each of some covariances, as likely as the data make them, the effects to come are normal around
what the effects of the waves observed foretell; all together they are a mixture of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlm.nouns.distributions import normal_quantile, normal_tail
from mlm.nouns.plan import Plan
from mlm.statistics.answers.over_time.carried_forward import (
    CarriedModel,
    NextEffects,
    next_effects,
    next_time,
)
from mlm.statistics.answers.units.ranks import RANK_DRAWS, Ranks, ranks_of_draws
from mlm.statistics.fitting.effect_sums import effect_sums, joint_errors, posterior_sums
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.likelihood.symmetric_root import symmetric_root

PREDICTION_SEED = 20_240_603
TAILS = (0.025, 0.975)
HALVINGS = 60  # of the width in which the quantile of a mixture lies


@dataclass(frozen=True)
class MixedNormals:
    """Normal distributions of the same G quantities, equally likely.

    Attributes
    ----------
    means, variances : ndarray (n, G)
        Of each of them.
    """

    means: np.ndarray
    variances: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Means (G,)."""
        return self.means.mean(axis=0)

    @property
    def error(self) -> np.ndarray:
        """Standard deviations (G,)."""
        return np.sqrt(self.variances.mean(axis=0) + self.means.var(axis=0))

    def times(self, changes: np.ndarray) -> MixedNormals:
        """The same times a common factor, one on average, with some variance (n,) in each of them.

        By the mean and the variance of each product.
        """
        extra = changes[:, None]
        variances = (1.0 + extra) * self.variances + extra * self.means**2
        return MixedNormals(self.means, variances)

    def below(self, values: np.ndarray) -> np.ndarray:
        """Probability (G,) to be below some values (G,)."""
        sds = np.sqrt(np.maximum(self.variances, 1e-300))
        return normal_tail((self.means - values) / sds).mean(axis=0)

    def quantile(self, probability: float) -> np.ndarray:
        """Quantiles (G,)."""
        own = self.means + normal_quantile(probability) * np.sqrt(self.variances)
        low, high = own.min(axis=0), own.max(axis=0)
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            is_below = self.below(middle) < probability
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        return 0.5 * (low + high)


@dataclass(frozen=True)
class PredictedWave:
    """Effects of the units of one level in a wave that the model has not seen.

    Attributes
    ----------
    model : CarriedModel
        The model that was carried forward.
    time : float
        Time of the wave.
    units : list of tuple of str
        Ids of the G units.
    carried : MixedNormals
        Of the effects were their standard deviation that of the last wave, in units of the
        response; errors hold what the new wave adds.
    changes : ndarray (n,)
        Variance of the factor that all effects of the wave may have beside that.
    variance : float
        Mean variance of the true effects in that wave, without this factor.
    ranks : Ranks
        Where each unit may stand in the wave.
    draws : int
        Draws behind the ranks.
    """

    model: CarriedModel
    time: float
    units: list[tuple[str, ...]]
    carried: MixedNormals
    changes: np.ndarray
    variance: float
    ranks: Ranks
    draws: int

    @cached_property
    def effects(self) -> MixedNormals:
        """Of the effects, in units of the response."""
        return self.carried.times(self.changes)

    @property
    def interval(self) -> tuple[np.ndarray, np.ndarray]:
        """Ends (G,) of the 95 % intervals."""
        low, high = (self.effects.quantile(tail) for tail in TAILS)
        return low, high

    @property
    def reliability(self) -> float:
        """Share of the variance of the new effects that is known in advance; of any factor."""
        if self.variance == 0.0:
            return 0.0
        return float(np.clip(1.0 - np.mean(self.carried.error**2) / self.variance, 0.0, 1.0))


def predict_wave(
    plan: Plan, model: CarriedModel, others: Sequence[CarriedModel] = ()
) -> PredictedWave:
    """Effects in the wave after the last, from the effects in the waves observed.

    Parameters
    ----------
    plan : Plan
        The waves.
    model : CarriedModel
        A model that reaches beyond the waves observed.
    others : sequence of CarriedModel
        The same of other imputations of the sample: the effects to come are as likely by each.

    Returns
    -------
    PredictedWave

    Source
    ------
    Leckie and Goldstein (2009), J. R. Statist. Soc. A 172, 835-851; Harville and Jeske (1992), J.
    Am. Statist. Ass. 87, 724-731 (errors of predictions with estimated variances).
    """
    models = (model, *others)
    rng = np.random.default_rng(PREDICTION_SEED)
    each = -(-RANK_DRAWS // (len(models) * model.n_scenarios))
    parts = [
        _predicted(plan, one, scenario, rng, each) for one in models for scenario in one.scenarios()
    ]
    means, variances, draws, ahead = zip(*parts, strict=True)
    carried = MixedNormals(np.array(means), np.array(variances))
    drawn = np.concatenate(draws)
    return PredictedWave(
        model,
        plan.time.origin + next_time(plan.time.times),
        model.solution.stats.level(model.group).ids,
        carried,
        np.array([each.change for each in ahead]),
        float(np.mean([each.variance for each in ahead])),
        ranks_of_draws(carried.mean, drawn, len(drawn)),
        len(drawn),
    )


def _predicted(
    plan: Plan, model: CarriedModel, scenario: Evaluated, rng: np.random.Generator, draws: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, NextEffects]:
    """Means, variances and draws of the effects at one covariance, a common factor left out.

    Neither the order of the units nor what of it is known depends on the factor.
    """
    ahead = next_effects(plan, scenario, model.group)
    size = scenario.fit.n_groups[":".join(model.group)]
    if model.is_large:
        sums = effect_sums(scenario, ahead.weights, ahead.left)
        mean, spread = sums.mean, sums.comparative
        noise = rng.standard_normal((draws // 10, size)) * np.sqrt(spread)
    else:
        mean = posterior_sums(scenario, ahead.weights)
        joint = joint_errors(scenario, ahead.weights) + ahead.left * np.eye(size)
        spread = np.diagonal(joint)
        noise = rng.standard_normal((draws, size)) @ symmetric_root(joint)
    return mean, spread, mean + noise, ahead
