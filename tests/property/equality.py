"""When two cross-products are the same sample."""

from __future__ import annotations

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts

ROUNDING = 1e-11  # relative; sums of a few hundred standardised products in another order


def assert_equal(a: CrossProducts, b: CrossProducts) -> None:
    """Equal totals, and equal sums, rows and parents of every group by its label."""
    assert a.columns.columns == b.columns.columns
    scale = np.abs(b.total).max()
    np.testing.assert_allclose(a.total, b.total, rtol=0, atol=ROUNDING * scale)
    assert a.dropped == b.dropped
    above = None
    for x, y in zip(a.levels, b.levels, strict=True):
        assert (x.group, x.candidates) == (y.group, y.candidates)
        assert set(x.labels) == set(y.labels)
        assert x.size == y.size
        at = {label: i for i, label in enumerate(y.labels)}
        order = np.array([at[label] for label in x.labels])
        np.testing.assert_allclose(x.sums, y.sums[:, order], rtol=0, atol=ROUNDING * scale)
        assert (np.diff(x.parent) >= 0).all()
        if above is not None:
            outer_x, outer_y = above
            assert (outer_x.labels[x.parent] == outer_y.labels[y.parent[order]]).all()
        above = x, y
