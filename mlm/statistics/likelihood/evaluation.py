"""The criterion at one value of the relative covariances, and what it left behind."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.linalg import cho_solve

from mlm.errors import NotUnderWeights

Criterion = Literal["ML", "REML"]


def n_integrated(criterion: Criterion, n_fixed: int) -> int:
    """Fixed effects that are integrated out of the likelihood: all by REML, none by ML."""
    return n_fixed if criterion == "REML" else 0


@dataclass(frozen=True)
class Evaluation:
    """The criterion at one value of the relative covariances.

    Attributes
    ----------
    deviance : float
        -2 log likelihood (ML) or the REML criterion, with lme4's constants.
    beta : ndarray (p,)
        Fixed effects in the working basis.
    fixed_root : ndarray (p, p)
        Upper Cholesky factor of ``X' V^-1 X``.
    residual : float
        ``(y - Xb)' V^-1 (y - Xb)`` in squared working units.
    degrees : int
        Divisor of the residual variance: n (ML) or n - p (REML).
    omegas : tuple of ndarray (q, q)
        Where the criterion was evaluated.
    remains : object
        What elimination left behind; the structure of the model knows how to read it.
    fixed_spread : ndarray (p, p) or None
        Covariance over sigma^2 of the fixed effects by the design of the sample; None: that of the
        model.
    """

    deviance: float
    beta: np.ndarray
    fixed_root: np.ndarray
    residual: float
    degrees: int
    omegas: tuple[np.ndarray, ...]
    remains: Any
    fixed_spread: np.ndarray | None = None

    @property
    def sigma2(self) -> float:
        """Residual variance in squared working units."""
        return self.residual / self.degrees


def fixed_covariance(at: Evaluation) -> np.ndarray:
    """``(X' V^-1 X)^-1``, the covariance over sigma^2 in the working basis, shape (p, p).

    Where that of the design of the sample is known, it is that.
    """
    if at.fixed_spread is not None:
        return at.fixed_spread
    p = at.fixed_root.shape[0]
    return cho_solve((at.fixed_root, False), np.eye(p)) if p else np.zeros((0, 0))


class InformationCriteria:
    """Criteria that weigh a deviance against the number of parameters."""

    deviance: float
    n_params: int
    n_obs: int

    design: Any = None

    @property
    def aic(self) -> float:
        """Criterion plus twice the number of parameters.

        Raises
        ------
        NotUnderWeights
            Where rows have sampling weights.
        """
        self._check_unweighted("AIC")
        return self.deviance + 2.0 * self.n_params

    @property
    def bic(self) -> float:
        """Criterion plus log(rows) times the number of parameters; errors as ``aic``."""
        self._check_unweighted("BIC")
        return self.deviance + math.log(self.n_obs) * self.n_params

    def _check_unweighted(self, what: str) -> None:
        if self.design is not None:
            raise NotUnderWeights(
                what,
                "the criterion depends on the unit of the weights.",
                "Compare nested models by mlm.wald_test.",
            )
