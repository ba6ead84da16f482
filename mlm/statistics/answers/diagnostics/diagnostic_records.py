"""Records of the diagnostics: residual variance by wave, normality of effects, influence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.plan import Plan
from mlm.statistics.answers.diagnostics.deletion import Deletion, unit_deletion
from mlm.statistics.answers.diagnostics.influence import (
    Influence,
    Quantiles,
    effect_quantiles,
    unit_influence,
)
from mlm.statistics.answers.diagnostics.residual_sums import Residuals
from mlm.statistics.answers.policy.overlap import RowOverlap
from mlm.statistics.answers.records import comparison_record, plain
from mlm.statistics.evidence.by_wave import has_waves_apart
from mlm.statistics.fitting.effects import posterior_means
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.residual_by_wave import residual_by_wave

MAX_POINTS = 200  # points of a quantile plot; more are pooled, evenly along the quantiles
MOST_INFLUENTIAL = 10  # most influential units that are kept


def diagnostics_record(plan: Plan, final: Solution) -> dict:
    """Checks of the final model that need no row.

    Returns
    -------
    dict
        ``residual_variance``: ``waves`` with ``wave``, ``variance``, ``sd``, and the test against
        one variance, or ``reason``. ``normality``: one entry a level with ``units``, ``skewness``,
        ``kurtosis``, ``correlation``, ``largest`` and the points ``expected``, ``observed``, each
        the mean of ``counts`` neighbouring units.
        ``influence``: the outermost level, ``method``, ``threshold`` (4 over the number of units),
        ``above`` it, ``largest_distance``, ``largest_change`` in standard errors with its ``term``,
        and the most influential ``units``. ``deletion``: the same with each outermost unit left
        out, rows and all; for the units shown the model was fitted again (``exact``), and
        ``variances`` are those without the unit. Beside it the ``range`` of each variance.
    """
    return plain(
        {
            "residual_variance": _residual(plan, final),
            "normality": _normality(plan, final),
            "influence": _influence(plan, final),
            "deletion": _deletion(plan, final),
        }
    )


def _residual(plan: Plan, final: Solution) -> dict:
    if len(plan.time.waves) < 2:
        return {"waves": [], "reason": "there is one wave only"}
    if not has_waves_apart(plan, final.stats):
        return {"waves": [], "reason": "the waves are not kept apart in the cross-products"}
    try:
        found = residual_by_wave(plan, final.fit.model, final.stats)
    except MLMError as error:
        return {"waves": [], "reason": str(error)}
    waves = [
        {"wave": wave, "variance": variance, "sd": float(np.sqrt(variance))}
        for wave, variance in zip(found.waves, found.variances.tolist(), strict=True)
    ]
    return {"waves": waves, **comparison_record(found.test)}


def _normality(plan: Plan, final: Solution) -> list[dict]:
    out = []
    for effects in posterior_means(final.evaluated).effects:
        level = plan.level_of(effects.group).name
        found = effect_quantiles(effects)
        base = {"level": level, "group": effects.group, "units": len(effects.units)}
        if found is None:
            out.append({**base, "reason": "the variance of the level is zero"})
            continue
        counts, expected, observed = pooled_quantiles(found)
        out.append(
            {
                **base,
                "reason": None,
                "skewness": found.skewness,
                "kurtosis": found.kurtosis,
                "correlation": found.correlation,
                "largest": found.largest,
                "counts": counts,
                "expected": expected,
                "observed": observed,
            }
        )
    order = [level.key for level in plan.levels]
    return sorted(out, key=lambda item: order.index(item["group"]))


def pooled_quantiles(found: Quantiles) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Units behind each point (k,), and the means (k,) of their quantiles and effects."""
    n = found.expected.size
    places = np.arange(n)
    if n > MAX_POINTS:
        wanted = np.linspace(found.expected[0], found.expected[-1], MAX_POINTS)
        places = np.unique(np.searchsorted(found.expected, wanted).clip(0, n - 1))
    counts = np.diff(np.append(places, n))
    means = [np.add.reduceat(z, places) / counts for z in (found.expected, found.observed)]
    return counts, *means


def _influence(plan: Plan, final: Solution) -> dict | None:
    if not final.working.blocks:
        return None
    found = unit_influence(final.evaluated)
    group = ":".join(final.working.outermost)
    order = np.argsort(-found.distance, kind="stable")[:MOST_INFLUENTIAL]
    unit, term = np.unravel_index(np.abs(found.change).argmax(), found.change.shape)
    return {
        "level": plan.level_of(group).name,
        "group": group,
        "n": len(found.units),
        "method": "mean_shift",
        "threshold": 4.0 / len(found.units),
        "above": int((found.distance > 4.0 / len(found.units)).sum()),
        "largest_distance": float(found.distance.max()),
        "largest_change": float(found.change[unit, term]),
        "term": found.names[term],
        "units": [_unit(found, i) for i in order],
    }


def _unit(found: Influence | Deletion, i: int) -> dict:
    term = int(np.abs(found.change[i]).argmax())
    return {
        "unit": str(found.units[i]),
        "distance": found.distance[i],
        "term": found.names[term],
        "change": found.change[i, term],
    }


def _deletion(plan: Plan, final: Solution) -> dict | None:
    if not final.working.blocks:
        return None
    found = unit_deletion(plan, final.fit, final.stats)
    if found is None:
        return None
    group = ":".join(final.working.outermost)
    unit, term = np.unravel_index(np.abs(found.change).argmax(), found.change.shape)
    order = np.argsort(-found.distance, kind="stable")[:MOST_INFLUENTIAL]
    if unit not in order:
        order = np.append(order[: MOST_INFLUENTIAL - 1], unit)
    threshold = 4.0 / len(found.units)
    return {
        "level": plan.level_of(group).name,
        "group": group,
        "n": len(found.units),
        "threshold": threshold,
        "above": int((found.distance > threshold).sum()),
        "largest_distance": float(found.distance.max()),
        "largest_change": float(found.change[unit, term]),
        "term": found.names[term],
        "range": [
            {
                "level": plan.level_of(name).name,
                "group": name,
                "variance": final.fit.variance(name),
                "lowest": found.variances[:, i].min(),
                "highest": found.variances[:, i].max(),
            }
            for i, name in enumerate(found.groups)
        ],
        "units": [
            {
                **_unit(found, i),
                "exact": found.exact[i],
                "variances": dict(zip(found.groups, found.variances[i].tolist(), strict=True)),
            }
            for i in order
        ],
    }


def residuals_record(plan: Plan, found: Residuals, overlaps: Sequence[RowOverlap] = ()) -> dict:
    """Residuals of the rows, for ``residuals.json``; its keys are described in docs/results.md."""
    return plain(
        {
            "schema": 1,
            "survey": plan.survey,
            "analysis": plan.analysis,
            "outcome": plan.outcome,
            "formula": found.formula,
            "rows": found.rows,
            "determined": found.determined,
            "sigma": found.sigma,
            **found.moments,
            "quantiles": {"expected": found.expected, "observed": found.observed},
            "histogram": {"edges": found.edges, "rows": found.counts},
            "beyond": list(found.beyond),
            "fitted": list(found.fitted),
            "variables": [
                {"variable": name, "parts": list(parts)} for name, parts in found.variables.items()
            ],
            "waves": [
                {"wave": wave, **found.groups[wave]}
                for wave in plan.time.waves
                if wave in found.groups
            ],
            "overlap": [{**asdict(item), "share": item.inside / item.rows} for item in overlaps],
        }
    )
