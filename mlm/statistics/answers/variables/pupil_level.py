"""The pupil level first: products and squares of pupil variables that a full model may lack.

What is misspecified among pupils biases everything above, so these terms are tested before any
reduction, and the coefficients and variances above are shown with and without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlm.nouns.candidates import main_variables
from mlm.nouns.model import Model, Term
from mlm.nouns.plan import Plan
from mlm.statistics.answers.records import comparison_record, plain, term_text
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.inference.comparison import Comparison, likelihood_ratio_test
from mlm.statistics.inference.holm import holm


@dataclass(frozen=True)
class PupilLevel:
    """Tests of pupil-level products and squares, and what leaving them out moves.

    Attributes
    ----------
    variables : tuple of str
        Variables of pupils and rows.
    candidates, left_out : tuple of Term
        Terms that were tried, and those beyond the limit of columns.
    block : Comparison or None
        All candidates at once against the full model, by ML.
    tests : tuple of Comparison
        Each candidate by itself against the full model, by ML.
    removed : tuple of Term
        Terms that the poorer model lacks; none where there is nothing to leave out.
    rich, poor : Fit or None
        By REML, with and without them.
    """

    variables: tuple[str, ...]
    candidates: tuple[Term, ...]
    left_out: tuple[Term, ...]
    block: Comparison | None
    tests: tuple[Comparison, ...]
    removed: tuple[Term, ...]
    rich: Fit | None
    poor: Fit | None


def pupil_level(plan: Plan, full: tuple[Fit, Fit], stats: CrossProducts) -> PupilLevel:
    """Examine the pupil level of the full model.

    Parameters
    ----------
    plan : Plan
        Names the variables of the lowest levels.
    full : tuple of Fit
        The full model by ML and by REML.
    stats : CrossProducts
        The sample, with the columns of the candidates.

    Returns
    -------
    PupilLevel
        The richer model is the full model where it holds pupil-level products or squares, and the
        full model with all candidates where it holds none.
    """
    ml, reml = full
    candidates, left_out = plan.pupil_candidates
    block, tests = None, []
    if candidates:
        block = _tested(ml, candidates, stats)
        tests = [_tested(ml, (term,), stats) for term in candidates]
    removed = pupil_products(plan, ml.model)
    rich, poor = reml, None
    if removed:
        poor = fit_model(_without(ml.model, removed), stats, "REML", start=reml)
    elif candidates:
        removed, poor = candidates, reml
        rich = fit_model(_with(ml.model, candidates), stats, "REML", start=reml)
    variables = plan.pupil_variables
    return PupilLevel(variables, candidates, left_out, block, tuple(tests), removed, rich, poor)


def pupil_products(plan: Plan, model: Model) -> tuple[Term, ...]:
    """Terms of a model that are products or powers of variables of the lowest levels alone."""
    known = set(plan.pupil_variables)
    return tuple(term for term in model.terms if term.order > 1 and set(term.variables) <= known)


def _with(model: Model, terms) -> Model:
    return model.with_terms([*model.terms, *terms])


def _without(model: Model, terms) -> Model:
    gone = {term.key for term in terms}
    kept = [
        t for t in model.terms if t.key not in gone and not any(t.contains(term) for term in terms)
    ]
    return model.with_terms(kept)


def _tested(full: Fit, terms, stats: CrossProducts) -> Comparison:
    larger = fit_model(_with(full.model, terms), stats, "ML", start=full)
    if larger.beta.size == full.beta.size:
        return Comparison(None, None, None, None, "the columns are determined by the others.")
    return likelihood_ratio_test(full, larger)


# --- records --------------------------------------------------------------------------------


def pupil_level_record(plan: Plan, found: PupilLevel) -> dict:
    """The examination as plain numbers.

    Returns
    -------
    dict
        ``variables``; ``block`` (test of all candidates); ``terms``: one entry a candidate with
        its test and ``p_holm``; ``left_out``; ``moved``: ``removed`` terms, ``coefficients`` of
        group variables and ``components``, each ``with`` and ``without`` the removed terms.
    """
    adjusted = holm([test.p_value for test in found.tests])
    terms = [
        {"term": term_text(term), **comparison_record(test), "p_holm": p}
        for term, test, p in zip(found.candidates, found.tests, adjusted, strict=True)
    ]
    return plain(
        {
            "variables": list(found.variables),
            "block": comparison_record(found.block) if found.block else None,
            "terms": terms,
            "left_out": [term_text(term) for term in found.left_out],
            "moved": _moved(plan, found) if found.poor else None,
        }
    )


def _moved(plan: Plan, found: PupilLevel) -> dict:
    rich, poor = found.rich.fixed_effects, found.poor.fixed_effects
    levels = _group_levels(plan)
    by_name = {str(term): term for term in found.rich.model.terms}
    coefficients = []
    for name, term in zip(found.rich.names, found.rich.terms, strict=True):
        level = _level(by_name[term], levels)
        if level is None or name not in poor.index:
            continue
        a, b = rich.loc[name], poor.loc[name]
        coefficients.append(
            {
                "term": name,
                "variables": list(by_name[term].variables),
                "level": level,
                "with": a["estimate"],
                "with_se": a["std_error"],
                "without": b["estimate"],
                "without_se": b["std_error"],
                "change_in_se": (b["estimate"] - a["estimate"]) / a["std_error"],
            }
        )
    groups = [level.key for level in plan.levels if _has(found.rich, level.key)]
    components = [
        {
            "level": plan.level_of(group).name,
            "group": group,
            "with": found.rich.variance(group),
            "without": found.poor.variance(group),
        }
        for group in groups
    ]
    removed = [term_text(term) for term in found.removed]
    return {"removed": removed, "coefficients": coefficients, "components": components}


def _has(fit: Fit, group: str) -> bool:
    return group == "residual" or group in {term.name for term in fit.model.random}


def _group_levels(plan: Plan) -> Mapping[str, str]:
    below = set(plan.pupil_variables)
    mains = main_variables(plan.terms)
    return {v: plan.variable_levels[v] for v in mains if v not in below}


def _level(term: Term, levels: Mapping[str, str]) -> str | None:
    """Level of the group variable in a term; None for terms of pupil variables or time alone."""
    return next((levels[v] for v in term.variables if v in levels), None)
