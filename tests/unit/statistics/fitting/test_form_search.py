"""Fits with a form of covariance: against dense likelihoods, nested forms, and what they refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import ModelError
from mlm.statistics.fitting.form_search import SATURATED, FormSearch, optimum_of_forms
from mlm.statistics.fitting.solution import solve
from tests.effects_over_waves import followed, level_of
from tests.equivalence.independent import Part, dense_deviance

WAVES = 3


def rows(seed: int, schools: int = 6, pupils: int = 8) -> pd.DataFrame:
    """Pupils of schools seen in up to three waves, with gaps; effects correlated over waves."""
    rng = np.random.default_rng(seed)
    school = np.repeat(np.arange(schools), pupils)
    decay = 0.6 ** np.abs(np.subtract.outer(np.arange(WAVES), np.arange(WAVES)))
    own = rng.multivariate_normal(np.zeros(WAVES), decay, size=school.size)
    shared = rng.multivariate_normal(np.zeros(WAVES), 0.3 * decay, size=schools)
    y = own * [1.0, 1.5, 0.8] + shared[school]
    frame = pd.DataFrame(
        {
            "school": np.repeat(school, WAVES).astype(str),
            "pupil": np.repeat(np.arange(school.size), WAVES).astype(str),
            "wave": np.tile(list("abc"), school.size),
            "x": rng.normal(size=school.size * WAVES),
            "y": y.ravel(),
        }
    )
    return frame.assign(y=frame["y"] + 0.5 * frame["x"]).sample(frac=0.85, random_state=seed)


@pytest.mark.battery
@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("form", ["us", "ar1", "csh", "toeph"])
def test_the_criterion_is_that_of_the_covariance_written_out(form, criterion):
    frame = rows(1)
    fit = mlm.fit(f"y ~ x + (1 | school) + {form}(0 + wave | pupil)", frame, criterion)
    assert fit.converged and fit.residual == "pupil"
    table = fit.variance_components.query("group == 'pupil'")
    sigma = np.zeros((WAVES, WAVES))
    place = {f"wave[{name}]": i for i, name in enumerate("abc")}
    for _, row in table.iterrows():
        i = place[row["term1"]]
        j = i if row["term2"] is None else place[row["term2"]]
        sigma[i, j] = sigma[j, i] = row["variance"]
    least = 0.5 * np.linalg.eigvalsh(sigma)[0]
    wave = np.eye(WAVES)[frame["wave"].map({"a": 0, "b": 1, "c": 2})]
    parts = [
        Part(pd.factorize(frame["school"])[0], np.ones((len(frame), 1))),
        Part(pd.factorize(frame["pupil"])[0], wave),
    ]
    omegas = [
        np.array([[fit.variance("school") / least]]),
        sigma / least - np.eye(WAVES),
    ]
    x = np.column_stack([np.ones(len(frame)), frame["x"]])
    dense = dense_deviance(frame["y"].to_numpy(), x, parts, omegas, criterion == "REML")
    assert fit.deviance == pytest.approx(dense, rel=1e-9)


def test_forms_that_hold_others_fit_as_well_or_better_with_more_parameters():
    frame = rows(2, schools=10)
    fits = {
        form: mlm.fit(f"y ~ x + wave + {form}(0 + wave | pupil)", frame)
        for form in ("diag", "ar1", "ar1h", "cs", "csh", "toeph", "adh", "us")
    }
    for small, large in (
        ("ar1", "ar1h"),
        ("cs", "csh"),
        ("ar1h", "toeph"),
        ("csh", "toeph"),
        ("ar1h", "adh"),
        ("toeph", "us"),
        ("adh", "us"),
        ("diag", "us"),
    ):
        assert fits[large].deviance <= fits[small].deviance + 1e-6
        assert fits[large].n_params > fits[small].n_params


def test_a_form_beside_the_residual_is_the_term_without_one_where_it_is_free():
    frame = pd.concat([rows(seed).assign(row=seed) for seed in range(3)], ignore_index=True)
    plain = mlm.fit("y ~ x + (0 + wave | school)", frame)
    free = mlm.fit("y ~ x + us(0 + wave | school)", frame)
    assert free.residual is None
    assert free.deviance == pytest.approx(plain.deviance, abs=1e-6)
    assert free.variance("residual") == pytest.approx(plain.variance("residual"), rel=1e-4)


def test_a_fit_with_a_form_is_read_back_as_it_was(tmp_path):
    fit = mlm.fit("y ~ x + us(0 + wave | school) + ar1(0 + wave | pupil)", rows(3))
    fit.to_json(tmp_path / "fit.json")
    again = mlm.Fit.from_json(tmp_path / "fit.json")
    assert again.formula == fit.formula and again.n_params == fit.n_params
    assert again.variance_components.equals(fit.variance_components)


@pytest.mark.parametrize(
    "term,words",
    [
        ("un(0 + wave | pupil)", "'un' before a random term is no covariance"),
        ("us(1 + wave | pupil)", "a covariance over the categories of one variable"),
        ("us(0 + wave || pupil)", "a covariance over the categories of one variable"),
        ("ar1(0 + x | pupil)", "expected the categories of a variable"),
    ],
)
def test_terms_that_are_no_covariance_over_waves_are_refused(term, words):
    with pytest.raises(ModelError, match=words.replace("(", r"\(")):
        mlm.fit(f"y ~ x + {term}", rows(4))


def test_parameters_that_the_data_do_not_tell_apart_are_refused():
    frame = rows(5)
    with pytest.raises(ModelError, match="cannot tell the parameters"):
        mlm.fit("y ~ x + us(0 + wave | pupil)", frame.groupby("pupil").head(1))


def test_effects_in_the_residuals_place_are_told_with_all_others():
    frame = rows(6)
    fit = mlm.fit("y ~ x + (1 | school) + ar1(0 + wave | pupil)", frame)
    assert [own.group for own in mlm.posterior_means(fit, frame).effects] == ["pupil", "school"]


@pytest.mark.parametrize("form,sign", [("cs", -1.0), ("csh", 1.0), ("ar1h", 1.0)])
def test_a_correlation_next_to_its_limit_is_not_followed_to_infinity(form, sign):
    """The limit is never reached: each Newton step would only halve what is left to gain."""
    rng = np.random.default_rng(4)
    school, wave = np.repeat(np.arange(30), 24), np.tile(np.repeat(np.arange(WAVES), 8), 30)
    own = rng.normal(size=(30, WAVES)) if sign < 0.0 else np.ones((30, WAVES))
    effect = own - own.mean(axis=1, keepdims=True) if sign < 0.0 else rng.normal(size=(30, 1)) * own
    y = 2.0 * effect[school, wave] + rng.normal(size=school.size)
    frame = pd.DataFrame(
        {"y": y, "school": school.astype(str), "wave": np.array(list("abc"))[wave]}
    )
    fit = mlm.fit(f"y ~ wave + {form}(0 + wave | school)", frame)
    assert fit.converged and fit.certificate.evaluations < 100


@pytest.mark.parametrize(
    "seed,criterion,form,other",
    [
        (2, "REML", "ar1h", "adh"),  # a step led to a correlation of one, where all is level
        (1, "ML", "adh", "ar1h"),  # and to standard deviations of zero
        (3, "REML", "ar1h", "ar1"),  # to one of zero, from which the criterion rises at first
    ],
)
def test_a_search_does_not_end_where_the_criterion_is_level_at_an_end_alone(
    seed, criterion, form, other
):
    plan, model, stats, *_ = followed(seed)
    level = level_of(plan, stats)
    forms = {name: level.with_covariance(model, name) for name in (form, other)}
    alone = solve(forms[form], stats, criterion, degrees=False)
    start = solve(forms[other], stats, criterion, degrees=False)
    stats.fits.clear()
    begun = solve(forms[form], stats, criterion, start=start.fit, degrees=False)
    assert alone.fit.converged and begun.fit.converged
    assert alone.fit.deviance == pytest.approx(begun.fit.deviance, abs=1e-6)
    assert np.abs(alone.best.gradient).max() < 1e-6


def _search_of_schools() -> tuple[FormSearch, np.ndarray]:
    """A search, and its optimum."""
    plan, model, stats, *_ = followed(3)
    model = level_of(plan, stats).with_covariance(model, "ar1")
    found = solve(model, stats, "REML", degrees=False)
    return FormSearch(found.working, "REML"), found.best.theta


def test_a_search_that_begins_at_a_false_end_leaves_it():
    search, best = _search_of_schools()
    place = int(np.flatnonzero(search.is_correlation)[0])
    for far in (18.0, -18.0):
        theta = best.copy()
        theta[place] = far
        point = search.point(theta)
        assert search.at_end(point)[place] and search.rise_to_end(point)[place] > 1.0
        found = optimum_of_forms(search.working, "REML", theta)
        assert found.converged
        assert np.allclose(found.theta, best, atol=1e-6)


def test_one_step_leads_a_correlation_next_to_its_limit_at_most():
    search, best = _search_of_schools()
    is_correlation = search.is_correlation
    moved = search.within_reach(best, best + 100.0)
    assert (moved[is_correlation] == SATURATED).all()
    assert (moved[~is_correlation] == best[~is_correlation] + 100.0).all()
    beyond = np.where(is_correlation, -18.0, best)
    assert np.array_equal(search.within_reach(beyond, best), best)


def test_a_point_at_a_false_end_that_nothing_leaves_is_not_converged(monkeypatch):
    search, best = _search_of_schools()
    theta = np.where(search.is_correlation, 18.0, best)
    monkeypatch.setattr(FormSearch, "inside", lambda self, point: None)
    assert not optimum_of_forms(search.working, "REML", theta, np.eye(theta.size)).converged
