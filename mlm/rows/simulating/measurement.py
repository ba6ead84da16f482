"""Measurement of the outcomes of a simulated survey: plausible values of true scores."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlm.configuration import Configuration
from mlm.configuration.effects import EffectFactor, parse_effect
from mlm.configuration.simulation.truth import Simulation
from mlm.nouns.replicates import columns_of
from mlm.rows.simulating.conditioning import Conditioning
from mlm.rows.simulating.growth import UNIT, Grown
from mlm.rows.simulating.plausible_values import plausible_values
from mlm.rows.simulating.sample_weights import SampleWeights


def plausible_columns(
    configuration: Configuration,
    plan: Simulation,
    grown: Grown,
    rows: np.ndarray,
    random: np.random.Generator,
    weights: SampleWeights | None = None,
) -> dict[str, np.ndarray]:
    """Plausible values of some rows of a wave by column.

    The variance of the errors follows from the reliability and the variance of the true scores in
    the population of the wave.

    Parameters
    ----------
    configuration : Configuration
        Says what a variable is.
    plan : Simulation
        Its ``plausible_values``.
    grown : Grown
        The population.
    rows : ndarray of int (n,)
        Rows that are measured.
    random : Generator
        Random numbers of the measurement.
    weights : SampleWeights, optional
        Of these rows, where they are a sample: the conditioning model is that of the population.

    Raises
    ------
    ConfigurationError
        When the conditioning model cannot be fitted to the rows.
    """
    truth = plan.plausible_values
    names = {name: columns_of(text) for name, text in truth.columns.items()}
    scores = np.column_stack([grown.scores[name][rows] for name in names])
    reliable = np.array([truth.reliability_of(name) for name in names])
    errors = np.array([grown.scores[name].var() for name in names]) * (1.0 / reliable - 1.0)
    measured = scores + random.standard_normal(scores.shape) * np.sqrt(errors)
    table = grown.rows.take(rows)
    units = np.unique(table[UNIT].to_numpy(), return_inverse=True)[1].ravel()
    columns = _columns(configuration, plan, table)
    model = Conditioning(
        columns,
        units if truth.conditioning.units else None,
        None if weights is None else weights.rows,
        None if weights is None else weights.units,
    )
    count = len(next(iter(names.values())))
    drawn = plausible_values(measured, errors, model, count, random)
    return {
        column: drawn[m, :, k]
        for k, each in enumerate(names.values())
        for m, column in enumerate(each)
    }


def _columns(configuration: Configuration, plan: Simulation, rows: pd.DataFrame) -> np.ndarray:
    """Columns (n, p) of the conditioning model: covariates, and products of them with an effect."""
    chosen = plan.plausible_values.conditioning.covariates
    names = tuple(plan.covariates) if chosen is None else chosen
    factors: list[tuple[EffectFactor, ...]] = []
    for name in names:
        variable = configuration.variables[name]
        if variable.is_category:
            factors += [(EffectFactor(name, code),) for code in list(variable.categories)[1:]]
        else:
            factors.append((EffectFactor(name),))
    fixed = (plan.fixed, *(other.fixed for other in plan.further_outcomes.values()))
    for term in dict.fromkeys(term for effects in fixed for term in effects):
        parts = parse_effect(term, configuration)
        if parts and parts not in factors and all(part.name in names for part in parts):
            factors.append(parts)
    columns = [np.prod([part.of(rows) for part in parts], axis=0) for parts in factors]
    return np.array(columns).reshape(len(columns), len(rows)).T
