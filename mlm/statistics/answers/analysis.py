"""One analysis from its cross-products to its results: the stages in the order of the questions."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from functools import partial

from mlm.errors import NotConverged, SingularFit
from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.results.analysis import AnalysisResults
from mlm.results.over_time import LevelStability, OverTime
from mlm.results.random_part import SettledModel as SettledRecord
from mlm.results.selection import Reduction as ReductionRecord
from mlm.results.slopes import Slope
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
from mlm.statistics.answers.models import model_record
from mlm.statistics.answers.over_time.stability import stability
from mlm.statistics.answers.over_time.stability_details import stability_details, stability_record
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
from mlm.statistics.answers.variation.decomposition import null_record
from mlm.statistics.answers.variation.settled_model import settled_record
from mlm.statistics.answers.variation.shares import level_test
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import group_level
from mlm.statistics.evidence.remembered import answered_by_name
from mlm.statistics.evidence.separable import LeftOutLevel, MergedLevel
from mlm.statistics.fitting.estimates import estimates_near
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.variance_intervals import VarianceIntervals
from mlm.statistics.selection.random_part.forms import form_of
from mlm.statistics.selection.settle import settle
from mlm.statistics.selection.settled import Settled


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
        Fits by name: ``null.ml``, ``null.reml``, ``full.ml``, ..., ``settled.reml``.

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
        null, full = (within(m, stats) for m in (plan.null_model(), plan.full_model()))
        settled = settle(plan, null, full, stats)
        return _results(plan, stats, survey, settled, changes), settled.fits()


def _results(
    plan: Plan,
    stats: CrossProducts,
    survey: SurveyAccount,
    settled: Settled,
    changes: Sequence[MergedLevel | LeftOutLevel],
) -> AnalysisResults:
    full, reml = settled.full, settled.reml
    left_out = [change.level for change in changes if isinstance(change, LeftOutLevel)]
    groups = tuple(unit_groups(plan, reml.stats))
    tasks = {
        **{":".join(group): partial(_units_over_time, plan, reml, group) for group in groups},
        "settled": partial(_settled_records, plan, settled),
        "diagnostics": partial(diagnostics, plan, reml),
        "inclusion": partial(inclusion_record, plan, full[0], settled.ml),
        "over_time": partial(over_time, plan, reml, settled.random.forms, reml.fit.model),
        "policy": lambda: tuple(policy_record(plan, reml, name) for name in plan.policy),
        "pupil_level": lambda: pupil_level_record(plan, pupil_level(plan, full, stats)),
        "slope_details": partial(slope_details, plan, settled.slopes, reml),
        "reduction": partial(_reduction_record, plan, settled),
        "null": partial(null_record, plan, settled.null, left_out),
        "full": partial(model_record, plan, full),
    }
    _ = reml.evaluated  # once, and not by each of them
    found = answered_by_name([stats], tasks)
    units = [found[":".join(group)] for group in groups]
    settled_model, slopes = found["settled"]
    return AnalysisResults(
        survey=plan.survey,
        analysis=plan.analysis,
        outcome=plan.outcome,
        design=plan.design.name,
        criterion="REML",
        time=time_record(plan),
        levels=level_sizes(plan, stats, survey),
        waves=wave_samples(plan, stats, survey),
        n_obs=stats.n_obs,
        rows_without=rows_without(stats),
        null=found["null"],
        full=found["full"],
        reduction=found["reduction"],
        settled=settled_model,
        slopes=slopes,
        associations=associations(plan, full[0].fit, reml),
        effects=tuple(item for item, _ in units if isinstance(item, UnitEffects)),
        not_compared=tuple(item for item, _ in units if isinstance(item, NotComparedUnits)),
        over_time=found["over_time"].model_copy(
            update={"levels": tuple(steady for _, steady in units)}
        ),
        policy=found["policy"],
        pupil_level=found["pupil_level"],
        within_between=within_between(plan, [("full", full[1]), ("settled", reml)]),
        slope_details=found["slope_details"],
        inclusion=found["inclusion"],
        diagnostics=found["diagnostics"],
        notes=notes(plan, settled.fits(), changes, survey, settled.reduction.minimal.complete),
    )


def _settled_records(plan: Plan, settled: Settled) -> tuple[SettledRecord, tuple[Slope, ...]]:
    """The settled model and what it says of slopes, which have intervals in common."""
    intervals = VarianceIntervals(settled.reml)
    model = settled_record(plan, settled, intervals)
    return model, slope_records(plan, settled.slopes, intervals)


def _reduction_record(plan: Plan, settled: Settled) -> ReductionRecord:
    """How the mean was reduced, with the adequate models by REML."""
    found = [subset.fit for subset in settled.reduction.adequate]
    stats = settled.reml.stats
    adequate = [estimates_near(fit.model, stats, "REML", fit.start) for fit in found]
    return reduction_record(plan, settled.reduction, adequate)


def _units_over_time(
    plan: Plan, settled: Solution, group: tuple[str, ...]
) -> tuple[UnitEffects | NotComparedUnits, LevelStability]:
    """Effects of the named units of a level above the lowest, and how stable they are."""
    steady = stability(plan, settled, group)
    details = stability_details(plan, settled, steady)
    agreement = steady.average_correlation, steady.lower
    effects = unit_effects(plan, settled, group, level_test(settled, group), agreement)
    return effects, stability_record(plan, steady, details)


def over_time(
    plan: Plan,
    settled: Solution,
    groups: Iterable[tuple[str, ...]],
    model: Model,
) -> OverTime:
    """Adjusted means, from the settled model; the stability of effects is added to them.

    Parameters
    ----------
    plan : Plan
        The waves.
    settled : Solution
        The settled model by REML, or all that is concluded of its fixed effects.
    groups : iterable of tuple of str
        Id columns of the units that recur.
    model : Model
        The settled model.
    """
    course = course_of_time(plan, settled)
    return OverTime(
        adjusted_means=adjusted_means(plan, course),
        test=adjusted_means_test(plan, course.told),
        curve=adjusted_curve(plan, course.drawn),
        lack_of_fit=lack_of_fit_record(course),
        by=adjusted_means_by(plan, course),
        formula=course.told.fit.formula,
        by_wave=tuple(
            group_level(group) for group in groups if form_of(plan, model, group) != "constant"
        ),
        levels=(),
    )
