"""What each row of a wave stands for in the population."""

from __future__ import annotations

import numpy as np

from mlm.configuration.models import Configuration
from mlm.configuration.sampled.columns import weight_columns
from mlm.configuration.sampled.planning import row_weight
from mlm.rows.cleaning.store import ColumnFile


def overall_weights(configuration: Configuration, columns: ColumnFile) -> np.ndarray | None:
    """Overall sampling weights (n,), NaN where missing; None where rows count alike.

    Those of rows, or the product of all where they are conditional. Where rows have none, each is
    in the sample where its unit is: it has that of the innermost unit with a weight.
    """
    sampling = configuration.sampling
    if sampling is None:
        return None
    if sampling.weights_are == "conditional":
        return np.prod([columns.column(name) for name in weight_columns(configuration)], axis=0)
    own = row_weight(configuration)
    if own is None:
        inner = max(sampling.weights, key=configuration.depth)
        own = sampling.weights[inner].column
    return columns.column(own)
