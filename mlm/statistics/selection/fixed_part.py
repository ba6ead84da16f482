"""Fixed effects with what F tests of a model and of its submodels need, variances held.

For given variances the estimates of a submodel are combinations of those of the full model, so that
an elimination is linear algebra: nothing is fitted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlm.statistics.fitting.optimise import Optimum
from mlm.statistics.fitting.satterthwaite import variance_slopes
from mlm.statistics.inference.f_tests import joint_denominator, uncorrelated
from mlm.statistics.likelihood.evaluation import fixed_covariance


@dataclass(frozen=True)
class FixedPart:
    """Fixed effects of a model and the error of their covariance.

    Attributes
    ----------
    columns : ndarray of int (p,)
        Which columns of the full model they are.
    beta, covariance : ndarray (p,), (p, p)
        Estimates and their covariance.
    slopes : ndarray (f, p, p)
        Changes of the covariance along f independent errors of the relative variances, each one
        standard error long.
    degrees : float
        Degrees of freedom of the residual variance.
    """

    columns: np.ndarray
    beta: np.ndarray
    covariance: np.ndarray
    slopes: np.ndarray
    degrees: float

    @classmethod
    def of(cls, best: Optimum) -> FixedPart:
        """Those at an optimum, in the working basis."""
        p = best.at.beta.size
        covariance = best.at.sigma2 * fixed_covariance(best.at)
        slopes = variance_slopes(best)
        return cls(np.arange(p), best.at.beta, covariance, slopes, float(best.at.degrees))

    def drawn(self, beta: np.ndarray, covariance: np.ndarray, degrees: float) -> FixedPart:
        """Other estimates at the same relative variances.

        Parameters
        ----------
        beta, covariance : ndarray (p,), (p, p)
            Estimates and their covariance.
        degrees : float
            Degrees of freedom of the residual variance.
        """
        scale = np.trace(covariance) / np.trace(self.covariance) if self.beta.size else 1.0
        slopes = scale * self.slopes
        return replace(self, beta=beta, covariance=covariance, slopes=slopes, degrees=degrees)

    def p_value(self, columns: np.ndarray) -> float:
        """Of the F test that some columns of the full model have no effect; 1 of none.

        Degrees of freedom are Satterthwaite's, as in the F tests of fits.
        """
        from scipy.stats import f as fisher

        chosen = np.flatnonzero(np.isin(self.columns, columns))
        if not chosen.size:
            return 1.0
        found = uncorrelated(np.eye(self.beta.size)[chosen], self.covariance)
        along = np.einsum("ci,fij,cj->cf", found.weights, self.slopes, found.weights, optimize=True)
        square = found.variances**2
        degrees = 2.0 * square / ((along**2).sum(axis=1) + 2.0 * square / self.degrees)
        statistic = found.f_statistic(self.beta)
        return float(fisher.sf(statistic, found.df, joint_denominator(degrees)))

    def without(self, columns: np.ndarray) -> FixedPart:
        """The submodel without some columns of the full model."""
        leaves = np.isin(self.columns, columns)
        gone, kept = np.flatnonzero(leaves), np.flatnonzero(~leaves)
        if not gone.size:
            return self
        own = self.covariance[gone[:, None], gone]
        onto = np.zeros((kept.size, self.beta.size))
        onto[np.arange(kept.size), kept] = 1.0
        onto[:, gone] = -np.linalg.solve(own, self.covariance[gone[:, None], kept]).T
        lost = float(self.beta[gone] @ np.linalg.solve(own, self.beta[gone]))
        degrees = self.degrees + gone.size
        scale = (self.degrees + lost) / degrees
        return FixedPart(
            self.columns[kept],
            onto @ self.beta,
            scale * onto @ self.covariance @ onto.T,
            scale * onto @ self.slopes @ onto.T,
            degrees,
        )
