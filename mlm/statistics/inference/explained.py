"""How much of the variance a fit explains: R squared, variance partition coefficients, ICC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import StatisticsError
from mlm.nouns.coding import CodedColumn, model_columns
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import (
    mean_moments,
    raw_mean,
    raw_vector,
    sample_correction,
    variances,
)
from mlm.statistics.fitting.fit import Fit, check_sample


@dataclass(frozen=True)
class Explained:
    """Variances that a fit gives to its parts, in squared units of the response.

    Attributes
    ----------
    fixed : float
        Variance of the fixed part over the rows.
    random : dict of str to float
        Variance of each grouping factor's effects, the mean over the rows where slopes vary.
    residual : float
        Residual variance; 0 where a random term has its place: that term's variance then holds
        what a residual would, and how much is explained conditionally is not defined.
    """

    fixed: float
    random: dict[str, float]
    residual: float

    @property
    def total(self) -> float:
        """Variance of the response that the fit implies."""
        return self.fixed + sum(self.random.values()) + self.residual

    @property
    def marginal(self) -> float:
        """Share of the fixed part: marginal R squared; 0 when there is none, never missing."""
        return self.fixed / self.total

    @property
    def conditional(self) -> float:
        """Share of the fixed part and all random effects: conditional R squared.

        NaN where a random term has the residual's place.
        """
        return 1.0 - self.residual / self.total if self.residual > 0.0 else float("nan")

    @property
    def shares(self) -> dict[str, float]:
        """Part of each grouping factor and the residual in the variance the fixed part leaves."""
        left = self.total - self.fixed
        return {name: v / left for name, v in {**self.random, "residual": self.residual}.items()}

    @property
    def icc(self) -> float:
        """Share of all grouping factors in the variance that the fixed part leaves.

        NaN where a random term has the residual's place.
        """
        return 1.0 - self.shares["residual"] if self.residual > 0.0 else float("nan")

    @property
    def table(self):
        """DataFrame, index = part: variance, share of the total, share of what fixed leaves."""
        import pandas as pd

        parts = {"fixed": self.fixed, **self.random, "residual": self.residual}
        columns = {
            "variance": parts.values(),
            "share": [v / self.total for v in parts.values()],
            "share_unexplained": [np.nan, *self.shares.values()],
        }
        return pd.DataFrame(columns, index=pd.Index(parts, name="part"))


def r_squared(fit: Fit, stats: CrossProducts) -> Explained:
    """Marginal and conditional R squared.

    Parameters
    ----------
    fit : Fit
        A fit.
    stats : CrossProducts
        The sample it was fitted to.

    Returns
    -------
    Explained

    Source
    ------
    Nakagawa and Schielzeth (2013), Methods Ecol. Evol. 4, 133-142; random slopes by the mean over
    rows: Johnson (2014), Methods Ecol. Evol. 5, 944-946.
    """
    check_sample(fit, stats)
    random: dict[str, float] = {}
    moments = mean_moments(fit.model, stats)
    for term, covariance, moment in zip(fit.model.random, fit.covariances, moments, strict=True):
        variance = float(np.sum(covariance * moment))
        random[term.name] = random.get(term.name, 0.0) + variance
    return Explained(_fixed_variance(fit, stats), random, fit.residual_variance)


def _fixed_variance(fit: Fit, stats: CrossProducts) -> float:
    """Variance of X b over the rows, divisor n - 1."""
    beta = dict(zip(fit.names, fit.beta, strict=True))
    vector = np.zeros(len(stats.columns))
    for coded in model_columns(fit.model, stats.columns.categories)[0]:
        if coded.name in beta:
            vector += beta[coded.name] * raw_vector(coded.column, stats)
    vector[0] = 0.0  # the constant adds nothing to a variance
    return float(variances(vector, stats) * sample_correction(stats))


def variances_along(
    fit: Fit, stats: CrossProducts, variable: str, values: Sequence
) -> dict[str, np.ndarray]:
    """Variance of the effects of each level along a variable with random slopes.

    Parameters
    ----------
    fit : Fit
        A fit.
    stats : CrossProducts
        The sample it was fitted to.
    variable : str
        The variable; others with random slopes stand at their means.
    values : sequence of float or str
        Its values; categories of a category.

    Returns
    -------
    dict of str to ndarray (v,)
        By grouping factor, ``residual`` last; in squared units of the response.

    Source
    ------
    Goldstein, Browne and Rasbash (2002), Understanding Statistics 1, 223-231.
    """
    out: dict[str, np.ndarray] = {}
    designs = columns_along(fit, stats, variable, values)
    for block, z, covariance in zip(fit.model.random, designs, fit.covariances, strict=True):
        own = np.einsum("vi,ij,vj->v", z, covariance, z)
        out[block.name] = out.get(block.name, 0.0) + own
    rows = fit.residual_variances if variable == fit.model.residual else {}
    own = [rows.get(value, fit.residual_variance) for value in values]
    return {**out, "residual": np.array(own, dtype=float)}


def columns_along(
    fit: Fit, stats: CrossProducts, variable: str, values: Sequence
) -> list[np.ndarray]:
    """Columns (v, q) of each random term along a variable.

    Parameters
    ----------
    fit, stats : Fit, CrossProducts
        A fit and its sample.
    variable : str
        The variable; others with random effects stand at their means.
    values : sequence of float or str
        Its values; categories of a category.
    """
    random = model_columns(fit.model, stats.columns.categories)[1]
    return [
        np.array([[_at(c, stats, variable, value) for c in coded] for value in values])
        for coded in random
    ]


def vpc(fit: Fit, stats: CrossProducts, group: str, term: str, values: Sequence):
    """Share of a level in the unexplained variance, as a function of a variable with slopes.

    Parameters
    ----------
    fit : Fit
        A fit.
    stats : CrossProducts
        The sample it was fitted to.
    group : str
        Grouping factor, or ``residual``.
    term : str
        The variable.
    values : sequence of float or str
        Its values (categories for a category). Other variables with random slopes stand at their
        means.

    Returns
    -------
    DataFrame
        One row a value: ``variance`` of the level's effects there, in squared units of the
        response, ``total`` of all levels and the residual, and ``share``.

    Raises
    ------
    StatisticsError
        When the fit has no such level, or no random slope of the variable.

    Source
    ------
    Goldstein, Browne and Rasbash (2002), Understanding Statistics 1, 223-231.
    """
    import pandas as pd

    check_sample(fit, stats)
    random = model_columns(fit.model, stats.columns.categories)[1]
    _check_names(fit, random, group, term)
    parts = variances_along(fit, stats, term, values)
    total = sum(parts.values())
    shown = {"variance": parts[group], "total": total, "share": parts[group] / total}
    return pd.DataFrame({term: list(values), **shown})


def _check_names(fit: Fit, random, group: str, term: str) -> None:
    groups = [block.name for block in fit.model.random]
    if group not in [*groups, "residual"]:
        raise StatisticsError(f"no level {group}; the fit has {', '.join([*groups, 'residual'])}.")
    sloped = sorted({v for coded in random for c in coded for v in c.column.variables})
    if term not in sloped:
        known = ", ".join(sloped) or "none: its shares do not depend on any variable"
        raise StatisticsError(f"{term} has no random slope; variables that do: {known}.")


def _at(coded: CodedColumn, stats: CrossProducts, variable: str, value) -> float:
    """A random column with one variable at a value and the others at their mean."""
    rest, part = coded.column.split(variable)
    out = raw_mean(rest, stats)
    for _, category in part.indicators:
        out *= float(str(value) == category)
    for _, function, exponent in part.powers:
        origin, unit = stats.columns.scales[variable, function]
        inside = stats.columns.standardised(variable, function, np.array([float(value)]))
        out *= float(origin + unit * inside[0]) ** exponent
    return out
