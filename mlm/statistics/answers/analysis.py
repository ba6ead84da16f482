"""One analysis from its cross-products to its results: the stages in the order of the questions.

The results are plain numbers for the pages room; no text, no rounding.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from mlm.errors import NotConverged, SingularFit
from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.statistics.answers import records
from mlm.statistics.answers.data.sample_record import sample_record
from mlm.statistics.answers.further import further_records
from mlm.statistics.answers.over_time.stability import Stability, stability
from mlm.statistics.answers.over_time.stability_records import stability_details
from mlm.statistics.answers.over_time.which_model import (
    OverTime,
    is_constant,
    needs_waves,
    over_time,
    with_waves,
)
from mlm.statistics.answers.policy.policy_records import policy_record
from mlm.statistics.answers.slopes.slopes import keep_slopes, tried_slopes
from mlm.statistics.answers.units import unit_records
from mlm.statistics.answers.units.comparison import UnitComparison, compare_units, ranking_licence
from mlm.statistics.answers.variables.adjusted_by_group import standards_by_group
from mlm.statistics.answers.variables.adjusted_means import standards_by_wave, standards_test
from mlm.statistics.answers.variation.shares import level_tests, variance_shares
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.separable import separable_levels
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution, fit_model, solve
from mlm.statistics.selection.backward import reduce
from mlm.statistics.selection.with_slopes import settle

RESULTS_SCHEMA = 1


@dataclass(frozen=True)
class Fits:
    """The fits that an analysis keeps, by name."""

    null: tuple[Solution, Solution]
    full: tuple[Solution, Solution]
    final: tuple[Solution, Solution]
    slopes: tuple[Solution, Solution]

    def named(self) -> dict[str, Fit]:
        """Fit by the name of its file."""
        pairs = {"null": self.null, "full": self.full, "final": self.final, "slopes": self.slopes}
        return {
            f"{name}.{solution.fit.criterion.lower()}": solution.fit
            for name, pair in pairs.items()
            for solution in pair
        }


def analyse(plan: Plan, stats: CrossProducts, survey: Mapping) -> tuple[dict, dict[str, dict]]:
    """All results of one analysis.

    Parameters
    ----------
    plan : Plan
        What is to be answered.
    stats : CrossProducts
        The merged sample of all waves.
    survey : mapping
        What linking the waves found (``survey.json``).

    Returns
    -------
    results : dict
        Numbers of every question, for ``results.json``.
    fits : dict of str to dict
        Stored fits by name: ``null.ml``, ``null.reml``, ..., ``slopes.reml``.

    Raises
    ------
    ModelError, FitError
        When a model cannot be identified or fitted.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFit)
        warnings.simplefilter("ignore", NotConverged)
        stats, merged = separable_levels(plan, stats)
        groups = {level.group for level in stats.all_levels}
        null = _both(_within(plan.null_model(), groups), stats)
        full = _both(_within(plan.full_model(), groups), stats)
        reduction = reduce(full[0].fit.model, stats, plan.alpha, plan.protected)
        adequate = [fit_model(s.fit.model, stats, "REML", s.fit) for s in reduction.adequate]
        final = _both(reduction.final.model, stats)
        chosen = final[1].fit
        tried = tried_slopes(plan, chosen.model, stats, chosen)
        with_slopes = keep_slopes(tried, chosen.model, stats, plan.alpha, chosen)
        settled = settle(final, with_slopes, plan.alpha, plan.protected)
        fits = Fits(null, full, final, settled.pair)
        units, told = _units_and_stability(plan, final[1], settled.reml, survey)
        results = {
            "schema": RESULTS_SCHEMA,
            **sample_record(plan, stats, survey),
            "null": records.null_record(plan, null, variance_shares(null[1])),
            "full": records.model_record(full),
            "reduction": records.reduction_record(plan, reduction, adequate),
            "final": {
                **records.model_record(final),
                "shares": records.final_shares(plan, null[1], variance_shares(final[1])),
            },
            "slopes": unit_records.slopes_record(plan, tried, with_slopes.fit, stats),
            "slopes_model": {
                **records.model_record(settled.pair),
                "path": records.path_record(settled.path),
            },
            **units,
            "policy": [policy_record(plan, told.of(plan, name), name) for name in plan.policy],
            **further_records(plan, full, final, tried, told, stats),
        }
        results["notes"] = records.notes(plan, fits.named(), merged, survey, reduction.complete)
    return results, {name: fit.to_dict() for name, fit in fits.named().items()}


def _within(model: Model, groups: set) -> Model:
    return model.with_random([term for term in model.random if term.group in groups])


def _both(model: Model, stats: CrossProducts) -> tuple[Solution, Solution]:
    first = solve(model, stats, "ML")
    return first, solve(model, stats, "REML", start=first.fit)


def _units_and_stability(
    plan: Plan, final: Solution, settled: Solution, survey: Mapping
) -> tuple[dict, OverTime]:
    """Effects of the named units above the lowest, how stable they are, and standards by wave.

    Units are compared without random slopes, so that each has one effect. Standards count that
    effects differ between groups, and that those of units change over waves.
    """
    tests, model = level_tests(final), final.fit.model
    effects, levels, found = [], [], []
    for group in reversed(unit_records.unit_groups(plan, final.stats)):
        steady = stability(plan, model, group, final.stats)
        record = unit_records.stability_record(plan, group, steady)
        constant = {"constant_in_models": is_constant(plan, settled, group)}
        details = stability_details(plan, final, group, steady, model)
        comparison = compare_units(final.evaluated, ":".join(group))
        found.insert(0, (group, steady))
        levels.insert(0, {**record, **constant, **details})
        effects.insert(0, _effects(plan, group, comparison, tests, steady, survey))
        if needs_waves(plan, final, group, steady):  # or its changes would show in outer units
            model = with_waves(plan, model, (group,))
    told = over_time(plan, final, settled, found)
    standards = {
        "standards": standards_by_wave(plan, told.mean),
        "standards_test": records.test_or_none(standards_test(plan, told.mean)),
        "standards_by": standards_by_group(plan, told),
        "standards_formula": told.mean.fit.formula,
        "by_wave": [plan.level_of(":".join(group)).name for group in told.groups],
    }
    return {"effects": effects, "stability": {**standards, "levels": levels}}, told


def _effects(
    plan: Plan, group, comparison: UnitComparison, tests, steady: Stability, survey
) -> dict:
    name = ":".join(group)
    licence = ranking_licence(
        comparison,
        tests[name].p_value if name in tests else None,
        steady.average_correlation,
        plan.ranking,
        plan.alpha,
        with_stability=plan.design.is_longitudinal and len(plan.time.waves) > 1,
    )
    return unit_records.effects_record(plan, group, comparison, licence)
