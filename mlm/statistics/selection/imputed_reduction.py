"""Backward elimination over imputations: D1 tests from the fits of few models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.model import Model, Term
from mlm.nouns.plan import Plan
from mlm.results.reference import ChiSquared
from mlm.results.test import AnyTest, Test
from mlm.statistics.evidence.completed_samples import MOST_SEARCHED
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.reference import tested
from mlm.statistics.pooling.pooled_solution import PooledSolution
from mlm.statistics.selection.backward_rule import BackwardRule


@dataclass(frozen=True)
class ImputedStep:
    """One model on the path.

    Attributes
    ----------
    dropped : tuple of Term
        The terms that left to make it: one, or all of a variable; none for the full model.
    model : Model
        What stayed.
    test : Test or RefusedTest or None
        D1 test that those have no effect in the model before; None for the full model.
    n_params : int
        Its parameters.
    """

    dropped: tuple[Term, ...]
    model: Model
    test: AnyTest | None
    n_params: int


@dataclass(frozen=True)
class ImputedReduction:
    """The path from the full model to the settled one, over all imputations.

    Attributes
    ----------
    alpha : float
        Level of each test.
    path : tuple of ImputedStep
        From the full model to the settled one.
    joint : Test or RefusedTest or None
        D1 test, in the full model, that nothing that left has an effect; None where nothing did.
    reml : PooledSolution
        The settled model by REML.
    """

    alpha: float
    path: tuple[ImputedStep, ...]
    joint: AnyTest | None
    reml: PooledSolution


def reduce_imputed(plan: Plan, full: PooledSolution) -> ImputedReduction:
    """Drop what is least needed while its D1 test exceeds alpha, by the rule of one sample.

    The tests on the way are those of generalised least squares at the variances of the model that
    was fitted last, in each imputation: the effects of what stays once those of what left are held
    at zero are combinations of its effects. The model that is left is fitted to all imputations,
    and the elimination goes on from there until nothing may leave.

    Parameters
    ----------
    plan : Plan
        Level of the tests, and terms that stay.
    full : PooledSolution
        The full model under the settled random part, by REML.

    Source
    ------
    D1 at each step: Wood, White and Royston (2008), Stat. Med. 27, 3227-3246; van Buuren (2018),
    Flexible Imputation of Missing Data, section 5.4.
    """
    path = [ImputedStep((), full.fit.model, None, full.fit.n_params)]
    fitted = full
    while True:
        steps = _steps(plan, fitted)
        if not steps:
            break
        path += steps
        fitted = fitted.fitted(steps[-1].model, MOST_SEARCHED)
    columns = _columns(full.first.fit, [term for step in path for term in step.dropped])
    joint = full.joint_test(np.eye(full.first.fit.beta.size)[columns]) if columns else None
    return ImputedReduction(plan.alpha, tuple(path), joint, fitted)


def _steps(plan: Plan, fitted: PooledSolution) -> list[ImputedStep]:
    """What leaves a model by the fits of that model alone."""
    model = fitted.fit.model
    rule = BackwardRule(model.terms, [*plan.protected, *model.slopes])
    kept, gone, out = rule.all, [], []
    while True:
        made: dict[int, AnyTest] = {}

        def p_value(chosen: int, gone: Sequence[Term] = tuple(gone), made=made) -> float:
            test = _test(fitted, rule.marginality.members(chosen), gone)
            made[chosen] = test
            return test.p_value if isinstance(test, Test) else 0.0

        left = rule.next_to_leave(kept, p_value, plan.alpha)
        if not left:
            return out
        kept &= ~left
        terms = rule.marginality.members(left)
        gone += terms
        keys = {term.key for term in gone}
        smaller = model.with_terms(term for term in model.terms if term.key not in keys)
        n_params = fitted.fit.n_params - len(_columns(fitted.first.fit, gone))
        out.append(ImputedStep(tuple(terms), smaller, made[left], n_params))


def _test(fitted: PooledSolution, terms: Sequence[Term], gone: Sequence[Term]) -> AnyTest:
    """That some terms have no effect once others are gone, at the variances of the fits."""
    own, others = (_columns(fitted.first.fit, some) for some in (terms, gone))
    if not own:
        return tested(0.0, 0, ChiSquared(df=0))
    return fitted.joint_test(lambda each: _without(each, own, others))


def _without(each: Solution, own: Sequence[int], others: Sequence[int]) -> np.ndarray:
    """Effects (c, p) of some columns with those of others held at zero, as combinations of all."""
    rows, covariance = np.eye(each.fit.beta.size), each.fit.covariance
    if not others:
        return rows[own]
    inner = covariance[np.ix_(others, others)]
    return rows[own] - covariance[np.ix_(own, others)] @ np.linalg.solve(inner, rows[others])


def _columns(fit: Fit, terms: Sequence[Term]) -> list[int]:
    """Places of the columns of some terms; none of terms that others determine."""
    names = {str(term) for term in terms}
    return [i for i, name in enumerate(fit.terms) if name in names]
