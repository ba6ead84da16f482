"""What is true of the population of a simulated wave, and of a sample of it, ready for JSON."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.configuration import Configuration
from mlm.configuration.simulation.truth import Simulation
from mlm.rows.simulating.growth import UNIT, Grown
from mlm.rows.simulating.sampling import UnitFrame, frame_of, wanted
from mlm.rows.simulating.selection import allocated, chances


def population_of(configuration: Configuration, plan: Simulation, grown: Grown) -> dict:
    """Quantities of the population of a wave.

    Returns
    -------
    dict
        units, rows: their numbers; ``outcomes``: by outcome mean, variance, ``at_or_above`` (share
        by cut), ``by`` (the same by variable and category) and, of a sample, ``sampling_variance``
        and ``design_effect`` of the mean, as if units were drawn with replacement and all took
        part.
    """
    units = grown.rows[UNIT].to_numpy()
    groups = {
        name: grown.rows[name].to_numpy()
        for name, covariate in plan.covariates.items()
        if covariate.shares is not None
    }
    outcomes = {}
    for name, scores in grown.scores.items():
        cuts = plan.cuts.get(name, ())
        found = {"variance": float(scores.var()), **_described(scores, cuts)}
        found["by"] = {
            variable: {
                category: {
                    "share": float(np.mean(values == category)),
                    **_described(scores[values == category], cuts),
                }
                for category in plan.covariates[variable].shares
                if (values == category).any()
            }
            for variable, values in groups.items()
        }
        if plan.sample is not None:
            found |= _of_samples(configuration, plan, grown, scores)
        outcomes[name] = found
    return {"units": int(np.unique(units).size), "rows": int(units.size), "outcomes": outcomes}


def _described(scores: np.ndarray, cuts: Sequence[float]) -> dict:
    return {
        "mean": float(scores.mean()),
        "at_or_above": {f"{cut:g}": float(np.mean(scores >= cut)) for cut in cuts},
    }


def _of_samples(
    configuration: Configuration, plan: Simulation, grown: Grown, scores: np.ndarray
) -> dict:
    frame = frame_of(configuration, plan.sample, grown)
    unit_level, row_level = configuration.level_names[-2:]
    per_unit = plan.sample.sizes[row_level]
    count = wanted(plan.sample, unit_level, grown.wave)
    variance, rows = _sampling_variance(scores, frame, count, per_unit)
    simple = scores.var(ddof=1) / rows
    return {"sampling_variance": variance, "design_effect": variance / float(simple)}


def _sampling_variance(
    scores: np.ndarray, frame: UnitFrame, count: int, per_unit: int
) -> tuple[float, float]:
    """Variance of the weighted mean in two stages, and the number of rows expected.

    Source
    ------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, sections 4.5 and 5.7.
    """
    apart = (scores - scores.mean()) / scores.size
    taken = np.minimum(frame.sizes, per_unit)
    totals = np.add.reduceat(apart, frame.first)
    squares = np.add.reduceat(apart**2, frame.first)
    inside = (squares - totals**2 / frame.sizes) / np.maximum(frame.sizes - 1, 1)
    measure = np.maximum(frame.sizes, per_unit).astype(float)
    counts = allocated(np.bincount(frame.strata, measure), count)
    variance = rows = 0.0
    for s, n in enumerate(counts):
        own = frame.strata == s
        found = chances(measure[own], n)
        share = found / n
        first = np.sum(share * (totals[own] / share - totals[own].sum()) ** 2) / n
        left = frame.sizes[own] * (frame.sizes[own] - taken[own]) / taken[own]
        variance += first + np.sum(left * inside[own] / found)
        rows += np.sum(found * taken[own])
    return float(variance), float(rows)
