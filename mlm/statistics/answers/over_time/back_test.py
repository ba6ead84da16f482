"""Back-test: everything estimated without the last wave, which is predicted and then looked at.

The terms of the mean and the forms of the covariance are those of the settled model; all their
values, the mean's included, come from the earlier waves. What the mean changes by in the last wave
is taken to be what it changes by in the wave before; the level of the wave is left out of account.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, vstack

from mlm.errors import StatisticsError
from mlm.nouns.coding import model_columns
from mlm.nouns.columns import Column
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Model, RandomTerm
from mlm.nouns.plan import Plan
from mlm.results.random_part import WaveForm
from mlm.statistics.answers.over_time.all_waves import at_all_waves
from mlm.statistics.answers.over_time.carried_forward import (
    SCENARIOS,
    CarriedModel,
    carried_model,
)
from mlm.statistics.answers.over_time.expected_correlation import (
    ExpectedCorrelation,
    blocks_of_units,
    correlation_of_many,
    drawn_correlations,
)
from mlm.statistics.answers.over_time.known_start import known_start
from mlm.statistics.answers.over_time.next_wave_means import (
    MeansAhead,
    NextWaveMeans,
    means_ahead,
    next_wave_means,
)
from mlm.statistics.answers.over_time.prediction import TAILS, MixedNormals
from mlm.statistics.evidence.by_wave import wave_sums, without_wave
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import raw_vector
from mlm.statistics.evidence.tree import PRESENT
from mlm.statistics.fitting.effect_sums import SumErrors, errors_of_sums, posterior_sums
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.likelihood.unit_shares import SharedWeights, whole_weights
from mlm.statistics.selection.random_part.catalogue import (
    LevelOverWaves,
    recurring_level,
    recurring_levels,
)
from mlm.statistics.selection.random_part.forms import (
    form_of,
    sample_waves,
)

EVERY = 2  # of the covariances, one that what the correlation should be is looked at
DRAWS = 2000  # of predictions and means under the model, for what their correlation should be


@dataclass(frozen=True)
class LastWave:
    """The last wave, predicted from the waves before it and then looked at.

    Attributes
    ----------
    form : str
        Form of the covariance over waves that was carried forward.
    wave : str
        The last wave.
    units : int
        Units that are in the last wave and in an earlier one.
    coverage : float
        Share of the units whose mean in the last wave lies in its 95 % prediction interval.
    correlation : float
        Of predicted effects and means of the last wave over the units. What earlier waves tell of
        units around and inside is taken out of the means.
    expected, expected_low, expected_high : float
        Mean of that correlation if the model is right, and the ends of 95 % of its values.
    known : float
        Share of the variance of the effects that was known in advance.
    reliability : float
        Of the means of the last wave: what the correlation is held back by beside the change.
    returning : float
        Share of the rows of the last wave in units inside that were seen before.
    """

    form: WaveForm
    wave: str
    units: int
    coverage: float
    correlation: float
    expected: float
    expected_low: float
    expected_high: float
    known: float
    reliability: float
    returning: float


def back_test(plan: Plan, settled: Solution, carried: CarriedModel) -> LastWave:
    """Fit without the last wave, predict it, compare.

    Parameters
    ----------
    plan : Plan
        At least three waves.
    settled : Solution
        The settled model by REML, with the sample of all waves, kept apart.
    carried : CarriedModel
        The model that the next wave is predicted from.

    Returns
    -------
    LastWave

    Raises
    ------
    StatisticsError, ModelError, FitError
        When the waves are not kept apart or the earlier waves carry no model.
    """
    stats, group, wave = settled.stats, carried.group, plan.time.waves[-1]
    earlier = without_wave(plan, stats, wave)
    model = earlier_model(plan, settled.fit.model, carried, earlier)
    fitted = solve(model, earlier, "REML", known_start(plan, settled, model, earlier))
    level = recurring_level(plan, earlier, group)
    carrying = carried_model(plan, fitted, level)
    coming = next_wave_means(plan, stats, group, wave)
    there = coming.rows[coming.seen] > PRESENT
    if there.sum() < 2:
        raise StatisticsError(f"fewer than two units of {coming.group} return in the last wave.")
    seen = wave_means(plan, fitted.fit, group, stats, wave)[coming.seen][there]
    parts = [
        _Scenario.of(each, means_ahead(plan, each, coming), there).foretold
        for each in carrying.scenarios()
    ]
    if carrying.is_large:
        outermost = [unit[0] for unit in earlier.level(group).ids]
        blocks = blocks_of_units([outermost[i] for i in np.flatnonzero(there)])
        model = at_all_waves(plan, carrying.solution, carried.solution)
        whole = _Scenario.of(model, means_ahead(plan, model, coming), there)
        expected = correlation_of_many(map(whole.covariances, blocks), TAILS)
    else:
        drawn = _correlations_under_the_model(plan, carrying.solution, carried, coming, there)
        expected = ExpectedCorrelation(float(drawn.mean()), *map(float, np.quantile(drawn, TAILS)))
    return _compared(parts, expected, seen, carrying.form, wave, coming.returning)


def _correlations_under_the_model(
    plan: Plan, earlier: Solution, whole: CarriedModel, coming: NextWaveMeans, there: np.ndarray
) -> np.ndarray:
    """Correlations of predictions with means where the model of all waves is right.

    The mean correlation is concave in the covariance, so that an estimated one leads below what the
    true one does. Covariances as likely as the data make them lead below the estimated one by about
    twice as much, in simulations of 20 schools in three waves; half of that is added.
    """
    every = np.arange(int(there.sum()))

    def drawn(of_all: Solution | Evaluated, draws: int) -> np.ndarray:
        model = at_all_waves(plan, earlier, of_all)
        scenario = _Scenario.of(model, means_ahead(plan, model, coming), there)
        return drawn_correlations(*scenario.covariances(every), draws)

    found = drawn(whole.solution, DRAWS)
    others = [drawn(each, DRAWS // SCENARIOS) for each in whole.scenarios(EVERY)]
    shift = found.mean() - np.mean(others)
    return np.clip(found + 0.5 * shift, -1.0, 1.0)


@dataclass(frozen=True)
class _Foretold:
    """What is foretold of n units at one covariance, without the errors of all together."""

    effects: np.ndarray  # (n,)
    means: np.ndarray  # (n,)
    known: np.ndarray  # (n,) variances of what is foretold of the effects
    errors: np.ndarray  # (n,) variances of the errors of the means
    noise: np.ndarray  # (n,) what of these is of residuals and of units inside
    variance: float  # of the true effects


@dataclass(frozen=True)
class _Scenario:
    """What is foretold of the effects and means of n of N units, at one covariance."""

    at: np.ndarray  # (n,) places of the units among the N
    sums: np.ndarray  # (2 N,) posterior means of effects, and of means
    errors: SumErrors  # of the same
    ahead: MeansAhead

    @classmethod
    def of(cls, evaluated: Evaluated, ahead: MeansAhead, there: np.ndarray) -> _Scenario:
        """The units that are there, at one covariance of a model."""
        both = [_stacked(a, b, there.size) for a, b in zip(ahead.effects, ahead.means, strict=True)]
        sums = posterior_sums(evaluated, both)
        return cls(np.flatnonzero(there), sums, errors_of_sums(evaluated, both), ahead)

    @property
    def foretold(self) -> _Foretold:
        """What is foretold of each of the n units by itself: its errors are large together."""
        of_effects, of_means = np.split(self.errors.variances(), 2)
        effects, known = self.sums[self.at], self.ahead.held - of_effects[self.at]
        by_change = self.ahead.change * (effects**2 + self.ahead.variance - known)
        return _Foretold(
            effects,
            self.sums[self.sums.size // 2 + self.at],
            known,
            (of_means + self.ahead.new.variances())[self.at] + by_change,
            self.ahead.noise[self.at],
            self.ahead.variance,
        )

    def covariances(self, some: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same of some of the n units together, (k, k) each."""
        units = self.at[some]
        of_effects = self.errors.covariance(units)
        of_means = self.errors.covariance(self.sums.size // 2 + units)
        foretold = self.ahead.held * np.eye(units.size) - of_effects
        return foretold, of_means + self.ahead.new.covariance(units)


def _compared(
    parts: list[_Foretold],
    expected: ExpectedCorrelation,
    seen: np.ndarray,
    form: WaveForm,
    wave: str,
    returning: float,
) -> LastWave:
    """Predictions against the means seen (n,); the level of the wave is left out of account."""
    variances = np.array([each.errors for each in parts])
    means = MixedNormals(np.array([each.means for each in parts]), variances)
    shift = np.average(seen - means.mean, weights=1.0 / means.error**2)
    low, high = (means.quantile(tail) for tail in TAILS)
    effects = np.array([each.effects for each in parts])
    guess, others = effects.mean(axis=0), means.mean - effects.mean(axis=0)
    variance = float(np.mean([each.variance for each in parts]))
    known = float(np.mean([each.known.mean() for each in parts]))
    noise = np.mean([each.noise for each in parts], axis=0)
    return LastWave(
        form,
        wave,
        seen.size,
        float(np.mean((low <= seen - shift) & (seen - shift <= high))),
        correlation(guess, seen - others),
        expected.mean,
        expected.lower,
        expected.upper,
        float(np.clip(known / variance, 0.0, 1.0)) if variance > 0.0 else 0.0,
        float(np.mean(variance / (variance + noise))),
        returning,
    )


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Correlation of two vectors; NaN where one of them does not vary."""
    if not (np.ptp(first) > 0.0 and np.ptp(second) > 0.0):
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def _stacked(
    first: csr_array | None, second: csr_array | SharedWeights | None, size: int
) -> csr_array | SharedWeights | None:
    """Weights of two sets of n sums, one above the other."""
    if first is None and second is None:
        return None
    if first is None and isinstance(second, SharedWeights):
        return replace(second, shares=second.shares.below(size))
    second = None if second is None else whole_weights(second)
    shape = (first if first is not None else second).shape
    empty = csr_array(shape)
    return csr_array(vstack([empty if w is None else w for w in (first, second)]))


def earlier_model(plan: Plan, model: Model, carried: CarriedModel, earlier: CrossProducts) -> Model:
    """The settled model as the earlier waves carry it, able to reach beyond them.

    Effects that have any covariance over the waves get one correlation, those of units of single
    waves and of slopes no more than an intercept.

    Parameters
    ----------
    plan : Plan
        The waves.
    model : Model
        The settled model.
    carried : CarriedModel
        The model that the next wave is predicted from.
    earlier : CrossProducts
        The sample without the last wave.
    """
    levels = {level.group: level for level in recurring_levels(plan, earlier)}
    present = {level.group for level in earlier.all_levels}
    out: list[RandomTerm] = []
    for group in dict.fromkeys(_units(r.group, levels) for r in model.random):
        if group not in levels:
            out += [RandomTerm(group)] if group in present else []
            continue
        level = levels[group]
        target = group == carried.group
        form = carried.form if target else form_of(plan, model, group)
        out += level.terms(_shorter(level, form, target))
    return model.with_random(out)


def _units(group: tuple[str, ...], levels) -> tuple[str, ...]:
    """The units of a random term; units in waves count with the units that recur."""
    whole = tuple(name for name in group if name != WAVE)
    return whole if whole in levels and group == (*whole, WAVE) else group


def _shorter(level: LevelOverWaves, form: WaveForm, target: bool) -> WaveForm:
    """The form that fewer waves carry, and that reaches beyond them."""
    if form == "unstructured":
        form = "variances_by_wave"
    if level.n_waves < 3:
        shorter: dict[WaveForm, WaveForm] = {
            "autoregressive": "part_by_wave",
            "autoregressive_variances": "variances_by_wave",
            "line": "constant",
        }
        form = shorter.get(form, form)
    if level.is_lowest and form == "part_by_wave":
        return "constant"
    return form


def wave_means(
    plan: Plan, fit: Fit, group: tuple[str, ...], stats: CrossProducts, wave: str
) -> np.ndarray:
    """Mean residual (G,) of each unit in the last wave from a model without it; NaN without rows.

    Parameters
    ----------
    plan : Plan
        The analysis.
    fit : Fit
        A model of the earlier waves. What it says of the last of these is taken to hold in the
        wave.
    group : tuple of str
        Id columns of the units.
    stats : CrossProducts
        The sample, with the waves told apart.
    wave : str
        Name of the wave.
    """
    before = sample_waves(plan, stats)[-2]
    fixed, _, response = model_columns(fit.model, fit.categories)
    beta = dict(zip(fit.names, fit.beta, strict=True))
    vector = raw_vector(response.column, stats)
    for coded in fixed:
        if coded.name in beta:
            column = _moved(coded.column, plan.time.factor, before, wave)
            vector = vector - beta[coded.name] * raw_vector(column, stats)
    sums = wave_sums(plan, stats.level(group), wave)
    return (sums @ vector) / np.where(sums[:, 0] > PRESENT, sums[:, 0], np.nan)


def _moved(column: Column, factor: str, before: str, wave: str) -> Column:
    """A column of one wave as that of another."""
    old, new = (factor, before), (factor, wave)
    return replace(column, indicators=tuple(new if i == old else i for i in column.indicators))
