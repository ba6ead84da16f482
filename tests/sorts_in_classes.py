"""Rows of followed pupils in classes that lack a category of their own, and their model by row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri
from scipy.stats import invwishart

from mlm.statistics.imputation.joint_model import FURTHER_DEGREES, Prior
from mlm.statistics.imputation.recursive_regression import WIDEST_SLOPE
from tests.rows_in_classes import crossed_rows

FORMULA = "y ~ sort + (1 | school) + (1 | pupil) + (1 | class_)"
GROUPS = "school", "pupil", "class_"


def sorted_rows(schools: int, pupils: int, waves: int, classes: int, seed: int) -> pd.DataFrame:
    """Rows of one of two sorts, which schools, pupils, classes and the outcome hang together with;
    the sort is missing in some, more often where the outcome is high."""
    rows, rng = crossed_rows(schools, pupils, waves, classes, seed), np.random.default_rng(seed)
    latent = rng.normal(size=len(rows)) + 0.5 * rng.normal(size=schools)[rows["school"]]
    latent += 0.6 * rng.normal(size=schools * pupils)[rows["pupil"]]
    latent += 0.4 * rng.normal(size=rows["class_"].max() + 1)[rows["class_"]]
    is_v = latent > 0.2
    high = rows["y"].rank(pct=True)
    lacks = rng.random(len(rows)) < 0.5 * high
    sort = pd.Series(np.where(is_v, "v", "u")).mask(lacks)
    return rows[[*GROUPS]].assign(y=rows["y"] + 0.7 * is_v, sort=sort)


@dataclass
class SortState:
    """Parameters: on the outcome, in its stored unit, and on the latent of the sort.

    Attributes
    ----------
    constants : ndarray (2,)
        Of the outcome and of the latent.
    slope : float
        Of sort v on the outcome.
    variance : float
        Residual variance of the outcome; that of the latent is 1.
    covariances : list of ndarray (2, 2)
        Of the effects of schools, pupils and classes.
    """

    constants: np.ndarray
    slope: float
    variance: float
    covariances: list[np.ndarray]

    def traced(self) -> np.ndarray:
        """The numbers that ``State.traced`` of the sampler on sums holds, in the same order."""
        parts = [self.constants, [self.slope, np.sqrt(self.variance)]]
        for own in self.covariances:
            sd = np.sqrt(np.diagonal(own))
            parts.append([*sd, own[1, 0] / sd.prod()])
        return np.concatenate(parts)


class SortsRowByRow:
    """The joint model on rows in memory: one step after the other, plainly.

    Parameters
    ----------
    rows : DataFrame
        As ``sorted_rows`` makes them.
    scale : tuple of float
        Origin and unit of the outcome.
    prior : Prior
        Of the sampler on sums.
    """

    def __init__(self, rows: pd.DataFrame, scale: tuple[float, float], prior: Prior):
        self.y = (rows["y"].to_numpy() - scale[0]) / scale[1]
        self.lacks = rows["sort"].isna().to_numpy()
        self.is_v = (rows["sort"] == "v").to_numpy().astype(float)
        self.z = np.where(self.is_v > 0.0, 1.0, -1.0)
        self.groups = [rows[name].to_numpy() for name in GROUPS]
        self.effects = [np.zeros((own.max() + 1, 2)) for own in self.groups]
        self.prior = prior

    def started(self) -> SortState:
        """Somewhere."""
        return SortState(np.zeros(2), 0.0, 1.0, [0.2 * np.eye(2) for _ in GROUPS])

    def sweep(self, state: SortState, rng: np.random.Generator) -> SortState:
        """One iteration of the textbook sampler."""
        self._draw_sorts(state, rng)
        for level in range(len(GROUPS)):
            self._draw_effects(state, level, rng)
        constants, slope, variance = self._drawn_regression(rng)
        pairs = zip(self.effects, state.covariances, strict=True)
        covariances = [self._drawn_covariance(own, before, rng) for own, before in pairs]
        return SortState(constants, slope, variance, covariances)

    def _around(self, without: int | None = None) -> np.ndarray:
        pairs = enumerate(zip(self.effects, self.groups, strict=True))
        parts = [own[group] for level, (own, group) in pairs if level != without]
        return np.sum(parts, axis=0)

    def _draw_sorts(self, state: SortState, rng) -> None:
        around = self._around() + state.constants
        mean, left = around[:, 1], self.y - around[:, 0]
        gain = (left**2 - (left - state.slope) ** 2) / (2.0 * state.variance)
        odds, low = ndtr(mean) * np.exp(gain), ndtr(-mean)
        chosen = rng.random(odds.size) < odds / (odds + low)
        self.is_v[self.lacks] = chosen[self.lacks]
        numbers = rng.random(odds.size)
        above = low + numbers * (1.0 - low)
        self.z = mean + ndtri(np.where(self.is_v > 0.0, above, numbers * low))

    def _draw_effects(self, state: SortState, level: int, rng) -> None:
        group, inner = self.groups[level], np.array([1.0 / state.variance, 1.0])
        left = np.column_stack([self.y - state.slope * self.is_v, self.z]) - state.constants
        left = (left - self._around(level)) * inner
        linear = np.column_stack([np.bincount(group, own) for own in left.T])
        precision = np.bincount(group)[:, None, None] * np.diag(inner)
        covariance = np.linalg.inv(precision + np.linalg.inv(state.covariances[level]))
        noise = rng.standard_normal(linear.shape)
        self.effects[level] = np.einsum("gij,gj->gi", covariance, linear)
        self.effects[level] += np.einsum("gij,gj->gi", np.linalg.cholesky(covariance), noise)

    def _drawn_regression(self, rng):
        around, n = self._around(), len(self.y)
        known, y = np.column_stack([np.ones(n), self.is_v]), self.y - around[:, 0]
        products = known.T @ known + np.diag([0.0, WIDEST_SLOPE**-2.0])
        mean = np.linalg.solve(products, known.T @ y)
        rest = y @ y - mean @ products @ mean + self.prior.residual[0, 0]
        variance = rest / rng.chisquare(n - 1 + 2 + FURTHER_DEGREES)
        b = rng.multivariate_normal(mean, variance * np.linalg.inv(products))
        precision = n + WIDEST_SLOPE**-2.0
        latent = (self.z - around[:, 1]).sum() / precision
        latent += rng.standard_normal() / np.sqrt(precision)
        return np.array([b[0], latent]), b[1], variance

    def _drawn_covariance(self, own: np.ndarray, before: np.ndarray, rng) -> np.ndarray:
        """By half-t priors of two degrees, uniform correlations."""
        rate = 2.0 * np.diagonal(np.linalg.inv(before)) + self.prior.widths**-2.0
        mixing = rng.gamma(2.0, 1.0 / rate)
        scale = own.T @ own + np.diag(4.0 * mixing)
        return invwishart.rvs(len(own) + 3, scale, random_state=rng)
