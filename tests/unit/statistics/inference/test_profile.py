"""Profile intervals against closed forms and against the likelihood of the rows."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.stats import chi2

import mlm
from mlm.errors import SingularFit
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.inference.profile import Profile
from mlm.statistics.inference.profile_search import EndSearch
from mlm.statistics.inference.surface import Surface
from tests.dense_rows import dense
from tests.nested_rows import nested_rows

pytestmark = pytest.mark.slow

QUANTILE = float(chi2.ppf(0.95, 1))
NEAR = 1e-5  # relative
STARTS = np.array([[0.7, 0.5, 0.2, 1.0], [0.7, 0.1, 2.5, 1.0], [0.7, 0.1, -2.5, 1.0]])


def fitted(text, rows, criterion="ML"):
    stats = statistics_of(parse_formula(text), rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFit)
        return mlm.fit(text, stats, criterion=criterion), stats


def table(fit, stats) -> dict:
    return {
        (i.group, i.term1, i.term2, i.quantity): (i.estimate, i.lower, i.upper)
        for i in Profile(fit, stats).intervals()
    }


@pytest.mark.parametrize("reml", [False, True])
def test_balanced_one_way_has_the_ends_of_its_closed_form(reml):
    groups, size = 14, 5
    rows = nested_rows(np.random.default_rng(2), {"a": groups, "row": size}, {"a": 0.6})
    fit, stats = fitted("y ~ 1 + (1 | a)", rows, "REML" if reml else "ML")
    means = rows.groupby("a")["y"].mean()
    between = size * float(((means - means.mean()) ** 2).sum())
    within = float(((rows["y"] - rows["a"].map(means)) ** 2).sum())
    above = groups - reml

    def criterion(sigma2: float, tau2: float) -> float:
        total = sigma2 + size * tau2
        inner = groups * (size - 1) * np.log(sigma2) + within / sigma2
        return inner + above * np.log(total) + between / total

    def best(function, bounds=(1e-6, 20.0)) -> float:
        return minimize_scalar(
            function, bounds=bounds, method="bounded", options={"xatol": 1e-10}
        ).fun

    lowest = criterion(fit.sigma2, fit.variance("a"))
    curves = {
        ("a", "Intercept", None, "variance"): lambda v: best(lambda s: criterion(s, v)),
        ("a", None, None, "share"): lambda v: best(lambda s: criterion(s, s * v / (1.0 - v))),
        ("residual", "Intercept", None, "variance"): lambda v: best(lambda t: criterion(v, t)),
    }
    found = table(fit, stats)
    for key, curve in curves.items():
        estimate, lower, upper = found[key]
        assert lower < estimate < upper
        for end in (lower, upper):
            assert curve(end) - lowest == pytest.approx(QUANTILE, abs=1e-5)


def test_no_interval_of_a_variance_is_symmetric_and_all_hold_their_estimate():
    sizes = {"a": 12, "b": 4, "row": 4}
    rows = nested_rows(np.random.default_rng(3), sizes, {"a": 0.5, "b": 0.3}, {"a": 0.4})
    fit, stats = fitted("y ~ x + (1 + x | a) + (1 | a:b)", rows, "REML")
    for (_, _, _, quantity), (estimate, lower, upper) in table(fit, stats).items():
        assert lower <= estimate <= upper
        if quantity == "variance":
            assert upper - estimate > 1.02 * (estimate - lower)


def test_a_variance_that_may_be_zero_has_its_end_at_zero():
    rows = nested_rows(np.random.default_rng(4), {"a": 8, "row": 4}, {"a": 0.0}, {"a": 0.0})
    fit, stats = fitted("y ~ x + (1 + x | a)", rows)
    found = table(fit, stats)
    assert found["a", "Intercept", None, "variance"][1] == 0.0
    assert found["a", "x", None, "sd"][1] == 0.0
    assert found["a", "Intercept", "x", "correlation"][1:] == (-1.0, 1.0)
    assert found["a", None, None, "share"][1] == 0.0
    assert found["residual", None, None, "share"][2] == 1.0
    assert found["a", "Intercept", None, "variance"][2] > 0.0
    low, high = found["a", "Intercept", "x", "covariance"][1:]
    assert low < 0.0 < high


@pytest.mark.parametrize("seed,truth", [(2, 0.0), pytest.param(3, 0.3, marks=pytest.mark.study)])
def test_ends_are_those_of_the_likelihood_of_the_rows(seed, truth):
    """Each finite end of a slope model, by maximising a likelihood of n x n matrices."""
    rng = np.random.default_rng([seed, int(10 * truth)])
    rows = nested_rows(rng, {"a": 8, "row": (3, 6)}, {"a": 0.6}, {"a": truth})
    text = "y ~ x + (1 + x | a)"
    fit, stats = fitted(text, rows)
    matrices = dense(text, rows)

    def criterion(first: float, second: float, turn: float, sigma: float) -> float:
        product = turn * first * second
        covariance = np.array([[first**2, product], [product, second**2]])
        v = matrices.covariance([covariance], sigma**2)
        inverse = np.linalg.inv(v)
        weights = matrices.x.T @ inverse
        rest = matrices.y - matrices.x @ np.linalg.solve(weights @ matrices.x, weights @ matrices.y)
        logdet = np.linalg.slogdet(2.0 * np.pi * v)[1]
        return logdet + rest @ inverse @ rest

    found = table(fit, stats)
    keys = [
        ("a", "Intercept", None, "sd"),
        ("a", "x", None, "sd"),
        ("a", "Intercept", "x", "correlation"),
        ("residual", "Intercept", None, "sd"),
    ]
    for place, key in enumerate(keys):
        for end in found[key][1:]:
            if abs(end) in (0.0, 1.0):
                continue
            value = _profiled(criterion, place, end)
            assert value - fit.deviance == pytest.approx(QUANTILE, abs=2e-4)


def _profiled(criterion, place: int, value: float) -> float:
    """Minimum of a criterion of (sd, sd, correlation, sd) with one of them fixed."""
    others = [i for i in range(4) if i != place]

    def objective(free: np.ndarray) -> float:
        x = np.empty(4)
        x[place] = value
        x[others] = [np.tanh(v) if i == 2 else abs(v) for i, v in zip(others, free, strict=True)]
        return criterion(*x)

    options = {"xatol": 1e-6, "fatol": 1e-8, "maxiter": 4000, "maxfev": 4000}
    return min(
        minimize(objective, start[others], method="Nelder-Mead", options=options).fun
        for start in STARTS
    )


def test_a_narrower_level_gives_a_narrower_interval():
    rows = nested_rows(np.random.default_rng(7), {"a": 12, "row": 5}, {"a": 0.5})
    fit, stats = fitted("y ~ x + (1 | a)", rows)
    wide, narrow = (
        next(i for i in Profile(fit, stats, level).intervals() if i.quantity == "sd")
        for level in (0.95, 0.5)
    )
    assert wide.lower < narrow.lower < narrow.upper < wide.upper


def test_a_share_of_two_levels_is_the_root_of_its_profile():
    """The share of the outer level, with the ratio of the inner one profiled out by hand."""
    rows = nested_rows(np.random.default_rng(8), {"a": 10, "b": 3, "row": 3}, {"a": 0.4, "b": 0.5})
    text = "y ~ x + (1 | a) + (1 | a:b)"
    fit, stats = fitted(text, rows)
    matrices = dense(fit.model, rows)
    order = [term.name for term in fit.model.random]

    def profiled(share: float) -> float:
        def criterion(inner: float) -> float:
            ratios = {"a": share / (1.0 - share) * (1.0 + inner), "a:b": inner}
            v = matrices.covariance([np.array([[ratios[name]]]) for name in order], 1.0)
            inverse = np.linalg.inv(v)
            weights = matrices.x.T @ inverse
            beta = np.linalg.solve(weights @ matrices.x, weights @ matrices.y)
            rest = matrices.y - matrices.x @ beta
            n = rest.size
            best = n * (1.0 + np.log(2.0 * np.pi * (rest @ inverse @ rest) / n))
            return best + np.linalg.slogdet(v)[1]

        found = minimize_scalar(criterion, bounds=(1e-8, 10.0), method="bounded")
        return found.fun - fit.deviance - QUANTILE

    estimate, lower, upper = table(fit, stats)["a", None, None, "share"]
    if lower > 0.0:
        assert brentq(profiled, 1e-4, estimate) == pytest.approx(lower, rel=NEAR)
    assert brentq(profiled, estimate, 0.95) == pytest.approx(upper, rel=NEAR)


@pytest.mark.parametrize("seed", [pytest.param(0, marks=pytest.mark.study), 1])
def test_every_point_within_the_limit_is_within_all_intervals(seed):
    """Random parameters whose criterion is within the limit, often with a variance near zero."""
    rng = np.random.default_rng([11, seed])
    variances, slopes = ({"a": float(rng.choice([0.0, 0.1, 1.0]))} for _ in range(2))
    rows = nested_rows(rng, {"a": int(rng.integers(5, 15)), "row": (2, 6)}, variances, slopes)
    fit, stats = fitted("y ~ x + (1 + x | a)", rows, "REML" if seed % 2 else "ML")
    profile, found = Profile(fit, stats), table(fit, stats)
    surface, start = profile._surface(0, ())
    wide = [found["a", name, None, "sd"][2] for name in ("Intercept", "x")]
    ends = found["residual", "Intercept", None, "sd"]
    n_inside = 0
    for _ in range(400):
        first, second = rng.random(2) * wide
        turn, sigma = rng.uniform(-1.0, 1.0), rng.uniform(ends[1], ends[2])
        product = turn * first * second
        covariance = np.array([[first**2, product], [product, second**2]])
        x = surface.coordinates([covariance / sigma**2], sigma / profile.unit)
        if surface(x)[0] > profile.limit:
            continue
        n_inside += 1
        values = {
            ("Intercept", None, "sd"): first,
            ("x", None, "sd"): second,
            ("Intercept", "x", "covariance"): product,
            ("Intercept", "x", "correlation"): turn,
        }
        for (one, two, quantity), value in values.items():
            _, lower, upper = found["a", one, two, quantity]
            near = 1e-6 * max(abs(lower), abs(upper))
            assert lower - near <= value <= upper + near
    assert n_inside > 20


def test_the_share_of_a_level_with_slopes_is_that_of_its_mean_variance():
    rows = nested_rows(np.random.default_rng(12), {"a": 12, "row": 6}, {"a": 0.2}, {"a": 1.0})
    rows = rows.assign(x=2.0 + rows["x"])
    fit, stats = fitted("y ~ x + (1 + x | a)", rows)
    share = mlm.r_squared(fit, stats).shares["a"]
    found, lower, upper = table(fit, stats)["a", None, None, "share"]
    assert found == pytest.approx(share, rel=1e-9)
    assert lower < share < upper


def ends_of(profile: Profile) -> tuple[np.ndarray, int]:
    """Ends (n, 2) of all shares, and how often the criterion was evaluated."""
    count, whole = 0, Surface.__call__

    def counted(self, x):
        nonlocal count
        count += 1
        return whole(self, x)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Surface, "__call__", counted)
        found = [(share.lower, share.upper) for share in profile.shares()]
    return np.array(found), count


def test_steps_along_the_limit_end_where_the_other_search_does(monkeypatch):
    """With few evaluations, also of a criterion so large that its last digits are noise."""
    rows = nested_rows(np.random.default_rng(6), {"a": 30, "b": 4, "row": 5}, {"a": 0.5, "b": 0.4})
    fit, stats = fitted("y ~ 1 + (1 | a) + (1 | a:b)", rows, "REML")
    direct, few = ends_of(Profile(fit, stats))
    with monkeypatch.context() as patch:
        patch.setattr(EndSearch, "_climbed", lambda *_: None)
        searched, many = ends_of(Profile(fit, stats))
    assert direct == pytest.approx(searched, abs=1e-6)
    assert few < many
    noise, whole = np.random.default_rng(1), Surface.__call__

    def rounded(self, x):
        value, slope = whole(self, x)
        return value + 1e-9 * noise.normal(), slope

    monkeypatch.setattr(Surface, "__call__", rounded)
    noisy, taken = ends_of(Profile(fit, stats))
    assert noisy == pytest.approx(direct, abs=1e-6)
    assert taken <= few + 6
