"""Rows that lack values, and their joint model row by row: what the sums are held against."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import invwishart

from mlm.nouns.coding import columns_of, model_columns
from mlm.nouns.columns import CONSTANT, scales_of
from mlm.nouns.formula import parse_formula
from mlm.nouns.hierarchy import Hierarchy
from mlm.rows.imputing.claim import number_column
from mlm.rows.imputing.pattern_rows import accumulate_patterns
from mlm.statistics.evidence.pattern_sums import PatternSums
from mlm.statistics.imputation.joint_model import JointModel, Parameters, Prior


def incomplete_rows(n: int, groups: int, variables: int, share: float, seed: int) -> pd.DataFrame:
    """Rows with an outcome y, a covariate z and variables x0, x1, ... of which shares are missing.

    Groups ``g`` lie in three larger ones, ``c``. What is missing depends on the outcome.
    """
    rng = np.random.default_rng(seed)
    g = np.sort(rng.integers(0, groups, n))
    rows = pd.DataFrame({"g": g, "c": g * 3 // groups, "z": rng.normal(size=n)})
    mixed = 0.5 + np.eye(variables)
    effects = rng.normal(size=(groups, variables)) * 0.5
    x = rows["z"].to_numpy()[:, None] * 0.3 + effects[g] + rng.normal(size=(n, variables)) @ mixed
    rows["y"] = x.sum(axis=1) + rng.normal(size=groups)[g] + rng.normal(size=n)
    wanted = rng.random((n, variables)) < share * (0.7 + 0.6 * (rows["y"] > 0).to_numpy()[:, None])
    for j in range(variables):
        rows[f"x{j}"] = np.where(wanted[:, j], np.nan, x[:, j])
    return rows


def pattern_sums(rows: pd.DataFrame, formula: str, slopes: tuple[str, ...] = ()) -> PatternSums:
    """Sums by pattern for one analysis; the numbers ``slopes`` are candidates of each level."""
    model = parse_formula(formula)
    fixed, _, response = model_columns(model, {})
    names = [(v, "identity") for v in rows if v not in ("g", "c")]
    scales = scales_of({v: rows[v].to_numpy() for v, _ in names}, names)
    columns = columns_of([*fixed, response], scales, {})
    candidates = [CONSTANT, *(number_column(name) for name in slopes)]
    hierarchy = Hierarchy.of([(term.group, candidates) for term in model.random])
    lacking = [v for v in rows if v.startswith("x")]
    return accumulate_patterns(rows, columns, hierarchy, lacking)


def joint_model(rows: pd.DataFrame) -> JointModel:
    """All incomplete variables explained by outcome and covariate."""
    names = [v for v in rows if v.startswith("x")]
    return JointModel(
        tuple(number_column(name) for name in names),
        (CONSTANT, number_column("y"), number_column("z")),
    )


class RowByRow:
    """The same model on rows in memory, one matrix a step: slow and plain.

    Parameters
    ----------
    rows : DataFrame
        As ``incomplete_rows`` makes them.
    sums : PatternSums
        Whose recipe gives origins and units.
    levels : sequence of str
        Id columns of the levels, outermost first; groups are numbered 0, 1, ...
    """

    def __init__(self, rows: pd.DataFrame, sums: PatternSums, levels: tuple[str, ...]):
        self.names = [v for v in rows if v.startswith("x")]
        scales = sums.columns.scales
        standard = {
            v: (rows[v].to_numpy() - scales[v, "identity"][0]) / scales[v, "identity"][1]
            for v in ("y", "z", *self.names)
        }
        self.q = np.column_stack([np.ones(len(rows)), standard["y"], standard["z"]])
        self.x = np.column_stack([standard[v] for v in self.names])
        self.missing = np.isnan(self.x)
        self.groups = [rows[level].to_numpy() for level in levels]

    def completed(self, parameters: Parameters, effects: np.ndarray, rng) -> np.ndarray:
        """Values (n, d) with missing ones drawn given parameters and effects (n, d) of the rows."""
        out, s = self.x.copy(), parameters.residual
        mean = self.q @ parameters.coefficients + effects
        for pattern in np.unique(self.missing, axis=0):
            lacking, seen = np.flatnonzero(pattern), np.flatnonzero(~pattern)
            rows = np.flatnonzero((self.missing == pattern).all(axis=1))
            slopes = s[np.ix_(lacking, seen)] @ np.linalg.inv(s[np.ix_(seen, seen)])
            root = np.linalg.cholesky(
                s[np.ix_(lacking, lacking)] - slopes @ s[np.ix_(seen, lacking)]
            )
            known = out[np.ix_(rows, seen)] - mean[np.ix_(rows, seen)]
            noise = rng.standard_normal((rows.size, lacking.size)) @ root.T
            out[np.ix_(rows, lacking)] = mean[np.ix_(rows, lacking)] + known @ slopes.T + noise
        return out

    def sweep(self, parameters: Parameters, effects: list[np.ndarray], prior: Prior, rng):
        """One iteration of the textbook sampler: values, effects level by level, parameters.

        Returns
        -------
        parameters : Parameters
        effects : list of ndarray (G, d)
            Of each level.
        """
        around = sum(own[group] for own, group in zip(effects, self.groups, strict=True))
        x = self.completed(parameters, around, rng)
        fixed = self.q @ parameters.coefficients
        inverse = np.linalg.inv(parameters.residual)
        new = list(effects)
        for level, group in enumerate(self.groups):
            others = sum(
                own[at]
                for i, (own, at) in enumerate(zip(new, self.groups, strict=True))
                if i != level
            )
            left = x - fixed - others
            own = np.empty_like(new[level])
            for j in range(len(own)):
                mine = group == j
                covariance = np.linalg.inv(
                    np.linalg.inv(parameters.effects[level]) + mine.sum() * inverse
                )
                mean = covariance @ inverse @ left[mine].sum(axis=0)
                own[j] = rng.multivariate_normal(mean, covariance)
            new[level] = own
        left = x - sum(own[group] for own, group in zip(new, self.groups, strict=True))
        mean, *_ = np.linalg.lstsq(self.q, left, rcond=None)
        rest = left - self.q @ mean
        k, d = mean.shape
        residual = invwishart.rvs(
            len(x) - k + prior.degrees, rest.T @ rest + prior.residual, random_state=rng
        ).reshape(d, d)
        covariance = np.kron(np.linalg.inv(self.q.T @ self.q), residual)
        coefficients = rng.multivariate_normal(mean.ravel(), covariance).reshape(k, d)
        covariances = []
        for own, before in zip(new, parameters.effects, strict=True):
            shape, rate = 0.5 * (2 + d), 2 * np.diagonal(np.linalg.inv(before)) + prior.widths**-2.0
            mixing = rng.gamma(
                shape, 1.0 / rate
            )  # half-t priors of two degrees, uniform correlations
            scale = own.T @ own + np.diag(4.0 * mixing)
            drawn = invwishart.rvs(len(own) + d + 1, scale, random_state=rng)
            covariances.append(drawn.reshape(d, d))
        return Parameters(coefficients, residual, tuple(covariances)), new
