"""Slopes of a sample, one at a time: does the effect of a variable differ between units?

A likelihood under weights tells nothing of how far a variance is from zero; the score of the model
without it does, one-sided, and nothing is fitted for its errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import FitError, ModelError
from mlm.nouns.distributions import TWO_SIDED_95, normal_tail, student_tail
from mlm.nouns.model import Factor, Term
from mlm.nouns.plan import Plan
from mlm.results.reason import NotFitted, NotIdentified, NoVariationWithin, Reason
from mlm.results.record import finite
from mlm.results.sampled.slopes import (
    RefusedSampledSlope,
    SampledSlope,
    TestedSampledSlope,
    ZeroVarianceTest,
)
from mlm.statistics.answers.sampled.drawn_fits import DrawnFits, fit_draws
from mlm.statistics.answers.sampled.pooled_estimates import pooled_draws
from mlm.statistics.answers.variables.adjusted_means import mean_effects
from mlm.statistics.evidence.names import level_record
from mlm.statistics.inference.holm import holm
from mlm.statistics.inference.zero_variance_score import variance_score
from mlm.statistics.pooling.rubin import Pooled
from mlm.statistics.selection.random_part.slopes import slope_effects, slope_refusal, with_slope


@dataclass(frozen=True)
class SampledTrial:
    """One variable's slope over one level, in the full model.

    Attributes
    ----------
    variable, group : str
        The variable, and the grouping factor over which its effect may differ.
    reason : Reason or None
        Why it was not tried; None when it was.
    fits : DrawnFits or None
        The full model with the slope.
    test : ZeroVarianceTest or None
        That it does not vary.
    """

    variable: str
    group: str
    reason: Reason | None = None
    fits: DrawnFits | None = None
    test: ZeroVarianceTest | None = None

    @property
    def term(self) -> Term:
        """What varies."""
        return Term((Factor(self.variable),))


def tried_slopes(plan: Plan, full: DrawnFits) -> list[SampledTrial]:
    """Each slope variable of the full model over each level above it, p-values adjusted by Holm."""
    present = {term.key for term in full.model.terms}
    trials = []
    for random in full.model.random:
        for variable in plan.slope_variables(random.group):
            if Term((Factor(variable),)).key in present:
                trials.append(_tried(plan, full, variable, random.group))
    adjusted = holm([None if each.test is None else each.test.p_value for each in trials])
    return [
        each if p is None else replace(each, test=each.test.model_copy(update={"p_adjusted": p}))
        for each, p in zip(trials, adjusted, strict=True)
    ]


def _tried(plan: Plan, full: DrawnFits, variable: str, group: tuple[str, ...]) -> SampledTrial:
    name, term = ":".join(group), Term((Factor(variable),))
    reason = slope_refusal(plan, full.stats, group, Term((Factor(_in_first(full, variable)),)))
    if reason is not None:
        return SampledTrial(variable, name, reason)
    model = with_slope(full.model, group, term)
    try:
        fits = full.beside(model)
        test = score_test(full, fits)
    except ModelError:
        return SampledTrial(variable, name, NotIdentified(formula=model.formula))
    except FitError:
        return SampledTrial(variable, name, NotFitted(what="model"))
    if test is None:
        return SampledTrial(variable, name, NoVariationWithin())
    return SampledTrial(variable, name, None, fits, test)


def _in_first(fits: DrawnFits, variable: str) -> str:
    """A variable as the fit of the first draw has it."""
    return next((s.columns[0] for s in fits.scores if s.name == variable), variable)


def score_test(null: DrawnFits, larger: DrawnFits) -> ZeroVarianceTest | None:
    """One-sided score test of the variances that a larger model has, all of them being one.

    Parameters
    ----------
    null : DrawnFits
        The model without them.
    larger : DrawnFits
        The model with them, whose columns alone are used.

    Returns
    -------
    ZeroVarianceTest or None
        None where the sample tells nothing of them.

    Source
    ------
    Verbeke and Molenberghs (2003), Biometrics 59, 254-262; the estimate that one step would lead to
    is pooled over draws as any scalar: Rubin (1987), ch. 3.
    """
    pairs = zip(null.fits, larger.fits, strict=True)
    scores = [variance_score(one, other.model, null.stats) for one, other in pairs]
    if any(score is None for score in scores):
        return None
    values = np.array([[score.estimate] for score in scores])
    errors = np.array([[[score.variance]] for score in scores])
    return _one_sided(pooled_draws(values, errors, null.df, null.shape), "score")


def _one_sided(found: Pooled, method: str) -> ZeroVarianceTest:
    error, df = float(found.std_error[0]), float(found.df[0])
    if not (error > 0.0 and df > 0.0):  # nothing is known: neither side is likelier
        return ZeroVarianceTest(method=method, statistic=0.0, df=None, p_value=0.5, p_adjusted=None)
    statistic = float(found.estimate[0]) / error
    tail = normal_tail(statistic) if np.isinf(df) else student_tail(statistic, df)
    return ZeroVarianceTest(
        method=method, statistic=statistic, df=finite(df), p_value=float(tail), p_adjusted=None
    )


def zero_variance_test(fits: DrawnFits, variable: str | None, group: str) -> ZeroVarianceTest:
    """One-sided t test that a variance is zero; of several columns that the sum of theirs is.

    Parameters
    ----------
    fits : DrawnFits
        A model with the variance.
    variable : str or None
        Whose slope; None: the effects of the units themselves.
    group : str
        Grouping factor.

    Source
    ------
    The statistic is pooled over draws as any scalar: Rubin (1987), ch. 3.
    """
    own = np.array([entry_is(fits, entry, variable, group) for entry in fits.parts[0].entries])
    values = np.array([[own @ part.values] for part in fits.parts])
    errors = np.array([[[own @ part.covariance @ own]] for part in fits.parts])
    degrees = np.mean([part.degrees[own].min(initial=np.inf) for part in fits.parts])
    method = fits.first.fit.design.method if fits.is_weighted else "model"
    return _one_sided(pooled_draws(values, errors, degrees, fits.shape), method)


def entry_is(fits: DrawnFits, entry, variable: str | None, group: str) -> bool:
    """Whether a component is a variance of a variable's slope, or of the units, over a level.

    Parameters
    ----------
    fits : DrawnFits
        A model.
    entry : ComponentEntry
        One of its components.
    variable : str or None
        Whose slope; None: the units themselves.
    group : str
        Grouping factor.
    """
    if entry.group != group or entry.term2 is not None or entry.place is None:
        return False
    b, i, _ = entry.place
    names = [factor.variable for factor in fits.first.fit.random_coefficients[b][i]]
    return names == ([] if variable is None else [_in_first(fits, variable)])


def settle_slopes(plan: Plan, full: DrawnFits, trials: Sequence[SampledTrial]) -> DrawnFits:
    """The full model with the slopes that hold in each other's presence.

    That with which the weighted likelihood is largest enters first: a score tells whether a slope
    varies, and not over which units it does. Each next one stays only if its test beside those
    before it is below alpha.

    Parameters
    ----------
    plan : Plan
        Level of the tests.
    full : DrawnFits
        The full model without slopes.
    trials : sequence of SampledTrial
        Slopes that were tried.
    """
    clear = [t for t in trials if t.test is not None and t.test.p_adjusted < plan.alpha]
    kept = full
    for trial in sorted(clear, key=_deviance):
        group = tuple(trial.group.split(":"))
        model = with_slope(kept.model, group, trial.term)
        try:
            candidate = trial.fits if kept is full else kept.beside(model)
            test = score_test(kept, candidate)
        except (FitError, ModelError):
            continue
        is_clear = test is not None and test.p_value < plan.alpha
        if is_clear and all(fit.converged for fit in candidate.fits):
            kept = candidate
    return full if kept is full else fit_draws(plan, kept.model, full.stats, full)


def _deviance(trial: SampledTrial) -> float:
    """Mean over the draws; of models as large as each other it ranks them, whatever its unit."""
    return float(np.mean([fit.deviance for fit in trial.fits.fits]))


def slope_records(
    plan: Plan, trials: Sequence[SampledTrial], settled: DrawnFits
) -> tuple[SampledSlope, ...]:
    """Each slope that was tried: one record a column, or one with the reason of refusal.

    Parameters
    ----------
    plan : Plan
        The analysis.
    trials : sequence of SampledTrial
        Slopes that were tried.
    settled : DrawnFits
        The settled model.
    """
    inside = {(r.name, str(term)) for r in settled.model.random for term in r.terms if term.factors}
    out: list[SampledSlope] = []
    for trial in trials:
        if trial.fits is None:
            level = level_record(plan, trial.group)
            out.append(
                RefusedSampledSlope(variable=trial.variable, level=level, reason=trial.reason)
            )
            continue
        kept = (trial.group, trial.variable) in inside
        out += _columns(plan, trial, settled if kept else trial.fits, kept)
    return tuple(out)


def _columns(plan: Plan, trial: SampledTrial, fits: DrawnFits, kept: bool):
    """One record a column, sizes from the settled model where it holds the slope."""
    read, names = [], []
    for place, each in enumerate(fits.solutions):
        score = next((s for s in fits.scores if s.name == trial.variable), None)
        variable = trial.variable if score is None else score.columns[place]
        found = slope_effects(each.fit, variable, trial.group)
        effects = mean_effects(each.fit, variable, each.stats)
        names = names or list(found.columns)
        none = np.full(len(found.names), np.nan)
        read.append(
            (
                np.diagonal(found.covariance),
                np.array([effects[name] for name in found.names]),
                none if found.correlations is None else found.correlations,
            )
        )
    variances, means, correlations = (np.mean(part, axis=0) for part in zip(*read, strict=True))
    for i, column in enumerate(names):
        sd, mean = float(np.sqrt(variances[i])), float(means[i])
        yield TestedSampledSlope(
            variable=trial.variable,
            level=level_record(plan, trial.group),
            column=column.model_copy(update={"variable": trial.variable}),
            variance=float(variances[i]),
            sd=sd,
            mean_effect=mean,
            lower=mean - TWO_SIDED_95 * sd,
            upper=mean + TWO_SIDED_95 * sd,
            correlation=finite(float(correlations[i])),
            kept=kept,
            test=trial.test,
        )
