"""The model written out with n x n matrices, as an oracle for what comes from cross-products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.coding import model_columns
from mlm.nouns.formula import parse_formula


@dataclass(frozen=True)
class Dense:
    """Design matrices of a model, rows and all.

    Attributes
    ----------
    x : ndarray (n, p)
        Fixed columns.
    y : ndarray (n,)
        Response.
    z : list of list of ndarray (n, G)
        For each random term, one matrix for each of its columns.
    """

    x: np.ndarray
    y: np.ndarray
    z: list[list[np.ndarray]]

    def derivatives(self) -> list[np.ndarray]:
        """Derivative of V by each (co)variance, term by term, row by row; the residual last."""
        out = []
        for columns in self.z:
            for i in range(len(columns)):
                for j in range(i + 1):
                    product = columns[i] @ columns[j].T
                    out.append(product if i == j else product + product.T)
        return [*out, np.eye(self.y.size)]

    def covariance(self, covariances: list[np.ndarray], sigma2: float) -> np.ndarray:
        """V from the covariance matrix of each random term and the residual variance."""
        v = sigma2 * np.eye(self.y.size)
        for columns, covariance in zip(self.z, covariances, strict=True):
            for i, left in enumerate(columns):
                for j, right in enumerate(columns):
                    v += covariance[i, j] * left @ right.T
        return v


def dense(formula: str, frame) -> Dense:
    """Matrices of a formula, or of a model; categories are texts of the rows, sorted."""
    model = parse_formula(formula) if isinstance(formula, str) else formula
    names = {v for t in (*model.terms, *model.slopes) for v in t.variables}
    texts = {v: tuple(sorted(frame[v].unique())) for v in names if frame[v].dtype.kind not in "iuf"}
    fixed, random, response = model_columns(model, texts)
    z = []
    for term, coded in zip(model.random, random, strict=True):
        keys = [frame[name].astype(str) for name in term.group]
        labels = keys[0] if len(keys) == 1 else keys[0].str.cat(keys[1:], sep="|")
        codes = np.unique(labels, return_inverse=True)[1]
        indicator = np.eye(codes.max() + 1)[codes]
        z.append([indicator * _values(c.column, frame)[:, None] for c in coded])
    x = np.column_stack([_values(c.column, frame) for c in fixed])
    return Dense(x, _values(response.column, frame), z)


def _values(column, frame) -> np.ndarray:
    out = np.ones(len(frame))
    for variable, category in column.indicators:
        out *= (frame[variable] == category).to_numpy(float)
    for variable, function, exponent in column.powers:
        assert function == "identity"
        out *= frame[variable].to_numpy(float) ** exponent
    return out
