"""Stability: how far the effects of units agree from wave to wave, read from the settled model.

Correlations of separately fitted or shrunken effects are biased (Leckie 2018); the covariance of
the true effects over waves is a parameter of the settled model, in which the forms of all levels
were chosen together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.results.random_part import WaveForm
from mlm.results.reason import NotFitted, Reason, TooFewGroups, TooFewWaves, ZeroVariance
from mlm.results.test import AnyTest, RefusedTest
from mlm.statistics.answers.over_time.one_correlation import (
    OneCorrelation,
    one_correlation,
    profiled_form,
    rival_correlation,
)
from mlm.statistics.fitting.at_parameters import evaluated_at
from mlm.statistics.fitting.solution import Solution, fit_model
from mlm.statistics.inference.correlations_over_waves import EndsOfCorrelations, Loading
from mlm.statistics.inference.reference import tested
from mlm.statistics.selection.random_part.catalogue import LevelOverWaves, recurring_level
from mlm.statistics.selection.random_part.forms import (
    columns_over_waves,
    covariance_over_waves,
    form_of,
)

RELATIVE_ZERO = 1e-8  # variance over the residual variance that counts as zero

Ends = tuple[np.ndarray, tuple[float, float]]
"""Lower and upper ends (2, T, T) of intervals of correlations, and those of their mean."""


@dataclass(frozen=True)
class Stability:
    """Covariance of one level's effects over the waves.

    Attributes
    ----------
    group : tuple of str
        Id columns of the units that recur.
    form : str or None
        Form of the covariance in the settled model; None where nothing is told.
    reason : Reason or None
        Why not.
    waves : tuple of str
        Waves in order.
    covariance : ndarray (T, T) or None
        Of the true effects, in squared units of the response.
    ends : ndarray (2, T, T) or None
        Lower and upper ends of the 95 % intervals of the correlations; NaN where none was found.
        They hold the intervals under the other form, too.
    lower, upper : float or None
        Ends of that of the mean correlation.
    test : Test or RefusedTest or None
        Against effects that are the same in every wave.
    one : OneCorrelation or None
        The model in which they have one correlation, where their form has one.
    other_form : str or None
        Another form with as many parameters that the data do not rule out.
    """

    group: tuple[str, ...]
    form: WaveForm | None
    reason: Reason | None
    waves: tuple[str, ...]
    covariance: np.ndarray | None = None
    ends: np.ndarray | None = None
    lower: float | None = None
    upper: float | None = None
    test: AnyTest | None = None
    one: OneCorrelation | None = None
    other_form: WaveForm | None = None

    def released(self) -> Stability:
        """The same without the working statistics of the model with one correlation."""
        return self if self.one is None else replace(self, one=self.one.released())

    @property
    def sd(self) -> np.ndarray | None:
        """Standard deviation of the effects in each wave, shape (T,)."""
        return None if self.covariance is None else np.sqrt(np.diagonal(self.covariance))

    @property
    def correlation(self) -> np.ndarray | None:
        """Correlation (T, T) of the true effects between waves; NaN where a variance is zero."""
        return None if self.covariance is None else correlations(self.covariance)

    @property
    def average_correlation(self) -> float | None:
        """Mean of the correlations between different waves."""
        if self.correlation is None:
            return None
        pairs = self.correlation[np.triu_indices(len(self.waves), 1)]
        return float(pairs.mean()) if np.isfinite(pairs).all() else None


def correlations(covariance: np.ndarray) -> np.ndarray:
    """Correlation matrix of a covariance matrix; NaN beside a variance of zero."""
    sd = np.sqrt(np.diagonal(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        out = covariance / np.outer(sd, sd)
    np.fill_diagonal(out, 1.0)
    return np.clip(out, -1.0, 1.0)


def stability(
    plan: Plan, settled: Solution, group: tuple[str, ...], has_ends: bool = True
) -> Stability:
    """Covariance over waves of the effects of units that recur.

    Parameters
    ----------
    plan : Plan
        The waves, and the design.
    settled : Solution
        The settled model by REML.
    group : tuple of str
        Id columns of the units.
    has_ends : bool
        Whether the ends of intervals and the test are looked for.

    Returns
    -------
    Stability
        Refused with its reason where there are too few waves, or too few units to tell a
        correlation, or the units do not differ.

    Source
    ------
    Leckie (2018), J. Educ. Behav. Statist. 43, 333-359: joint model against correlated estimates.
    """
    waves, level = plan.time.waves, recurring_level(plan, settled.stats, group)
    reason = _refusal(waves, level)
    if reason is not None or level is None:
        return Stability(group, None, reason, waves)
    covariance = covariance_over_waves(plan, settled, group)
    if covariance.max() <= RELATIVE_ZERO * settled.fit.sigma2:
        return Stability(group, None, ZeroVariance(), waves)
    form = form_of(plan, settled.fit.model, group)
    if not has_ends:
        return Stability(group, form, None, waves, covariance)
    engine = profiled_form(form, len(waves))
    if engine is None:
        ends, average = _several(plan, settled, group, len(waves))
        test = _test(settled, level, form)
        return Stability(group, form, None, waves, covariance, ends, *average, test)
    try:
        one = one_correlation(plan, settled, level, engine)
    except MLMError:
        missing = RefusedTest(reason=NotFitted(what="covariance_over_waves"))
        return Stability(group, form, None, waves, covariance, test=missing)
    ends, average = _single(plan, one, group, len(waves))
    rival = rival_correlation(plan, settled, level, one)
    if rival is not None:
        ends, average = _hull((ends, average), _single(plan, rival, group, len(waves)))
    test, other = _test(settled, level, form, one), rival and rival.named
    return Stability(group, form, None, waves, covariance, ends, *average, test, one, other)


def _refusal(waves: tuple[str, ...], level: LevelOverWaves | None) -> Reason | None:
    if len(waves) < 2 or level is None:
        return TooFewWaves(waves=len(waves), needed=2, what="comparison")
    needed = level.units_needed("part_by_wave")
    if level.size < needed:
        return TooFewGroups(groups=level.size, needed=needed, what="correlation_over_waves")
    return None


def _single(plan: Plan, one: OneCorrelation, group: tuple[str, ...], size: int) -> Ends:
    """Intervals of all correlations between some waves from that of one.

    Where units have slopes too, these are part of their effects in every wave: the correlations
    are those of the whole effects at the ends of the profile.
    """
    profile = one.profile
    has_slopes = len(loadings(plan, one.solution, group)) > 1
    ends = np.array(
        [
            _at_end(plan, one, group, r) if has_slopes else one.matrix(r, size)
            for r in (profile.lower, profile.upper)
        ]
    )
    lower, upper = (float(end[np.triu_indices(size, 1)].mean()) for end in ends)
    return ends, (lower, upper)


def _hull(first: Ends, second: Ends) -> Ends:
    """The narrowest intervals that hold two others each."""
    (one, (low, high)), (other, (lower, upper)) = first, second
    ends = np.array([np.minimum(one[0], other[0]), np.maximum(one[1], other[1])])
    return ends, (min(low, lower), max(high, upper))


def _at_end(plan: Plan, one: OneCorrelation, group: tuple[str, ...], r: float) -> np.ndarray:
    """Correlations (T, T) of the whole effects with the correlation held, all else at its best."""
    profile = one.profile
    place = int(np.argmin(np.abs(profile.correlations - r)))
    held = evaluated_at(one.solution.evaluated, profile.parameters[place])
    return correlations(covariance_over_waves(plan, held, group))


def _several(
    plan: Plan, settled: Solution, group: tuple[str, ...], n_waves: int
) -> tuple[np.ndarray, tuple[float | None, float | None]]:
    """Intervals of correlations that differ, and of their mean."""
    search = EndsOfCorrelations(settled, loadings(plan, settled, group))
    ends = np.full((2, n_waves, n_waves), 1.0)
    pairs = np.array(np.triu_indices(n_waves, 1))
    for pair in pairs.T:
        first, second = pair.tolist()
        ends[:, first, second] = ends[:, second, first] = search.interval(pair[:, None])
    lower, upper = search.interval(pairs)
    return ends, (_known(lower), _known(upper))


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def loadings(plan: Plan, settled: Solution, group: tuple[str, ...]) -> list[Loading]:
    """How the effects of units in each wave are made of the random effects of a model.

    Parameters
    ----------
    plan : Plan
        Which variable is time.
    settled : Solution
        The model.
    group : tuple of str
        Id columns of the units.
    """
    return [
        Loading(place, columns_over_waves(plan, random, settled.stats), random.group != group)
        for place, random in enumerate(settled.fit.model.random)
        if random.group in (group, (*group, WAVE))
    ]


def _test(
    settled: Solution, level: LevelOverWaves, form: WaveForm, one: OneCorrelation | None = None
) -> AnyTest:
    """Against effects that are the same in every wave, of effects with a part of each wave.

    The alternative is no form that was chosen by how well it fits: a test of that would find change
    where there is none more often than it says. The unstructured form, with which the search
    begins, is not chosen so.
    """
    is_kept = level.is_lowest or form == "unstructured"
    larger: WaveForm = form if is_kept else "part_by_wave"
    if one is not None and one.form == "cs":
        larger = "part_by_wave"
        costs = one.profile.deviances
        statistic = float(costs[-1] - costs.min())
    else:
        try:
            statistic = _deviance(settled, level, "constant") - (
                settled.fit.deviance if larger == form else _deviance(settled, level, larger)
            )
        except MLMError:
            return RefusedTest(reason=NotFitted(what="model"))
    df = level.n_parameters(larger) - level.n_parameters("constant")
    return tested(max(statistic, 0.0), df, level.reference(larger, "constant"))


def _deviance(settled: Solution, level: LevelOverWaves, form: WaveForm) -> float:
    """Of the settled model with another form of a level, by REML."""
    model = level.with_form(settled.fit.model, form)
    return fit_model(model, settled.stats, "REML", settled.fit).deviance
