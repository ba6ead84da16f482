"""One analysis from the cross-products of several imputations to its results."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial

from mlm.errors import DifferentImputations, NotConverged, SingularFit
from mlm.nouns.plan import Plan
from mlm.results.analysis import AnalysisResults
from mlm.results.diagnostics import Diagnostics, RefusedDeletion, RefusedInfluence
from mlm.results.imputations.pooling import Imputed, Unpooled
from mlm.results.over_time import OverTime
from mlm.results.policy import Policy, RefusedBalance
from mlm.results.reason import OverImputations
from mlm.results.survey.survey import SurveyAccount
from mlm.results.units import NotComparedUnits, UnitEffects
from mlm.statistics.answers.analysis import over_time
from mlm.statistics.answers.claims import check_claims
from mlm.statistics.answers.data.identified_levels import within
from mlm.statistics.answers.data.notes import notes
from mlm.statistics.answers.data.sample import (
    level_sizes,
    rows_without,
    time_record,
    wave_samples,
)
from mlm.statistics.answers.diagnostics.checks import normality, residual_variances
from mlm.statistics.answers.imputed.beside import (
    ShiftedImputations,
    complete_cases,
    shift_records,
)
from mlm.statistics.answers.imputed.models import (
    pooled_model,
    pooled_null,
    pooled_settled,
    pooled_slopes,
    reduction_record,
)
from mlm.statistics.answers.imputed.pooled_records import NoCommonAnswer, pooled_record
from mlm.statistics.answers.imputed.rules import RULES
from mlm.statistics.answers.imputed.units import pooled_units
from mlm.statistics.answers.policy.policy_effects import policy_in_model, policy_in_rows
from mlm.statistics.answers.slopes.slope_details import slope_details
from mlm.statistics.answers.variables.associations import associations
from mlm.statistics.answers.variables.pupil_level import pupil_level, pupil_level_record
from mlm.statistics.answers.variables.within_between import within_between
from mlm.statistics.evidence.completed_samples import CompletedSamples
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.remembered import answered_by_name
from mlm.statistics.evidence.separable import LeftOutLevel, MergedLevel
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.pooling.beside import SolutionBeside
from mlm.statistics.selection.imputed_settling import ImputedSettling, settle_imputed

UNPOOLED = (
    Unpooled(what="likelihoods", instead="wald_tests"),
    Unpooled(what="simultaneous_bound", instead="joint_test_of_dropped"),
    Unpooled(what="adequate_subsets", instead=None),
    Unpooled(what="inclusion_frequencies", instead=None),
    Unpooled(what="back_test", instead=None),
    Unpooled(what="influence", instead=None),
    Unpooled(what="deletion", instead=None),
    Unpooled(what="residuals_of_rows", instead=None),
)
"""What is not told of imputations."""


def analyse_imputed(
    plan: Plan,
    imputations: CompletedSamples,
    survey: SurveyAccount,
    complete: CrossProducts | None = None,
    shifted: Sequence[ShiftedImputations] = (),
) -> tuple[AnalysisResults, dict[str, Fit]]:
    """All results of one analysis of several imputations.

    Parameters
    ----------
    plan : Plan
        What is to be answered.
    imputations : CompletedSamples
        Merged samples of all waves, two or more.
    survey : SurveyAccount
        What linking the waves found.
    complete : CrossProducts, optional
        The merged sample of the rows without any missing value.
    shifted : sequence of ShiftedImputations
        Imputations of the same rows in which those of a variable were moved.

    Returns
    -------
    results : AnalysisResults
        The answers to every question, pooled over the imputations.
    fits : dict of str to Fit
        Fits by name and imputation: ``null.ml.1``, ..., ``settled.reml.20``.

    Raises
    ------
    ModelError, FitError
        When a model cannot be identified or fitted.
    DifferentImputations
        When imputations differ in the levels that can be told apart.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFit)
        warnings.simplefilter("ignore", NotConverged)
        imputations, changes = _claims(plan, imputations)
        models = (plan.null_model(), plan.full_model())
        null, full = (within(model, imputations.first) for model in models)
        settling = settle_imputed(plan, null, full, imputations)
        results = _Answers(plan, settling).results(survey, changes, complete, shifted)
        return results, settling.fits()


def _claims(
    plan: Plan, imputations: CompletedSamples
) -> tuple[CompletedSamples, tuple[MergedLevel | LeftOutLevel, ...]]:
    """The imputations with the levels whose variances can be told apart in all of them."""
    found = imputations.each([check_claims(plan, stats) for stats in imputations.different])
    first = found[0]
    for i, other in enumerate(found[1:], start=2):
        if other.changes != first.changes:
            raise DifferentImputations(
                f"analysis {plan.analysis}: imputation {i} has other levels whose variances can be "
                "told apart than imputation 1: a variable of units takes up all their differences "
                "in one of them. Leave out that variable, or the level."
            )
    return CompletedSamples(tuple(each.stats for each in found)), first.changes


class _Answers:
    """The answers that are read from the settled model of all imputations."""

    def __init__(self, plan: Plan, settling: ImputedSettling):
        self._plan, self._settling = plan, settling
        self._settled = settling.settled[1]
        self._imputations = self._settled.imputations
        few = self._settled.different[: settling.searched]
        self._few = [SolutionBeside.of(each.released(), few[0]) for each in few]

    def results(
        self,
        survey: SurveyAccount,
        changes: Sequence[MergedLevel | LeftOutLevel],
        complete: CrossProducts | None,
        shifted: Sequence[ShiftedImputations],
    ) -> AnalysisResults:
        """All of them."""
        plan, settling, settled = self._plan, self._settling, self._settled
        first, full = self._imputations.first, settling.full
        left_out = [each.level for each in changes if isinstance(each, LeftOutLevel)]
        tasks = {
            "settled": lambda: (pooled_settled(plan, settling), pooled_slopes(plan, settling)),
            "slope_details": self._slope_details,
            "policy": lambda: tuple(self._policy(name) for name in plan.policy),
            "pupil_level": self._pupil_level,
            "diagnostics": self._diagnostics,
            "over_time": self._over_time,
            "null": partial(pooled_null, plan, settling.null, left_out),
            "full": partial(pooled_model, plan, full),
            "reduction": partial(reduction_record, plan, settling.reduction),
        }
        draws = self._imputations.draws
        found = answered_by_name(draws, tasks)
        told, slopes = found["settled"]
        effects, levels = pooled_units(plan, settled, settling.searched)
        waves = [wave_samples(plan, draw, survey) for draw in draws]
        return AnalysisResults(
            survey=plan.survey,
            analysis=plan.analysis,
            outcome=plan.outcome,
            design=plan.design.name,
            criterion="REML",
            time=time_record(plan),
            levels=level_sizes(plan, first, survey),
            waves=tuple(pooled_record(own, RULES) for own in zip(*waves, strict=True)),
            n_obs=first.n_obs,
            rows_without=rows_without(first),
            null=found["null"],
            full=found["full"],
            reduction=found["reduction"],
            settled=told,
            slopes=slopes,
            associations=associations(plan, full[0].fit, settled),
            effects=tuple(item for item in effects if isinstance(item, UnitEffects)),
            not_compared=tuple(item for item in effects if isinstance(item, NotComparedUnits)),
            over_time=found["over_time"].model_copy(update={"levels": levels}),
            policy=found["policy"],
            pupil_level=found["pupil_level"],
            within_between=within_between(plan, [("full", full[1]), ("settled", settled)]),
            slope_details=found["slope_details"],
            inclusion=None,
            diagnostics=found["diagnostics"],
            notes=notes(plan, self._noted(), changes, survey, True),
            imputed=self._imputed(complete_cases(plan, settled, told, complete), shifted),
        )

    def _slope_details(self):
        """What explains slopes, of the imputations that were searched, pooled."""
        pairs = enumerate(each.released() for each in self._few)
        trials = self._settling.trials
        return pooled_record([slope_details(self._plan, trials(i), own) for i, own in pairs], RULES)

    def _over_time(self) -> OverTime:
        forms, model = self._settling.random.forms, self._settled.first.fit.model
        return over_time(self._plan, self._settled, forms, model)

    def _policy(self, name: str) -> Policy:
        plan = self._plan
        told = policy_in_model(plan, self._settled, name)
        rows = [policy_in_rows(plan, each.stats, name, told["effects"]) for each in self._few]
        try:
            found = pooled_record(rows, RULES)
        except NoCommonAnswer:  # the policy itself is imputed, and so is who is compared
            reason = OverImputations(draws=len(self._imputations))
            refused = {"balance": RefusedBalance(reason=reason), "overlap": ()}
            found = pooled_record([each.model_copy(update=refused) for each in rows], RULES)
        return Policy(**told, **dict(found))

    def _pupil_level(self):
        pairs = zip(*(each.different for each in self._settling.full), strict=True)
        few = list(pairs)[: self._settling.searched]
        plan = self._plan
        found = []
        for ml, reml in few:
            full = ml.released(), SolutionBeside.of(reml.released(), few[0][1])
            found.append(pupil_level_record(plan, pupil_level(plan, full, ml.stats)))
        return pooled_record(found, RULES)

    def _diagnostics(self) -> Diagnostics:
        """Checks of the settled model; what single units do to it is not pooled."""
        plan, reason = self._plan, OverImputations(draws=len(self._imputations))
        variances = [residual_variances(plan, each.released()) for each in self._few]
        normal = [normality(plan, each.released()) for each in self._few]
        return Diagnostics(
            residual_variance=pooled_record(variances, RULES),
            normality=tuple(pooled_record(own, RULES) for own in zip(*normal, strict=True)),
            influence=RefusedInfluence(reason=reason),
            deletion=RefusedDeletion(level=None, reason=reason),
        )

    def _noted(self) -> dict[str, Fit]:
        """One fit of each model: of the imputation in which least is sure."""
        out = {}
        for name in ("null", "full", "settled"):
            for pooled in getattr(self._settling, name):
                fits = [each.fit for each in pooled.solutions]
                key = f"{name}.{fits[0].criterion.lower()}"
                out[key] = min(fits, key=lambda fit: (fit.converged, not fit.is_singular))
        return out

    def _imputed(self, complete, shifted: Sequence[ShiftedImputations]) -> Imputed:
        settled = self._settled
        return Imputed(
            draws=len(self._imputations),
            searched=self._settling.searched,
            different=len(set(self._imputations.places)),
            singular=settled.fit.n_singular,
            missing_information=float(settled.missing_information.max(initial=0.0)),
            unpooled=UNPOOLED,
            complete_cases=complete,
            shifts=shift_records(self._plan, settled, shifted),
        )
