"""The pupil level first: products and squares of pupil variables that a full model may lack.

What is misspecified among pupils biases everything above, so these terms are tested before any
reduction, and the coefficients and variances above are shown with and without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.candidates import main_variables
from mlm.nouns.model import Model, Term
from mlm.nouns.plan import Plan
from mlm.results.reason import DeterminedByOthers, NotFitted
from mlm.results.test import RefusedTest, Test
from mlm.results.variables import (
    Moved,
    MovedCoefficient,
    MovedComponent,
    PupilLevel,
    TriedTerm,
)
from mlm.statistics.answers.variation.settled_model import variances_over_waves
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import (
    level_record,
    term_record,
    term_records,
    variable_level,
)
from mlm.statistics.fitting.deviance_fit import DevianceFit, deviance_fit
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.holm import holm
from mlm.statistics.inference.likelihood_ratio import fixed_effects_test


@dataclass(frozen=True)
class PupilExamination:
    """Tests of pupil-level products and squares, and what leaving them out moves.

    Attributes
    ----------
    variables : tuple of str
        Variables of pupils and rows.
    candidates, left_out : tuple of Term
        Terms that were tried, and those beyond the limit of columns.
    block : Test or RefusedTest or None
        All candidates at once against the full model, by ML.
    tests : tuple of Test or RefusedTest
        Each candidate by itself against the full model, by ML.
    removed : tuple of Term
        Terms that the poorer model lacks; none where there is nothing to leave out.
    rich, poor : Solution or None
        By REML, with and without them.
    """

    variables: tuple[str, ...]
    candidates: tuple[Term, ...]
    left_out: tuple[Term, ...]
    block: Test | RefusedTest | None
    tests: tuple[Test | RefusedTest, ...]
    removed: tuple[Term, ...]
    rich: Solution | None
    poor: Solution | None


def pupil_level(
    plan: Plan, full: tuple[Solution, Solution], stats: CrossProducts
) -> PupilExamination:
    """Examine the pupil level of the full model.

    Parameters
    ----------
    plan : Plan
        Names the variables of the lowest levels.
    full : tuple of Solution
        The full model by ML and by REML.
    stats : CrossProducts
        The sample, with the columns of the candidates.

    Returns
    -------
    PupilExamination
        The richer model is the full model where it holds pupil-level products or squares, and the
        full model with all candidates where it holds none.
    """
    ml, reml = full[0].fit, full[1]
    candidates, left_out = plan.pupil_candidates
    block, tests = None, []
    if candidates:
        block = _tested(full[0], candidates, stats)
        tests = [_tested(full[0], (term,), stats) for term in candidates]
    removed = pupil_products(plan, ml.model)
    rich, poor = reml, None
    if removed:
        poor = reml.fitted(_without(ml.model, removed))
    elif candidates and (larger := _larger(reml, candidates)) is not None:
        removed, poor, rich = candidates, reml, larger
    variables = plan.pupil_variables
    return PupilExamination(
        variables, candidates, left_out, block, tuple(tests), removed, rich, poor
    )


def pupil_products(plan: Plan, model: Model) -> tuple[Term, ...]:
    """Terms of a model that are products or powers of variables of the lowest levels alone."""
    known = set(plan.pupil_variables)
    return tuple(term for term in model.terms if term.order > 1 and set(term.variables) <= known)


def _with(model: Model, terms) -> Model:
    return model.with_terms([*model.terms, *terms])


def _larger(full: Solution, terms) -> Solution | None:
    """The model with further terms by the same criterion; None where it cannot be fitted."""
    try:
        return full.fitted(_with(full.fit.model, terms))
    except MLMError:
        return None


def _without(model: Model, terms) -> Model:
    gone = {term.key for term in terms}
    kept = [
        t for t in model.terms if t.key not in gone and not any(t.contains(term) for term in terms)
    ]
    return model.with_terms(kept)


def _tested(full: Solution, terms, stats: CrossProducts) -> Test | RefusedTest:
    """Test that further terms have no effect, by ML."""
    fit = full.fit
    try:
        larger = deviance_fit(_with(fit.model, terms), stats, fit, full.best.hessian)
    except MLMError:
        return RefusedTest(reason=NotFitted(what="model"))
    if larger.n_params == fit.n_params:
        return RefusedTest(reason=DeterminedByOthers(terms=term_records(terms)))
    return fixed_effects_test(DevianceFit.of(fit), larger)


def pupil_level_record(plan: Plan, found: PupilExamination) -> PupilLevel:
    """The examination; p-values of single terms are adjusted over all that were tried."""
    adjusted = holm([test.p_value if isinstance(test, Test) else None for test in found.tests])
    terms = tuple(
        TriedTerm(
            term=term_record(term),
            test=test.adjusted(p) if isinstance(test, Test) else test,
        )
        for term, test, p in zip(found.candidates, found.tests, adjusted, strict=True)
    )
    return PupilLevel(
        variables=found.variables,
        block=found.block,
        terms=terms,
        left_out=term_records(found.left_out),
        moved=_moved(plan, found) if found.poor else None,
    )


def _moved(plan: Plan, found: PupilExamination) -> Moved:
    """Coefficients of group variables, and variances, with the removed terms and without them."""
    rich, poor = (variances_over_waves(plan, each) for each in (found.rich, found.poor))
    components = tuple(
        MovedComponent(
            level=level_record(plan, with_them.key),
            variance=with_them.mean,
            variance_without=without.mean,
        )
        for with_them, without in zip(rich, poor, strict=True)
    )
    return Moved(
        removed=term_records(found.removed),
        coefficients=tuple(_coefficients(plan, found.rich.fit, found.poor.fit)),
        components=components,
    )


def _coefficients(plan: Plan, rich: Fit, poor: Fit) -> Iterator[MovedCoefficient]:
    above = set(main_variables(plan.terms)) - set(plan.pupil_variables)
    error, its = (np.sqrt(np.diagonal(fit.covariance)).tolist() for fit in (rich, poor))
    for i, (name, term) in enumerate(zip(rich.names, rich.coefficients, strict=True)):
        of_groups = [factor.variable for factor in term if factor.variable in above]
        if not of_groups or name not in poor.names:
            continue
        j = poor.names.index(name)
        estimate, without = float(rich.beta[i]), float(poor.beta[j])
        yield MovedCoefficient(
            term=term,
            level=variable_level(plan, of_groups[0]),
            estimate=estimate,
            std_error=error[i],
            estimate_without=without,
            std_error_without=its[j],
            change_in_se=(without - estimate) / error[i],
        )
