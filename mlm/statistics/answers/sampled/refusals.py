"""What has no meaning for a sample with weights or plausible values, and what is told instead."""

from __future__ import annotations

from mlm.nouns.plan import Plan
from mlm.results.sampled.reason import (
    DrawsHaveTheirOwn,
    ModelAloneErrors,
    NotConfigured,
    NotForSingleUnits,
    NotOfSamples,
    SampledReason,
    UnitOfWeights,
)
from mlm.results.sampled.refusals import Instead, Refusal, Refused
from mlm.statistics.answers.sampled.units import are_of_populations
from mlm.statistics.answers.units.unit_effects import unit_groups
from mlm.statistics.evidence.crossproducts import CrossProducts

OF_LIKELIHOODS: tuple[tuple[Refused, Instead | None], ...] = (
    ("likelihood_ratio_tests", "wald_tests"),
    ("information_criteria", "wald_tests"),
    ("restricted_likelihood", "pseudo_likelihood"),
    ("profile_intervals", "design_intervals"),
    ("simultaneous_bound", "joint_test_of_dropped"),
    ("adequate_subsets", "joint_test_of_dropped"),
    ("inclusion_frequencies", None),
)
"""What needs a likelihood of the rows."""

OF_MODEL: tuple[tuple[Refused, Instead | None], ...] = (
    ("satterthwaite", "design_degrees"),
    ("kenward_roger", "design_degrees"),
    ("parametric_bootstrap", "design_intervals"),
    ("residuals_of_rows", "analysis_of_rows_alike"),
)
"""What needs errors of the model alone."""

NOT_COMPUTED: tuple[tuple[Refused, Instead | None], ...] = (
    ("products_of_row_variables", "products_among_terms"),
    ("overlap_of_policies", "weighted_balance"),
    ("details_of_slopes", "spread_of_slopes"),
    ("variances_by_wave", "analysis_of_each_wave"),
)
"""What could be told of a sample, and is not."""


def refusals(plan: Plan, stats: CrossProducts, tried: bool) -> tuple[Refusal, ...]:
    """All that is refused in an analysis of this sample.

    Parameters
    ----------
    plan : Plan
        The analysis.
    stats : CrossProducts
        Its sample.
    tried : bool
        Whether products of the variables of rows were tested.
    """
    weighted = plan.sampling.design is not None
    reason: SampledReason = UnitOfWeights() if weighted else DrawsHaveTheirOwn()
    out = [Refusal(what=what, reason=reason, instead=into) for what, into in OF_LIKELIHOODS]
    alone: SampledReason = ModelAloneErrors() if weighted else DrawsHaveTheirOwn()
    out += [Refusal(what=what, reason=alone, instead=into) for what, into in OF_MODEL]
    missing = NotOfSamples()
    out += [
        Refusal(what=what, reason=missing, instead=into)
        for what, into in NOT_COMPUTED
        if what != "products_of_row_variables" or (plan.pupil_candidates[0] and not tried)
    ]
    if not weighted:
        reason = NotConfigured(what="weights")
        out.append(Refusal(what="influence_of_units", reason=reason, instead=None))
    if not weighted:  # errors of the model are those of a fit by maximum likelihood to each draw
        out = [each for each in out if each.what != "satterthwaite"]
    if weighted and plan.sampling.design.errors_of(stats.sampled.clusters.size) == "jackknife":
        out = [
            each.model_copy(update={"instead": "jackknife_variances"})
            if each.what == "restricted_likelihood"
            else each
            for each in out
        ]
    return (*out, *_of_waves(plan, stats), *_of_units(plan, stats))


def _of_waves(plan: Plan, stats: CrossProducts) -> list[Refusal]:
    """What is told of a wave to come."""
    if len(plan.time.waves) < 2:
        return []
    present = {level.group for level in stats.all_levels}
    what: list[Refused] = ["next_wave"]
    if any(group in present for group in plan.recurring_groups):
        what.insert(0, "prediction_of_units")
    instead: Instead = "means_of_waves_seen"
    return [Refusal(what=each, reason=NotOfSamples(), instead=instead) for each in what]


def _of_units(plan: Plan, stats: CrossProducts) -> list[Refusal]:
    """Ranking, where the outcome was not made to describe units."""
    scores = plan.sampling.scores
    if not are_of_populations(plan) or not unit_groups(plan, stats):
        return []
    reason = NotForSingleUnits(draws=len(scores[0]))
    return [Refusal(what="ranking", reason=reason, instead="shares_of_levels")]
