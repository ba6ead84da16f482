"""What an analysis tells beside the five answers, from the same fits and cross-products."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.nouns.plan import Plan
from mlm.statistics.answers.diagnostics.diagnostic_records import diagnostics_record
from mlm.statistics.answers.over_time.which_model import OverTime
from mlm.statistics.answers.policy.policy_records import policy_details
from mlm.statistics.answers.records import term_text
from mlm.statistics.answers.slopes.slope_records import slope_details_record
from mlm.statistics.answers.slopes.slopes import Slope
from mlm.statistics.answers.variables.pupil_level import pupil_level, pupil_level_record
from mlm.statistics.answers.variables.within_between import between_records
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.selection.inclusion import Inclusion, inclusion
from mlm.statistics.selection.resampling import resampled


def further_records(
    plan: Plan,
    full: tuple[Solution, Solution],
    final: tuple[Solution, Solution],
    slopes: Sequence[Slope],
    told: OverTime,
    stats: CrossProducts,
) -> dict:
    """Additional parts of the results.

    Parameters
    ----------
    plan : Plan
        What is to be answered.
    full, final : tuple of Solution
        Models with random intercepts by ML and by REML.
    slopes : sequence of Slope
        Slopes that were tried on the final model.
    told : OverTime
        The models that effects of policies are told from.
    stats : CrossProducts
        The sample.

    Returns
    -------
    dict
        ``pupil_level``, ``between``, ``slope_details``, ``inclusion``, ``policy_details`` and
        ``diagnostics``; each is described where it is made.
    """
    examined = pupil_level(plan, (full[0].fit, full[1].fit), stats)
    models = [("full", full[1]), ("final", told.with_slopes)]
    return {
        "pupil_level": pupil_level_record(plan, examined),
        "between": between_records(plan, models),
        "slope_details": slope_details_record(plan, slopes, stats, plan.alpha),
        "inclusion": _inclusion(plan, full[0], final[0], told.with_slopes),
        "policy_details": [
            {"variable": variable, **policy_details(plan, told.of(plan, variable), variable)}
            for variable in plan.policy
        ],
        "diagnostics": diagnostics_record(plan, final[1]),
    }


def _inclusion(plan: Plan, full: Solution, final: Solution, settled: Solution) -> dict:
    """How often each term is kept: ``method``, ``replicates``, ``same_model`` and ``terms``.

    The reduction that is repeated is the one with random intercepts; ``same_model`` counts how
    often it ends where it ended here, ``in_final`` tells the terms of the final model, slopes
    allowed for.
    ``resampled`` holds the same for bootstrap samples of units, with their ``level`` and the number
    of ``bundles`` that were drawn from; None where single units were not kept.
    """
    found = inclusion(full.fit, full.stats, plan.alpha, plan.protected)
    ends = tuple(
        frozenset(term.key for term in each.fit.model.terms if term.factors)
        for each in (final, settled)
    )
    drawn = resampled(plan, full.fit, full.stats, plan.protected)
    units = None
    if drawn is not None:
        units = {
            "level": plan.unit_level(drawn.group),
            "group": ":".join(drawn.group),
            "bundles": drawn.bundles,
            "failed": drawn.failed,
            **_frequencies(drawn.inclusion, *ends),
        }
    return {"method": "parametric", **_frequencies(found, *ends), "resampled": units}


def _frequencies(found: Inclusion, reduced: frozenset, settled: frozenset) -> dict:
    rows = [
        {"term": term_text(term), "kept": share, "in_final": term.key in settled}
        for term, share in zip(found.terms, found.kept.tolist(), strict=True)
    ]
    return {
        "replicates": found.replicates,
        "models": len(found.models),
        "same_model": found.models.get(reduced, 0.0),
        "terms": rows,
    }
