"""The residual's own form over waves: one variance, or one for each wave.

Where pupils do not recur nothing ties the rows of waves together but their variance may change. It
is settled once all levels and slopes have their forms: each wave has very many rows, so that the
test decides alike whatever the forms are.
"""

from __future__ import annotations

from collections.abc import Sequence

from mlm.errors import FitError, ModelError
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.strata import keeps_strata
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.inference.residual_variances import equality_of
from mlm.statistics.pooling.beside import solved_beside
from mlm.statistics.pooling.median_test import median_test
from mlm.statistics.selection.random_part.path import TriedForm

ROWS: tuple[str, ...] = ()
"""Id columns of the rows: none."""


def settled_residual(
    plan: Plan,
    solution: Solution,
    stats: CrossProducts,
    alpha: float,
    others: Sequence[CrossProducts] = (),
) -> tuple[TriedForm | None, Solution]:
    """The model with a residual variance for each wave, where the waves differ in it.

    Parameters
    ----------
    plan : Plan
        Levels and time.
    solution : Solution
        A model by REML, its forms over waves and slopes settled.
    stats : CrossProducts
        The sample.
    alpha : float
        Level of the test.
    others : sequence of CrossProducts
        Other imputations of the sample, whose tests count as much.

    Returns
    -------
    tried : TriedForm or None
        The likelihood-ratio test that one variance holds for all waves, chi-squared with a degree
        of freedom less than waves; None where pupils are followed, where the sample does not keep
        two waves or more apart, and where a wave carries no variance.
    solution : Solution
        The model as it was, or with a variance for each wave where the test rejects one for all.
    """
    fit, variable = solution.fit, plan.time.factor
    if plan.design.follows_lowest or fit.residual is not None or fit.precision is not None:
        return None, solution
    if not keeps_strata(stats, variable):
        return None, solution
    try:
        model = fit.model.with_residual(variable)
        found = solve(model, stats, fit.criterion, fit, degrees=bool(others))
        pairs = zip(solved_beside(solution, others), solved_beside(found, others), strict=True)
        tests = [equality_of(one.fit, other.fit) for one, other in ((solution, found), *pairs)]
    except (FitError, ModelError):
        return None, solution
    if not found.fit.converged:
        return None, solution
    test = median_test(tests)
    taken = test.p_value > alpha
    tried = TriedForm(ROWS, "variances_by_wave", "constant", test, taken)
    return tried, solution if taken else solve(model, stats, fit.criterion, fit)
