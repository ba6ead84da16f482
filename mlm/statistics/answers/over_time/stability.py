"""Stability: how far the effects of groups agree from wave to wave, estimated in one model.

Correlations of separately fitted or shrunken effects are biased (Leckie 2018); the covariance of
the true effects over waves is a parameter here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.errors import FitError, MLMError
from mlm.nouns.levels import WAVE
from mlm.nouns.model import INTERCEPT, Factor, Model, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.results.reason import (
    NotFitted,
    Reason,
    TooFewGroups,
    TooFewWaves,
    TooManyEffects,
    ZeroVariance,
)
from mlm.results.reference import ChiSquared
from mlm.results.test import RefusedTest, Test
from mlm.statistics.answers.over_time.form_choice import (
    ComparedForm,
    best_form,
    compared_forms,
    frame_over_waves,
)
from mlm.statistics.answers.over_time.frame import FormFit, Frame
from mlm.statistics.evidence.crossing import MAX_IN_WAVES
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.inference.likelihood_ratio import likelihood_ratio_test, one_more_variance
from mlm.statistics.inference.reference import tested
from mlm.statistics.likelihood.identification import NotIdentified

GROUPS_PER_PARAMETER = 5  # groups needed for each parameter of a covariance over waves
PARAMETERS_PER_GROUP = 2  # of the whole covariance, beyond which its frame takes minutes
SIMPLEST = 2  # parameters of the simplest covariance over waves: a variance and a correlation
RELATIVE_ZERO = 1e-8  # variance over the residual variance that counts as zero


@dataclass(frozen=True)
class Stability:
    """Covariance of one level's effects over the waves.

    Attributes
    ----------
    group : str
        Grouping factor of the units that recur.
    form : str or None
        ``"unstructured"``, ``"compound_symmetry"``, ``"autoregressive"``, ``"linear_trend"``, or
        None when nothing could be estimated.
    reason : Reason or None
        Why not, or why a simpler form was taken.
    waves : tuple of str
        Waves in order.
    covariance : ndarray (T, T) or None
        Of the true effects, in squared units of the response.
    fit : Fit or None
        The model by REML.
    test : Test or RefusedTest or None
        Against effects that are the same in every wave.
    frame : Frame or None
        The criterion over forms of the covariance, where several forms were fitted to choose one.
    forms : tuple of ComparedForm
        These forms.
    """

    group: str
    form: str | None
    reason: Reason | None
    waves: tuple[str, ...]
    covariance: np.ndarray | None = None
    fit: Fit | None = None
    test: Test | RefusedTest | None = None
    frame: Frame | None = None
    forms: tuple[ComparedForm, ...] = ()

    @property
    def sd(self) -> np.ndarray | None:
        """Standard deviation of the effects in each wave, shape (T,)."""
        return None if self.covariance is None else np.sqrt(np.diagonal(self.covariance))

    @property
    def correlation(self) -> np.ndarray | None:
        """Correlation (T, T) of the true effects between waves; NaN where a variance is zero."""
        if self.covariance is None:
            return None
        with np.errstate(invalid="ignore", divide="ignore"):
            correlation = self.covariance / np.outer(self.sd, self.sd)
        np.fill_diagonal(correlation, 1.0)
        return np.clip(correlation, -1.0, 1.0)

    @property
    def has_waves_in_fit(self) -> bool:
        """Whether the fit has an effect of each unit in each wave, in one random term."""
        fits = self.fit.model.random if self.fit else ()
        return any(term.name == self.group and term.terms != (Term(),) for term in fits)

    @property
    def average_correlation(self) -> float | None:
        """Mean of the correlations between different waves."""
        if self.correlation is None:
            return None
        pairs = self.correlation[np.triu_indices(len(self.waves), 1)]
        return float(pairs.mean()) if np.isfinite(pairs).all() else None


def stability(plan: Plan, model: Model, group: tuple[str, ...], stats: CrossProducts) -> Stability:
    """Covariance over waves of the effects of units that recur.

    Parameters
    ----------
    plan : Plan
        The waves, and the design.
    model : Model
        The final model with random intercepts.
    group : tuple of str
        Id columns of the units.
    stats : CrossProducts
        The sample.

    Returns
    -------
    Stability
        Unstructured where there are at least five groups a parameter; else compound symmetry from
        the design's unit-in-wave level; else, in a design without that level, the form of two or
        more parameters with the smallest AIC; else a refusal with its reason, as where effects of
        each wave are too many beside crossed units.

    Source
    ------
    Leckie (2018), J. Educ. Behav. Statist. 43, 333-359: joint model against correlated estimates.
    """
    name, waves = ":".join(group), plan.time.waves
    if len(waves) < 2:
        return Stability(
            name, None, TooFewWaves(waves=len(waves), needed=2, what="comparison"), waves
        )
    n_groups, needed = stats.n_groups[name], _groups_for(len(waves) * (len(waves) + 1) // 2)
    if _too_many(model, group, stats, len(waves)):
        many = TooManyEffects(groups=n_groups, waves=len(waves), limit=MAX_IN_WAVES)
        return Stability(name, None, many, waves)
    if n_groups >= needed:
        found = _unstructured(plan, model, group, stats)
        if found is not None:
            return found
        reason: Reason = NotFitted(what="covariance_over_waves")
    else:
        reason = TooFewGroups(
            groups=n_groups, needed=needed, what="covariance_over_waves", waves=len(waves)
        )
    if any(r.group == (*group, WAVE) for r in model.random):
        return _compound_symmetry(model, group, stats, waves, reason)
    return _simpler(plan, model, group, stats, reason)


def _groups_for(parameters: int) -> int:
    return GROUPS_PER_PARAMETER * parameters


def _too_many(model: Model, group, stats: CrossProducts, n_waves: int) -> bool:
    """Whether effects of each wave are beyond the dense block of crossed factors."""
    sizes = {factor.group: factor.size for factor in stats.crossing.factors}
    effects = {term.group: sizes.get(term.group, 0) for term in model.random}
    return sum(effects.values()) + (n_waves - 1) * effects.get(group, 0) > MAX_IN_WAVES


def _unstructured(plan: Plan, model: Model, group, stats: CrossProducts) -> Stability | None:
    time = Term((Factor(plan.time.factor),))
    others = [r for r in model.random if r.group not in (group, (*group, WAVE))]
    same = model.with_random([*others, RandomTerm(group)])
    varying = model.with_random([*others, RandomTerm(group, (time,))])
    try:
        small = fit_model(same, stats, "REML")
        large = fit_model(varying, stats, "REML", start=small)
    except (FitError, NotIdentified):
        return None
    position = next(i for i, r in enumerate(large.model.random) if r.group == group)
    covariance = large.omegas[position] * large.sigma2
    test = _same_effect_test(small, large)
    return Stability(
        ":".join(group), "unstructured", None, plan.time.waves, covariance, large, test
    )


def _same_effect_test(small: Fit, large: Fit) -> Test:
    """Effects equal in all waves: a singular point of the covariance, so bounds the reference."""
    df = large.n_params - small.n_params
    return _bounded(small.deviance - large.deviance, df)


def _bounded(statistic: float, df: int) -> Test:
    return tested(max(statistic, 0.0), df, ChiSquared(df=df, conservative="on_bound"))


def _compound_symmetry(model: Model, group, stats, waves, reason: Reason) -> Stability:
    fit = fit_model(model, stats, "REML")
    without = model.with_random([r for r in model.random if r.group != (*group, WAVE)])
    small = fit_model(without, stats, "REML")
    name = ":".join(group)
    shared = fit.variance(name, INTERCEPT)
    own = fit.variance(f"{name}:{WAVE}", INTERCEPT)
    test = likelihood_ratio_test(small, fit, stats)
    if shared + own <= RELATIVE_ZERO * fit.sigma2:
        return Stability(name, None, ZeroVariance(), waves)
    covariance = np.full((len(waves), len(waves)), shared) + own * np.eye(len(waves))
    return Stability(name, "compound_symmetry", reason, waves, covariance, fit, test)


def _simpler(plan: Plan, model: Model, group, stats: CrossProducts, reason: Reason) -> Stability:
    """Forms of few parameters in a design without a level for units in waves."""
    name, waves = ":".join(group), plan.time.waves
    n_groups = stats.n_groups[name]
    if n_groups < _groups_for(SIMPLEST):
        needed = _groups_for(SIMPLEST)
        few = TooFewGroups(groups=n_groups, needed=needed, what="correlation_over_waves")
        return Stability(name, None, few, waves)
    if len(waves) * (len(waves) + 1) // 2 > PARAMETERS_PER_GROUP * n_groups:
        return Stability(name, None, reason, waves)
    try:
        frame = frame_over_waves(plan, model, group, stats)
        forms = compared_forms(frame, with_unstructured=False)
    except MLMError:
        return Stability(name, None, reason, waves)
    carried = [f for f in forms if n_groups >= _groups_for(f.fitted.parameters.size)]
    if not carried:
        return Stability(name, None, reason, waves)
    best = best_form(carried)
    if best.matrix[0, 0] <= RELATIVE_ZERO * best.fit.sigma2:
        return Stability(name, None, ZeroVariance(), waves)
    test = _same_effect_in_frame(frame, best)
    found = (best.form.name, reason, waves, best.matrix, best.fit, test)
    return Stability(name, *found, frame, tuple(forms))


def _same_effect_in_frame(frame: Frame, larger: FormFit) -> Test:
    """Effects equal in all waves: one parameter at its bound, or several and a safe reference."""
    small, df = frame.fitted("constant"), larger.parameters.size - 1
    statistic = small.fit.deviance - larger.fit.deviance
    return one_more_variance(statistic, 0) if df == 1 else _bounded(statistic, df)
