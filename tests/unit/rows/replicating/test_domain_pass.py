"""Totals by wave and category under replicates that a file has, or that are made of its rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlm.rows.accumulating.sources import source_of
from mlm.rows.replicating.domain_pass import WantedDomains, domain_totals
from mlm.rows.replicating.weighted_totals import Made


def test_replicates_that_are_made_of_rows_are_those_that_columns_hold():
    """Halves of pairs may part the rows of one cluster."""
    rng = np.random.default_rng(2)
    n, half = 60, np.arange(60) % 4
    factors = rng.choice([0.0, 1.0, 2.0], (4, 3))
    rows = pd.DataFrame(
        {
            "y": np.where(np.arange(n) % 7 == 0, np.nan, rng.normal(size=n)),
            "w": np.where(np.arange(n) % 11 == 0, 0.0, rng.uniform(1, 3, n)),
            "wave": pd.Categorical(np.where(np.arange(n) < 30, "a", "b")),
            "sex": pd.Categorical(np.where(np.arange(n) % 2, "g", "b")),
            "school": np.arange(n) // 6,
        }
    )
    columns = {f"r{r}": rows["w"] * factors[half, r] for r in range(3)}
    asked = ("y",), 0.5, ("w",), (0.2,), "wave", {"wave": ("a", "b"), "sex": ("b", "g")}
    found = [
        domain_totals(source_of(rows.assign(**columns)), WantedDomains(*asked, ("school",), (), by))
        for by in (tuple(columns), Made(half, factors))
    ]
    np.testing.assert_allclose(found[1].replicated, found[0].replicated)
    assert found[0].replicated.shape[:2] == (3, 6)
