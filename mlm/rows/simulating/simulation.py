"""Simulated surveys: waves as a data owner would deliver them, from known true parameters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import ValidationError

from mlm.configuration import Configuration, load_configuration
from mlm.configuration.simulation.truth import Simulation
from mlm.errors import ConfigurationError
from mlm.rows.simulating.delivery import delivered, in_text
from mlm.rows.simulating.growth import Grown, Growth
from mlm.rows.simulating.measurement import plausible_columns
from mlm.rows.simulating.population import population_of
from mlm.rows.simulating.sample_cells import sampled
from mlm.rows.simulating.truth import true_parameters

SAMPLE, MEASUREMENT = 1, 2  # of a wave's streams of random numbers, beside that of its population


def simulate(
    survey: Configuration | str | Path,
    *,
    seed: int | None = None,
    sizes: Mapping[str, object] | None = None,
    draw: int = 0,
) -> tuple[dict[str, pd.DataFrame], dict]:
    """Waves of a simulated survey, and the truth they were drawn from.

    Parameters
    ----------
    survey : Configuration or path
        A configuration with the key ``simulate``, or its file.
    seed : int, optional
        Another seed than the configuration's.
    sizes : mapping, optional
        Level: number of units in each parent unit, [low, high], or one of these by wave;
        replaces the configuration's sizes level by level.
    draw : int
        Number of the sample: others are other samples of the same population.

    Returns
    -------
    waves : dict of DataFrame
        Wave name: its rows; all cells are text, a missing cell is empty.
    truth : dict
        fixed, variances, slopes and terms_without_effect (see ``true_parameters``); of a sample,
        and of measured outcomes, ``population`` by wave (see ``population_of``).

    Raises
    ------
    ConfigurationError
        The configuration describes no simulated survey.

    Examples
    --------
    >>> waves, truth = simulate("config/science.yaml", sizes={"county": 2})
    >>> list(waves)
    ['1984', '1992']
    """
    configuration = survey if isinstance(survey, Configuration) else load_configuration(survey)
    return simulate_survey(configuration, seed=seed, sizes=sizes, draw=draw)


def simulate_survey(
    configuration: Configuration,
    *,
    seed: int | None = None,
    sizes: Mapping[str, object] | None = None,
    draw: int = 0,
) -> tuple[dict[str, pd.DataFrame], dict]:
    """Waves and truth of a loaded configuration; see ``simulate``."""
    plan = configuration.simulate
    if plan is None:
        raise ConfigurationError(
            f"{configuration.path}: the survey is not simulated; add the key 'simulate' with its "
            "sizes and true parameters"
        )
    plan = _changed(plan, seed, sizes)
    waves, populations = {}, {}
    for grown in Growth(configuration, plan).waves():
        waves[grown.wave] = _wave(configuration, plan, grown, draw)
        if plan.is_population:
            populations[grown.wave] = population_of(configuration, plan, grown)
    truth = true_parameters(configuration, plan)
    return waves, truth | ({"population": populations} if populations else {})


def _wave(configuration: Configuration, plan: Simulation, grown: Grown, draw: int) -> pd.DataFrame:
    """Rows of a wave that the files hold, with weights and plausible values where it has them."""
    place = configuration.wave_names.index(grown.wave) + 1
    random, weights, made = grown.random, None, {}
    rows = np.arange(len(grown.rows))
    if plan.sample is not None:
        random = np.random.default_rng([plan.seed, place, SAMPLE, draw])
        rows, weights, made = sampled(configuration, plan.sample, grown, random)
    scores = {name: values[rows] for name, values in grown.scores.items()}
    if plan.plausible_values is not None:
        own = np.random.default_rng([plan.seed, place, MEASUREMENT, draw])
        drawn = plausible_columns(configuration, plan, grown, rows, own, weights)
        made |= {c: in_text(values, plan.outcome_decimals) for c, values in drawn.items()}
    table = grown.rows if plan.sample is None else grown.rows.take(rows)
    return delivered(configuration, plan, grown.wave, table, scores, random, made)


def _changed(plan: Simulation, seed: int | None, sizes: Mapping[str, object] | None) -> Simulation:
    values = plan.model_dump()
    values["seed"] = plan.seed if seed is None else seed
    if unknown := set(sizes or {}) - set(plan.sizes):
        raise ConfigurationError(
            f"sizes: no level is named {', '.join(sorted(unknown))}; known: {', '.join(plan.sizes)}"
        )
    values["sizes"] = values["sizes"] | dict(sizes or {})
    try:
        return Simulation.model_validate(values)
    except ValidationError as error:
        raise ConfigurationError(
            [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        ) from None
