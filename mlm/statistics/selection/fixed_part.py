"""Fixed effects with what F tests of a model and of its submodels need, variances held.

For given variances the estimates of a submodel are combinations of those of the full model, so that
an elimination is linear algebra: nothing is fitted. What does not depend on the estimates, the
covariance of each submodel and the combinations that each test takes, is worked out once and serves
all draws at the same variances.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mlm.nouns.distributions import f_quantile, f_tail
from mlm.statistics.fitting.optimise import Optimum
from mlm.statistics.fitting.satterthwaite import variance_slopes
from mlm.statistics.inference.f_tests import joint_denominator, principal
from mlm.statistics.likelihood.evaluation import fixed_covariance

USUAL = 0.1  # levels up to which quantiles of F surely fall with the degrees of freedom


@dataclass(frozen=True)
class _Tested:
    """Uncorrelated combinations (q, c) of c tested effects, their variances and denominator."""

    places: np.ndarray
    weights: np.ndarray
    variances: np.ndarray
    denominator: float


@dataclass(frozen=True)
class _Left:
    """A submodel, the weights (k, p) of its estimates, and the inverse covariance of what left."""

    covariance: FixedCovariance
    gone: np.ndarray
    onto: np.ndarray
    inverse: np.ndarray


@dataclass(frozen=True)
class FixedCovariance:
    """The covariance of fixed effects and its error, with the tests and submodels asked for.

    Attributes
    ----------
    columns : ndarray of int (p,)
        Which columns of the full model they are.
    matrix : ndarray (p, p)
        Their covariance.
    slopes : ndarray (f, p, p)
        Changes of the covariance along f independent errors of the relative variances, each one
        standard error long.
    degrees : float
        Degrees of freedom of the residual variance.
    least : float or None
        Of a submodel: ``least_degrees`` of the model that it is of, which is not held itself.
    """

    columns: np.ndarray
    matrix: np.ndarray
    slopes: np.ndarray
    degrees: float
    least: float | None = None
    _tests: dict[bytes, _Tested | None] = field(default_factory=dict, repr=False)
    _submodels: dict[bytes, _Left | None] = field(default_factory=dict, repr=False)
    _passed: dict[tuple[int, float], float] = field(default_factory=dict, repr=False)

    @cached_property
    def denominators(self) -> np.ndarray:
        """Degrees of freedom (p,) of the test of each effect alone, Satterthwaite's."""
        changes = np.diagonal(self.slopes, axis1=1, axis2=2)
        return self._degrees(np.diagonal(self.matrix), changes)

    def _degrees(self, variances: np.ndarray, changes: np.ndarray) -> np.ndarray:
        """Of combinations with some variances (c,), which change so (f, c) along the errors."""
        square = variances**2
        return 2.0 * square / ((changes**2).sum(axis=0) + 2.0 * square / self.degrees)

    @cached_property
    def least_degrees(self) -> float:
        """Degrees of freedom that no combination of the effects, here or in a submodel, is below.

        A variance ``l' V l`` changes along an error by no larger a share than the eigenvalues of
        the change beside V; estimates of submodels are combinations of those here.
        """
        if self.least is not None:
            return self.least
        if not len(self.slopes):
            return self.degrees
        try:
            half = np.linalg.inv(np.linalg.cholesky(self.matrix))
        except np.linalg.LinAlgError:
            return 0.0  # of effects that are hardly told apart nothing is known
        shares = np.abs(np.linalg.eigvalsh(half @ self.slopes @ half.T)).max(axis=1)
        return float(2.0 / ((shares**2).sum() + 2.0 / self.degrees))

    def passed(self, count: int, level: float) -> float:
        """An F of so many combinations that is significant at a level, whichever they are."""
        key = count, level
        if key not in self._passed:
            is_known = level <= USUAL and self.least_degrees > 0.0
            found = f_quantile(1.0 - level, count, self.least_degrees) if is_known else np.inf
            self._passed[key] = found
        return self._passed[key]

    def tested(self, columns: np.ndarray) -> _Tested | None:
        """What the F test takes that some columns of the full model have no effect; None of none.

        Parameters
        ----------
        columns : ndarray of int
            Columns of the full model.
        """
        key = columns.tobytes()
        if key not in self._tests:
            self._tests[key] = self._test(self._places(columns))
        return self._tests[key]

    def without(self, columns: np.ndarray) -> _Left | None:
        """The submodel without some columns of the full model; None where it has none of them.

        Parameters
        ----------
        columns : ndarray of int
            Columns of the full model.
        """
        key = columns.tobytes()
        if key not in self._submodels:
            self._submodels[key] = self._submodel(self._places(columns))
        return self._submodels[key]

    def _places(self, columns: np.ndarray) -> np.ndarray:
        """Where those of some columns of the full model stand that are here."""
        last = max(self.columns.max(initial=0), columns.max(initial=0))
        is_meant = np.zeros(last + 1, dtype=bool)
        is_meant[columns] = True
        return np.flatnonzero(is_meant[self.columns])

    def _test(self, places: np.ndarray) -> _Tested | None:
        if not places.size:
            return None
        found = principal(self.matrix[places[:, None], places])
        own = self.slopes[:, places[:, None], places]
        along = np.sum((own @ found.weights.T) * found.weights.T, axis=1)
        degrees = self._degrees(found.variances, along)
        return _Tested(places, found.weights, found.variances, joint_denominator(degrees))

    def _submodel(self, gone: np.ndarray) -> _Left | None:
        if not gone.size:
            return None
        kept = np.delete(np.arange(self.columns.size), gone)
        inverse = np.linalg.inv(self.matrix[gone[:, None], gone])
        onto = np.zeros((kept.size, self.columns.size))
        onto[np.arange(kept.size), kept] = 1.0
        onto[:, gone] = -self.matrix[kept[:, None], gone] @ inverse
        left = FixedCovariance(
            self.columns[kept],
            onto @ self.matrix @ onto.T,
            onto @ self.slopes @ onto.T,
            self.degrees + gone.size,
            self.least_degrees,
        )
        return _Left(left, gone, onto, inverse)


@dataclass(frozen=True)
class FixedPart:
    """Fixed effects of a model and the error of their covariance.

    Attributes
    ----------
    known : FixedCovariance
        Their covariance but for a factor.
    beta : ndarray (p,)
        Estimates.
    scale : float
        That factor.
    """

    known: FixedCovariance
    beta: np.ndarray
    scale: float = 1.0

    @classmethod
    def of(cls, best: Optimum) -> FixedPart:
        """Those at an optimum, in the working basis."""
        places = np.arange(best.at.beta.size)
        covariance = best.at.sigma2 * fixed_covariance(best.at)
        slopes, degrees = variance_slopes(best), float(best.at.degrees)
        return cls(FixedCovariance(places, covariance, slopes, degrees), best.at.beta)

    @property
    def covariance(self) -> np.ndarray:
        """Covariance (p, p) of the estimates."""
        return self.scale * self.known.matrix

    @property
    def degrees(self) -> float:
        """Degrees of freedom of the residual variance."""
        return self.known.degrees

    def redrawn(self, beta: np.ndarray, scale: float) -> FixedPart:
        """Other estimates at the same relative variances of the same sample.

        Parameters
        ----------
        beta : ndarray (p,)
            Estimates.
        scale : float
            The residual variance, over that here.
        """
        return FixedPart(self.known, beta, self.scale * scale)

    def drawn(self, beta: np.ndarray, covariance: np.ndarray, degrees: float) -> FixedPart:
        """Other estimates at the same relative variances, of another sample.

        Parameters
        ----------
        beta, covariance : ndarray (p,), (p, p)
            Estimates and their covariance.
        degrees : float
            Degrees of freedom of the residual variance.
        """
        scale = np.trace(covariance) / np.trace(self.covariance) if self.beta.size else 1.0
        slopes = scale * self.scale * self.known.slopes
        return FixedPart(FixedCovariance(self.known.columns, covariance, slopes, degrees), beta)

    def p_value(self, columns: np.ndarray, level: float = 0.0) -> float:
        """Of the F test that some columns of the full model have no effect; 1 of none.

        Degrees of freedom are Satterthwaite's, as in the F tests of fits.

        Parameters
        ----------
        columns : ndarray of int
            Columns of the full model.
        level : float
            Level of the test: where the effect of one of them tells that the p-value is not above
            it, it is given as 0.
        """
        if columns.size == 1:
            return self._p_values.get(int(columns[0]), 1.0)
        if level and self._is_told(columns, level):
            return 0.0
        test = self.known.tested(columns)
        if test is None:
            return 1.0
        squares = (test.weights @ self.beta[test.places]) ** 2 / test.variances
        return float(f_tail(squares.mean() / self.scale, squares.size, test.denominator))

    def _is_told(self, columns: np.ndarray, level: float) -> bool:
        """Whether one effect alone makes the test of several significant at a level.

        Their F is the largest squared t of any combination over their number, or more.
        """
        squares = self._squares
        found = [squares[column] for column in columns.tolist() if column in squares]
        return bool(found) and max(found) > len(found) * self.known.passed(len(found), level)

    @cached_property
    def _squares(self) -> dict[int, float]:
        """The squared t of each effect alone, by its column of the full model."""
        squares = self.beta**2 / (self.scale * np.diagonal(self.known.matrix))
        return dict(zip(self.known.columns.tolist(), squares.tolist(), strict=True))

    @cached_property
    def _p_values(self) -> dict[int, float]:
        """Of the test of each effect alone, by its column of the full model."""
        squares = np.array([*self._squares.values()])
        found = f_tail(squares, 1, self.known.denominators)
        return dict(zip(self._squares, found.tolist(), strict=True))

    def without(self, columns: np.ndarray) -> FixedPart:
        """The submodel without some columns of the full model."""
        left = self.known.without(columns)
        if left is None:
            return self
        own = self.beta[left.gone]
        lost = float(own @ left.inverse @ own) / self.scale
        scale = self.scale * (self.known.degrees + lost) / left.covariance.degrees
        return FixedPart(left.covariance, left.onto @ self.beta, scale)
