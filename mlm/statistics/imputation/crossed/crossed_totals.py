"""Cross-products of predictors, variables of units and residuals, where units are crossed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.statistics.imputation.pattern_table import PatternTable


def crossed_totals(
    table: PatternTable, effects: Sequence[np.ndarray], units: Sequence[np.ndarray]
) -> np.ndarray:
    """Cross-products (P, k + m + d, k + m + d) of the known (q, w, r) of each pattern.

    A row is what stands in the sums, and what its lowest group and its crossed units add to it:
    w, and effects that are taken off.

    Parameters
    ----------
    table : PatternTable
        Sums of the rows, with crossed units.
    effects : sequence of ndarray (d, G)
        Of the lowest groups and all around them in sum, then of the units of each crossed level.
    units : sequence of ndarray (m, G)
        Variables of units by lowest group, then of each crossed level its own.
    """
    k, d = table.n_predictors, table.n_responses
    m = sum(map(len, units))
    known = np.insert(table.known, [k] * m, True, axis=1)
    old, new = np.r_[:k, k + m : k + m + d], np.arange(k, k + m + d)
    out = np.zeros((len(known), k + m + d, k + m + d))
    out[:, old[:, None], old] = table.totals
    parts, done = [], 0
    sums = [table.sums, *(own.sums for own in table.crossed)]
    for own_sums, own_effects, own_units in zip(sums, effects, units, strict=True):
        added = np.vstack([own_units, -own_effects])
        products = table.by_pattern((added @ own_sums.T).T)
        at = np.r_[k + done : k + done + len(own_units), k + m : k + m + d]
        out[:, old[:, None], at] += products
        out[:, at[:, None], old] += products.transpose(0, 2, 1)
        part = np.zeros((m + d, own_effects.shape[1]))
        part[at - k] = added
        parts.append(part)
        done += len(own_units)
    out[:, new[:, None], new] += table.cells.squares(parts)
    return out * (known[:, :, None] & known[:, None, :])
