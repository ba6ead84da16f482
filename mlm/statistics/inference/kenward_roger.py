"""Kenward and Roger's covariance of fixed effects and their F tests, from cross-products alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.errors import StatisticsError
from mlm.nouns.distributions import student_quantile, student_tail
from mlm.results.test import Test
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.design.refusals import check_unweighted
from mlm.statistics.fitting.evaluated import working_of
from mlm.statistics.fitting.fit import Fit, check_sample
from mlm.statistics.inference.f_tests import standardised, uncorrelated
from mlm.statistics.inference.reference import f_distribution, tested
from mlm.statistics.likelihood.covariance import level_matrices, working_theta
from mlm.statistics.likelihood.curvature.information import second_derivatives
from mlm.statistics.likelihood.curvature.second_order import SecondOrder
from mlm.statistics.likelihood.over_waves.chain import chain_of
from mlm.statistics.likelihood.working import Working

LEVEL = 1e-10  # a denominator below this is zero up to rounding, as in pbkrtest


@dataclass(frozen=True)
class KenwardRoger:
    """The adjusted covariance of the fixed effects, and what its F tests need.

    Attributes
    ----------
    fit : Fit
        The fit, by REML.
    covariance : ndarray (p, p)
        Adjusted covariance of the fixed effects, in squared units of the response.
    plain : ndarray (p, p)
        ``(X' V^-1 X)^-1``, the covariance before the adjustment.
    spread : ndarray (v, v)
        Covariance W of the v variance parameters, from their expected information.
    slopes : ndarray (v, p, p)
        Change of ``plain`` with each of them.
    """

    fit: Fit
    covariance: np.ndarray
    plain: np.ndarray
    spread: np.ndarray
    slopes: np.ndarray

    @property
    def table(self):
        """DataFrame, index = term: estimate, std_error, t, df, p_value, lower, upper (95 %)."""
        import pandas as pd

        beta, error = self.fit.beta, np.sqrt(np.diagonal(self.covariance))
        units = np.eye(beta.size)
        df = np.array([self._denominator(units[i : i + 1])[1] for i in range(beta.size)])
        reach = student_quantile(0.975, df) * error
        columns = {
            "estimate": beta,
            "std_error": error,
            "t": beta / error,
            "df": df,
            "p_value": 2.0 * student_tail(np.abs(beta / error), df),
            "lower": beta - reach,
            "upper": beta + reach,
        }
        return pd.DataFrame(columns, index=pd.Index(self.fit.names, name="term"))

    def f_test(self, weights: np.ndarray) -> Test:
        """F test that some combinations of the fixed effects are zero.

        Parameters
        ----------
        weights : ndarray (c, p)
            One combination a row, in the order of ``fit.names``.

        Returns
        -------
        Test
            ``statistic`` is the scaled F; ``df`` the number of independent combinations;
            ``reference`` holds both degrees of freedom.

        Source
        ------
        Kenward and Roger (1997), Biometrics 53, 983-997; Halekoh and Hojsgaard (2014), J. Stat.
        Softw. 59(9), section 4.
        """
        found = uncorrelated(standardised(weights, self.covariance), self.covariance)
        scaling, denominator = self._denominator(found.weights)
        statistic = scaling * found.f_statistic(self.fit.beta)
        return tested(statistic, found.df, f_distribution(found.df, denominator))

    def _denominator(self, weights: np.ndarray) -> tuple[float, float]:
        """Scaling of the statistic and denominator degrees of freedom, matched to two moments."""
        q = len(weights)
        middle = np.linalg.inv(weights @ self.plain @ weights.T)
        parts = middle @ weights @ self.slopes @ weights.T
        traces = np.trace(parts, axis1=1, axis2=2)
        a1 = float(traces @ self.spread @ traces)
        a2 = float(np.einsum("ij,iab,jba->", self.spread, parts, parts, optimize=True))
        if a2 <= LEVEL * LEVEL:
            return 1.0, np.inf
        b = (a1 + 6.0 * a2) / (2.0 * q)
        g = ((q + 1.0) * a1 - (q + 4.0) * a2) / ((q + 2.0) * a2)
        base = 3.0 * q + 2.0 * (1.0 - g)
        v0 = 1.0 + g / base * b
        v1 = 1.0 - (q - g) / base * b
        v2 = 1.0 - (q + 2.0 - g) / base * b
        v0 = 0.0 if abs(v0) < LEVEL else v0
        shrink = 1.0 - a2 / q
        ratio = 1.0 if abs(shrink) < LEVEL and abs(v1) < LEVEL else shrink / v1
        rho = ratio**2 * v0 / v2 / q
        df = 4.0 + (q + 2.0) / (q * rho - 1.0)
        scaling = 1.0 if abs(df - 2.0) < 1e-2 else df * shrink / (df - 2.0)
        return float(scaling), float(df)


def kenward_roger(fit: Fit, stats: CrossProducts) -> KenwardRoger:
    """Kenward and Roger's adjusted covariance of the fixed effects.

    Parameters
    ----------
    fit : Fit
        A fit by REML.
    stats : CrossProducts
        The sample it was fitted to.

    Returns
    -------
    KenwardRoger

    Raises
    ------
    StatisticsError
        When the fit is by ML, has no fixed effects, or the sample is another.

    Source
    ------
    Kenward and Roger (1997), Biometrics 53, 983-997, eq. 5 and 6. Where terms have forms, in the
    variances and correlations of SAS, with the second derivatives of V by these.
    """
    check_sample(fit, stats)
    check_unweighted(fit, "Kenward and Roger's errors")
    if not fit.is_reml:
        raise StatisticsError(
            "Kenward and Roger's method adjusts a REML fit; this one is by ML. Fit it with "
            'criterion="REML".'
        )
    if not fit.beta.size:
        raise StatisticsError("the model has no fixed effects: there is nothing to adjust.")
    working, around = derivatives_of(fit, stats)
    relative = [covariance / fit.sigma2 for covariance in fit.covariances]
    around = chain_of(working, relative).of(around)
    plain, adjusted, spread, slopes = _adjusted(around)
    back = working.response[1] * np.linalg.inv(working.transform)
    scale = fit.sigma2 / working.response[1] ** 2
    return KenwardRoger(
        fit,
        back @ (scale * adjusted) @ back.T,
        back @ (scale * plain) @ back.T,
        spread,
        back @ (scale * slopes) @ back.T,
    )


def derivatives_of(fit: Fit, stats: CrossProducts) -> tuple[Working, SecondOrder]:
    """Working statistics of a fit, groups apart, and the derivatives at its estimates."""
    working = working_of(fit, stats, pooled=False)
    theta = working_theta(fit.omegas, working.blocks)
    return working, second_derivatives(working, level_matrices(theta, working))


def _adjusted(around: SecondOrder):
    """Plain and adjusted covariance, W, and slopes of the plain one; residual variance 1."""
    plain = np.linalg.inv(around.fixed)
    plain = 0.5 * (plain + plain.T)
    spread = _inverse_information(around.information("REML"))
    reach = np.einsum("iab,bc,jcd->ijad", around.first, plain, around.first, optimize=True)
    middle = around.second - reach - 0.25 * around.curved
    bias = np.einsum("ij,ijab->ab", spread, middle, optimize=True)
    adjusted = plain + 2.0 * plain @ bias @ plain
    slopes = plain @ around.first @ plain
    return plain, 0.5 * (adjusted + adjusted.T), spread, slopes


def _inverse_information(information: np.ndarray) -> np.ndarray:
    """Inverse in a scale free of units; directions without information count as known."""
    root = np.sqrt(np.diagonal(information))
    scale = 1.0 / np.where(root > 0.0, root, 1.0)
    inner = np.linalg.pinv(information * np.outer(scale, scale), rcond=1e-11, hermitian=True)
    return inner * np.outer(scale, scale)
