"""Effects and variables of crossed units, drawn in turn with the nested ones, share one normal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.sources import source_of
from mlm.rows.imputing import joint_draws
from mlm.statistics.imputation import descent
from mlm.statistics.imputation.convergence import effective_draws
from mlm.statistics.imputation.gibbs import GibbsChain
from mlm.statistics.imputation.joint_model import Prior
from mlm.statistics.imputation.sampling import ChainPlan
from mlm.statistics.imputation.starts import start_of, with_crossed
from tests.bands import largest_ratio
from tests.rows_in_classes import crossed_rows, with_gaps

pytestmark = pytest.mark.slow

FORMULA = "y ~ x + w + (1 | school) + (1 | pupil) + (1 | class_)"
ITERATIONS, BURN_IN = 1500, 20
RESIDUAL = np.array([[0.6, 0.2], [0.2, 0.9]])
COVARIANCES = {
    "school": np.array([[0.5, 0.2, 0.3], [0.2, 0.6, 0.1], [0.3, 0.1, 0.4]]),  # on y, x and w
    "pupil": np.array([[0.7, 0.1], [0.1, 0.3]]),
    "class_": np.array([[0.4, -0.1], [-0.1, 0.5]]),
    "room": np.array([[0.3, 0.1], [0.1, 0.2]]),
}
MEAN, SLOPE = np.array([[0.1, -0.2]]), np.array([[0.9, 0.4]])  # of rows, and what w explains
OF_W, OWN = 0.2, 0.7  # mean of w, and its residual variance


@pytest.fixture(params=["", " + (1 | room)"], ids=["classes", "classes and rooms"])
def case(request, monkeypatch):
    """Rows, what ``joint_draws`` makes of them, and what the sampler is given."""
    rows, given = with_gaps(crossed_rows(3, 6, 2, 2, seed=5), 0.3, seed=6), []
    rows["room"] = np.random.default_rng(7).integers(0, 5, len(rows))  # in no school
    monkeypatch.setattr(joint_draws, "sampled", lambda *caught: given.extend(caught))
    models, how = [parse_formula(FORMULA + request.param)], ChainPlan(draws=1)
    return rows, joint_draws.joint_draws(models, source_of(rows), (), None, how), given


def _names(found) -> list[str]:
    return [level.group[0] for level in found.levels]


@pytest.fixture
def drawn(case, monkeypatch):
    """Draws (n, t) of effects of all levels, and of missing w."""
    _, found, (table, *_, units) = case
    monkeypatch.setattr(descent, "moved_root", lambda own, covariance, *_: (own, covariance))
    monkeypatch.setattr(descent, "moved_covariance", lambda covariance, *_: covariance)
    start = with_crossed(start_of(table), len(table.crossed))
    chain = GibbsChain(table, start, Prior.around(start), 1, 0, units=units)
    chain._parameters = replace(
        chain._parameters,
        coefficients=MEAN,
        residual=RESIDUAL,
        effects=tuple(COVARIANCES[name] for name in _names(found)),
        slopes=SLOPE,
    )
    (place,) = chain._states
    coefficients, residual = np.array([[OF_W]]), np.array([[OWN]])
    chain._states[place] = replace(
        chain._states[place], coefficients=coefficients, residual=residual
    )
    lacking, drawn, rng = np.isnan(units[0].values[0]), [], np.random.default_rng(4)
    for _ in range(ITERATIONS + BURN_IN):
        down = chain._descended()
        chain._states, levels = down.units, list(down.levels)
        for i, own in enumerate(table.crossed, start=len(table.parents)):
            chain._centres._share(i, own, chain._parameters, levels, rng)
        chain._effects = chain._summed(levels)
        chain._iteration += 1
        own = [*levels, chain._states[place].values[0, lacking]]
        drawn.append(np.concatenate([part.ravel() for part in own]))
    return np.array(drawn)[BURN_IN:]


def test_draws_have_the_expectations_and_covariances_of_the_joint_distribution(case, drawn):
    rows, found, (_, *_, units) = case
    names, scales, values = _names(found), found.sums.columns.scales, units[0].values[0]
    keys = [level.keys[0].astype(int).tolist() for level in found.levels]
    starts = [0]
    for name, own in zip(names, keys, strict=True):
        starts.append(starts[-1] + len(COVARIANCES[name]) * len(own))
    first = dict(zip(names, starts[:-1], strict=True))
    sizes = {name: len(own) for name, own in zip(names, keys, strict=True)}
    missing = {c: starts[-1] + i for i, c in enumerate(np.flatnonzero(np.isnan(values)))}
    size = starts[-1] + len(missing)
    precision, linear = np.zeros((size, size)), np.zeros(size)
    for name, n in sizes.items():
        own = COVARIANCES[name]
        for g in range(n):
            at = first[name] + n * np.arange(len(own)) + g
            precision[np.ix_(at, at)] += np.linalg.inv(own)
    school_of = {}
    for row in rows.itertuples():
        at = {name: own.index(getattr(row, name)) for name, own in zip(names, keys, strict=True)}
        c = at["class_"]
        school_of[c] = at["school"]
        load, left = np.zeros((2, size)), np.zeros(2)
        for i, name in enumerate(("y", "x")):
            origin, unit = scales[name, "identity"]
            left[i] = (getattr(row, name) - origin) / unit - MEAN[0, i]
            load[i, [first[level] + i * sizes[level] + at[level] for level in names]] = 1.0
            if c in missing:
                load[i, missing[c]] = SLOPE[0, i]
            else:
                left[i] -= SLOPE[0, i] * values[c]
        seen = np.flatnonzero(~np.isnan(left))
        inner = np.linalg.inv(RESIDUAL[np.ix_(seen, seen)])
        precision += load[seen].T @ inner @ load[seen]
        linear += load[seen].T @ inner @ left[seen]
    for c, s in school_of.items():
        load, fixed = np.zeros(size), values[c]
        load[first["school"] + 2 * sizes["school"] + s] = -1.0
        if c in missing:
            load[missing[c]], fixed = 1.0, 0.0
        precision += np.outer(load, load) / OWN
        linear += load * (OF_W - fixed) / OWN
    covariance = np.linalg.inv(precision)
    mean, sd = covariance @ linear, np.sqrt(np.diagonal(covariance))
    standard = (drawn - mean) / sd
    _has_mean(standard, np.zeros(size))
    i, j = np.triu_indices(size)
    chosen = np.random.default_rng(1).permutation(i.size)[:500]
    i, j = np.append(i[chosen], np.arange(size)), np.append(j[chosen], np.arange(size))
    _has_mean(standard[:, i] * standard[:, j], (covariance / np.outer(sd, sd))[i, j])


def _has_mean(draws: np.ndarray, expected: np.ndarray) -> None:
    """Dependent draws (n, t) have an expectation (t,), to their Monte Carlo error."""
    error = draws.std(axis=0) / np.sqrt(effective_draws(draws[None]))
    assert (np.abs(draws.mean(axis=0) - expected) / error).max() < largest_ratio(expected.size)
