"""Cells of the files that tell of the sample: weights, replicates, strata."""

from __future__ import annotations

import numpy as np

from mlm.configuration import Configuration
from mlm.configuration.simulation.sample import SampleTruth
from mlm.rows.simulating.delivery import in_text
from mlm.rows.simulating.growth import Grown
from mlm.rows.simulating.sample_weights import SampleWeights, weights_of
from mlm.rows.simulating.sampling import frame_of, sample_of

DECIMALS = 5  # of weights, as of PISA


def sampled(
    configuration: Configuration,
    plan: SampleTruth,
    grown: Grown,
    random: np.random.Generator,
) -> tuple[np.ndarray, SampleWeights, dict[str, np.ndarray]]:
    """Draw the sample of a wave.

    Returns
    -------
    rows : ndarray of int (n,)
        Rows of the population that are drawn and take part, in its order.
    weights : SampleWeights
        Of these rows.
    cells : dict of str to ndarray (n,) of str
        By column: what the files tell of the sample.

    Raises
    ------
    ConfigurationError
        When a stratum has fewer units than are drawn from it.
    StatisticsError
        When the replicates asked for do not fit the number of units.
    """
    frame = frame_of(configuration, plan, grown)
    sample = sample_of(configuration, plan, frame, grown, random)
    rows = sample.rows[sample.rows_answer]
    order = np.argsort(rows)
    weights = weights_of(sample, plan.replicates, random).taken(order)
    unit_level, row_level = configuration.level_names[-2:]
    cells = {plan.weights[row_level]: in_text(weights.rows, DECIMALS)}
    if unit_level in plan.weights:
        cells[plan.weights[unit_level]] = in_text(weights.units, DECIMALS)
    if plan.stratum is not None:
        strata = sample.strata[sample.units[sample.rows_answer]][order]
        cells[plan.stratum] = np.array(frame.labels, dtype=object)[strata]
    cells |= {column: in_text(v, DECIMALS) for column, v in weights.replicates.items()}
    cells |= {column: v.astype(str) for column, v in weights.pairs.items()}
    return rows[order], weights, cells
