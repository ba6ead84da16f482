"""Residual variances by category: criterion, optimum and errors, against matrices written out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import FitError, ModelError, StatisticsError
from mlm.front.fitting import sample_of, statistics_of
from mlm.nouns.columns import Column
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.search import Search
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.fitting.strata_search import StrataSearch
from mlm.statistics.likelihood.differences import jacobian
from mlm.statistics.likelihood.making import working_statistics
from tests.dense_rows import dense

DENSE = 1e-8  # of a criterion of some hundreds
SLOPE = 1e-5  # of central differences
DRAWS = 400
LEVEL = 2e-4  # slope at an optimum
TERM = " + diag(0 + wave | residual)"
BESIDE = "y ~ x + (1 | school) + (1 + x | room)"  # derivatives by differences
MODELS = (
    "y ~ x + (1 | school)",
    "y ~ x + (1 + x | school) + (1 | school:room)",
    "y ~ x + wave + (0 + x | school) + (1 | school:room)",
    BESIDE,
    "y ~ x + wave",
)


def rows(seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 160
    frame = pd.DataFrame(
        {
            "school": rng.integers(8, size=n).astype(str),
            "room": rng.integers(5, size=n).astype(str),
            "wave": rng.choice(["1", "2", "3"], size=n, p=[0.5, 0.3, 0.2]),
            "x": rng.normal(size=n),
        }
    )
    school, room = (frame[name].astype(int).to_numpy() for name in ("school", "room"))
    sd = frame["wave"].map({"1": 1.0, "2": 2.0, "3": 0.6}).to_numpy()
    frame["y"] = 0.5 * frame["x"] + rng.normal(size=8)[school] + rng.normal(size=5)[room]
    frame["y"] += rng.normal(size=8)[school] * frame["x"] + sd * rng.normal(size=n)
    return frame


def criterion_of(fit: Fit, frame: pd.DataFrame, ratios: dict, omegas, criterion: str) -> float:
    """The criterion with n x n matrices, sigma^2 and beta at their best."""
    matrices = dense(fit.model.with_residual(None), frame)
    x, y = matrices.x, matrices.y
    v = matrices.covariance(omegas, 0.0) + np.diag(frame["wave"].map(ratios))
    inverse = np.linalg.inv(v)
    square = x.T @ inverse @ x
    left = y - x @ np.linalg.solve(square, x.T @ inverse @ y)
    degrees = len(y) - (x.shape[1] if criterion == "REML" else 0)
    sigma2 = float(left @ inverse @ left) / degrees
    logs = np.linalg.slogdet(v)[1]
    logs += np.linalg.slogdet(square)[1] if criterion == "REML" else 0.0
    return logs + degrees * (1.0 + np.log(2.0 * np.pi * sigma2))


@pytest.mark.battery(4)
@pytest.mark.parametrize(
    ("formula", "criterion"),
    [
        pytest.param(formula, criterion, marks=[pytest.mark.study] if formula == BESIDE else [])
        for formula in MODELS
        for criterion in ("REML", "ML")
        if (formula, criterion) != (BESIDE, "REML")
    ]
    + [(BESIDE, "REML")],
)
@pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
def test_the_fit_is_the_optimum_of_the_matrices(formula, criterion):
    frame = rows()
    fit = mlm.fit(formula + TERM, frame, criterion)
    assert fit.converged
    omegas = list(fit.omegas)

    def at(logs: np.ndarray) -> float:
        ratios = {name: fit.ratios[name] * np.exp(g) for name, g in zip("123", logs, strict=True)}
        return criterion_of(fit, frame, ratios, omegas, criterion)

    assert fit.deviance == pytest.approx(at(np.zeros(3)), abs=DENSE)
    for own in np.eye(3):
        slope = (at(1e-4 * own) - at(-1e-4 * own)) / 2e-4
        assert slope == pytest.approx(0.0, abs=LEVEL)
    counts = frame["wave"].value_counts()
    assert sum(counts[name] * ratio for name, ratio in fit.ratios.items()) == pytest.approx(160)


@pytest.mark.parametrize("criterion", ["REML", "ML"])
@pytest.mark.parametrize("formula", MODELS[:4])
def test_the_gradient_is_that_of_differences(formula, criterion):
    model = parse_formula(formula + TERM)
    working = working_statistics(model, statistics_of(model, rows(2)))
    search = StrataSearch(Search(working, criterion))
    point = np.linspace(0.3, 0.7, search.n_own)
    point = np.append(point, [0.4, -0.3])
    found = jacobian(lambda x: np.array([search.value(x)]), point, np.full(point.size, 1e-5))
    assert search.point(point).gradient == pytest.approx(np.ravel(found), abs=SLOPE * 160)


def test_equal_variances_give_the_model_with_one():
    """Every row once in each of two categories: the ratios are one."""
    frame = rows().drop(columns="wave")
    both = pd.concat([frame.assign(wave="1"), frame.assign(wave="2")])
    fit = mlm.fit("y ~ x + (1 | school)" + TERM, both)
    plain = mlm.fit("y ~ x + (1 | school)", both)
    assert fit.deviance == pytest.approx(plain.deviance, abs=DENSE)
    assert fit.ratios == pytest.approx({"1": 1.0, "2": 1.0}, abs=1e-6)
    assert fit.n_params == plain.n_params + 1
    assert fit.sigma2 == pytest.approx(plain.sigma2, rel=1e-8)


def test_a_fit_is_stored_with_its_variances():
    fit = mlm.fit("y ~ x + (1 | school)" + TERM, rows())
    read = Fit.from_record(fit.to_record())
    assert read.formula == fit.formula and read.model == fit.model
    assert read.ratios == fit.ratios and read.n_params == fit.n_params
    table = fit.variance_components.set_index("term1")
    variances = {name[5]: table.loc[name, "variance"] for name in table.index if "wave" in name}
    assert variances == pytest.approx(fit.residual_variances)
    assert fit.variance("residual", "wave[2]") == fit.residual_variances["2"]


def test_what_carries_no_variance_is_refused_by_name():
    frame = rows()
    frame.loc[3, "wave"] = "4"
    with pytest.raises(ModelError, match=r"by wave: .* fewer than 2 rows: 4 \(1\)"):
        mlm.fit("y ~ x + (1 | school)" + TERM, frame)
    with pytest.raises(ModelError, match="is a number"):
        mlm.fit("y ~ 1 + (1 | school) + diag(0 + x | residual)", frame)
    frame = rows()
    third = frame["wave"] == "3"
    frame.loc[third, "y"] = 1.0 + 2.0 * frame.loc[third, "x"]
    with pytest.raises(FitError, match="no residual variance is left in wave 3"):
        mlm.fit("y ~ x * wave" + TERM, frame)
    plain = statistics_of(parse_formula("y ~ x + (1 | school)"), rows())
    with pytest.raises(StatisticsError, match="wave"):
        mlm.fit("y ~ x + (1 | school)" + TERM, plain)


def test_rows_with_a_covariance_in_the_residuals_place_have_no_variances_beside_it():
    frame = pd.DataFrame(
        {"pupil": np.repeat(np.arange(20), 3).astype(str), "wave": list("123") * 20}
    )
    frame["y"] = np.random.default_rng(3).normal(size=60)
    with pytest.raises(ModelError, match="takes the residual's place"):
        mlm.fit("y ~ 1 + us(0 + wave | pupil)" + TERM, frame)


def test_effects_and_errors_are_those_of_the_matrices():
    frame = rows()
    fit = mlm.fit("y ~ x + (1 + x | school)" + TERM, frame)
    matrices = dense(fit.model.with_residual(None), frame)
    x, z = matrices.x, matrices.z[0]
    noise = np.diag(frame["wave"].map(fit.ratios))
    inverse = np.linalg.inv(matrices.covariance(list(fit.omegas), 0.0) + noise)
    covariance = np.linalg.inv(x.T @ inverse @ x)
    assert fit.covariance == pytest.approx(fit.sigma2 * covariance, rel=1e-8)
    left = inverse @ (matrices.y - x @ fit.beta)
    effects = fit.omegas[0] @ np.array([column.T @ left for column in z])
    table = mlm.posterior_means(fit, frame).table.sort_values("unit", kind="stable")
    for own, term in zip(effects, ("Intercept", "x"), strict=True):
        found = table[table["term"] == term]["estimate"].to_numpy()
        assert found == pytest.approx(own, abs=1e-8)
    explained = x @ fit.beta + sum(c @ own for c, own in zip(z, effects, strict=True))
    projected = inverse - inverse @ x @ covariance @ x.T @ inverse
    share = np.diagonal(noise @ projected @ noise) / np.diagonal(noise)
    sd = np.sqrt(fit.sigma2 * np.diagonal(noise) * share)
    standardised = (matrices.y - explained) / sd
    seen = mlm.residuals(fit, frame, by="wave")
    assert seen.sd == pytest.approx(standardised.std(), rel=1e-8)
    for group in seen.groups:
        own = (frame["wave"] == group.category).to_numpy()
        variance = fit.residual_variances[group.category]
        spread = np.sqrt(variance * np.mean(standardised[own] ** 2))
        assert group.sd == pytest.approx(spread, rel=1e-8)


def test_variances_by_category_are_compared_with_one_and_not_the_other_way():
    frame = rows()
    plain = mlm.fit("y ~ x + (1 | school)", frame)
    large = mlm.fit("y ~ x + (1 + x | school)" + TERM, frame)
    both = mlm.likelihood_ratio_test(plain, large)
    assert both.df == 4 and [part.df for part in both.reference.parts] == [3, 4]
    assert mlm.likelihood_ratio_test(large, plain).refused.kind == "not_nested"
    assert mlm.likelihood_ratio_test(large, mlm.fit("y ~ x + (1 + x | school)", frame)).df is None


@pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
def test_a_variance_at_zero_beside_them_leaves_degrees_of_freedom():
    """The mean of 80 pairs has about as many, as just off zero; not the 160 of the rows."""
    frame = rows()
    frame["pair"] = (np.arange(len(frame)) // 2).astype(str)
    pairs = frame.groupby("pair")["y"].transform("mean")
    frame["y"] -= 0.7 * (pairs - pairs.mean())
    fit = mlm.fit("y ~ x + (1 | pair)" + TERM, frame)
    assert fit.is_singular and fit.converged
    assert fit.degrees[0] == pytest.approx(80.0, rel=0.15)


def test_drawn_responses_have_the_variances_of_the_fit():
    """Moments of sums over waves: their variances over draws are those of the matrices."""
    frame = rows()
    fit = mlm.fit("y ~ x + (1 + x | school)" + TERM, frame)
    stats = sample_of(fit, frame)
    drawing, rng = drawing_of(fit, stats), np.random.default_rng(5)
    draws = [drawing.draw(rng) for _ in range(DRAWS)]
    y = stats.columns.positions[Column(powers=(("y", "identity", 1),))]
    origin, unit = stats.columns.scales["y", "identity"]
    matrices = dense(fit.model.with_residual(None), frame)
    noise = np.diag(frame["wave"].map(fit.ratios))
    v = fit.sigma2 * (matrices.covariance(list(fit.omegas), 0.0) + noise)
    mean = matrices.x @ fit.beta - origin
    for wave in "123":
        own = (frame["wave"] == wave).to_numpy(float)
        found = unit * np.array([drawn.parts[wave][0, y] for drawn in draws])
        z = (found.mean() - own @ mean) / np.sqrt(own @ v @ own / DRAWS)
        assert abs(z) < 4.5
        assert found.var() / (own @ v @ own) == pytest.approx(1.0, abs=4.5 * np.sqrt(2.0 / DRAWS))
        square = unit**2 * np.mean([drawn.parts[wave][y, y] for drawn in draws])
        expected = own @ (np.diagonal(v) + mean**2)
        assert square == pytest.approx(expected, rel=0.05)
    again = fit_model(fit.model, draws[0], "REML", fit)
    assert again.converged and again.ratios != fit.ratios
