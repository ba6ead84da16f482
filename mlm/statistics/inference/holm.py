"""P-values of a search, adjusted for the number of tests that were made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """P-values by Holm's step-down method; tests without a p-value stay without.

    Parameters
    ----------
    p_values : sequence of float or None
        One a test.

    Returns
    -------
    list of float or None
        In the same order. Rejecting those below alpha keeps the probability of any false
        rejection at alpha.

    Source
    ------
    Holm (1979), Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    """
    known = [i for i, p in enumerate(p_values) if p is not None]
    order = sorted(known, key=lambda i: p_values[i])
    factors = np.arange(len(order), 0, -1)
    raised = np.maximum.accumulate([p_values[i] * f for i, f in zip(order, factors, strict=True)])
    out: list[float | None] = [None] * len(p_values)
    for i, value in zip(order, raised, strict=True):
        out[i] = float(min(value, 1.0))
    return out
