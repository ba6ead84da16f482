"""All that is read from a fit whose terms have forms over waves equals algebra on single rows."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import chi2

from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.fitting.effects import joint_covariance, posterior_means
from mlm.statistics.inference.explained import r_squared, variances_along
from tests.forms_over_waves import FORMS, MODELS, Case, case

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

DIGITS = 1e-8  # relative; dense inverses of the rows' covariance

DRAWS = 60
FAR = 4.4  # standard errors, beyond which one in a hundred thousand lies

AT_ONCE = {("place", "us", True), ("beside", "csh", False), ("two terms", "ar1h", True)}
every = pytest.mark.parametrize(
    "kind,form,moves",
    [
        pytest.param(*one, marks=() if one in AT_ONCE else pytest.mark.slow)
        for one in product(MODELS, FORMS, (False, True))
    ],
)


def close(found, expected) -> None:
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=DIGITS, atol=DIGITS * scale)


def joint_errors(this: Case, b: int, with_fixed: bool) -> np.ndarray:
    """Covariance (q G, q G) of mean minus truth of the effects of a term."""
    z, groups = this.design(b), len(this.matrices.z[b][0].T)
    prior = np.kron(this.fit.covariances[b], np.eye(groups))
    middle = this.p if with_fixed else np.linalg.inv(this.v)
    return prior - prior @ z.T @ middle @ z @ prior


@every
def test_criterion_and_fixed_effects(kind, form, moves):
    this = case(kind, form, moves)
    assert this.fit.converged
    close(this.fit.deviance, this.deviance(this.v))
    close(this.fit.covariance, this.beta_covariance)
    reach = this.matrices.x.T @ np.linalg.solve(this.v, this.matrices.y)
    close(this.fit.beta, this.beta_covariance @ reach)


@every
def test_effects_and_their_errors(kind, form, moves):
    this = case(kind, form, moves)
    means = posterior_means(this.solution.evaluated)
    for b, effects in enumerate(means.effects):
        q, groups = len(this.matrices.z[b]), effects.units.size
        prior = np.kron(this.fit.covariances[b], np.eye(groups))
        expected = prior @ this.design(b).T @ this.p @ this.matrices.y
        close(effects.mean, expected.reshape(q, groups).T)
        for found, with_fixed in ((effects.conditional, False), (effects.comparative, True)):
            whole = joint_errors(this, b, with_fixed).reshape(q, groups, q, groups)
            close(found, np.einsum("agbg->gab", whole))


@every
def test_joint_errors_of_one_effect_of_all_groups(kind, form, moves):
    this = case(kind, form, moves)
    first = [r.name for r in this.fit.model.random].index
    for group in {r.name for r in this.fit.model.random}:
        b = first(group)
        q, groups = len(this.matrices.z[b]), this.matrices.z[b][0].shape[1]
        chosen = np.linspace(0.3, 1.0, q)
        weights = np.kron(chosen[None, :], np.eye(groups))
        expected = weights @ joint_errors(this, b, True) @ weights.T
        close(joint_covariance(this.solution.evaluated, group, chosen), expected)


@every
def test_variances_by_wave_and_over_the_rows(kind, form, moves):
    this = case(kind, form, moves)
    waves = sorted(this.rows["wave"].unique())
    along = variances_along(this.fit, this.solution.stats, "wave", waves)
    diagonal = np.diagonal(this.v)
    total = sum(along.values())
    rows = this.rows["wave"].to_numpy()
    if kind != "two terms":  # where slopes do not add their own at each row
        for wave, value in zip(waves, total, strict=True):
            close(diagonal[rows == wave], np.full((rows == wave).sum(), value))
    explained = r_squared(this.fit, this.solution.stats)
    close(sum(explained.random.values()) + explained.residual, diagonal.mean())


@every
def test_draws_have_the_moments_of_the_rows(kind, form, moves):
    """Sums of a response are normal with the covariance ``S' V S``: chi-squared, all draws."""
    this = case(kind, form, moves)
    stats, matrices, v = this.solution.stats, this.matrices, this.v
    drawing, rng = drawing_of(this.fit, stats), np.random.default_rng(2)
    drawn = [drawing.draw(rng) for _ in range(DRAWS)]
    at, (origin, unit) = stats.columns.names.index("y"), stats.columns.scales["y", "identity"]
    level = next(level for level in stats.all_levels if level.name == "school")
    indicator = (this.rows["school"].to_numpy()[:, None] == level.labels) * 1.0
    mean = matrices.x @ this.fit.beta
    sums = [level_of(sample).sums[0, :, at] for sample in drawn]
    found = unit * np.array(sums) + origin * indicator.sum(axis=0) - indicator.T @ mean
    root = np.linalg.cholesky(indicator.T @ v @ indicator)
    whitened = np.linalg.solve(root, found.T)
    assert inside(float(np.sum(whitened**2)), whitened.size)
    squares = [sample.total[at, at] * unit**2 + this.rows["y"].size * origin**2 for sample in drawn]
    squares = np.array(squares) + 2.0 * origin * unit * np.array([s.total[0, at] for s in drawn])
    expected, spread = np.trace(v) + mean @ mean, 2.0 * np.sum(v * v) + 4.0 * mean @ v @ mean
    assert abs(squares.mean() - expected) < FAR * np.sqrt(spread / DRAWS)


def level_of(sample):
    return next(level for level in sample.all_levels if level.name == "school")


def inside(statistic: float, df: int) -> bool:
    """Whether a chi-squared statistic is not one of the rarest in a hundred thousand."""
    return bool(chi2.ppf(5e-6, df) < statistic < chi2.ppf(1.0 - 5e-6, df))
