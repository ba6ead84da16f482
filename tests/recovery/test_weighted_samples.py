"""Samples of two stages from populations with known truth: bias by scaling, errors by clusters.

Schools are drawn with probabilities that depend on their effects, pupils inside them with or
without dependence on theirs. The expected biases are those of a table of 60 samples a cell.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.fitting.solution import fit_model

pytestmark = [
    pytest.mark.study,
    pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit"),
]

OF_TABLE = 0.03  # Monte Carlo error of the variances in the table
BAND = 3.5  # standard errors: false alarms in one of 2,000 cells
SCALINGS = ("none", "size", "effective", "gk", "group_only")
TABLE = {  # pupils a school, informative selection inside: variance of schools, 1 in truth
    (5, False): (2.17, 1.20, 0.99, 0.98, 0.99),
    (5, True): (2.37, 1.43, 1.34, 1.06, 1.05),
    (30, False): (1.17, 1.05, 1.00, 1.01, 1.01),
    (30, True): (1.20, 1.07, 1.03, 1.02, 1.02),
}
SAMPLES = 20


def pupils_of(rng: np.random.Generator, pupils: int, informative: bool) -> pd.DataFrame:
    """200 schools of 3,000, and about so many of the 400 pupils of each."""
    effects = rng.normal(size=3000)
    chance = np.where(effects > 0, 0.75, 0.25)
    chance = chance / chance.sum() * 200
    drawn, parts = np.flatnonzero(rng.random(3000) < chance), []
    for school in drawn:
        error = rng.normal(0, 2.0, 400)
        seen = error if informative else rng.normal(0, 2.0, 400)
        own = np.where(seen > 0, 1.5, 0.5)
        own = own / own.sum() * pupils
        chosen = np.flatnonzero(rng.random(400) < own)
        parts.append(
            pd.DataFrame(
                {
                    "school": school,
                    "ws": 1.0 / chance[school],
                    "w": 1.0 / own[chosen],
                    "y": 5.0 + effects[school] + error[chosen],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("pupils,informative", TABLE)
def test_bias_of_the_variance_of_schools_is_that_of_its_scaling(pupils, informative):
    rng, model = np.random.default_rng(pupils), parse_formula("y ~ 1 + (1 | school)")
    found = np.zeros((SAMPLES, len(SCALINGS)))
    for i in range(SAMPLES):
        rows = pupils_of(rng, pupils, informative)
        for j, scaling in enumerate(SCALINGS):
            weights = {"row": "w", "school": "ws"}
            design = mlm.SamplingDesign(weights, are="conditional", scaling=scaling)
            stats = statistics_of(model, rows, design=design)
            found[i, j] = fit_model(model, stats, "ML").variance("school")
    error = np.hypot(found.std(axis=0, ddof=1) / np.sqrt(SAMPLES), OF_TABLE)
    assert (np.abs(found.mean(axis=0) - TABLE[pupils, informative]) < BAND * error).all()


def clusters_of(rng: np.random.Generator, schools: int) -> pd.DataFrame:
    """About so many schools of 4,000, twenty pupils each; effects raise the chance of a school."""
    effects, z = rng.normal(size=4000), rng.normal(size=4000)
    chance = np.exp(0.5 * effects + 0.3 * z)
    chance = chance / chance.sum() * schools
    drawn = np.flatnonzero(rng.random(4000) < chance)
    school = np.repeat(drawn, 20)
    x = rng.normal(size=school.size) + 0.5 * z[school]
    y = 1.0 + 0.5 * x + 0.4 * z[school] + effects[school] + rng.normal(0, 2.0, school.size)
    columns = {"y": y, "x": x, "z": z[school], "school": school, "ws": 1.0 / chance[school]}
    return pd.DataFrame(columns)


TRUTH = np.array([1.0, 0.5, 0.4])


def runs(schools: int, samples: int, seed: int) -> list:
    rng = np.random.default_rng(seed)
    design = mlm.SamplingDesign({"school": "ws"})
    formula = "y ~ x + z + (1 | school)"
    return [mlm.fit(formula, clusters_of(rng, schools), design=design) for _ in range(samples)]


@pytest.mark.parametrize(
    "schools,samples,method,ratio",
    [(30, 300, "jackknife", (0.85, 1.15)), (150, 200, "linearised", (0.86, 1.10))],
)
def test_intervals_cover_the_truth(schools, samples, method, ratio):
    """95 % intervals by t: at 30 clusters .91 to .95 are known, at 150 .93 to .96."""
    fits = runs(schools, samples, schools)
    assert {fit.design.method for fit in fits} == {method}
    estimates = np.array([fit.beta for fit in fits])
    ends = np.array([fit.fixed_effects[["lower", "upper"]].to_numpy() for fit in fits])
    covered = ((ends[..., 0] < TRUTH) & (ends[..., 1] > TRUTH)).mean(axis=0)
    least = 0.91 - BAND * np.sqrt(0.91 * 0.09 / samples)
    assert (covered > least).all(), covered
    spread = estimates.std(axis=0, ddof=1)
    errors = np.array([np.sqrt(np.diagonal(fit.covariance)) for fit in fits]).mean(axis=0)
    assert ((errors / spread > ratio[0]) & (errors / spread < ratio[1])).all(), errors / spread
    bias = estimates.mean(axis=0) - TRUTH
    assert (np.abs(bias) < BAND * spread / np.sqrt(samples) + 0.02).all(), bias


def test_the_jackknife_removes_the_bias_of_variances_from_few_clusters():
    fits = runs(30, 200, 7)
    plain = np.array([fit.variance("school") for fit in fits])
    corrected = np.array([fit.design.corrected[0] for fit in fits])
    error = corrected.std(ddof=1) / np.sqrt(len(fits))
    assert abs(corrected.mean() - 1.0) < BAND * error
    assert plain.mean() < 0.97 < corrected.mean()


OF_COUNTIES = 0.04  # Monte Carlo error of the variance of counties in the table
MIDDLE = {"none": (1.21, 0.81), "size": (1.04, 0.94), "effective": (1.00, 0.96)}


def counties_of(rng: np.random.Generator) -> pd.DataFrame:
    """40 counties, all of them in; about 8 schools of each, drawn by their effects; 15 pupils."""
    parts = []
    for county, effect in enumerate(rng.normal(size=40)):
        schools = rng.normal(size=200)
        chance = np.where(schools > 0, 1.5, 0.5)
        chance = chance / chance.sum() * 8
        drawn = np.repeat(np.flatnonzero(rng.random(200) < chance), 15)
        y = effect + schools[drawn] + rng.normal(0, 2.0, drawn.size)
        columns = {"county": county, "school": drawn, "ws": 1.0 / chance[drawn], "y": y}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def test_weights_of_a_middle_level_are_scaled_too():
    """Variances of counties and of schools in them, both 1 in truth."""
    rng, model = np.random.default_rng(11), parse_formula("y ~ 1 + (1 | county/school)")
    found = np.zeros((SAMPLES, len(MIDDLE), 2))
    for i in range(SAMPLES):
        rows = counties_of(rng)
        for j, scaling in enumerate(MIDDLE):
            design = mlm.SamplingDesign({"school": "ws"}, scaling=scaling)
            fit = fit_model(model, statistics_of(model, rows, design=design), "ML")
            found[i, j] = fit.variance("county"), fit.variance("county:school")
    error = np.hypot(found.std(axis=0, ddof=1) / np.sqrt(SAMPLES), OF_COUNTIES)
    assert (np.abs(found.mean(axis=0) - np.array(list(MIDDLE.values()))) < BAND * error).all()
    assert (found[:, 0, 0] > found[:, 2, 0]).all()  # raw weights make counties seem to differ more
