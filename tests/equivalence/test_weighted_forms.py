"""Covariances over waves of weighted samples, against units repeated and densities row by row."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import NotUnderWeights
from tests.forms_over_waves import FORMS

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")]

SAME = 1e-9  # relative, of a likelihood
NEAR = 1e-6  # relative to the largest: searches end where a step gains 1e-12
STEP, NUMERIC = 1e-3, 1e-5  # of densities, and what their differences are off, in errors
FEW = 12  # schools whose densities are written out
SCHOOLS, PUPILS, WAVES = 24, 5, 3
PLACE = "y ~ x + wave + {form}(0 + wave | school:pupil) + (1 | school)"
BOTH = "y ~ x + us(0 + wave | school) + {form}(0 + wave | school:pupil)"
WEIGHTS = {"school": "w_school", "pupil": "w_pupil"}
MOST = (3, 2)  # times that a school, and a pupil in it, may stand for


@cache
def followed() -> pd.DataFrame:
    """Pupils of schools over waves, some rows missing, with small weights of schools and pupils."""
    rng = np.random.default_rng(15)
    school = np.repeat(np.arange(SCHOOLS), PUPILS * WAVES)
    pupil = np.tile(np.repeat(np.arange(PUPILS), WAVES), SCHOOLS)
    wave = np.tile(np.arange(WAVES), SCHOOLS * PUPILS)
    mixed = np.array([[1.0, 0.0, 0.0], [0.6, 0.9, 0.0], [0.2, 0.6, 1.2]])
    pupils = (rng.normal(size=(SCHOOLS * PUPILS, WAVES)) @ mixed.T).reshape(-1)
    schools = rng.normal(size=(SCHOOLS, 1)) + 0.7 * rng.normal(size=(SCHOOLS, WAVES))
    x = rng.normal(size=school.size)
    rows = pd.DataFrame({"school": school, "pupil": pupil, "wave": wave}).astype(str)
    rows = rows.assign(x=x, y=0.5 * x + 0.3 * wave + schools[school, wave] + pupils)
    rows = rows.assign(w_school=1.0 + school % MOST[0], w_pupil=1.0 + (pupil + school) % MOST[1])
    return rows[rng.random(len(rows)) < 0.9].reset_index(drop=True)


def repeated(rows: pd.DataFrame) -> pd.DataFrame:
    """Each school, and in it each pupil, as often as it weighs."""
    parts = []
    for i in range(MOST[0]):
        for j in range(MOST[1]):
            own = rows[(rows["w_school"] > i) & (rows["w_pupil"] > j)]
            names = {name: own[name] + f"_{k}" for name, k in (("school", i), ("pupil", j))}
            parts.append(own.assign(**names))
    return pd.concat(parts)


def designed(errors: str = "linearised", **others) -> mlm.SamplingDesign:
    known = {"are": "conditional", "scaling": "none", **others}
    return mlm.SamplingDesign(WEIGHTS, standard_errors=errors, **known)


def alike(one, other) -> None:
    assert one.deviance == pytest.approx(other.deviance, rel=SAME)
    for a, b in ((one.beta, other.beta), *zip(one.covariances, other.covariances, strict=True)):
        assert np.abs(a - b).max() <= NEAR * np.abs(b).max()


CASES = pytest.mark.parametrize(
    "text",
    [
        pytest.param(kind.format(form=form), marks=() if at_once else pytest.mark.study)
        for kind, now in ((PLACE, ("us", "ar1", "diag")), (BOTH, ("ar1h",)))
        for form in FORMS
        for at_once in (form in now,)
    ],
)


@CASES
def test_integer_weights_are_units_repeated(text):
    rows = followed()
    alike(mlm.fit(text, rows, design=designed()), mlm.fit(text, repeated(rows), criterion="ML"))


@CASES
def test_weights_of_one_are_none_and_their_unit_does_not_matter(text):
    rows = followed()
    ones = rows.assign(w_school=1.0, w_pupil=1.0)
    alike(mlm.fit(text, ones, design=designed()), mlm.fit(text, rows, criterion="ML"))
    one = mlm.fit(text, rows, design=designed())
    other = mlm.fit(text, rows.assign(w_school=1e3 * rows["w_school"]), design=designed())
    assert other.beta == pytest.approx(one.beta, rel=1e-8)
    assert other.design.covariance == pytest.approx(one.design.covariance, rel=1e-4, abs=1e-10)


class _Densities:
    """The log pseudo-likelihood of each school, row by row: a normal integral in closed form.

    Given the effect u of its school a pupil with residuals r and covariance S of its waves has a
    normal density; with weights w they are exponents, and the integral over ``u ~ N(0, t)`` is

        1/2 b^2 / a - 1/2 log(a t) - 1/2 sum_p w (log|2 pi S| + r' S^-1 r),

    with ``a = sum_p w 1' S^-1 1 + 1 / t`` and ``b = sum_p w 1' S^-1 r``.
    """

    def __init__(self, rows: pd.DataFrame):
        waves = (rows["wave"].to_numpy()[:, None] == ["1", "2"]).astype(float)
        self.x = np.column_stack([np.ones(len(rows)), rows["x"], waves])
        self.y, self.place = rows["y"].to_numpy(), rows["wave"].astype(int).to_numpy()
        self.schools = []
        for _, school in rows.reset_index(drop=True).groupby("school", sort=False):
            pupils = [
                (p.index.to_numpy(), p["w_pupil"].iloc[0]) for _, p in school.groupby("pupil")
            ]
            self.schools.append((school["w_school"].iloc[0], pupils))

    def __call__(self, psi: np.ndarray) -> np.ndarray:
        """Of each school (C,), from coefficients (4,), the covariance (6,) and t."""
        inside = np.diag(psi[4:7])
        inside[np.tril_indices(3, -1)] = psi[7:10]
        inside = inside + np.tril(inside, -1).T
        t, residual = psi[10], self.y - self.x @ psi[:4]
        out = []
        for times, pupils in self.schools:
            a, b, total = 1.0 / t, 0.0, -0.5 * np.log(t)
            for rows, w in pupils:
                own = inside[np.ix_(self.place[rows], self.place[rows])]
                solved = np.linalg.solve(own, np.column_stack([np.ones(rows.size), residual[rows]]))
                a, b = a + w * solved[:, 0].sum(), b + w * solved[:, 1].sum()
                square = residual[rows] @ solved[:, 1]
                total -= 0.5 * w * (np.linalg.slogdet(2.0 * np.pi * own)[1] + square)
            out.append(times * (total + 0.5 * b**2 / a - 0.5 * np.log(a)))
        return np.array(out)


def _differences(density, psi: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray]:
    """First derivatives (C, m) of each school's density, and second ones (m, m) of their sum."""
    moves = np.diag(step * np.maximum(np.abs(psi), 0.1))
    size = np.diagonal(moves)
    high = np.array([density(psi + own) for own in moves])
    low = np.array([density(psi - own) for own in moves])
    here, bend = density(psi).sum(), np.empty((psi.size, psi.size))
    for i in range(psi.size):
        bend[i, i] = (high[i].sum() + low[i].sum() - 2.0 * here) / size[i] ** 2
        for j in range(i):
            both = moves[i] + moves[j]
            corners = density(psi + both).sum() + density(psi - both).sum()
            beside = (high[i] + low[i] + high[j] + low[j]).sum()
            bend[i, j] = bend[j, i] = (corners - beside + 2.0 * here) / (2.0 * size[i] * size[j])
    return ((high - low) / (2.0 * size[:, None])).T, bend


def test_errors_are_the_sandwich_of_densities_row_by_row():
    rows = followed()
    rows = rows[rows["school"].astype(int) < FEW].reset_index(drop=True)
    fit = mlm.fit(PLACE.format(form="us"), rows, design=designed())
    density = _Densities(rows)
    names = [(n.term1, n.term2) for n in fit.design.names[:6]]
    assert [second for _, second in names[:3]] == [None] * 3
    order = [("wave[0]", "wave[1]"), ("wave[0]", "wave[2]"), ("wave[1]", "wave[2]")]
    assert names[3:] == order
    psi = np.concatenate([fit.beta, fit.design.variances])
    assert density(psi).sum() == pytest.approx(-0.5 * fit.deviance, rel=SAME)
    scores, bend = _differences(density, psi, STEP)
    twice = _differences(density, psi, 2.0 * STEP)
    scores, bend = (4.0 * scores - twice[0]) / 3.0, (4.0 * bend - twice[1]) / 3.0
    assert np.abs(scores.sum(axis=0) * np.sqrt(np.diagonal(fit.design.covariance))).max() < 1e-4
    apart = scores - scores.mean(axis=0)
    count = len(apart)
    bread = np.linalg.inv(-bend)
    expected = bread @ (count / (count - 1.0) * apart.T @ apart) @ bread
    error = np.sqrt(np.diagonal(expected))
    assert np.abs((fit.design.covariance - expected) / np.outer(error, error)).max() < NUMERIC


def test_leaving_out_schools_is_their_replicates():
    rows, text = followed(), PLACE.format(form="ar1h")
    left_out = mlm.fit(text, rows, design=designed("jackknife"))
    made = mlm.SamplingDesign(
        WEIGHTS, are="conditional", scaling="none", replicates=mlm.jk1(psu="school")
    )
    found = mlm.replicate(mlm.fit(text, rows, design=made), rows)
    mine = np.sqrt(np.diagonal(left_out.design.covariance))
    parts = (found.fixed_effects, found.variance_components)
    its = np.concatenate([part["std_error"] for part in parts])
    assert its == pytest.approx(mine, rel=1e-4)
    linear = mlm.fit(text, rows, design=designed())
    assert mine == pytest.approx(np.sqrt(np.diagonal(linear.design.covariance)), rel=0.25)


def test_a_unit_around_leaves_slopes_and_a_level_free():
    rows = followed().assign(county=lambda frame: (frame["school"].astype(int) % 6).astype(str))
    text = "y ~ x + wave + ar1(0 + wave | county:school:pupil) + (1 + x | county:school)"
    found = mlm.fit(text, rows, design=designed())
    plain = mlm.fit(text, repeated(rows), criterion="ML")
    alike(found, plain)


def test_weights_of_rows_within_a_unit_are_refused_with_their_count():
    rows = followed()
    rows = rows.assign(w_row=np.where(rows.index % 4 == 0, 1.5, 1.0))
    design = mlm.SamplingDesign({**WEIGHTS, "row": "w_row"}, are="conditional", scaling="none")
    with pytest.raises(NotUnderWeights) as caught:
        mlm.fit(PLACE.format(form="us"), rows, design=design)
    many = int((rows["w_row"] > 1.0).sum())
    assert f"{many} rows" in str(caught.value) and "weigh 1.5 to 1.5" in str(caught.value)
    assert "'pupil'" in str(caught.value)
    text = "y ~ x + ar1(0 + wave | school) + (1 | school:pupil)"
    assert mlm.fit(text, rows, design=design).converged


def test_plausible_values_share_a_form():
    rng, rows = np.random.default_rng(1), followed()
    draws = [f"PV{m}" for m in range(1, 4)]
    rows = rows.assign(**{name: rows["y"] + 0.3 * rng.normal(size=len(rows)) for name in draws})
    text = "score ~ x + wave + ar1h(0 + wave | school:pupil) + (1 | school)"
    score = mlm.PlausibleValues("score", draws)
    found = mlm.fit(text, rows, design=designed(), plausible_values=score)
    each = [mlm.fit(text.replace("score", n), rows, design=designed()) for n in draws]
    table, parts = found.variance_components, np.array([f.design.variances for f in each])
    assert table["variance"].to_numpy() == pytest.approx(parts.mean(axis=0), rel=1e-9)
    between = (1.0 + 1.0 / len(draws)) * parts.var(axis=0, ddof=1)
    errors = np.array([np.diagonal(f.design.variance_covariance) for f in each]).mean(axis=0)
    places = [3, 4, 5]  # covariances, which are pooled as they are
    whole = np.sqrt(errors + between)[places]
    assert table["std_error"].to_numpy()[places] == pytest.approx(whole, rel=1e-9)
