"""Results as plain data: dictionaries of numbers for ``results.json``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from mlm.columns import Column
from mlm.model import INTERCEPT, Term
from mlm.plan import RESIDUAL, WAVE, Plan
from mlm.statistics.crossproducts import CrossProducts
from mlm.statistics.fit import Fit
from mlm.statistics.inference import Comparison
from mlm.statistics.reduction import Reduction
from mlm.statistics.shares import Share
from mlm.statistics.slopes import Slope
from mlm.statistics.solution import Solution
from mlm.statistics.stability import Stability
from mlm.statistics.units import LicenceCheck, UnitComparison


def plain(value):
    """A number, or None where it is not finite; arrays become lists."""
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    return value


def term_text(term: Term) -> str:
    """A term as the configuration writes it: ``a``, ``a:b``, ``a^2``."""
    parts = [
        f"{f.variable}^{f.exponent}" if f.function == "power" else str(f) for f in term.factors
    ]
    return ":".join(parts) or INTERCEPT


def _terms(terms: Sequence[Term]) -> list[str]:
    return [term_text(term) for term in terms if term.factors]


def header(plan: Plan, stats: CrossProducts, survey: Mapping) -> dict:
    """What was analysed: names, levels with their sizes, waves with their rows."""
    sizes = {**stats.n_groups, RESIDUAL: stats.n_obs}
    return {
        "survey": plan.survey,
        "analysis": plan.analysis,
        "outcome": plan.outcome,
        "design": plan.design,
        "criterion": "REML",
        "time": {
            "name": plan.time.name,
            "coding": plan.time.coding,
            "waves": list(plan.time.waves),
        },
        "levels": [
            {"name": level.name, "group": level.key, "n": sizes[level.key]}
            for level in plan.levels
            if level.key in sizes
        ],
        "waves": [_wave(plan, stats, survey, wave) for wave in plan.time.waves],
        "n_obs": stats.n_obs,
        "rows_without": dict(stats.dropped),
    }


def _wave(plan: Plan, stats: CrossProducts, survey: Mapping, wave: str) -> dict:
    """Rows, groups and moments of the outcome in one wave, from the wave's indicator."""
    rows, mean, sd = _wave_moments(plan, stats, wave)
    ledger = next((w for w in survey.get("waves", []) if w.get("wave") == wave), {})
    groups = {level.name: _groups_in_wave(plan, level, wave) for level in stats.levels}
    return plain(
        {
            "wave": wave,
            "rows": rows,
            "groups": groups,
            "mean": mean,
            "sd": sd,
            "rows_clean": ledger.get("rows_kept"),
        }
    )


def _indicator(plan: Plan, wave: str) -> Column:
    return Column(indicators=((plan.time.factor, wave),))


def _wave_moments(plan: Plan, stats: CrossProducts, wave: str) -> tuple[int, float, float]:
    positions = stats.columns.positions
    y = positions[Column(powers=((plan.outcome, "identity", 1),))]
    origin, unit = stats.columns.scales[plan.outcome, "identity"]
    at = positions.get(_indicator(plan, wave), 0)
    n, total = stats.total[at, at], stats.total[at, y]
    square = stats.total[y, y] if at == 0 else _square_in_wave(plan, stats, wave, y)
    mean = total / n
    sd = math.sqrt(max(square / n - mean**2, 0.0) * n / max(n - 1.0, 1.0)) if square else math.nan
    return round(float(n)), float(origin + unit * mean), float(unit * sd)


def _square_in_wave(plan: Plan, stats: CrossProducts, wave: str, y: int) -> float:
    """Sum of squares of the outcome in a wave; 0 where no such product was formed."""
    pair = Column((), ((plan.outcome, "identity", 1),)).times(_indicator(plan, wave))
    position = stats.columns.positions.get(pair)
    return float(stats.total[position, y]) if position is not None else 0.0


def _groups_in_wave(plan: Plan, level, wave: str) -> int:
    indicator = _indicator(plan, wave)
    if indicator not in level.candidates:
        return level.size
    return int(np.count_nonzero(level.sums[level.candidates.index(indicator)][:, 0]))


def fit_record(fit: Fit) -> dict:
    """One fit: criterion, fixed effects with tests, variance components."""
    by_name = {str(term): term for term in fit.model.terms}
    fixed = []
    for (name, row), term in zip(fit.fixed_effects.iterrows(), fit.terms, strict=True):
        fixed.append({"term": name, "variables": list(by_name[term].variables), **row.to_dict()})
    return plain(
        {
            "criterion": fit.criterion,
            "deviance": fit.deviance,
            "aic": fit.aic,
            "bic": fit.bic,
            "n_params": fit.n_params,
            "n_obs": fit.n_obs,
            "converged": fit.converged,
            "is_singular": fit.is_singular,
            "sigma2": fit.sigma2,
            "max_scaled_gradient": fit.certificate.max_scaled_gradient,
            "fixed": fixed,
            "variance_components": fit.variance_components.to_dict("records"),
        }
    )


def model_record(pair: tuple[Solution, Solution]) -> dict:
    """A model by ML and REML."""
    ml, reml = pair
    return {
        "formula": reml.fit.formula,
        "terms": _terms(reml.fit.model.terms),
        "ml": fit_record(ml.fit),
        "reml": fit_record(reml.fit),
    }


def null_record(plan: Plan, pair, shares: Sequence[Share], tests: Mapping[str, Comparison]) -> dict:
    """The decomposition: shares with intervals, correlations, test of each level."""
    ml, reml = pair
    variances = {s.group: s.variance for s in shares}
    total = sum(variances.values())
    ml_variances = {g: ml.fit.variance(g) for g in variances}
    ml_total = sum(ml_variances.values())
    rows = [
        {
            **share_record(plan, s),
            "variance_ml": ml_variances[s.group],
            "share_ml": ml_variances[s.group] / ml_total,
        }
        for s in shares
    ]
    return {
        **model_record(pair),
        "total_variance": total,
        "shares": plain(rows),
        "correlations": plain(_correlations(plan, shares)),
        "tests": [test_record(plan, group, test) for group, test in tests.items()],
    }


def share_record(plan: Plan, share: Share) -> dict:
    """One level's variance and share."""
    return {
        "level": plan.level_of(share.group).name,
        "group": share.group,
        "variance": share.variance,
        "sd": math.sqrt(share.variance),
        "share": share.share,
        "lower": share.lower,
        "upper": share.upper,
    }


def _correlations(plan: Plan, shares: Sequence[Share]) -> list[dict]:
    """Intraclass correlation of two rows that share the groups down to each level."""
    out, together = [], 0.0
    for share in shares[:-1]:
        together += share.share
        name = plan.level_of(share.group).name
        out.append(
            {
                "name": f"same_{name.replace(' ', '_')}",
                "level": name,
                "group": share.group,
                "value": together,
            }
        )
    return out


def test_record(plan: Plan, group: str, test: Comparison) -> dict:
    """Test of one level's variance."""
    record = comparison_record(test)
    return {"level": plan.level_of(group).name, "group": group, **record}


def comparison_record(test: Comparison) -> dict:
    """A likelihood-ratio or Wald test, or the reason why there is none."""
    return plain(
        {
            "statistic": test.statistic,
            "df": test.df,
            "reference": test.reference,
            "p_value": test.p_value,
            "reason": test.reason,
        }
    )


def final_shares(plan: Plan, null: Solution, shares: Sequence[Share]) -> list[dict]:
    """Shares of the final model, and how much of each null variance it explains."""
    rows = []
    for share in shares:
        before = null.fit.variance(share.group)
        reduction = 1.0 - share.variance / before if before > 0.0 else None
        rows.append({**share_record(plan, share), "reduction": reduction})
    return plain(rows)


def reduction_record(plan: Plan, reduction: Reduction) -> dict:
    """The path, the simultaneous bound and the minimal adequate subsets."""
    from scipy.stats import chi2

    full, final = reduction.full, reduction.final
    df = full.n_params - final.n_params
    path = []
    for number, step in enumerate(reduction.path):
        test = step.test or Comparison(None, None, None, None)
        path.append(
            {
                "step": number,
                "dropped": term_text(step.dropped) if step.dropped else None,
                "terms": _terms(step.fit.model.terms),
                "n_params": step.fit.n_params,
                "deviance": step.fit.deviance,
                "statistic": test.statistic,
                "df": test.df,
                "p_value": test.p_value,
                "aic": step.fit.aic,
                "bic": step.fit.bic,
            }
        )
    bound = {
        "statistic": reduction.excess,
        "df": reduction.bound_df,
        "terms_df": df,
        "critical": reduction.critical,
        "p_value": float(chi2.sf(reduction.excess, reduction.bound_df))
        if reduction.bound_df
        else 1.0,
        "adequate": reduction.excess <= reduction.critical,
    }
    adequate = [
        {
            "terms": _terms(s.fit.model.terms),
            "dropped": _terms(s.dropped),
            "deviance": s.fit.deviance,
            "statistic": s.fit.deviance - full.deviance,
            "df": full.n_params - s.fit.n_params,
            "n_params": s.fit.n_params,
        }
        for s in reduction.adequate
    ]
    return plain(
        {
            "alpha": reduction.alpha,
            "protected": _terms(plan.protected),
            "path": path,
            "bound": bound,
            "adequate": adequate,
            "complete": reduction.complete,
        }
    )


def slopes_record(plan: Plan, slopes: Sequence[Slope], kept: Fit) -> list[dict]:
    """Each slope that was tried: one row a column, or one row with the reason of refusal."""
    inside = {(term.name, str(t)) for term in kept.model.random for t in term.terms if t.factors}
    rows: list[dict] = []
    for slope in slopes:
        level = plan.level_of(slope.group).name
        base = {"variable": slope.variable, "level": level, "group": slope.group}
        if slope.fit is None:
            rows.append({**base, "column": None, "status": "refused", "reason": slope.reason})
            continue
        kept_here = (slope.group, slope.variable) in inside
        rows += [{**base, **row, "kept": kept_here} for row in _slope_rows(slope)]
    return plain(rows)


def _slope_rows(slope: Slope) -> list[dict]:
    covariance = slope.covariance
    sd = np.sqrt(np.diagonal(covariance))
    effects = slope.fit.fixed_effects["estimate"]
    rows = []
    for i, name in enumerate(slope.names, start=1):
        mean = float(effects.get(name, math.nan))
        product = sd[0] * sd[i]
        rows.append(
            {
                "column": name,
                "status": "tested",
                "reason": None,
                "variance": covariance[i, i],
                "sd": sd[i],
                "mean_effect": mean,
                "range": [mean - 2.0 * sd[i], mean + 2.0 * sd[i]],
                "correlation": covariance[0, i] / product if product > 0.0 else None,
                **comparison_record(slope.test),
                "reason": slope.test.reason,
            }
        )
    return rows


def unit_groups(plan: Plan, stats: CrossProducts) -> list[tuple[str, ...]]:
    """Groups that are named units seen as wholes: no wave among their ids, no lowest unit."""
    present = {level.group for level in stats.levels}
    lowest = plan.groups[-1] if plan.design == "same_pupils" else None
    return [g for g in plan.groups if g in present and WAVE not in g and g != lowest]


def effects_record(
    plan: Plan, group, comparison: UnitComparison, licence: Sequence[LicenceCheck]
) -> dict:
    """Effects of one level's units with the licence to rank them."""
    effects = comparison.effects
    name = ":".join(group)
    error = comparison.comparative
    mean = effects.mean[:, 0]
    units = []
    for i, unit in enumerate(effects.units):
        reach, pair = 1.959963984540054 * error[i], comparison.factor * error[i]
        units.append(
            {
                "unit": str(unit),
                "n": round(float(effects.rows[i])),
                "raw": comparison.raw[i],
                "estimate": mean[i],
                "std_error": math.sqrt(effects.conditional[i, 0, 0]),
                "comparative_se": error[i],
                "reliability": comparison.reliability[i],
                "lower": mean[i] - reach,
                "upper": mean[i] + reach,
                "goldstein_lower": mean[i] - pair,
                "goldstein_upper": mean[i] + pair,
                "mean_rank": comparison.ranks[i, 0],
                "rank_lower": comparison.ranks[i, 1],
                "rank_upper": comparison.ranks[i, 2],
            }
        )
    return plain(
        {
            "level": plan.level_of(name).name,
            "group": name,
            "n": len(units),
            "variance": effects.covariance[0, 0],
            "reliability_mean": comparison.reliability.mean(),
            "reliability_min": comparison.reliability.min(),
            "separable_share": comparison.separable,
            "interval_factor": comparison.factor,
            "sampled": comparison.sampled,
            "licence": {
                "granted": all(check.passed for check in licence),
                "checks": [vars(check) for check in licence],
            },
            "units": units,
        }
    )


def stability_record(plan: Plan, group, steady: Stability) -> dict:
    """Covariance over waves of one level's effects."""
    estimated = steady.covariance is not None
    test = steady.test or Comparison(None, None, None, None)
    return plain(
        {
            "level": plan.level_of(steady.group).name,
            "group": steady.group,
            "status": "estimated" if estimated else "refused",
            "reason": steady.reason,
            "model": steady.model,
            "waves": list(steady.waves),
            "sd": steady.sd if estimated else [],
            "correlation": steady.correlation if estimated else [],
            "average_correlation": steady.average_correlation,
            "statistic": test.statistic,
            "df": test.df,
            "reference": test.reference,
            "p_value": test.p_value,
        }
    )


def policy_record(
    plan: Plan, variable: str, effects, by_wave: bool, test, solution: Solution
) -> dict:
    """Effects of one policy, in units of the outcome and of its residual-and-group sd."""
    fit = solution.fit
    total = math.sqrt(
        sum(fit.variance(g) for g in [*dict.fromkeys(r.name for r in fit.model.random), RESIDUAL])
    )
    rows = [{**effect, "standardised": effect["estimate"] / total} for effect in effects]
    return plain(
        {
            "variable": variable,
            "evidence": plan.policy[variable],
            "reference": plan.categories[variable][0] if variable in plan.categories else None,
            "by_wave": by_wave,
            "effects": rows,
            "time_test": comparison_record(test) if test else None,
            "formula": fit.formula,
        }
    )


def notes(
    plan: Plan, fits: Mapping[str, Fit], merged, survey: Mapping, complete: bool
) -> list[dict]:
    """What a reader must know: merged levels, singular or uncertain fits, units that moved."""
    out = [{"kind": "identifiability", "detail": vars(m)} for m in merged]
    for name, fit in fits.items():
        if not fit.converged:
            out.append({"kind": "not_converged", "detail": {"fit": name}})
        if fit.is_singular:
            out.append({"kind": "singular", "detail": {"fit": name}})
        if fit.aliased:
            out.append({"kind": "aliased", "detail": {"fit": name, "columns": list(fit.aliased)}})
    moved = [c for c in survey.get("unit_changes", []) if c.get("count")]
    out += [{"kind": "unit_changes", "detail": dict(c)} for c in moved]
    if not complete:
        out.append({"kind": "subsets_incomplete", "detail": {}})
    return plain(out)
