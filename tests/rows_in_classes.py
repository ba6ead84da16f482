"""Rows of followed pupils in classes that lack variables of both, and their model row by row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri
from scipy.stats import invwishart

from mlm.statistics.imputation.joint_model import FURTHER_DEGREES, WIDEST_LATENT
from mlm.statistics.imputation.recursive_regression import WIDEST_SLOPE

FORMULA = "y ~ x + w + kind + (1 | school) + (1 | pupil) + (1 | class_)"


def crossed_rows(
    schools: int, pupils: int, waves: int, classes: int, seed: int | list[int]
) -> pd.DataFrame:
    """Pupils of schools, each in one of some classes in each wave; all values are there.

    A class has a number ``w`` and a category ``kind``, a row ``x``; all of them tell of ``y``.
    """
    rng = np.random.default_rng(seed)
    school = np.repeat(np.arange(schools), pupils)
    parts = []
    for wave in range(waves):
        own = rng.permuted(np.tile(np.arange(pupils) % classes, (schools, 1)), axis=1).ravel()
        class_ = (school * waves + wave) * classes + own
        parts.append(
            pd.DataFrame({"school": school, "pupil": np.arange(school.size), "class_": class_})
        )
    rows = pd.concat(parts, ignore_index=True)
    at, size = rows["class_"].to_numpy(), schools * waves * classes
    outer = rng.normal(size=schools)
    around = rng.normal(size=schools)[np.arange(size) // (waves * classes)]
    w = 0.3 * around + rng.normal(size=size)
    is_b = 0.3 * around + 0.4 * w + rng.normal(size=size) > 0.0
    x = rng.normal(size=len(rows)) + 0.3 * rng.normal(size=size)[at]
    effects = np.sqrt(0.1) * outer[rows["school"]] + np.sqrt(0.2) * rng.normal(size=size)[at]
    effects += np.sqrt(0.4) * rng.normal(size=school.size)[rows["pupil"]]
    y = 1.0 + 0.5 * w[at] + 0.6 * is_b[at] + 0.4 * x + effects
    y += np.sqrt(0.4) * rng.normal(size=len(rows))
    return rows.assign(w=w[at], kind=np.where(is_b, "b", "a")[at], x=x, y=y)


def with_gaps(rows: pd.DataFrame, share: float, seed: int | list[int]) -> pd.DataFrame:
    """The rows without what classes of high outcomes lack more often, and some values of ``x``."""
    rng, out = np.random.default_rng(seed), rows.copy()
    means = rows.groupby("class_")["y"].mean().sort_index().to_numpy()
    high = (means - means.mean()) / means.std()
    for name in ("w", "kind"):
        lacking = rng.random(means.size) < 1.0 / (1.0 + (1.0 / share - 1.0) * np.exp(-0.7 * high))
        out[name] = out[name].where(~lacking[rows["class_"]], np.nan)
    out.loc[rng.random(len(rows)) < 0.1, "x"] = np.nan
    return out


@dataclass
class RowByRowState:
    """Parameters and unknowns of the sampler on rows, in stored units.

    Attributes
    ----------
    coefficients : ndarray (3, 2)
        Of the constant, ``w`` and kind b on y and x.
    residual : ndarray (2, 2)
        Covariance of the rows' residuals.
    covariances : list of ndarray
        Of the effects of schools (on y, x, w and the latent of kind), pupils and classes.
    of_classes : ndarray (3,)
        Constant of w, constant of the latent, kind b on w.
    variance : float
        Residual variance of w.
    """

    coefficients: np.ndarray
    residual: np.ndarray
    covariances: list[np.ndarray]
    of_classes: np.ndarray
    variance: float

    def traced(self) -> np.ndarray:
        """The numbers that ``State.traced`` of the sampler on sums holds, in the same order."""
        parts = [self.coefficients.ravel(), _spread(self.residual)]
        parts += [_spread(own) for own in self.covariances]
        return np.concatenate([*parts, self.of_classes, [np.sqrt(self.variance)]])


def _spread(matrix: np.ndarray) -> np.ndarray:
    sd = np.sqrt(np.diagonal(matrix))
    return np.concatenate([sd, (matrix / np.outer(sd, sd))[np.tril_indices(len(matrix), -1)]])


class CrossedRowByRow:
    """The joint model of rows in classes on rows in memory: one step after the other, plainly.

    Parameters
    ----------
    rows : DataFrame
        As ``with_gaps`` makes them.
    scales : mapping
        Origins and units of the numbers.
    residual : ndarray (2, 2)
        Scale of the prior of the residual covariance.
    widths : ndarray (2,)
        Scales of the priors of standard deviations of effects on y and x.
    """

    def __init__(self, rows: pd.DataFrame, scales, residual: np.ndarray, widths: np.ndarray):
        def stored(name: str) -> np.ndarray:
            origin, unit = scales[name, "identity"]
            return (rows[name].to_numpy() - origin) / unit

        self.rows = np.column_stack([stored("y"), stored("x")])
        self.lacks_x = np.isnan(self.rows[:, 1])
        self.rows[self.lacks_x, 1] = 0.0
        self.groups = [rows[name].to_numpy() for name in ("school", "pupil", "class_")]
        first = np.unique(self.groups[2], return_index=True)[1]
        self.school = self.groups[0][first]
        self.w, kind = stored("w")[first], rows["kind"].to_numpy()[first]
        self.lacks_w, self.lacks_kind = np.isnan(self.w), pd.isna(kind)
        self.spread = self.w[~self.lacks_w].var()
        self.w[self.lacks_w] = np.nanmean(self.w)
        self.is_b = (kind == "b").astype(float)
        self.z = np.where(self.is_b > 0.0, 1.0, -1.0)
        self.effects = [np.zeros((own.max() + 1, 2)) for own in self.groups]
        self.effects[0] = np.zeros((self.groups[0].max() + 1, 4))
        self.prior, self.widths = residual, widths

    def started(self) -> RowByRowState:
        """Somewhere."""
        covariances = [0.2 * np.eye(4), 0.2 * np.eye(2), 0.2 * np.eye(2)]
        return RowByRowState(np.zeros((3, 2)), np.eye(2), covariances, np.zeros(3), self.spread)

    def _left(self, state: RowByRowState, without: int | None = None) -> np.ndarray:
        """Rows less what all explains but one level."""
        at = self.groups[2]
        known = np.column_stack([np.ones(len(at)), self.w[at], self.is_b[at]])
        out = self.rows - known @ state.coefficients
        for level, (own, group) in enumerate(zip(self.effects, self.groups, strict=True)):
            if level != without:
                out = out - own[group, :2]
        return out

    def sweep(self, state: RowByRowState, rng: np.random.Generator) -> RowByRowState:
        """One iteration of the textbook sampler."""
        self._draw_x(state, rng)
        self._draw_classes(state, rng)
        for level in range(3):
            self._draw_effects(state, level, rng)
        coefficients, residual = self._drawn_regression(rng)
        of_classes, variance = self._drawn_class_regression(rng)
        covariances = [
            self._drawn_covariance(own, before, rng)
            for own, before in zip(self.effects, state.covariances, strict=True)
        ]
        return RowByRowState(coefficients, residual, covariances, of_classes, variance)

    def _draw_x(self, state: RowByRowState, rng) -> None:
        left, s = self._left(state), state.residual
        mean = left[:, 0] * s[0, 1] / s[0, 0] - (left[:, 1] - self.rows[:, 1])
        sd = np.sqrt(s[1, 1] - s[0, 1] ** 2 / s[0, 0])
        drawn = mean + sd * rng.standard_normal(len(left))
        self.rows[self.lacks_x, 1] = drawn[self.lacks_x]

    def _told(self, state: RowByRowState, place: int, value: np.ndarray):
        """What the rows of each class tell of one of its variables: precision and linear term."""
        at, slope = self.groups[2], state.coefficients[place]
        inner = np.linalg.inv(state.residual) @ slope
        left = self._left(state) + value[at][:, None] * slope
        return np.bincount(at) * (slope @ inner), np.bincount(at, left @ inner)

    def _draw_classes(self, state: RowByRowState, rng) -> None:
        around, b = self.effects[0][self.school], state.of_classes
        precision, linear = self._told(state, 1, self.w)
        mean = b[0] + b[2] * self.is_b + around[:, 2]
        whole = precision + 1.0 / state.variance
        drawn = (linear + mean / state.variance) / whole
        drawn += rng.standard_normal(drawn.size) / np.sqrt(whole)
        self.w[self.lacks_w] = drawn[self.lacks_w]
        mean = b[1] + around[:, 3]
        precision, linear = self._told(state, 2, self.is_b)
        gain = linear - 0.5 * precision
        left = self.w - b[0] - around[:, 2]
        gain += (left**2 - (left - b[2]) ** 2) / (2.0 * state.variance)
        odds = ndtr(mean) * np.exp(gain)
        chosen = rng.random(odds.size) < odds / (odds + ndtr(-mean))
        self.is_b[self.lacks_kind] = chosen[self.lacks_kind]
        low = ndtr(-mean)
        numbers = rng.random(odds.size)
        above = low + numbers * (1.0 - low)
        self.z = mean + ndtri(np.where(self.is_b > 0.0, above, numbers * low))

    def _draw_effects(self, state: RowByRowState, level: int, rng) -> None:
        group, inner = self.groups[level], np.linalg.inv(state.residual)
        size = len(self.effects[level])
        left, counts = self._left(state, level), np.bincount(group)
        d = len(state.covariances[level])
        precision, linear = np.zeros((size, d, d)), np.zeros((size, d))
        precision[:, :2, :2] = counts[:, None, None] * inner
        for i in range(2):
            linear[:, i] = np.bincount(group, left @ inner[i])
        if level == 0:
            b, classes = state.of_classes, np.bincount(self.school)
            precision[:, 2, 2], precision[:, 3, 3] = classes / state.variance, classes
            own = (self.w - b[0] - b[2] * self.is_b) / state.variance
            linear[:, 2] = np.bincount(self.school, own)
            linear[:, 3] = np.bincount(self.school, self.z - b[1])
        covariance = np.linalg.inv(precision + np.linalg.inv(state.covariances[level]))
        root = np.linalg.cholesky(covariance)
        noise = rng.standard_normal((size, d))
        self.effects[level] = np.einsum("gij,gj->gi", covariance, linear)
        self.effects[level] += np.einsum("gij,gj->gi", root, noise)

    def _drawn_regression(self, rng):
        at = self.groups[2]
        known = np.column_stack([np.ones(len(at)), self.w[at], self.is_b[at]])
        x = self.rows.copy()
        for own, group in zip(self.effects, self.groups, strict=True):
            x -= own[group, :2]
        products = known.T @ known
        mean = np.linalg.solve(products, known.T @ x)
        rest = x - known @ mean
        degrees = len(x) - 3 + 2 + FURTHER_DEGREES
        residual = invwishart.rvs(degrees, rest.T @ rest + self.prior, random_state=rng)
        covariance = np.kron(np.linalg.inv(products), residual)
        return rng.multivariate_normal(mean.ravel(), covariance).reshape(3, 2), residual

    def _drawn_class_regression(self, rng):
        around, n = self.effects[0][self.school], len(self.w)
        known, y = np.column_stack([np.ones(n), self.is_b]), self.w - around[:, 2]
        products = known.T @ known + np.diag([0.0, WIDEST_SLOPE**-2.0])
        mean = np.linalg.solve(products, known.T @ y)
        rest = y @ y - mean @ products @ mean + self.spread
        variance = rest / rng.chisquare(n - 1 + 2 + FURTHER_DEGREES)
        b = rng.multivariate_normal(mean, variance * np.linalg.inv(products))
        precision = n + WIDEST_SLOPE**-2.0
        latent = (self.z - around[:, 3]).sum() / precision
        latent += rng.standard_normal() / np.sqrt(precision)
        return np.array([b[0], latent, b[1]]), variance

    def _drawn_covariance(self, own: np.ndarray, before: np.ndarray, rng) -> np.ndarray:
        """By half-t priors of two degrees, uniform correlations."""
        d = own.shape[1]
        widths = np.append(self.widths, [np.sqrt(self.spread), WIDEST_LATENT])[:d]
        rate = 2.0 * np.diagonal(np.linalg.inv(before)) + widths**-2.0
        mixing = rng.gamma(0.5 * (2 + d), 1.0 / rate)
        scale = own.T @ own + np.diag(4.0 * mixing)
        return invwishart.rvs(len(own) + d + 1, scale, random_state=rng).reshape(d, d)
