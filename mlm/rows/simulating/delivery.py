"""Rows of a simulated wave as a data owner delivers them: all cells text, some of them empty."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlm.configuration import Configuration
from mlm.configuration.simulation.truth import Simulation


def delivered(
    configuration: Configuration,
    plan: Simulation,
    wave: str,
    rows: pd.DataFrame,
    scores: dict[str, np.ndarray],
    random: np.random.Generator,
    made: dict[str, np.ndarray] | None = None,
) -> pd.DataFrame:
    """Files of a wave.

    Parameters
    ----------
    configuration : Configuration
        Names the columns.
    plan : Simulation
        Decimals and shares of empty cells.
    wave : str
        Name of the wave.
    rows : DataFrame
        Ids by level and covariates of the rows that are delivered.
    scores : dict of str to ndarray (n,)
        Values of the outcomes.
    random : Generator
        Chooses the empty cells.
    made : dict of str to ndarray (n,) of str, optional
        Cells of further columns: weights, plausible values.
    """
    made, cells = made or {}, {}
    for level in configuration.levels_with_ids:
        cells[configuration.id_column_of(level, wave)] = rows[level].to_numpy()
    for name in configuration.read_variables:
        column = configuration.column_of(name, wave)
        if column in made:
            continue
        if name in scores:
            text, missing = in_text(scores[name], plan.outcome_decimals), plan.outcome_missing
        else:
            covariate = plan.covariates[name]
            values = rows[name].to_numpy()
            text = values if covariate.shares is not None else in_text(values, covariate.decimals)
            missing = covariate.missing
        empty = random.random(len(rows)) < missing
        cells[column] = np.where(empty, "", text)
    return pd.DataFrame(cells | made, dtype=object)


def in_text(values: np.ndarray, decimals: int) -> np.ndarray:
    """Numbers as texts with so many decimals."""
    return np.array([f"{value:.{decimals}f}" for value in values.tolist()], dtype=object)
