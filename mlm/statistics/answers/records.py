"""Records of the models and their tests: plain numbers for ``results.json``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from mlm.nouns.model import INTERCEPT, Term
from mlm.nouns.plan import Plan
from mlm.statistics.answers.variation.shares import Share, level_tests, row_correlations
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.comparison import Comparison
from mlm.statistics.selection.backward import Reduction, Step


def plain(value):
    """A number, or None where it is not finite; arrays become lists."""
    if isinstance(value, float):  # the most frequent first; numpy's doubles are among them
        return float(value) if math.isfinite(value) else None
    if isinstance(value, str) or value is None:
        return value
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


def null_record(plan: Plan, pair, shares: Sequence[Share]) -> dict:
    """The decomposition: shares and correlations with intervals, test of each level."""
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
        "correlations": plain(_correlations(plan, shares, reml)),
        "unit_correlations": plain(_unit_correlations(plan, shares)),
        "tests": [test_record(plan, *each) for each in level_tests(reml).items()],
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


def _correlations(plan: Plan, shares: Sequence[Share], reml: Solution) -> list[dict]:
    """Intraclass correlation of two rows that share the groups down to each level."""
    out, found = [], row_correlations(reml, shares)
    for share, (value, lower, upper) in zip(shares[:-1], found, strict=True):
        name = plan.level_of(share.group).name
        out.append(
            {
                "name": f"same_{name.replace(' ', '_')}",
                "level": name,
                "group": share.group,
                "value": value,
                "lower": lower,
                "upper": upper,
            }
        )
    return out


def _unit_correlations(plan: Plan, shares: Sequence[Share]) -> list[dict]:
    """Correlation of the true means of two units of one unit: two schools of one county.

    Of a unit in two waves, where these are a level of their own; of two crossed units, if both stay
    in that unit. None where neither level varies.
    """
    out, together = [], 0.0
    for outer, inner in zip(shares[:-2], shares[1:-1], strict=True):
        together += outer.variance
        whole = together + inner.variance
        out.append(
            {
                "level": plan.level_of(inner.group).name,
                "within": plan.level_of(outer.group).name,
                "value": together / whole if whole > 0.0 else None,
            }
        )
    return out


def test_record(plan: Plan, group: str, test: Comparison) -> dict:
    """Test of one level's variance."""
    record = comparison_record(test)
    return {"level": plan.level_of(group).name, "group": group, **record}


def test_or_none(test: Comparison | None) -> dict | None:
    """The record of a test that is not always made."""
    return comparison_record(test) if test else None


def comparison_record(test: Comparison) -> dict:
    """A likelihood-ratio or F test, or the reason why there is none."""
    denominator = getattr(test, "denominator_df", None)
    return plain(
        {
            **({} if denominator is None else {"denominator_df": denominator}),
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


def path_record(path: Sequence[Step]) -> list[dict]:
    """The models of an elimination, from the first to the last."""
    out = []
    for number, step in enumerate(path):
        test = step.test or Comparison(None, None, None, None)
        out.append(
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
    return plain(out)


def reduction_record(plan: Plan, reduction: Reduction, adequate_reml: Sequence[Fit]) -> dict:
    """The path, the simultaneous bound and the minimal adequate subsets, these by REML too."""
    full, final = reduction.full, reduction.final
    df = full.n_params - final.n_params
    bound = {
        "statistic": reduction.excess,
        "df": reduction.bound.df,
        "terms_df": df,
        "critical": reduction.bound.critical,
        "reference": reduction.bound.reference,
        "factor": reduction.bound.factor,
        "draws": reduction.bound.draws,
        "is_narrow": reduction.bound.is_narrow,
        "p_value": reduction.bound.p_value(reduction.excess),
        "adequate": reduction.excess <= reduction.bound.critical,
    }
    adequate = [
        {
            "terms": _terms(s.fit.model.terms),
            "dropped": _terms(s.dropped),
            "deviance": s.fit.deviance,
            "statistic": s.fit.deviance - full.deviance,
            "df": full.n_params - s.fit.n_params,
            "n_params": s.fit.n_params,
            "reml": fit_record(fit),
        }
        for s, fit in zip(reduction.adequate, adequate_reml, strict=True)
    ]
    return plain(
        {
            "alpha": reduction.alpha,
            "protected": _terms(plan.protected),
            "path": path_record(reduction.path),
            "bound": bound,
            "adequate": adequate,
            "complete": reduction.complete,
        }
    )


def notes(
    plan: Plan, fits: Mapping[str, Fit], merged, survey: Mapping, complete: bool
) -> list[dict]:
    """What a reader must know: merged levels, singular or uncertain fits, units that moved."""
    out = [{"kind": "identifiability", "detail": vars(m)} for m in merged]
    distinct: dict[int, tuple[str, Fit]] = {}
    for name, fit in fits.items():  # a fit may have two names
        distinct.setdefault(id(fit), (name, fit))
    for name, fit in distinct.values():
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
