"""The next wave: effects predicted with their errors, and how well the last wave was predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import StatisticsError
from mlm.nouns.coding import model_columns
from mlm.nouns.plan import Plan
from mlm.nouns.quantiles import TWO_SIDED_95
from mlm.statistics.answers.over_time.form_choice import best_form, compared_forms, frame_over_waves
from mlm.statistics.answers.over_time.frame import FormFit
from mlm.statistics.answers.over_time.next_wave_means import next_wave_means, predict_inner_units
from mlm.statistics.answers.units.ranks import Ranks, rank_distribution
from mlm.statistics.evidence.by_wave import wave_sums, without_wave
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import raw_vector
from mlm.statistics.evidence.tree import PRESENT
from mlm.statistics.fitting.effects import joint_covariance, posterior_means
from mlm.statistics.fitting.evaluated import Evaluated, evaluation_of
from mlm.statistics.fitting.fit import Fit

MAX_JOINT_EFFECTS = 1500  # effects, units times waves, up to which their errors are taken together


@dataclass(frozen=True)
class PredictedWave:
    """Effects of the units of one level in a wave that the model has not seen.

    Attributes
    ----------
    form : str
        Form of the covariance over waves that was carried forward.
    time : float
        Time of the wave.
    units : list of tuple of str
        Ids of the G units.
    mean, error : ndarray (G,)
        Predicted effect and the standard deviation of its error, in units of the response. Errors
        hold what the new wave adds.
    sd : float
        Standard deviation of the true effects in that wave.
    joint : ndarray (G, G) or None
        Covariance of the errors of all units; None where they are too many, and errors of
        different units are taken as independent.
    """

    form: str
    time: float
    units: list[tuple[str, ...]]
    mean: np.ndarray
    error: np.ndarray
    sd: float
    joint: np.ndarray | None = None

    @property
    def reliability(self) -> float:
        """Mean share of the variance of the new effects that is known in advance."""
        if self.sd == 0.0:
            return 0.0
        return float(np.mean(np.clip(1.0 - self.error**2 / self.sd**2, 0.0, 1.0)))

    @property
    def ranks(self) -> Ranks:
        """Where each unit may stand in the wave."""
        spread = self.error**2 if self.joint is None else self.joint
        return rank_distribution(self.mean, spread)


def next_time(times: Sequence[float]) -> float:
    """Time of the wave after the last, one more step of the last length."""
    return float(2.0 * times[-1] - times[-2])


def predict_wave(fitted: FormFit, evaluated: Evaluated, group: str, time: float) -> PredictedWave:
    """Effects in a wave at some time, from the effects in the waves observed.

    Parameters
    ----------
    fitted : FormFit
        A form that reaches beyond the waves observed.
    evaluated : Evaluated
        Its fit and sample.
    group : str
        Grouping factor of the units.
    time : float
        Time of the wave.

    Returns
    -------
    PredictedWave

    Source
    ------
    Leckie and Goldstein (2009), J. R. Statist. Soc. A 172, 835-851.
    """
    effects = posterior_means(evaluated).of(group)
    onto, left = carried(fitted, time)
    mean = effects.mean @ onto
    spread = np.einsum("t,gts,s->g", onto, effects.comparative, onto)
    error = np.sqrt(left + np.maximum(spread, 0.0))
    sd = float(np.sqrt(fitted.matrix_with(time)[-1, -1]))
    joint = None
    if effects.mean.size <= MAX_JOINT_EFFECTS:
        joint = joint_covariance(evaluated, group, onto) + left * np.eye(mean.size)
    units = evaluated.stats.level(tuple(group.split(":"))).ids
    return PredictedWave(fitted.form.name, time, units, mean, error, sd, joint)


def carried(fitted: FormFit, time: float) -> tuple[np.ndarray, float]:
    """Weights (T,) of the effects observed in the effect at a time, and the variance left."""
    whole = fitted.matrix_with(time)
    seen, new = whole[:-1, :-1], whole[-1, :-1]
    onto = new @ np.linalg.pinv(seen, rcond=1e-10, hermitian=True)
    return onto, max(float(whole[-1, -1] - onto @ new), 0.0)


@dataclass(frozen=True)
class LastWave:
    """The last wave, predicted from the waves before it and then looked at.

    Attributes
    ----------
    prediction : PredictedWave
        From the model without the last wave.
    wave : str
        The last wave.
    units : int
        Units that are in the last wave and in an earlier one.
    coverage : float
        Share of the units whose mean in the last wave lies in its 95 % prediction interval.
    correlation : float
        Of predicted effects and means of the last wave over the units. What earlier waves tell of
        the units inside that return is taken out of the means.
    expected : float
        That correlation if the model is right.
    reliability : float
        Of the means of the last wave: what the correlation is held back by beside the change.
    returning : float
        Share of the rows of the last wave in units inside that were seen before.
    """

    prediction: PredictedWave
    wave: str
    units: int
    coverage: float
    correlation: float
    expected: float
    reliability: float
    returning: float


def back_test(plan: Plan, final: Fit, group: tuple[str, ...], stats: CrossProducts) -> LastWave:
    """Fit without the last wave, predict it, compare.

    Parameters
    ----------
    plan : Plan
        At least three waves.
    final : Fit
        The final model of all waves; its fixed part is taken out of the means of the last wave.
    group : tuple of str
        Id columns of the units.
    stats : CrossProducts
        The sample, with the waves kept apart.

    Returns
    -------
    LastWave

    Raises
    ------
    StatisticsError, ModelError, FitError
        When the waves are not kept apart or the earlier waves carry no model.
    """
    wave, name = plan.time.waves[-1], ":".join(group)
    earlier = without_wave(plan, stats, wave)
    frame = frame_over_waves(plan, final.model, group, earlier)
    fitted = best_form(compared_forms(frame, with_unstructured=False))
    evaluated = evaluation_of(fitted.fit, earlier)
    predicted = predict_wave(fitted, evaluated, name, plan.time.times[-1])
    coming = next_wave_means(plan, stats, group, wave)
    onto, left = carried(fitted, predicted.time)
    known, variance = predict_inner_units(evaluated, coming, onto)
    new, noise = (coming.spread(fitted.fit, only)[coming.seen] for only in (True, False))
    there = coming.rows[coming.seen] > 0.0
    if not there.any():
        raise StatisticsError(f"no unit of {name} is seen in the last wave and before it.")
    seen = (wave_means(plan, final, group, stats, wave)[coming.seen] - known)[there]
    guess, variance = predicted.mean[there], (variance + left + new)[there]
    own = np.maximum(predicted.sd**2 - predicted.error[there] ** 2, 0.0)
    seen = seen - np.average(seen, weights=1.0 / (own + variance))
    varies = guess.std() > 0.0 and seen.std() > 0.0
    return LastWave(
        predicted,
        wave,
        int(there.sum()),
        float(np.mean(np.abs(seen - guess) <= TWO_SIDED_95 * np.sqrt(variance))),
        float(np.corrcoef(guess, seen)[0, 1]) if varies else float("nan"),
        float(np.sqrt(own.mean() / (own + variance).mean())),
        float(np.mean(predicted.sd**2 / (predicted.sd**2 + noise[there]))),
        coming.returning,
    )


def wave_means(
    plan: Plan, fit: Fit, group: tuple[str, ...], stats: CrossProducts, wave: str
) -> np.ndarray:
    """Mean residual (G,) of each unit in one wave, in units of the response; NaN without rows.

    Parameters
    ----------
    plan : Plan
        The analysis.
    fit : Fit
        The model.
    group : tuple of str
        Id columns of the units.
    stats : CrossProducts
        The sample, with the waves told apart.
    wave : str
        Name of the wave.
    """
    fixed, _, response = model_columns(fit.model, stats.columns.categories)
    beta = dict(zip(fit.names, fit.beta, strict=True))
    vector = raw_vector(response.column, stats)
    for coded in fixed:
        vector = vector - beta.get(coded.name, 0.0) * raw_vector(coded.column, stats)
    sums = wave_sums(plan, stats.level(group), wave)
    return (sums @ vector) / np.where(sums[:, 0] > PRESENT, sums[:, 0], np.nan)
