"""All that is read from a fit whose terms have forms over waves equals algebra on single rows."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

import mlm
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.fitting.effects import posterior_means
from mlm.statistics.fitting.row_errors import RowErrors
from mlm.statistics.inference.explained import r_squared, variances_along
from mlm.statistics.inference.kenward_roger import kenward_roger
from mlm.statistics.inference.profile import Profile
from mlm.statistics.likelihood.covariance import level_matrices, working_theta
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.making import collapsed, working_statistics
from tests.errors_of_groups import joint_covariance
from tests.forms_over_waves import FORMS, MODELS, WAVES, Case, case, survey

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


def natural(this: Case) -> tuple[np.ndarray, list]:
    """Variances and correlations of all terms, and what makes V (n, n) of them."""
    values, makers = [], []
    for b, random in enumerate(this.fit.model.random):
        c, q = this.fit.covariances[b], len(this.fit.covariances[b])
        sd, lag = np.sqrt(np.diagonal(c)), np.abs(np.subtract.outer(np.arange(q), np.arange(q)))
        r, many = c / np.outer(sd, sd), random.form not in ("cs", "ar1")
        if random.form in (None, "us"):
            places = np.tril_indices(q)
            own = c[places]

            def make(p, places=places, q=q):
                out = np.zeros((q, q))
                out[places] = p
                return np.tril(out) + np.tril(out, -1).T
        else:
            own = sd**2 if many else sd[:1] ** 2
            first = {"cs": r[:1, 1], "csh": r[:1, 1], "ar1": r[:1, 1], "ar1h": r[:1, 1]}
            more = {"toeph": r[0, 1:], "adh": np.diagonal(r, 1), "diag": np.zeros(0)}
            own = np.concatenate([own, (first | more)[random.form]])
            if random.form == "cs":  # linear: the variance, and the covariance of all pairs
                own[1] *= own[0]

            def make(p, q=q, n=q if many else 1, form=random.form, lag=lag):
                sds, r = np.sqrt(np.broadcast_to(p[:n], q)), p[n:]
                if form in ("cs", "csh"):
                    r = r / p[0] if form == "cs" else r
                    inner = np.where(lag == 0, 1.0, r[0])
                elif form in ("ar1", "ar1h"):
                    inner = r[0] ** lag
                elif form == "toeph":
                    inner = np.append(1.0, r)[lag]
                elif form == "diag":
                    inner = np.eye(q)
                else:
                    ends = np.arange(q)
                    inner = [[np.prod(r[min(i, j) : max(i, j)]) for i in ends] for j in ends]
                return np.outer(sds, sds) * np.array(inner)

        values.append(own)
        makers.append(make)
    if this.fit.residual is None:
        values.append(np.array([this.fit.sigma2]))
    ends = np.cumsum([v.size for v in values])

    def covariance(p: np.ndarray) -> np.ndarray:
        parts = np.split(p, ends[:-1])
        sigma2 = parts[-1][0] if this.fit.residual is None else 0.0
        made = [make(part) for make, part in zip(makers, parts, strict=False)]
        return this.matrices.covariance(made, sigma2)

    return np.concatenate(values), covariance


@every
def test_kenward_and_rogers_covariance(kind, form, moves):
    """With derivatives of V by differences and single rows."""
    this = case(kind, form, moves)
    p, make = natural(this)
    close(make(p), this.v)
    steps = [step * np.eye(p.size)[i] for i, step in enumerate(1e-4 * np.maximum(np.abs(p), 0.1))]
    size = [step.sum() for step in steps]
    slopes = [(make(p + h) - make(p - h)) / (2.0 * s) for h, s in zip(steps, size, strict=True)]
    x, inverse, plain = this.matrices.x, np.linalg.inv(this.v), this.beta_covariance
    reach = inverse @ x
    pairs = list(zip(steps, size, strict=True))
    bent = [[_bend(make, p, a, b) / (s * t) for b, t in pairs] for a, s in pairs]
    moved = [this.p @ g for g in slopes]
    information = 0.5 * np.array([[np.sum(a * b.T) for b in moved] for a in moved])
    spread = np.linalg.inv(information)
    firsts = [reach.T @ g @ reach for g in slopes]
    bias = np.zeros_like(plain)
    for i, g in enumerate(slopes):
        for j, h in enumerate(slopes):
            second = reach.T @ g @ inverse @ h @ reach
            curved = 0.25 * reach.T @ bent[i][j] @ reach
            bias += spread[i, j] * (second - firsts[i] @ plain @ firsts[j] - curved)
    found = kenward_roger(this.fit, this.solution.stats)
    expected = plain + 2.0 * plain @ bias @ plain
    np.testing.assert_allclose(found.covariance, expected, rtol=1e-4, atol=1e-5 * plain.max())


def _bend(make, p: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Second difference of V along two steps."""
    return 0.25 * (make(p + a + b) - make(p + a - b) - make(p - a + b) + make(p - a - b))


def _rise(this: Case, place: int, value: float, powers: dict[int, float]) -> float:
    """Rise of the criterion where one natural parameter has a value, all others at their best.

    Covariances with it begin in proportion to a power of a variance.
    """
    p, make = natural(this)
    for other, power in powers.items():
        p[other] *= (value / p[place]) ** power
    others = np.delete(np.arange(p.size), place)
    scale = np.maximum(np.abs(p[others]), 0.1)

    def criterion(z: np.ndarray) -> float:
        q = p.copy()
        q[place], q[others] = value, p[others] + scale * z
        v = make(q)
        if not np.isfinite(v).all() or np.linalg.eigvalsh(v)[0] <= 0.0:
            return this.fit.deviance + 1e3
        return this.deviance(v)

    found = minimize(criterion, np.zeros(others.size), method="BFGS", options={"gtol": 1e-5})
    return float(found.fun) - this.fit.deviance


@every
def test_satterthwaites_degrees_of_freedom(kind, form, moves):
    """With the curvature and the slopes of variances in natural parameters, by differences."""
    this = case(kind, form, moves)
    p, make = natural(this)
    steps = [step * np.eye(p.size)[i] for i, step in enumerate(1e-3 * np.maximum(np.abs(p), 0.1))]
    size = [step.sum() for step in steps]

    def variances(q: np.ndarray) -> np.ndarray:
        x = this.matrices.x
        return np.diagonal(np.linalg.inv(x.T @ np.linalg.solve(make(q), x)))

    pairs = list(zip(steps, size, strict=True))
    slopes = np.array([(variances(p + h) - variances(p - h)) / (2.0 * s) for h, s in pairs])
    bend = [
        [_bend(lambda q: this.deviance(make(q)), p, a, b) / (s * t) for b, t in pairs]
        for a, s in pairs
    ]
    spread = np.einsum("ic,ij,jc->c", slopes, 2.0 * np.linalg.inv(np.array(bend)), slopes)
    expected = 2.0 * variances(p) ** 2 / spread
    np.testing.assert_allclose(this.fit.degrees, expected, rtol=5e-3)


@pytest.mark.parametrize("moves", [False, True])
@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("seed", [7, 8])
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


@every
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


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", MODELS)
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


@every
def test_residuals_of_rows(kind, form, moves):
    """``R P y`` and ``R P R``, with R the residual or the covariance of the term in its place."""
    this = case(kind, form, moves)
    fit, evaluated = this.fit, this.solution.evaluated
    needed = RowErrors.of(evaluated)
    stats, n = this.solution.stats, len(this.rows)
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


@pytest.mark.slow
@every
def test_ends_of_intervals_lie_where_the_criterion_has_risen_to_its_quantile(kind, form, moves):
    this = case(kind, form, moves)
    profile = Profile(this.fit, this.solution.stats)
    random, limit = this.fit.model.random, float(chi2.ppf(0.95, 1))
    b = next(i for i, term in enumerate(random) if term.form == form)
    values = natural(this)[0]
    sizes = [natural_size(r, c) for r, c in terms_of(this)]
    place = sum(sizes[:b])
    found = [i for i in profile.intervals() if i.group == random[b].name]
    variance = next(i for i in found if i.quantity == "variance")
    assert variance.estimate == pytest.approx(values[place], rel=1e-6)
    for end in (variance.lower, variance.upper):
        beside = {"us": {place + 1: 0.5, place + 3: 0.5}, "cs": {place + 1: 1.0}}.get(form, {})
        assert _rise(this, place, end, beside) == pytest.approx(limit, abs=2e-3)
    pairs = [i for i in found if i.quantity == "correlation"]
    if form in ("csh", "ar1h", "ar1"):
        pair = next(i for i in pairs if {i.term1, i.term2} == {"wave[w00]", "wave[w01]"})
        place += sizes[b] - 1
        for end in (pair.lower, pair.upper):
            if abs(end) < 1.0 - 1e-9:
                assert _rise(this, place, end, {}) == pytest.approx(limit, abs=2e-3)


def terms_of(this: Case):
    return zip(this.fit.model.random, this.fit.covariances, strict=True)


def natural_size(random, covariance: np.ndarray) -> int:
    """Natural parameters of a term."""
    q = len(covariance)
    plain = q * (q + 1) // 2
    few = {"cs": 2, "ar1": 2, "csh": q + 1, "ar1h": q + 1, "toeph": 2 * q - 1, "adh": 2 * q - 1}
    return {"diag": q, None: plain, "us": plain, **few}[random.form]


@every
def test_shares_by_wave_are_those_of_the_variances(kind, form, moves):
    this = case(kind, form, moves)
    waves = sorted(this.rows["wave"].unique())
    along = variances_along(this.fit, this.solution.stats, "wave", waves)
    total = sum(along.values())
    shares = Profile(this.fit, this.solution.stats).shares_along("wave", waves[1:2])[0]
    for share in shares:
        assert share.estimate == pytest.approx(along[share.group][1] / total[1], rel=1e-6)
        assert share.lower <= share.estimate <= share.upper
