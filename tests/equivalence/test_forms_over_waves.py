"""All that is read from a fit whose terms have forms over waves equals algebra on single rows."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import chi2

import mlm
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.fitting.effects import posterior_means
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.row_errors import RowErrors
from mlm.statistics.inference.explained import r_squared, variances_along
from mlm.statistics.inference.kenward_roger import kenward_roger
from mlm.statistics.inference.profile import Profile
from mlm.statistics.likelihood.covariance import level_matrices, working_theta
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.making import collapsed, working_statistics
from tests.errors_of_groups import joint_covariance
from tests.forms_over_waves import EVERY, FORMS, MODELS, WAVES, Case, case, close, survey

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


DRAWN_AT_ONCE = {("place", "us"), ("beside", "csh"), ("two terms", "ar1h"), ("place", "ar1")}
DRAWS = 60
FAR = 4.4  # standard errors, beyond which one in a hundred thousand lies


def joint_errors(this: Case, b: int, with_fixed: bool) -> np.ndarray:
    """Covariance (q G, q G) of mean minus truth of the effects of a term."""
    z, groups = this.design(b), len(this.matrices.z[b][0].T)
    prior = np.kron(this.fit.covariances[b], np.eye(groups))
    middle = this.p if with_fixed else np.linalg.inv(this.v)
    return prior - prior @ z.T @ middle @ z @ prior


@EVERY
def test_criterion_and_fixed_effects(kind, form, moves):
    this = case(kind, form, moves)
    assert this.fit.converged
    close(this.fit.deviance, this.deviance(this.v))
    close(this.fit.covariance, this.beta_covariance)
    reach = this.matrices.x.T @ np.linalg.solve(this.v, this.matrices.y)
    close(this.fit.beta, this.beta_covariance @ reach)


@EVERY
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


@EVERY
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


@EVERY
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


@EVERY
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


@pytest.mark.parametrize("moves", [False, True])
@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("seed", [7, pytest.param(8, marks=pytest.mark.study)])
def test_one_correlation_in_the_residuals_place_is_an_intercept_beside_a_residual(
    seed, criterion, moves
):
    rows = survey(moves, seed)
    text = "y ~ x + wave + (1 | school) + {}"
    one, other = (
        mlm.fit(text.format(term), rows, criterion)
        for term in ("cs(0 + wave | pupil)", "(1 | pupil)")
    )
    assert one.residual == "pupil" and other.residual is None
    if one.covariances[0][0, 1] <= 0.0:  # a form may have a correlation below zero
        assert other.covariances[0][0, 0] == 0.0 and one.deviance <= other.deviance
        return
    close(one.deviance, other.deviance)
    assert one.n_params == other.n_params
    np.testing.assert_allclose(one.beta, other.beta, rtol=1e-6)
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(one.degrees, other.degrees, rtol=1e-3)
    covariance = other.covariances[0] + other.sigma2 * np.eye(WAVES)
    np.testing.assert_allclose(one.covariances[0], covariance, rtol=1e-5)
    stats = statistics_of(parse_formula(text.format("(0 + wave | pupil)")), rows)
    if criterion == "REML":
        adjusted = [kenward_roger(fit, stats).covariance for fit in (one, other)]
        np.testing.assert_allclose(*adjusted, rtol=1e-5, atol=1e-9)


@EVERY
def test_what_is_left_without_the_lowest_units_has_the_criterion_of_all_rows(kind, form, moves):
    """Their covariance held: criteria at other variances differ by a constant."""
    this = case(kind, form, moves)
    fit, stats = this.fit, this.solution.stats
    model, left = collapsed(fit.model, fit.omegas, stats, 1)
    working = working_statistics(model, left)
    apart, at = [], list(fit.covariances)
    kept = [b for b, term in enumerate(fit.model.random) if term in model.random]
    for share in (1.0, 0.6):
        for b in kept:
            at[b] = share * fit.covariances[b]
        omegas = [o / fit.sigma2 for b, o in enumerate(at) if b in kept]
        found = evaluate(
            working, level_matrices(working_theta(omegas, working.blocks), working), "ML"
        )
        # sigma^2 at its best in both
        v = this.matrices.covariance(at, fit.residual_variance)
        x, y, inverse = this.matrices.x, this.matrices.y, np.linalg.inv(v)
        r = y - x @ np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ y)
        dense = np.linalg.slogdet(v)[1] + y.size * np.log(r @ inverse @ r)
        apart.append(found.deviance - dense)
    assert abs(apart[0] - apart[1]) < 1e-8 * abs(fit.deviance)


@pytest.mark.parametrize(
    "kind,form",
    [
        pytest.param(*one, marks=() if one in DRAWN_AT_ONCE else pytest.mark.study)
        for one in product(MODELS, FORMS)
    ],
)
def test_schools_drawn_again(kind, form):
    """Schools so often as drawn, each time as another school; covariances over sigma^2 held."""
    this = case(kind, form, False)
    evaluated, matrices, fit = this.solution.evaluated, this.matrices, this.fit
    working, at = evaluated.working, evaluated.at
    stored = np.array([_stored(this, c) for c in this.solution.stats.columns.columns])
    rows, school = working.matrix.T @ stored, this.rows["school"].to_numpy()
    labels = np.unique(school)
    totals = np.array([rows[:, school == s] @ rows[:, school == s].T for s in labels])
    levels = this.solution.stats.levels
    places = [
        np.searchsorted(labels, [label.split(":")[0] for label in lev.labels]) for lev in levels
    ]
    if len(levels) > 1:
        pupils = this.rows.drop_duplicates("pupil").set_index("pupil")["school"]
        places[1] = np.searchsorted(labels, pupils[levels[1].keys[-1].astype(str)].to_numpy())
    counts = np.array([np.sum(school == s) for s in labels]).astype(float)
    pieces = working.structure.pieces(at, totals, counts, places)
    weights = np.array([2.0, 0.0, 1.0, 3.0, 0.0, 1.0, 1.0, 2.0][: labels.size])
    drawn = pieces.drawn(working, at, weights)
    n, x, y, v = int(weights @ counts), matrices.x, matrices.y, this.v / fit.sigma2
    fixed, cross, square = 0.0, 0.0, 0.0
    for label, weight in zip(labels, weights, strict=True):
        own = school == label
        inverse = np.linalg.inv(v[np.ix_(own, own)])
        fixed = fixed + weight * x[own].T @ inverse @ x[own]
        cross = cross + weight * x[own].T @ inverse @ y[own]
        square += weight * y[own] @ inverse @ y[own]
    beta = np.linalg.solve(fixed, cross)
    sigma2 = (square - cross @ beta) / n
    close(drawn.sigma2 * working.response[1] ** 2, sigma2)
    assert n == drawn.degrees


@EVERY
def test_residuals_of_rows(kind, form, moves):
    """``R P y`` and ``R P R``, with R the residual or the covariance of the term in its place."""
    this = case(kind, form, moves)
    fit, stats, n = this.fit, this.solution.stats, len(this.rows)
    needed = RowErrors.of(evaluation_of(fit, stats, pooled=False))
    keys = [this.rows[name].to_numpy() for name in (g[0] for g in needed.groups)]
    places = [
        np.searchsorted(known[0].astype(str), own)
        for known, own in zip(needed.keys, keys, strict=True)
    ]
    block = np.array([_stored(this, column) for column in needed.columns.columns])
    found = needed.errors(block, places)
    r = np.eye(n) * fit.sigma2
    if fit.residual is not None:
        b = fit.in_place.index(True)
        z, groups = this.design(b), this.matrices.z[b][0].shape[1]
        r = z @ np.kron(fit.covariances[b], np.eye(groups)) @ z.T
    close(found.residual, r @ this.p @ this.matrices.y)
    own = needed.sigma**2 / (1.0 if found.precision is None else found.precision)
    close(own * (1.0 - found.leverage), np.diagonal(r @ this.p @ r))
    assert abs(found.balance.sum()) < 1e-8 * np.abs(found.balance).sum()
    assert stats.n_obs == n


def _stored(this: Case, column) -> np.ndarray:
    """A stored column of all rows."""
    out, columns = np.ones(len(this.rows)), this.solution.stats.columns
    for variable, category in column.indicators:
        out *= (this.rows[variable] == category).to_numpy(float)
    for variable, function, exponent in column.powers:
        values = this.rows[variable].to_numpy(float)
        out *= columns.standardised(variable, function, values) ** exponent
    return out


@pytest.mark.battery(2)
@EVERY
def test_shares_by_wave_are_those_of_the_variances(kind, form, moves):
    this = case(kind, form, moves)
    waves = sorted(this.rows["wave"].unique())
    along = variances_along(this.fit, this.solution.stats, "wave", waves)
    total = sum(along.values())
    shares = Profile(this.fit, this.solution.stats).shares_along("wave", waves[1:2])[0]
    for share in shares:
        assert share.estimate == pytest.approx(along[share.group][1] / total[1], rel=1e-6)
        assert share.lower <= share.estimate <= share.upper
