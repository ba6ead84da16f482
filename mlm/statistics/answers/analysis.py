"""One analysis from its cross-products to its results: the stages in the order of the questions."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from mlm.errors import NotConverged, SingularFit
from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.results.analysis import AnalysisResults
from mlm.results.over_time import LevelStability, OverTime
from mlm.results.selection import SlopesModel
from mlm.results.survey.survey import SurveyAccount
from mlm.results.units import NotComparedUnits, UnitEffects
from mlm.statistics.answers.claims import check_claims
from mlm.statistics.answers.data.identified_levels import within
from mlm.statistics.answers.data.notes import notes
from mlm.statistics.answers.data.sample import (
    level_sizes,
    rows_without,
    time_record,
    wave_samples,
)
from mlm.statistics.answers.diagnostics.checks import diagnostics
from mlm.statistics.answers.models import model_record, path_record
from mlm.statistics.answers.over_time.stability import stability
from mlm.statistics.answers.over_time.stability_details import stability_record
from mlm.statistics.answers.over_time.which_model import (
    ModelsOverTime,
    models_over_time,
)
from mlm.statistics.answers.policy.policy_effects import policy_record
from mlm.statistics.answers.slopes.slope_details import slope_details, slope_records
from mlm.statistics.answers.units.unit_effects import unit_effects, unit_groups
from mlm.statistics.answers.variables.adjusted_by_group import adjusted_means_by
from mlm.statistics.answers.variables.adjusted_means import (
    adjusted_curve,
    adjusted_means,
    adjusted_means_test,
)
from mlm.statistics.answers.variables.associations import associations
from mlm.statistics.answers.variables.course import course_of_time, lack_of_fit_record
from mlm.statistics.answers.variables.pupil_level import pupil_level, pupil_level_record
from mlm.statistics.answers.variables.reduction import inclusion_record, reduction_record
from mlm.statistics.answers.variables.within_between import within_between
from mlm.statistics.answers.variation.decomposition import final_record, null_record
from mlm.statistics.answers.variation.shares import level_tests
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import group_level
from mlm.statistics.evidence.separable import LeftOutLevel, MergedLevel
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution, fit_model, solve
from mlm.statistics.selection.backward import Reduction, reduce
from mlm.statistics.selection.random_part.slopes import SlopeTrial, keep_slopes, tried_slopes
from mlm.statistics.selection.with_slopes import ReducedWithSlopes, reduced_with_slopes

Pair = tuple[Solution, Solution]  # a model by ML and by REML


@dataclass(frozen=True)
class Models:
    """The models of an analysis.

    Attributes
    ----------
    null, full : tuple of Solution
        Time alone, and every configured term, by ML and by REML.
    reduction : Reduction
        The path from the full model.
    final : tuple of Solution
        What the reduction kept, with random intercepts.
    tried : list of SlopeTrial
        Random slopes that were tried on the final model.
    kept : Solution
        The final model with those that hold in each other's presence, by REML.
    sloped : ReducedWithSlopes
        The same, reduced once more.
    """

    null: Pair
    full: Pair
    reduction: Reduction
    final: Pair
    tried: list[SlopeTrial]
    kept: Solution
    sloped: ReducedWithSlopes

    def fits(self) -> dict[str, Fit]:
        """The fits that are stored, by the name of their file."""
        pairs = {
            "null": self.null,
            "full": self.full,
            "final": self.final,
            "slopes": self.sloped.pair,
        }
        return {
            f"{name}.{solution.fit.criterion.lower()}": solution.fit
            for name, pair in pairs.items()
            for solution in pair
        }


def analyse(
    plan: Plan, stats: CrossProducts, survey: SurveyAccount
) -> tuple[AnalysisResults, dict[str, Fit]]:
    """All results of one analysis.

    Parameters
    ----------
    plan : Plan
        What is to be answered.
    stats : CrossProducts
        The merged sample of all waves.
    survey : SurveyAccount
        What linking the waves found.

    Returns
    -------
    results : AnalysisResults
        The answers to every question.
    fits : dict of str to Fit
        Fits by name: ``null.ml``, ``null.reml``, ..., ``slopes.reml``.

    Raises
    ------
    ModelError, FitError
        When a model cannot be identified or fitted.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFit)
        warnings.simplefilter("ignore", NotConverged)
        claims = check_claims(plan, stats)
        stats, changes = claims.stats, claims.changes
        models = _models(plan, stats)
        return _results(plan, stats, survey, models, changes), models.fits()


def _models(plan: Plan, stats: CrossProducts) -> Models:
    null = _both(within(plan.null_model(), stats), stats)
    full = _both(within(plan.full_model(), stats), stats)
    reduction = reduce(full[0].fit.model, stats, plan.alpha, plan.protected)
    final = _both(reduction.final.model, stats)
    chosen = final[1].fit
    tried = tried_slopes(plan, chosen.model, stats, chosen)
    kept = keep_slopes(tried, chosen.model, stats, plan.alpha, chosen)
    sloped = reduced_with_slopes(final, kept, plan.alpha, plan.protected)
    return Models(null, full, reduction, final, tried, kept, sloped)


def _both(model: Model, stats: CrossProducts) -> Pair:
    first = solve(model, stats, "ML")
    return first, solve(model, stats, "REML", start=first.fit)


def _results(
    plan: Plan,
    stats: CrossProducts,
    survey: SurveyAccount,
    models: Models,
    changes: Sequence[MergedLevel | LeftOutLevel],
) -> AnalysisResults:
    full, final, sloped = models.full, models.final, models.sloped
    left_out = [change.level for change in changes if isinstance(change, LeftOutLevel)]
    adequate = [fit_model(s.fit.model, stats, "REML", s.fit) for s in models.reduction.adequate]
    effects, levels, over_time = _units_over_time(plan, final[1], sloped.reml)
    examined = pupil_level(plan, (full[0].fit, full[1].fit), stats)
    split = [("full", full[1]), ("final", over_time.with_slopes)]
    return AnalysisResults(
        survey=plan.survey,
        analysis=plan.analysis,
        outcome=plan.outcome,
        design=plan.design.name,
        criterion="REML",
        time=time_record(plan),
        levels=level_sizes(plan, stats),
        waves=wave_samples(plan, stats, survey),
        n_obs=stats.n_obs,
        rows_without=rows_without(stats),
        null=null_record(plan, models.null, left_out),
        full=model_record(plan, full),
        reduction=reduction_record(plan, models.reduction, adequate),
        final=final_record(plan, models.null[1], final),
        slopes=slope_records(plan, models.tried, models.kept.fit, stats),
        slopes_model=SlopesModel(
            **dict(model_record(plan, sloped.pair)), path=path_record(sloped.path)
        ),
        associations=associations(plan, full[0].fit, sloped.reml),
        effects=tuple(item for item in effects if isinstance(item, UnitEffects)),
        not_compared=tuple(item for item in effects if isinstance(item, NotComparedUnits)),
        over_time=_over_time(plan, over_time, levels),
        policy=tuple(policy_record(plan, over_time.of(plan, v), v) for v in plan.policy),
        pupil_level=pupil_level_record(plan, examined),
        within_between=within_between(plan, split),
        slope_details=slope_details(plan, models.tried, stats),
        inclusion=inclusion_record(plan, full[0], final[0], over_time.with_slopes),
        diagnostics=diagnostics(plan, final[1]),
        notes=notes(plan, models.fits(), changes, survey, models.reduction.minimal.complete),
    )


def _units_over_time(
    plan: Plan, final: Solution, sloped: Solution
) -> tuple[tuple[UnitEffects | NotComparedUnits, ...], tuple[LevelStability, ...], ModelsOverTime]:
    """Effects of the named units above the lowest, their stability, and the models of change."""
    tests = level_tests(final)
    effects, levels, found = [], [], []
    for group in reversed(unit_groups(plan, final.stats)):
        steady = stability(plan, final, group)
        levels.insert(0, stability_record(plan, final, steady))
        effects.insert(0, unit_effects(plan, final, group, tests.get(":".join(group)), steady))
        found.insert(0, (group, steady))
    return tuple(effects), tuple(levels), models_over_time(plan, final, sloped, found)


def _over_time(plan: Plan, models: ModelsOverTime, levels: tuple[LevelStability, ...]) -> OverTime:
    """Adjusted means, from a model that counts that effects differ and change over waves."""
    course = course_of_time(plan, models.mean)
    return OverTime(
        adjusted_means=adjusted_means(plan, course),
        test=adjusted_means_test(plan, course.told),
        curve=adjusted_curve(plan, course.drawn),
        lack_of_fit=lack_of_fit_record(course),
        by=adjusted_means_by(plan, course),
        formula=course.told.fit.formula,
        by_wave=tuple(group_level(group) for group in models.groups),
        levels=levels,
    )
