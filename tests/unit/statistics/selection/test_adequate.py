"""The search for minimal adequate subsets, against a search through all models."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest
from scipy.stats import chi2

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula, parse_term
from mlm.statistics.fitting.solution import fit_model, solve
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.selection import adequate
from mlm.statistics.selection.adequate import Adequacy, Lattice, minimal_adequate
from mlm.statistics.selection.submodels import DevianceBounds, Estimates
from tests.nested_rows import nested_rows

pytestmark = pytest.mark.slow

EFFECTS = np.array([0.0, 0.02, 0.05, 0.07, 0.09, 0.11, 0.13])
MODEL = parse_formula("y ~ " + " + ".join(f"x{i}" for i in range(7)) + " + (1 | school)")
ALPHA = 0.05
EXACT = 1e-6  # deviance: what two evaluations of the same criterion may differ by


@cache
def sample():
    """Effects from none to clear ones, so that many sets may leave and many may not."""
    rng = np.random.default_rng(5)
    rows = nested_rows(rng, {"school": 40, "row": (15, 25)}, {})
    x = rng.normal(size=(len(rows), 7))
    school = rows["school"].astype(int).to_numpy()
    x[:, 5:] += rng.normal(size=(40, 2))[school]
    rows[[f"x{i}" for i in range(7)]] = x
    rows["y"] = x @ EFFECTS + 0.3 * rng.normal(size=40)[school] + rng.normal(size=len(rows))
    return statistics_of(MODEL, rows)


@cache
def deviances() -> dict[int, float]:
    """The deviance of every submodel over that of the full model, by the bits of what left."""
    lattice = Lattice(MODEL, ())
    fits = {gone: fit_model(lattice.model(gone), sample(), "ML") for gone in range(2**7)}
    return {gone: fit.deviance - fits[0].deviance for gone, fit in fits.items()}


@cache
def full():
    return fit_model(MODEL, sample(), "ML")


@pytest.mark.battery(2)
@pytest.mark.parametrize("alpha", [0.5, 0.05, 1e-3, 1e-9])
def test_minimal_adequate_subsets_are_those_of_a_search_through_all_models(alpha):
    critical = float(chi2.isf(alpha, 7))
    passing = {gone for gone, excess in deviances().items() if excess <= critical}
    largest = {gone for gone in passing if not any(gone & ~o == 0 for o in passing - {gone})}
    models = minimal_adequate(full(), sample(), critical, ())
    lattice = Lattice(MODEL, ())
    found = {sum(1 << lattice.terms.index(t) for t in dropped) for dropped in models.dropped}
    assert models.complete
    assert found == largest
    assert len(models.subsets) == min(len(largest), 12)


def test_bounds_hold_the_deviance_of_every_submodel():
    screen = DevianceBounds(solve(MODEL, sample(), "ML"))
    for gone, excess in deviances().items():
        leaves = np.array([False, *(bool(gone >> i & 1) for i in range(7))])
        for lower, upper in (screen.bounds(leaves), screen.refined(leaves)):
            assert lower - EXACT <= excess <= upper + EXACT


def test_bounds_hold_beside_a_variance_of_zero():
    """A variance at zero tells nothing away: bounds from both sides, whether it stays there."""
    model = parse_formula("y ~ x0 + x1 + x2 + x3 + (1 | school)")
    rng = np.random.default_rng(2)
    rows = nested_rows(rng, {"school": 30, "row": (8, 12)}, {})
    school = rows["school"].astype(int).to_numpy()
    between = rng.normal(size=30)[school]
    x = rng.normal(size=(len(rows), 4))
    x[:, 3] += between
    noise = rng.normal(size=len(rows))
    noise -= np.array([noise[school == g].mean() for g in range(30)])[school]
    rows[["x0", "x1", "x2", "x3"]] = x
    rows["y"] = x @ np.array([0.0, 0.03, 0.06, 0.4]) + noise
    stats = statistics_of(model, rows)
    full = solve(model, stats, "ML")
    assert full.best.theta == pytest.approx([0.0], abs=1e-9)
    screen, lattice = DevianceBounds(full), Lattice(model, ())
    for gone in range(1, 2**4):
        excess = fit_model(lattice.model(gone), stats, "ML").deviance - full.fit.deviance
        leaves = np.array([False, *(bool(gone >> i & 1) for i in range(4))])
        for lower, upper in (screen.bounds(leaves), screen.refined(leaves)):
            assert lower - EXACT <= excess <= upper + EXACT
            assert gone & 8 or np.isfinite(lower)  # without x3 schools differ


def test_refined_bounds_lie_closer():
    screen = DevianceBounds(solve(MODEL, sample(), "ML"))
    leaves = np.array([False] + [True] * 7)
    lower, upper = screen.bounds(leaves)
    nearer, closer = screen.refined(leaves)
    assert closer - nearer < upper - lower


def test_nearly_all_sets_are_decided_without_a_fit():
    adequacy = Adequacy(full(), sample(), float(chi2.isf(ALPHA, 7)), Lattice(MODEL, ()))
    for gone, excess in deviances().items():
        assert adequacy.of(gone) == (excess <= chi2.isf(ALPHA, 7))
    assert len(adequacy.fits) <= 4


def test_estimates_after_columns_left_are_those_of_the_smaller_model():
    working = working_statistics(MODEL, sample())
    left = Estimates.of(full()).without(np.array([2, 5]))
    solved = np.linalg.inv(
        np.delete(np.delete(np.linalg.inv(full().covariance), [2, 5], 0), [2, 5], 1)
    )
    kept = np.delete(np.arange(8), [2, 5])
    assert left.covariance[np.ix_(kept, kept)] == pytest.approx(solved, rel=1e-9)
    assert not left.beta[[2, 5]].any()
    assert working.n_fixed == left.beta.size


def test_a_lattice_keeps_margins_and_what_is_protected():
    model = parse_formula("y ~ a * b * c + I(d ** 2) + d + (1 + e | g) + e")
    lattice = Lattice(model, [parse_term("a:b")])
    names = [str(t) for t in lattice.terms]
    assert set(names) == {"c", "a:c", "b:c", "a:b:c", "d", "I(d ** 2)"}
    for size in range(len(names) + 1):
        for gone in itertools.combinations(range(len(names)), size):
            bits = sum(1 << i for i in gone)
            kept = lattice.model(bits).terms
            is_marginal = not any(k.contains(lattice.terms[i]) for k in kept for i in gone)
            wanted = dict(lattice.reachable(0, 0))
            assert is_marginal == all(wanted[i] & ~bits == 0 for i in gone)


@pytest.mark.parametrize("shown", [1, 3])
def test_of_many_adequate_subsets_the_smallest_are_shown(monkeypatch, shown):
    """Those from which most has left; of equally many, those without the first terms."""
    critical = 18.0
    passing = {gone for gone, excess in deviances().items() if excess <= critical}
    largest = [gone for gone in passing if not any(gone & ~o == 0 for o in passing - {gone})]
    ordered = sorted(largest, key=lambda gone: (-gone.bit_count(), gone))
    assert len(ordered) > shown and len({gone.bit_count() for gone in ordered}) > 1
    monkeypatch.setattr(adequate, "MAX_SHOWN", shown)
    models = minimal_adequate(full(), sample(), critical, ())
    lattice = Lattice(MODEL, ())

    def bits(dropped) -> int:
        return sum(1 << lattice.terms.index(t) for t in dropped)

    assert {bits(subset.dropped) for subset in models.subsets} == set(ordered[:shown])
    assert [bits(dropped) for dropped in models.dropped] == ordered, "all of them are told of"


@pytest.mark.parametrize("critical", [6.0, 12.0, 18.0])
def test_with_all_bounds_between_two_the_same_models_are_minimal(critical):
    """As the deviances of all models have it; the margin makes the two ends narrow."""
    models = minimal_adequate(full(), sample(), critical, (), margin=2.0)
    assert models.stable_from <= critical < models.stable_to
    for other in (models.stable_from, 0.5 * (critical + min(models.stable_to, critical + 1.0))):
        again = minimal_adequate(full(), sample(), other, ())
        assert set(again.dropped) == set(models.dropped)
        assert models.is_stable(other, 0.0)
    within = 0.9 * min(critical - models.stable_from, models.stable_to - critical)
    assert models.is_stable(critical, within) and not models.is_stable(critical, 100.0)
