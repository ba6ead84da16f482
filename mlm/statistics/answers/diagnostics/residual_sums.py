"""Residuals of any number of rows in sums of a fixed size: moments, histogram, along variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mlm.nouns.distributions import normal_quantile, normal_tail
from mlm.results.record import finite
from mlm.results.residuals import (
    AlongVariable,
    Beyond,
    CategoryResiduals,
    Histogram,
    Quantiles,
    ResidualsByCategory,
)
from mlm.statistics.answers.diagnostics.residual_grid import CELLS, EDGES, Along, cells_of

BEYOND = (2, 3, 4)  # standard deviations beyond which residuals are counted
BAR = 16  # cells of the grid in one bar of the histogram: a quarter of a standard deviation
NORMAL_QUANTILES = 199  # quantiles of the normal plot
DETERMINED = 1e-8  # share of a row's variance left, below which its residual says nothing


class ResidualSums:
    """Sums of residuals; their size does not depend on the number of rows.

    Parameters
    ----------
    sigma : float
        Residual standard deviation of the fit.
    spread : tuple of (mean, sd)
        Of the fixed part over the rows.
    variables : mapping of str to (mean, sd)
        Of the numeric variables along which residuals are summed.
    by_stratum : bool
        Whether the precisions of rows stand for residual variances that differ between strata: a
        category then has the standard deviation of its rows, not of rows of precision one.
    """

    def __init__(
        self,
        sigma: float,
        spread: tuple[float, float],
        variables: Mapping,
        by_stratum: bool = False,
    ):
        self._by_stratum = by_stratum
        self.rows = self._determined = 0
        self.total = self.weight = self._leverage = 0.0
        self.sigma, self._spread, self._scales = sigma, spread, dict(variables)
        self._powers = np.zeros(5)
        self._largest = 0.0
        self._grid = np.zeros(CELLS + 2, dtype=np.int64)
        self._beyond = np.zeros(len(BEYOND), dtype=np.int64)
        self._fixed = Along(*spread)
        self._along = {name: Along(*scale) for name, scale in variables.items()}
        self._groups: dict[str, np.ndarray] = {}

    def add(self, errors, values: Mapping[str, np.ndarray], codes=None, names=()) -> None:
        """Add rows.

        Parameters
        ----------
        errors : Errors
            Residuals of n rows.
        values : mapping of str to ndarray (n,)
            The numeric variables.
        codes : ndarray of int (n,), optional
            Category of each row, with their ``names``.
        """
        weight = errors.precision
        residual = errors.residual if weight is None else errors.residual * weight
        self.rows += residual.size
        self.total += float(errors.balance.sum())
        self.weight += residual.size if weight is None else float(weight.sum())
        self._leverage += float(errors.leverage.sum())
        left = 1.0 - errors.leverage
        known = left > DETERMINED
        self._determined += int(known.size - known.sum())
        scaled = self.sigma * np.sqrt(np.where(known, left, 1.0))
        if weight is not None:
            scaled /= np.sqrt(weight)
        z = np.where(known, errors.residual / scaled, 0.0)
        square, size = z * z, np.abs(z)
        self._powers += [np.sum(known), z.sum(), square.sum(), (z * square).sum(), square @ square]
        self._largest = max(self._largest, float(size.max(initial=0.0)))
        self._grid += np.bincount(cells_of(z[known]), minlength=CELLS + 2)
        self._beyond += [np.count_nonzero(size > reach) for reach in BEYOND]
        self._fixed.add(errors.fixed, residual, square, weight)
        for name, along in self._along.items():
            along.add(values[name], residual, square, weight)
        for code, name in enumerate(names):
            own = codes == code
            n = own.sum()
            held = n if weight is None else weight @ own
            sums = [n, held, residual @ own, square @ own, np.sum(own & (size > 3.0))]
            self._groups[name] = self._groups.get(name, 0.0) + np.array(sums, dtype=float)

    def arrays(self) -> dict[str, np.ndarray]:
        """The sums and what they are laid by, for :meth:`of` in another process."""
        return {
            "laid_by": np.array([self.sigma, *self._spread, self._by_stratum]),
            "variables": np.array(list(self._scales), dtype=str),
            "scales": np.array(list(self._scales.values()), dtype=float).reshape(-1, 2),
            "rows": np.array([self.rows, self._determined]),
            "totals": np.array([self.total, self.weight, self._leverage]),
            "powers": self._powers,
            "largest": np.array(self._largest),
            "grid": self._grid,
            "beyond": self._beyond,
            "fixed": self._fixed.sums,
            "along": np.array([a.sums for a in self._along.values()]).reshape(-1, 5, CELLS + 2),
            "categories": np.array(list(self._groups), dtype=str),
            "by_category": np.array(list(self._groups.values())).reshape(-1, 5),
        }

    @classmethod
    def of(cls, parts: Sequence[Mapping[str, np.ndarray]]) -> ResidualSums:
        """The sums of rows that were summed in parts, each under the same fit.

        Parameters
        ----------
        parts : sequence of mapping of str to ndarray
            ``arrays`` of each, at least one.
        """
        sigma, mean, sd, by_stratum = parts[0]["laid_by"].tolist()
        scales = map(tuple, parts[0]["scales"].tolist())
        variables = dict(zip(parts[0]["variables"].tolist(), scales, strict=True))
        sums = cls(sigma, (mean, sd), variables, bool(by_stratum))
        for part in parts:
            sums._take(part)
        return sums

    def _take(self, part: Mapping[str, np.ndarray]) -> None:
        rows, determined = part["rows"].tolist()
        total, weight, leverage = part["totals"].tolist()
        self.rows, self._determined = self.rows + rows, self._determined + determined
        self.total, self.weight = self.total + total, self.weight + weight
        self._leverage += leverage
        self._powers += part["powers"]
        self._largest = max(self._largest, float(part["largest"]))
        self._grid += part["grid"]
        self._beyond += part["beyond"]
        self._fixed.sums += part["fixed"]
        for along, sums in zip(self._along.values(), part["along"], strict=True):
            along.sums += sums
        for name, sums in zip(part["categories"].tolist(), part["by_category"], strict=True):
            self._groups[name] = self._groups.get(name, 0.0) + sums

    def residuals(self, formula: str) -> ResidualsByCategory:
        """What was summed."""
        points = min(NORMAL_QUANTILES, max(int(self._powers[0]), 1))
        levels = np.arange(1, points + 1) / (points + 1)
        expected, observed = normal_quantile(levels), self._quantiles(levels)
        straight = np.corrcoef(expected, observed)[0, 1] if self._largest > 0.0 else np.nan
        return ResidualsByCategory(
            formula=formula,
            rows=self.rows,
            determined=self._determined,
            sigma=self.sigma,
            **_moments(self._powers),
            largest=self._largest,
            correlation=finite(straight),
            leverage=self._leverage / max(self.rows, 1),
            quantiles=Quantiles(expected=expected.tolist(), observed=observed.tolist()),
            histogram=self._histogram(),
            beyond=self._rows_beyond(),
            fitted=self._fixed.parts(self.sigma),
            variables=tuple(
                AlongVariable(variable=name, parts=along.parts(self.sigma))
                for name, along in self._along.items()
            ),
            groups=tuple(self._group(name, sums) for name, sums in self._groups.items() if sums[0]),
        )

    def _histogram(self) -> Histogram:
        """Bars of the grid; the first and the last hold what is beyond it."""
        inside = self._grid[1:-1].reshape(-1, BAR).sum(axis=1)
        inside[0] += self._grid[0]
        inside[-1] += self._grid[-1]
        return Histogram(edges=EDGES[::BAR].tolist(), rows=inside.tolist())

    def _rows_beyond(self) -> tuple[Beyond, ...]:

        n = max(float(self._powers[0]), 1.0)
        return tuple(
            Beyond(sd=reach, rows=rows, share=rows / n, expected=float(2.0 * normal_tail(reach)))
            for reach, rows in zip(BEYOND, self._beyond.tolist(), strict=True)
        )

    def _quantiles(self, levels: np.ndarray) -> np.ndarray:
        """Quantiles from the grid, linear within its cells."""
        below = np.concatenate([[0], np.cumsum(self._grid)]) / max(self._grid.sum(), 1)
        edges = np.concatenate([[-np.inf], EDGES, [np.inf]]).clip(-self._largest, self._largest)
        return np.interp(levels, below, edges)

    def _group(self, category: str, sums: np.ndarray) -> CategoryResiduals:
        n, precision, residual, square, beyond = sums.tolist()
        sd = self.sigma * float(np.sqrt(square / n))
        return CategoryResiduals(
            category=category,
            rows=int(n),
            mean=residual / precision,
            std_error=sd / float(np.sqrt(precision)),
            sd=sd * float(np.sqrt(n / precision)) if self._by_stratum else sd,
            beyond=int(beyond),
        )


def _moments(powers: np.ndarray) -> dict[str, float]:
    """Mean, sd, skewness and excess kurtosis from the sums of powers 0 to 4."""
    n = max(float(powers[0]), 1.0)
    mean, m2, m3, m4 = (powers[1:] / n).tolist()
    variance = max(m2 - mean**2, 0.0)
    third = m3 - 3 * mean * m2 + 2 * mean**3
    fourth = m4 - 4 * mean * m3 + 6 * mean**2 * m2 - 3 * mean**4
    safe = variance if variance > 0.0 else 1.0
    return {
        "mean": mean,
        "sd": variance**0.5,
        "skewness": third / safe**1.5,
        "kurtosis": fourth / safe**2 - 3.0,
    }
