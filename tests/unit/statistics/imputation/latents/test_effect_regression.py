"""One effect told by a regression on the others: the prior of it, and the way back."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.latents.effect_regression import EffectRegression
from mlm.statistics.imputation.latents.moves import OuterEffects

STEP = 1e-6
WIDTHS = np.array([1.0, 0.5, 2.0, 1.0])


@pytest.fixture(params=[[1], [1, 2, 3], [0]], ids=str)
def outer(request):
    rng = np.random.default_rng(1)
    root = np.linalg.cholesky(np.cov(rng.normal(size=(4, 9))))
    prior = MixedPrior(WIDTHS, np.ones(4))
    return OuterEffects(
        rng.normal(size=(4, 5)), root, np.array(request.param), np.zeros(3, dtype=int), prior
    )


def test_what_is_not_moved_is_taken_as_it_was(outer):
    effects, root = outer.effects.copy(), outer.root.copy()
    EffectRegression.of(outer).take()
    assert np.allclose(outer.effects, effects, rtol=0.0, atol=1e-13)
    assert np.allclose(outer.root, root, rtol=0.0, atol=1e-13)


def test_the_slope_of_the_density_is_that_of_differences(outer):
    own = EffectRegression.of(outer)
    known, (_, slope) = own.known, own.log_density(own.known)
    found = [
        [own.with_slopes(own.slopes + sign * STEP * way).log_density(known)[0] for sign in (1, -1)]
        for way in np.eye(3)
    ]
    assert slope == pytest.approx([(up - down) / (2.0 * STEP) for up, down in found], rel=1e-5)


def test_its_density_is_that_of_the_covariance_and_what_is_held_stays(outer):
    effects, root = outer.effects.copy(), outer.root.copy()
    own = EffectRegression.of(outer)
    moved = own.with_slopes(own.slopes + np.array([0.1, -0.2, 0.05])).with_spread(1.3 * own.spread)
    gain = moved.log_density(own.known)[0] - own.log_density(own.known)[0]
    moved.take()
    density = outer.prior.log_covariance_density
    # the covariance moves with the slopes, and with twice the logarithm of what is left
    assert gain == pytest.approx(density(outer.root) - density(root) + 2.0 * np.log(1.3))
    again = EffectRegression.of(outer)
    for name in ("others", "standard", "root", "known"):
        assert np.allclose(getattr(again, name), getattr(own, name)), name
    assert np.allclose(again.slopes, moved.slopes)
    at = np.isin(np.arange(4), outer.places)
    assert np.array_equal(outer.effects[~at], effects[~at])
    steps = outer.effects[at] - effects[at]
    assert np.allclose(steps, steps[0])


def test_the_curvature_of_the_prior_is_bounded_by_what_is_held(outer):
    own = EffectRegression.of(outer)
    at_zero = own.with_slopes(np.zeros(3))
    for each in (own, at_zero):
        bound = each.held()
        for way in np.eye(3):
            up, down = (
                each.with_slopes(each.slopes + sign * 1e-4 * way).log_density(own.known)[1]
                for sign in (1, -1)
            )
            assert -way @ (up - down) / 2e-4 <= way @ bound @ way * (1.0 + 1e-6)
