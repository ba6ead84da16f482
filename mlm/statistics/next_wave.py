"""The next wave: effects predicted with their errors, and how well the last wave was predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.coding import model_columns
from mlm.plan import WAVE, Plan
from mlm.statistics.by_wave import wave_sums, without_wave
from mlm.statistics.crossproducts import CrossProducts
from mlm.statistics.effects import joint_covariance, posterior_means
from mlm.statistics.fit import Fit
from mlm.statistics.quantities import raw_vector
from mlm.statistics.ranks import Ranks, rank_distribution
from mlm.statistics.stability_details import best_form, compared_forms, frame_over_waves
from mlm.statistics.wave_frame import FormFit

NORMAL = 1.959963984540054
MAX_JOINT = 1500  # effects, units times waves, up to which their errors are taken together


@dataclass(frozen=True)
class Prediction:
    """Effects of the units of one level in a wave that the model has not seen.

    Attributes
    ----------
    form : str
        Form of the covariance over waves that was carried forward.
    time : float
        Time of the wave.
    units : ndarray of str (G,)
    mean, error : ndarray (G,)
        Predicted effect and the standard deviation of its error, in units of the response. Errors
        hold what the new wave adds.
    sd : float
        Standard deviation of the true effects in that wave.
    joint : ndarray (G, G) or None
        Covariance of the errors of all units; None where they are too many, or factors are crossed,
        and errors of different units are taken as independent.
    """

    form: str
    time: float
    units: np.ndarray
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


def predict_wave(fitted: FormFit, stats: CrossProducts, group: str, time: float) -> Prediction:
    """Effects in a wave at some time, from the effects in the waves observed.

    Parameters
    ----------
    fitted : FormFit
        A form that reaches beyond the waves observed.
    stats : CrossProducts
        The sample it was fitted to.
    group : str
        Grouping factor of the units.
    time : float
        Time of the wave.

    Returns
    -------
    Prediction

    Source
    ------
    Leckie and Goldstein (2009), J. R. Statist. Soc. A 172, 835-851.
    """
    effects = posterior_means(fitted.fit, stats).of(group)
    whole = fitted.matrix_with(time)
    seen, new = whole[:-1, :-1], whole[-1, :-1]
    onto = new @ np.linalg.pinv(seen, rcond=1e-10, hermitian=True)
    mean = effects.mean @ onto
    left = max(float(whole[-1, -1] - onto @ new), 0.0)
    spread = np.einsum("t,gts,s->g", onto, effects.comparative, onto)
    error = np.sqrt(left + np.maximum(spread, 0.0))
    sd = float(np.sqrt(whole[-1, -1]))
    joint = None
    if effects.mean.size <= MAX_JOINT and stats.crossing is None:
        joint = joint_covariance(fitted.fit, stats, group, onto) + left * np.eye(mean.size)
    return Prediction(fitted.form.name, time, effects.units, mean, error, sd, joint)


@dataclass(frozen=True)
class BackTest:
    """The last wave, predicted from the waves before it and then looked at.

    Attributes
    ----------
    prediction : Prediction
        From the model without the last wave.
    wave : str
        The last wave.
    units : int
        Units that are in the last wave and in an earlier one.
    coverage : float
        Share of the units whose mean in the last wave lies in its 95 % prediction interval.
    correlation : float
        Of predicted effects and means of the last wave over the units.
    reliability : float
        Of the means of the last wave: what the correlation is held back by beside the change.
    """

    prediction: Prediction
    wave: str
    units: int
    coverage: float
    correlation: float
    reliability: float


def back_test(plan: Plan, final: Fit, group: tuple[str, ...], stats: CrossProducts) -> BackTest:
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
    BackTest

    Raises
    ------
    StatisticsError, ModelError, FitError
        When the waves are not kept apart or the earlier waves carry no model.
    """
    wave, name = plan.time.waves[-1], ":".join(group)
    earlier = without_wave(plan, stats, wave)
    frame = frame_over_waves(plan, final.model, group, earlier)
    fitted = best_form(compared_forms(frame, with_unstructured=False))
    predicted = predict_wave(fitted, earlier, name, plan.time.times[-1])
    means, errors = wave_means(plan, final, group, stats, wave)
    labels = stats.level(group).labels
    place = {label: i for i, label in enumerate(labels)}
    at = np.array([place[unit] for unit in predicted.units])
    both = np.isfinite(means[at])
    seen, error = means[at][both], errors[at][both]
    seen = seen - np.average(seen, weights=1.0 / (error**2 + predicted.sd**2))
    guess = predicted.mean[both]
    reach = NORMAL * np.sqrt(predicted.error[both] ** 2 + error**2)
    varies = guess.std() > 0.0 and seen.std() > 0.0
    return BackTest(
        predicted,
        wave,
        int(both.sum()),
        float(np.mean(np.abs(seen - guess) <= reach)),
        float(np.corrcoef(guess, seen)[0, 1]) if varies else float("nan"),
        float(np.mean(predicted.sd**2 / (predicted.sd**2 + error**2))),
    )


def wave_means(
    plan: Plan, fit: Fit, group: tuple[str, ...], stats: CrossProducts, wave: str
) -> tuple[np.ndarray, np.ndarray]:
    """Mean residual of each unit in one wave, and its error given the unit's effect.

    Returns
    -------
    means, errors : ndarray (G,)
        In units of the response; NaN where a unit has no row in the wave. Errors come from the
        levels inside the unit and wave, and the residual.
    """
    fixed, _, response = model_columns(fit.model, stats.columns.categories)
    beta = dict(zip(fit.names, fit.beta, strict=True))
    vector = raw_vector(response.column, stats)
    for coded in fixed:
        vector = vector - beta.get(coded.name, 0.0) * raw_vector(coded.column, stats)
    level = stats.level(group)
    sums = wave_sums(plan, level, wave)
    rows = np.where(sums[:, 0] > 0.5, sums[:, 0], np.nan)
    variance = fit.sigma2 / rows
    names = [item.group for item in stats.levels]
    outer = names.index(group)
    parent = np.arange(level.size)
    for inner in stats.levels[outer + 1 :]:
        parent = parent[inner.parent]
        if inner.group == (*group, WAVE):
            continue
        n = wave_sums(plan, inner, wave)[:, 0]
        share = np.bincount(parent, n**2, minlength=level.size) / rows**2
        variance = variance + fit.variance(inner.name) * share
    return (sums @ vector) / rows, np.sqrt(variance)
