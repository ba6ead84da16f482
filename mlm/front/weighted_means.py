"""The front door for aggregates: weighted means of a variable, of all rows or of each unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.errors import ModelError, listed
from mlm.nouns.hierarchy import group_codes
from mlm.nouns.levels import ROW
from mlm.nouns.sampling import SamplingDesign
from mlm.rows.accumulating.frame_source import FrameSource
from mlm.rows.accumulating.id_columns import id_texts
from mlm.rows.accumulating.sources import check_columns


def weighted_means(rows, variable: str, design: SamplingDesign, by: str | Sequence[str] = ()):
    """Mean of a variable over all rows, or over those of each unit, by the overall weights.

    For aggregates, ``rows["ses_school"] = mlm.weighted_means(rows, "ses", design, by="school")``,
    and for centring, ``rows["ses"] - mlm.weighted_means(rows, "ses", design)``. Inside a unit the
    overall weights of its rows are proportional to those given that it is in the sample.

    Parameters
    ----------
    rows : DataFrame of n rows
        Holds the variable, the weights and the ids.
    variable : str
        A number; rows without it, or without a weight, are left out of the means.
    design : SamplingDesign
        Names the weights.
    by : str or sequence of str
        Id columns of the units, joined by colons or one by one, outermost first; none: all rows.

    Returns
    -------
    Series (n,)
        The mean of each row's unit, NaN where none of its rows has a value.

    Raises
    ------
    SurveyError
        When a column is missing or holds no numbers.
    ModelError
        When rows have no weight and units have several: which one is theirs is not known.
    """
    import pandas as pd

    ids = by.split(":") if isinstance(by, str) else list(by)
    source = FrameSource(rows)
    check_columns(source, [variable, *design.columns, *ids])
    weights, values = _overall(source, design), source.numbers(variable).astype(float)
    codes = np.zeros(source.rows, dtype=np.intp)
    if ids:
        codes, _ = group_codes([id_texts(name, source.column(name)) for name in ids])
    there = np.isfinite(values) & (weights > 0.0)
    size = int(codes.max(initial=-1)) + 1
    origin = float(values[there].mean()) if there.any() else 0.0  # near it digits are kept
    sums = np.bincount(codes[there], weights[there], size)
    products = np.bincount(codes[there], (weights * (values - origin))[there], size)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = origin + products / sums
    return pd.Series(means[codes], index=rows.index, name=variable)


def _overall(source: FrameSource, design: SamplingDesign) -> np.ndarray:
    """Overall weights (n,) of the rows."""
    if design.are == "conditional":
        return np.prod([source.numbers(column) for column in design.columns], axis=0)
    if ROW in design.weights or len(design.columns) == 1:
        return source.numbers(design.weights.get(ROW, design.columns[0])).astype(float)
    raise ModelError(
        f"rows have no weight of their own, and units have several ({listed(design.columns)}); "
        'expected the overall weight of the rows under "row".'
    )
