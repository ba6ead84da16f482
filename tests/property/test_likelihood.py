"""The criterion and its gradient: pooled or not, the gradient is that of the criterion."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.likelihood.covariance import (
    block_parts,
    is_diagonal,
    level_matrices,
    n_theta,
    theta_gradient,
)
from mlm.statistics.likelihood.criterion import evaluate, gradient
from mlm.statistics.likelihood.making import working_statistics
from tests.nested_rows import formula, nested_rows

STEP = 1e-3  # of theta, in four-point differences: error h^4, rounding 1e-10 / h
GRADIENT = 1e-5  # relative to the largest derivative, or absolute below one
SAME = 1e-10  # relative; the same sums in another order

SIZES = {
    1: {"pupil": 40, "row": (2, 5)},
    2: {"school": 8, "pupil": (4, 9), "row": (1, 4)},
    3: {"county": 5, "school": (2, 4), "pupil": (3, 6), "row": (1, 4)},
    4: {"region": 3, "county": (2, 3), "school": (2, 3), "pupil": (2, 5), "row": (1, 4)},
}
VARIANCES = {"region": 0.1, "county": 0.2, "school": 0.3, "pupil": 0.4}


def models(depth: int) -> dict[str, str]:
    """Random parts that a nested survey of some depth can have."""
    levels = [name for name in SIZES[depth] if name != "row"]
    top, path = levels[0], ":".join(levels)
    return {
        "intercepts": formula(levels),
        "inner slopes": formula(levels, slopes=(levels[-1],)),
        "outer slopes": formula(levels, slopes=(top,)),
        "all slopes": formula(levels, "x * kind + z", slopes=tuple(levels)),
        "independent": formula(levels[:-1]) + f" + (1 + x || {path})"
        if depth > 1
        else "y ~ x + z + kind + (1 + x || pupil)",
        "three columns": f"y ~ x + I(x ** 2) + (1 + x + I(x ** 2) | {top})",
    }


CASES = [
    (depth, kind, criterion)
    for depth in SIZES
    for kind in models(depth)
    for criterion in ("ML", "REML")
]


def working_of(depth: int, kind: str, pooled: bool = True, seed: int = 3):
    frame = nested_rows(np.random.default_rng(seed), SIZES[depth], VARIANCES)
    model = parse_formula(models(depth)[kind])
    return working_statistics(model, statistics_of(model, frame), pooled=pooled)


def random_theta(working, rng) -> np.ndarray:
    theta = rng.normal(scale=0.5, size=n_theta(working.blocks))
    diagonal = is_diagonal(working.blocks)
    return np.where(diagonal, np.abs(theta) + 0.1, theta)


def deviance(working, theta: np.ndarray, criterion: str) -> float:
    return evaluate(working, level_matrices(theta, working), criterion).deviance


def analytic(working, theta: np.ndarray, criterion: str) -> np.ndarray:
    at = evaluate(working, level_matrices(theta, working), criterion)
    parts = block_parts(gradient(working, at, criterion), working.blocks)
    return theta_gradient(theta, parts, working.blocks)


def numerical(working, theta: np.ndarray, criterion: str) -> np.ndarray:
    """Four-point central differences."""
    out = np.zeros_like(theta)
    for i in range(theta.size):
        for steps, weight in ((1, 8.0), (-1, -8.0), (2, -1.0), (-2, 1.0)):
            moved = theta.copy()
            moved[i] += steps * STEP
            out[i] += weight * deviance(working, moved, criterion) / (12.0 * STEP)
    return out


def assert_close(a: np.ndarray, b: np.ndarray) -> None:
    np.testing.assert_allclose(a, b, rtol=0, atol=GRADIENT * max(1.0, np.abs(b).max()))


@pytest.mark.battery
@pytest.mark.parametrize("depth,kind,criterion", CASES)
def test_gradient_equals_central_differences(depth, kind, criterion):
    working = working_of(depth, kind, pooled=False)
    rng = np.random.default_rng(depth)
    for _ in range(2):
        theta = random_theta(working, rng)
        assert_close(analytic(working, theta, criterion), numerical(working, theta, criterion))


@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("depth", SIZES)
def test_gradient_on_the_bound_is_the_slope_into_the_region(depth, criterion):
    """At zero variances the derivative by Omega, not by theta, tells where the criterion falls."""
    working = working_of(depth, "intercepts", pooled=False)
    zero = [np.zeros((1, 1)) for _ in working.structure.groups]
    at = evaluate(working, zero, criterion)
    found = gradient(working, at, criterion)
    step = 1e-5
    for i, derivative in enumerate(found):
        trials = []
        for size in (1.0, 2.0):
            moved = list(zero)
            moved[i] = np.full((1, 1), size * step)
            trials.append(evaluate(working, moved, criterion).deviance)
        slope = (4.0 * trials[0] - trials[1] - 3.0 * at.deviance) / (2.0 * step)
        assert derivative[0, 0] == pytest.approx(slope, rel=1e-4, abs=1e-2)


def pooled_and_not(random: str, criterion: str, seed: int):
    """Pupils in few schools who share few patterns of occasions, pooled and apart."""
    rng = np.random.default_rng(seed)
    sizes = {"county": 2, "school": 3, "pupil": (60, 70), "row": (1, 3)}
    frame = nested_rows(rng, sizes, {"county": 0.2, "school": 0.2, "pupil": 0.5})
    occasion = frame.groupby(["county", "school", "pupil"]).cumcount()
    frame = frame.assign(x=occasion.astype(float))
    model = parse_formula(f"y ~ x + z + kind + {random}")
    stats = statistics_of(model, frame)
    pooled = working_statistics(model, stats)
    assert pooled.structure.pool is not None, "the sample is meant to be one that pools"
    return pooled, working_statistics(model, stats, pooled=False)


RANDOM = [
    "(1 | county/school/pupil)",
    "(1 | county:school) + (1 + x | county:school:pupil)",
    "(1 + x | county) + (1 + x | county:school) + (1 + x | county:school:pupil)",
    "(1 + x | county:school:pupil)",
    "(1 | county:school) + (1 + x || county:school:pupil)",
    "(0 + x | county) + (1 + x || county:school:pupil)",
]


@pytest.mark.battery
@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("random", RANDOM)
def test_pooled_groups_give_the_same_criterion_and_gradient(random, criterion):
    rng = np.random.default_rng(9)
    for seed in range(3):
        pooled, apart = pooled_and_not(random, criterion, seed)
        theta = random_theta(pooled, rng)
        assert deviance(pooled, theta, criterion) == pytest.approx(
            deviance(apart, theta, criterion), rel=SAME
        )
        mine, its = analytic(pooled, theta, criterion), analytic(apart, theta, criterion)
        np.testing.assert_allclose(mine, its, rtol=0, atol=1e-8 * max(1.0, np.abs(its).max()))
        zero = np.zeros_like(theta)
        assert deviance(pooled, zero, criterion) == pytest.approx(
            deviance(apart, zero, criterion), rel=SAME
        )


@pytest.mark.parametrize("criterion", ["ML", "REML"])
def test_pooled_gradient_equals_central_differences(criterion):
    pooled, _ = pooled_and_not(RANDOM[2], criterion, 5)
    theta = random_theta(pooled, np.random.default_rng(1))
    assert_close(analytic(pooled, theta, criterion), numerical(pooled, theta, criterion))
