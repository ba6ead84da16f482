"""Shares of the variance at each level, with profile-likelihood intervals and tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.errors import FitError
from mlm.statistics.gradient import gradient
from mlm.statistics.inference import Comparison, likelihood_ratio_test
from mlm.statistics.likelihood import evaluate
from mlm.statistics.solution import Solution, solve

CONFIDENCE = 0.95
FLOOR = 1e-7  # shares closer to 0 or 1 than this end an interval at the bound


@dataclass(frozen=True)
class Share:
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


def variance_shares(solution: Solution) -> list[Share]:
    """Shares of a model with random intercepts alone, outermost level first, residual last.

    Parameters
    ----------
    solution : Solution
        A fit whose random terms are intercepts.

    Returns
    -------
    list of Share

    Source
    ------
    Profile likelihood of a function of the parameters: Venzon and Moolgavkar (1988), Applied
    Statistics 37, 87-94; computed by fixing the share and maximising over the other ratios.
    """
    working, best = solution.working, solution.best
    ratios = np.zeros(len(working.levels))
    for block, factor in zip(working.blocks, best.theta, strict=True):
        ratios[block.level] += factor**2
    parts = np.append(ratios, 1.0) / (1.0 + ratios.sum())
    names = [*(":".join(level.group) for level in working.levels), "residual"]
    sigma2 = solution.fit.sigma2
    profile = _Profile(solution, ratios)
    out = []
    for i, name in enumerate(names):
        variance = sigma2 * (ratios[i] if i < ratios.size else 1.0)
        lower, upper = profile.interval(i, float(parts[i]))
        out.append(Share(name, float(variance), float(parts[i]), lower, upper))
    return out


class _Profile:
    """Deviance as a function of one share, the other variance ratios at their best."""

    def __init__(self, solution: Solution, ratios: np.ndarray):
        from scipy.stats import chi2

        self.working = solution.working
        self.reml = solution.fit.criterion == "REML"
        self.ratios = ratios
        self.limit = solution.fit.deviance + float(chi2.ppf(CONFIDENCE, 1))

    def interval(self, i: int, share: float) -> tuple[float, float]:
        """Both ends of the interval of share i; 0 or 1 where the bound is not excluded."""
        return self._end(i, share, FLOOR), self._end(i, share, 1.0 - FLOOR)

    def _end(self, i: int, share: float, bound: float) -> float:
        from scipy.optimize import brentq

        closed = 0.0 if bound < share else 1.0
        if abs(share - bound) <= FLOOR or len(self.ratios) == 0:
            return closed if len(self.ratios) else 1.0

        def over(logit: float) -> float:
            return self.deviance(i, 1.0 / (1.0 + np.exp(-logit))) - self.limit

        inner = np.log(share) - np.log1p(-share) if share > FLOOR else np.log(FLOOR) + 1e-3
        outer, width = inner, 0.25
        sign = 1.0 if bound > share else -1.0
        while abs(outer) < -np.log(FLOOR):
            outer += sign * width
            if over(outer) > 0.0:
                root = brentq(over, *sorted((inner, outer)), xtol=1e-6)
                return float(1.0 / (1.0 + np.exp(-root)))
            inner, width = outer, width * 1.6
        return closed

    def deviance(self, i: int, share: float) -> float:
        """The criterion with share i fixed."""
        from scipy.optimize import minimize

        free = self._free(i)
        if not free:
            return self._evaluate(self._filled(i, share, np.zeros(0)), i, share)[0]
        start = np.sqrt(np.maximum(self.ratios[free], 1e-6))

        def objective(theta: np.ndarray):
            ratios = self._filled(i, share, theta**2)
            value, slope = self._evaluate(ratios, i, share)
            return value, 2.0 * theta * slope

        return float(minimize(objective, start, jac=True, method="L-BFGS-B").fun)

    def _free(self, i: int) -> list[int]:
        """Ratios that are searched over: all but the one that keeps the share."""
        return [m for m in range(len(self.ratios)) if m != self._tied(i)]

    def _tied(self, i: int) -> int:
        return i if i < len(self.ratios) else int(np.argmax(self.ratios))

    def _filled(self, i: int, share: float, free: np.ndarray) -> np.ndarray:
        ratios = np.zeros(len(self.ratios))
        ratios[self._free(i)] = free
        if i < len(ratios):
            ratios[i] = share / (1.0 - share) * (1.0 + free.sum())
        else:
            ratios[self._tied(i)] = 1.0 / share - 1.0 - free.sum()
        return ratios

    def _evaluate(self, ratios: np.ndarray, i: int, share: float) -> tuple[float, np.ndarray]:
        """The criterion and its slope by the free ratios."""
        if ratios.min() < 0.0:
            return 1e300, np.zeros(len(ratios) - 1)
        try:
            at = evaluate(self.working, [np.array([[r]]) for r in ratios], self.reml)
        except FitError:
            return 1e300, np.zeros(len(ratios) - 1)
        slopes = np.array([d[0, 0] for d in gradient(self.working, at, self.reml)])
        free = self._free(i)
        tied = share / (1.0 - share) if i < len(ratios) else -1.0
        return at.deviance, slopes[free] + tied * slopes[self._tied(i)]


def level_tests(solution: Solution) -> dict[str, Comparison]:
    """Likelihood-ratio test of each level's variance, by grouping factor.

    The fixed part is the same in both models, so the criterion of the fit serves, REML included.
    """
    fit = solution.fit
    tests = {}
    for term in fit.model.random:
        others = tuple(r for r in fit.model.random if r is not term)
        smaller = solve(fit.model.with_random(others), solution.stats, fit.criterion)
        tests[term.name] = likelihood_ratio_test(smaller.fit, fit)
    return tests
