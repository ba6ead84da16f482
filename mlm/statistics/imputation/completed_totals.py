"""Cross-products of predictors and residuals r = x - effects of all rows, missing ones filled in.

Given parameters and effects, what the rows of a pattern lack is linear in what they have, plus
independent errors E. The sums need L'E, with L the known columns, which is normal with covariance
L'L times that of the errors, and E'E = (L'E)'(L'L)^-(L'E) + a Wishart matrix: no row is made.
"""

from __future__ import annotations

import numpy as np

from mlm.statistics.imputation.conditionals import Conditionals
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.random_matrices import wisharts
from mlm.statistics.imputation.small_matrices import symmetric_places
from mlm.statistics.imputation.tree_effects import JointEffects
from mlm.statistics.likelihood.gains import DEPENDENT_SHARE
from mlm.statistics.likelihood.symmetric_root import scaled_root


def residual_totals(
    table: PatternTable, effects: JointEffects, units: np.ndarray | None = None
) -> np.ndarray:
    """Cross-products (P, k + m + d, k + m + d) of the known (q, w, r) of each pattern.

    Parameters
    ----------
    table : PatternTable
        Sums of the rows.
    effects : JointEffects
        Drawn, or expected with their covariances; what units explain is left in r.
    units : ndarray (m, G), optional
        Variables w of units, by lowest group.
    """
    k, d = table.n_predictors, table.n_responses
    m = 0 if units is None else len(units)
    beside = effects.whole if not m else np.vstack([effects.whole, units])
    products = table.by_pattern((beside @ table.sums.T).T)
    reach = products[:, :, :d]
    rows, columns = np.triu_indices(d)
    squares = effects.whole[rows] * effects.whole[columns]
    if effects.spread is not None:
        squares += effects.spread[rows, columns]
    own = (squares @ table.counts.T).T
    out = table.totals.copy()
    out[:, :, k:] -= reach
    out[:, k:, :] -= reach.transpose(0, 2, 1)
    out[:, k:, k:] += own[:, symmetric_places(d)]
    known = table.known
    if m:
        out = _with_units(table, out, products[:, :, d:], effects.whole, units)
        known = np.insert(known, [k] * m, True, axis=1)
    return out * (known[:, :, None] & known[:, None, :])


def _with_units(table: PatternTable, inner: np.ndarray, crossed, whole, units) -> np.ndarray:
    """Cross-products with variables of units (m, G) between predictors and responses."""
    k, m, d = table.n_predictors, len(units), table.n_responses
    crossed = crossed.copy()
    gone = (whole[:, None] * units).reshape(d * m, -1)
    crossed[:, k:] -= (table.counts @ gone.T).reshape(-1, d, m)
    rows, columns = np.triu_indices(m)
    squares = (units[rows] * units[columns] @ table.counts.T).T
    out = np.zeros((len(inner), k + m + d, k + m + d))
    old, own = np.r_[:k, k + m : k + m + d], np.arange(k, k + m)
    out[:, old[:, None], old] = inner
    out[:, old[:, None], own] = crossed
    out[:, own[:, None], old] = crossed.transpose(0, 2, 1)
    out[:, own[:, None], own] = squares[:, symmetric_places(m)]
    return out


def expected_total(
    table: PatternTable, totals: np.ndarray, conditionals: Conditionals
) -> np.ndarray:
    """Expected cross-products (k + d, k + d) of the completed (q, r), over all rows.

    Parameters
    ----------
    table : PatternTable
        Sums of the rows.
    totals : ndarray (P, k + d, k + d)
        As ``residual_totals`` gives them.
    conditionals : Conditionals
        Of what each pattern lacks.
    """
    filling, k = conditionals.filling, totals.shape[1] - table.n_responses
    out = _sandwiched(filling, totals)
    covariances = conditionals.roots @ conditionals.roots
    out[k:, k:] += np.tensordot(table.rows.astype(float), covariances, axes=1)
    return out


def drawn_total(
    table: PatternTable, totals: np.ndarray, conditionals: Conditionals, rng: np.random.Generator
) -> np.ndarray:
    """A draw of the cross-products (k + d, k + d) of the completed (q, r), over all rows.

    Parameters
    ----------
    table : PatternTable
        Sums of the rows.
    totals : ndarray (P, k + d, k + d)
        As ``residual_totals`` gives them.
    conditionals : Conditionals
        Of what each pattern lacks.
    rng : Generator
        Random numbers.
    """
    d = table.n_responses
    k, filling = totals.shape[1] - d, conditionals.filling
    out = _sandwiched(filling, totals)
    lacking = np.flatnonzero(~table.observed.all(axis=1))
    if not lacking.size:
        return out
    roots = conditionals.roots[lacking]
    noise, squares = noise_sums(totals[lacking], table.rows[lacking], d, rng)
    crossed = (filling[lacking].transpose(0, 2, 1) @ (noise @ roots)).sum(axis=0)
    out[:, k:] += crossed
    out[k:, :] += crossed.T
    out[k:, k:] += (roots @ squares @ roots).sum(axis=0)
    return out


def noise_sums(
    totals: np.ndarray, rows: np.ndarray, size: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Sums L'E and E'E of d independent standard normal columns E over the rows of each pattern.

    Parameters
    ----------
    totals : ndarray (P, m, m)
        L'L of the known columns L.
    rows : ndarray of int (P,)
        Rows.
    size : int
        Columns d of E.
    rng : Generator
        Random numbers.

    Returns
    -------
    crossed : ndarray (P, m, d)
        L'E.
    squares : ndarray (P, d, d)
        E'E.
    """
    square = np.diagonal(totals, axis1=1, axis2=2)
    scale = np.sqrt(np.where(square > 0.0, square, 1.0))
    root, space = scaled_root(totals, scale, DEPENDENT_SHARE * totals.shape[1])
    numbers = space @ rng.standard_normal((len(totals), totals.shape[1], size))
    squares = numbers.transpose(0, 2, 1) @ numbers
    ranks = np.rint(np.trace(space, axis1=1, axis2=2)).astype(int)
    squares += wisharts(rows - ranks, size, rng)
    return root.transpose(0, 2, 1) @ numbers, squares


def _sandwiched(filling: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Sum over patterns of F'TF."""
    return (filling.transpose(0, 2, 1) @ totals @ filling).sum(axis=0)
