"""Shares of the variance at each level, with profile-likelihood intervals and tests."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import FitError
from mlm.nouns.model import RandomTerm
from mlm.results.reason import NotFitted
from mlm.results.reason import NotIdentified as NotIdentifiedReason
from mlm.results.test import RefusedTest, Test
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.inference.profile import Ends, Profile
from mlm.statistics.likelihood.identification import NotIdentified
from mlm.statistics.pooling.beside import solved_beside
from mlm.statistics.pooling.median_test import median_ratio_test


@dataclass(frozen=True)
class ShareOfLevel:
    """Variance of one level and its part of the total.

    Attributes
    ----------
    group : str
        Grouping factor, or ``residual``.
    variance : float
        In squared units of the response.
    share : float
        Variance partition coefficient, 0 to 1.
    lower, upper : float
        Profile-likelihood interval of the share.
    """

    group: str
    variance: float
    share: float
    lower: float
    upper: float


def variance_shares(solution: Solution) -> list[ShareOfLevel]:
    """Shares of the variance of a fit, outermost level first, residual last.

    Factors that are crossed with the levels come before them.

    Parameters
    ----------
    solution : Solution
        A fit. With random slopes, the variance of a level is its mean over the rows.

    Returns
    -------
    list of ShareOfLevel

    Source
    ------
    Profile likelihood of a function of the parameters: Venzon and Moolgavkar (1988), Applied
    Statistics 37, 87-94. Mean variance with slopes: Johnson (2014), Methods Ecol. Evol. 5, 944-946.
    """
    fit, stats = solution.fit, solution.stats
    profile = Profile(fit, stats)
    names = (level.name for level in stats.inwards)
    variances = dict.fromkeys((*names, "residual"), 0.0)
    for term, omega, moment in zip(fit.model.random, fit.omegas, profile.moments, strict=True):
        variances[term.name] += fit.sigma2 * float(np.sum(omega * moment))
    variances["residual"] = fit.sigma2
    found = {share.group: share for share in profile.shares()}
    return [
        ShareOfLevel(name, variance, found[name].estimate, found[name].lower, found[name].upper)
        for name, variance in variances.items()
        if name in found
    ]


def row_correlations(
    solution: Solution, shares: Sequence[ShareOfLevel], beside: Container[str] = ()
) -> list[Ends]:
    """Correlation of two rows of one group, level by level, with its profile interval.

    It is the share of the level and all levels around it: that of the outermost level is its own
    share, that of the innermost what the residual leaves. Two rows of a pupil have other classes.

    Parameters
    ----------
    solution : Solution
        A fit with random intercepts.
    shares : sequence of ShareOfLevel
        Its shares, the residual last.
    beside : container of str
        Grouping factors that are crossed with the innermost level, which they are not around.

    Returns
    -------
    list of Ends
        For each share but the residual.
    """
    *levels, residual = shares
    names, out = [share.group for share in levels], []
    around = [name for name in names if name not in beside]
    profile = Profile(solution.fit, solution.stats) if len(levels) > 2 else None
    for i, share in enumerate(levels):
        if i == len(levels) - 1 and len(around) == len(names):
            out.append(Ends(residual.share, residual.lower, residual.upper).rest())
        elif i == 0:
            out.append(Ends(share.share, share.lower, share.upper))
        else:
            own = (
                names[: i + 1] if share.group in beside else around[: around.index(share.group) + 1]
            )
            out.append(profile.joint_share(own))
    return out


def level_tests(solution: Solution) -> dict[str, Test | RefusedTest]:
    """Likelihood-ratio test of each level's variance, by grouping factor.

    The fixed part is the same in both models, so the criterion of the fit serves, REML included.
    """
    fit = solution.fit
    tests = {}
    for term in fit.model.random:
        others = tuple(r for r in fit.model.random if r is not term)
        tests[term.name] = _test_without(solution, others)
    return tests


def level_test(
    solution: Solution, group: tuple[str, ...], beside: Sequence[Solution] = ()
) -> Test | RefusedTest:
    """Likelihood-ratio test that the units of a level do not differ, in whatever form over waves.

    Parameters
    ----------
    solution : Solution
        A model.
    group : tuple of str
        Id columns of the units; their part by wave stays where it is a level of its own.
    beside : sequence of Solution
        The model fitted to other imputations of the sample: the test with the median counts.
    """
    fit = solution.fit
    others = tuple(r for r in fit.model.random if r.group != group)
    return _test_without(solution, others, beside)


def _test_without(
    solution: Solution, others: tuple[RandomTerm, ...], beside: Sequence[Solution] = ()
) -> Test | RefusedTest:
    """Likelihood-ratio test against some of the random terms; refused where these have no fit.

    Without the part that lasts, say, that of a wave cannot be told from the rows.
    """
    fit, large = solution.fit, (solution, *beside)
    try:
        smaller = solve(fit.model.with_random(others), solution.stats, fit.criterion, fit)
        small = [smaller, *solved_beside(smaller, [each.stats for each in beside])]
    except NotIdentified:
        model = fit.model.with_random(others)
        return RefusedTest(reason=NotIdentifiedReason(formula=model.formula))
    except FitError:
        return RefusedTest(reason=NotFitted(what="model"))
    return median_ratio_test([(a.fit, b.fit, b.stats) for a, b in zip(small, large, strict=True)])
