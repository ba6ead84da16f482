"""Tests and intervals of fits with forms over waves are those by natural parameters of the rows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

from mlm.statistics.inference.kenward_roger import kenward_roger
from mlm.statistics.inference.profile import Profile
from tests.forms_over_waves import EVERY, Case, case, close

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


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


def natural_size(random, covariance: np.ndarray) -> int:
    """Natural parameters of a term."""
    q = len(covariance)
    plain = q * (q + 1) // 2
    few = {"cs": 2, "ar1": 2, "csh": q + 1, "ar1h": q + 1, "toeph": 2 * q - 1, "adh": 2 * q - 1}
    return {"diag": q, None: plain, "us": plain, **few}[random.form]


@pytest.mark.battery(2)
@EVERY
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


@pytest.mark.battery(2)
@EVERY
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


@pytest.mark.study
@EVERY
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
