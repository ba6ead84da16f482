"""Rows that are weighed by stratum, beside crossed factors: the sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.statistics.likelihood.crossed.root import WorkingCrossing


def weighed(crossings: Sequence[WorkingCrossing], weights: np.ndarray) -> WorkingCrossing:
    """The crossed factors with the rows of each stratum times its weight (T,)."""
    pairs = list(zip(weights, crossings, strict=True))
    return replace(
        crossings[0],
        square=sum(weight * c.square for weight, c in pairs).tocsr(),
        sums=sum(weight * c.sums for weight, c in pairs),
        links=tuple(
            sum(weight * c.links[i] for weight, c in pairs).tocsr()
            for i in range(len(crossings[0].links))
        ),
    )
