"""No search from many starts finds a better point, and no variance is falsely zero.

The criterion, its gradient and the search are those of ``independent.py``, not the package's.
"""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.fitting.solution import solve
from mlm.statistics.likelihood.criterion import evaluate
from tests.equivalence.independent import Henderson
from tests.equivalence.worlds import SHAPES, SMALL, World, in_order, rich_world, world
from tests.nested_rows import nested_rows

WORSE = 1e-5  # deviance that our optimum may lie above the best one found
FALLS = 1e-3  # slope of the deviance by a variance ratio that counts as falling at zero
ZERO = 1e-9  # variance ratio that counts as zero
STARTS = 6
VALLEYS = (202, 359, 369, 432, 595)  # draws on which Newton steps alone get stuck
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")]

SETS = [
    (seed, SMALL[seed % len(SMALL)], (seed // len(SMALL)) % 3, ("REML", "ML")[seed % 2])
    for seed in range(126)
]
SETS = [
    (seed, shape, min(slopes, len(SHAPES[shape]) - 1), criterion)
    for seed, shape, slopes, criterion in SETS
]
FAST = SETS[:16]
LARGE = [(1000 + seed, "counties, schools, waves, pupils", seed % 2, "REML") for seed in range(8)]


def check(seed: int, shape: str, slopes: int, criterion: str) -> None:
    check_world(world(seed, shape, slopes), seed, criterion)


def check_world(of: World, seed: int, criterion: str) -> None:
    fit = mlm.fit(of.formula, of.frame, criterion)
    omegas = in_order(fit, of)
    solver = Henderson(of.y, of.x, of.parts, criterion == "REML")
    ours, derivatives = solver.by_omega(omegas)
    assert fit.deviance == pytest.approx(ours, rel=1e-9)
    best, theta = solver.best(solver.starts(np.random.default_rng(seed), STARTS))
    assert fit.deviance <= best + WORSE, f"{of.formula}: theta {theta} is better"
    for omega, derivative in zip(omegas, derivatives, strict=True):
        values, vectors = np.linalg.eigh(omega)
        null = vectors[:, values <= ZERO]
        if null.size:
            slope = np.linalg.eigvalsh(null.T @ derivative @ null).min()
            assert slope >= -FALLS, "a variance is zero although the deviance falls"


@pytest.mark.battery(8)
@pytest.mark.parametrize("seed,shape,slopes,criterion", FAST)
def test_no_search_finds_a_better_point(seed, shape, slopes, criterion):
    check(seed, shape, slopes, criterion)


@pytest.mark.study
@pytest.mark.parametrize("seed,shape,slopes,criterion", SETS[len(FAST) :] + LARGE)
def test_no_search_finds_a_better_point_in_many_sets(seed, shape, slopes, criterion):
    check(seed, shape, slopes, criterion)


# samples on which a search has ended at a point that was not the best one
HARD = (0, 24, 54, 63, 86, 137, 189, 214, 250)
FEW_HARD = 1  # of them in the fast tests


@pytest.mark.parametrize(
    "seed",
    [*HARD[:FEW_HARD], *(pytest.param(s, marks=pytest.mark.study) for s in HARD[FEW_HARD:])],
)
def test_hard_samples_end_at_the_best_point(seed):
    check_world(rich_world(seed), seed, ("ML", "REML")[seed % 2])


@pytest.mark.study
@pytest.mark.parametrize("seed", [s for s in range(200) if s not in HARD])
def test_slopes_of_all_kinds_end_at_the_best_point(seed):
    check_world(rich_world(seed), seed, ("ML", "REML")[seed % 2])


def test_the_sets_hold_true_zeros_and_singular_fits():
    """The battery means something only if it reaches the bound."""
    worlds = [world(*case[:3]) for case in FAST]
    assert sum(bool(of.zero) for of in worlds) >= 5
    assert sum(mlm.fit(of.formula, of.frame).is_singular for of in worlds) >= 4


def test_noise_next_to_a_bound_is_certified_at_the_best_point():
    """Slopes of noise: the best covariance matrix has rank one, beside a curved valley."""
    rows = nested_rows(np.random.default_rng(10), {"a": 400, "row": 12}, {"a": 0.0})
    model = parse_formula("y ~ 1 + x + (1 + x | a)")
    stats = statistics_of(model, rows)
    drawing = drawing_of(mlm.fit("y ~ 1 + x", stats, "ML"), stats)
    rng = np.random.default_rng(1)
    samples = [drawing.draw(rng) for _ in range(max(VALLEYS) + 1)]
    for number in VALLEYS:
        found = solve(model, samples[number], "ML")
        assert found.fit.converged
        omega = found.best.at.omegas[0]
        flat = evaluate(found.working, [rank_one(omega)], "ML").deviance
        assert found.fit.deviance <= flat + WORSE


def rank_one(omega: np.ndarray) -> np.ndarray:
    """The nearest matrix on the bound."""
    values, vectors = np.linalg.eigh(omega)
    return values[-1] * np.outer(vectors[:, -1], vectors[:, -1])
