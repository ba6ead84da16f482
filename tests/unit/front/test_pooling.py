"""Plausible values: one pass, a fit a draw, pooled; and what is refused of several fits."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import ModelError, NotPooled, StatisticsError
from mlm.front.pooling import sample_of_draws
from mlm.nouns.formula import parse_formula
from mlm.nouns.plausible_values import PlausibleValues, models_of
from mlm.statistics.pooling.components import components_of
from mlm.statistics.pooling.deviance_at import deviance_at
from mlm.statistics.pooling.rubin import pooled

pytestmark = pytest.mark.slow

DRAWS = 4
MATH = PlausibleValues("math", [f"PV{m}M" for m in range(1, DRAWS + 1)])
READ = PlausibleValues("read", [f"PV{m}R" for m in range(1, DRAWS + 1)])
SAME_FIT = 1e-6  # relative; both searches are certified
FORMULAS = [
    "math ~ x + (1 | school)",
    "math ~ x * sex + (1 + x | school) + (1 | school:class)",
    "math ~ read + sex + (1 | school/class)",
    "x ~ read * sex + (1 | school)",
    "math ~ x + (1 + read | school)",
    "math ~ x + (1 | school) + (1 | teacher)",
]


def rows(seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    school, group = np.repeat(np.arange(12), 10), np.tile(np.repeat([0, 1], 5), 12)
    n = school.size
    frame = pd.DataFrame({"school": school.astype(str), "class": group.astype(str)})
    frame["teacher"] = rng.integers(0, 9, n).astype(str)
    frame["x"], frame["sex"] = rng.normal(5.0, 2.0, n), rng.choice(["f", "m"], n)
    ability = (
        0.6 * frame["x"] + rng.normal(size=12)[school] + rng.normal(size=24)[2 * school + group]
    )
    for score, mean in ((MATH, 500.0), (READ, 480.0)):
        truth = mean + 30.0 * (ability + rng.normal(size=n))
        for column in score.columns:
            frame[column] = truth + rng.normal(scale=15.0, size=n)
    return frame


ROWS = rows()


def fit_quietly(*args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mlm.fit(*args, **kwargs)


@pytest.mark.battery(3)
@pytest.mark.parametrize("formula", FORMULAS)
def test_one_pass_gives_the_fits_of_each_draw_pooled(formula):
    scores = [s for s in (MATH, READ) if s.name in formula]
    found = fit_quietly(formula, ROWS, plausible_values=scores)
    alone = [fit_quietly(each, ROWS) for each in models_of(parse_formula(formula), scores)]
    expected = pooled(
        np.array([f.beta for f in alone]),
        np.array([f.covariance for f in alone]),
        np.mean([f.degrees for f in alone], axis=0),
    )
    table = found.fixed_effects
    np.testing.assert_allclose(table["estimate"], expected.estimate, rtol=SAME_FIT, atol=1e-4)
    np.testing.assert_allclose(table["std_error"], expected.std_error, rtol=1e-4)
    assert found.formula.startswith(formula[:4]) and "PV" not in found.formula
    assert not any("PV" in name for name in (*found.names, *found.terms))
    assert "PV" not in found.variance_components.to_string()
    square = table["sampling_error"] ** 2 + table["imputation_error"] ** 2
    np.testing.assert_allclose(square, table["std_error"] ** 2)
    sigma2 = np.mean([f.sigma2 for f in alone])
    assert found.variance_components["variance"].iloc[-1] == pytest.approx(sigma2, rel=1e-4)


@pytest.mark.battery(1)
@pytest.mark.parametrize("formula", FORMULAS[1:3])
def test_the_order_of_draws_changes_nothing(formula):
    scores = [s for s in (MATH, READ) if s.name in formula]
    turned = [PlausibleValues(s.name, s.columns[::-1]) for s in scores]
    a = fit_quietly(formula, ROWS, plausible_values=scores)
    b = fit_quietly(formula, ROWS, plausible_values=turned)
    np.testing.assert_allclose(a.fixed_effects, b.fixed_effects, rtol=1e-3, atol=1e-3)
    assert [f.formula for f in a.fits] == [f.formula for f in b.fits[::-1]]


def test_draws_pair_by_their_number():
    turned = PlausibleValues("read", READ.columns[1:] + READ.columns[:1])
    found = fit_quietly("math ~ read + (1 | school)", ROWS, plausible_values=[MATH, turned])
    assert found.fits[0].formula == "PV1M ~ 1 + PV2R + (1 | school)"


def test_cross_products_serve_several_models():
    largest = models_of(parse_formula("math ~ x + sex + (1 | school)"), [MATH])
    stats = sample_of_draws(largest, [MATH], ROWS, None)
    small = mlm.fit("math ~ x + (1 | school)", stats, "ML", plausible_values=MATH)
    large = mlm.fit("math ~ x + sex + (1 | school)", stats, "ML", plausible_values=MATH)
    tests = [mlm.likelihood_ratio_test(small, large, stats, m) for m in ("D2", "D3", "D4")]
    wald = mlm.wald_test(large, ["sex"])
    for test in tests[1:]:
        assert test.df == 1
        assert test.p_value == pytest.approx(wald.p_value, abs=0.05)
    by_default = (
        mlm.likelihood_ratio_test(small, large),
        mlm.likelihood_ratio_test(small, large, ROWS),
    )
    assert by_default == (tests[0], tests[2])


def test_d4_is_the_test_of_rows_that_are_stacked():
    formulas = ("math ~ x + (1 | school/class)", "math ~ x * sex + (1 | school/class)")
    small, large = (fit_quietly(f, ROWS, "ML", plausible_values=MATH) for f in formulas)
    parts = [
        ROWS.assign(math=ROWS[column], school=f"{m}-" + ROWS["school"])
        for m, column in enumerate(MATH.columns)
    ]
    s, f = (fit_quietly(each, pd.concat(parts), "ML") for each in formulas)
    stacked = (s.deviance - f.deviance) / DRAWS
    pairs = zip(small.fits, large.fits, strict=True)
    mean = np.mean([a.deviance - b.deviance for a, b in pairs])
    riv = max((DRAWS + 1) / (2 * (DRAWS - 1)) * (mean - stacked), 0.0)
    found = mlm.likelihood_ratio_test(small, large, ROWS)
    assert found.statistic == pytest.approx(stacked / (2 * (1 + riv)), rel=1e-5)


DEVIANCES = pytest.mark.parametrize(
    ("formula", "precision"),
    [
        ("PV1M ~ x * sex + (1 + x | school) + (1 | school:class)", None),
        ("PV1M ~ x + (1 | school) + (1 | teacher)", None),
        ("PV1M ~ 0 + x + (1 | school)", "x"),
    ],
)


def test_d4_of_crossed_factors_is_refused_and_d3_is_not():
    formulas = (
        "math ~ 1 + (1 | school) + (1 | teacher)",
        "math ~ x + (1 | school) + (1 | teacher)",
    )
    small, large = (fit_quietly(f, ROWS, "ML", plausible_values=MATH) for f in formulas)
    with pytest.raises(NotPooled, match="D3"):
        mlm.likelihood_ratio_test(small, large, ROWS)
    assert mlm.likelihood_ratio_test(small, large, ROWS, "D3").p_value < 1e-6


@DEVIANCES
def test_a_deviance_at_the_estimates_is_that_of_the_fit(formula, precision):
    frame = ROWS.assign(x=ROWS["x"].abs() + 0.1)
    model = parse_formula(formula)
    stats = mlm.front.fitting.statistics_of(model, frame, precision)
    fit = fit_quietly(model, stats, "ML")
    at = deviance_at(fit.model, stats, fit.beta, fit.covariances, fit.sigma2)
    assert at == pytest.approx(fit.deviance, rel=1e-10)
    moved = deviance_at(fit.model, stats, fit.beta * 1.01, fit.covariances, fit.sigma2)
    assert moved > fit.deviance


def test_errors_of_variances_are_those_of_balanced_groups():
    """Searle, Casella and McCulloch (1992), Variance Components, section 4.7."""
    frame = ROWS.assign(y=ROWS["PV1M"])
    stats = mlm.front.fitting.statistics_of(parse_formula("y ~ 1 + (1 | school)"), frame)
    fit = mlm.fit("y ~ 1 + (1 | school)", stats, "ML")
    j, n, s2 = 12, 10, fit.sigma2
    own = s2 + n * fit.variance("school")
    information = np.array(
        [
            [j * n**2 / (2 * own**2), j * n / (2 * own**2)],
            [j * n / (2 * own**2), j / (2 * own**2) + j * (n - 1) / (2 * s2**2)],
        ]
    )
    found = components_of(fit, fit.random_names, stats)
    np.testing.assert_allclose(found.covariance, np.linalg.inv(information), rtol=1e-8)


def test_errors_of_variances_follow_the_unit_and_origin_of_a_slope():
    formula = "PV1M ~ x + (1 + x | school)"
    moved = ROWS.assign(x=2.0 * ROWS["x"] - 30.0)
    parts = []
    for frame in (ROWS, moved):
        stats = mlm.front.fitting.statistics_of(parse_formula(formula), frame)
        fit = fit_quietly(formula, stats)
        parts.append(components_of(fit, fit.random_names, stats))
    (a, b) = ([part.values[1], np.sqrt(part.covariance[1, 1])] for part in parts)
    np.testing.assert_allclose(a, 4.0 * np.array(b), rtol=1e-4)


def test_shares_add_up_and_stay_inside_zero_and_one():
    found = fit_quietly(FORMULAS[4], ROWS, plausible_values=[MATH, READ]).shares
    assert found["share"].sum() == pytest.approx(1.0)
    assert (found["lower"] > 0).all() and (found["upper"] < 1).all()
    assert (found["std_error"] > 0).all()


@pytest.mark.parametrize(
    ("frame", "formula", "message"),
    [
        (
            ROWS.assign(PV3M=ROWS["PV1M"]),
            "math ~ x + (1 | school)",
            "PV3M holds the same values as",
        ),
        (
            ROWS.assign(PV4M=ROWS[["PV1M", "PV2M", "PV3M"]].mean(axis=1)),
            "math ~ x + (1 | school)",
            "told exactly by the other columns",
        ),
        (ROWS.assign(math=1.0), "math ~ x + (1 | school)", "a column of that name too"),
        (ROWS, "PV1M ~ x + (1 | school)", "does not name it"),
    ],
)
def test_draws_that_are_none_are_refused(frame, formula, message):
    with pytest.raises(ModelError, match=message):
        mlm.fit(formula, frame, plausible_values=MATH)


@pytest.fixture(scope="module")
def two():
    return mlm.fit("math ~ x + (1 | school)", ROWS, plausible_values=MATH)


@pytest.mark.parametrize(
    "ask",
    [
        lambda f: f.deviance,
        lambda f: f.aic,
        lambda f: f.theta,
        lambda f: mlm.posterior_means(mlm.pool(f.fits[:1] * 2), ROWS),
        lambda f: mlm.profile_intervals(f, ROWS),
        lambda f: mlm.r_squared(f, ROWS),
        lambda f: mlm.vpc(f, ROWS, "school", "x", [1]),
        lambda f: mlm.kenward_roger(f, ROWS),
        lambda f: mlm.bootstrap_test(f, f, ROWS),
        lambda f: mlm.residuals(f, ROWS),
        lambda f: mlm.compare(f, f),
        lambda f: mlm.likelihood_ratio_test(f, f),
        lambda f: mlm.term_tests(f, ROWS, "kenward-roger"),
        lambda f: mlm.pool([f.fits[0]]),
        lambda f: mlm.pool([f.fits[0], mlm.fit("PV2M ~ sex + (1 | school)", ROWS)]),
        lambda f: mlm.pool([f.fits[0], mlm.fit("PV2M ~ x + (1 | school)", ROWS, "ML")]),
        lambda f: mlm.pool([f, f]),
        lambda f: mlm.pool([f.fits[:2]]),
        lambda f: mlm.pool([f.fits[:2], f.fits[2:3]]),
    ],
)
def test_what_several_fits_do_not_have_is_refused_by_name(two, ask):
    with pytest.raises(NotPooled):
        ask(two)


def test_an_unknown_attribute_is_no_attribute(two):
    assert not hasattr(two, "no_such_thing") and not hasattr(two, "deviance")


def test_fits_of_imputed_files_are_pooled():
    frames = [ROWS.assign(y=ROWS[column]) for column in MATH.columns]
    fits = [mlm.fit("y ~ x + (1 | school)", frame) for frame in frames]
    plain, whole = mlm.pool(fits), mlm.pool(fits, frames)
    one = mlm.fit("math ~ x + (1 | school)", ROWS, plausible_values=MATH)
    np.testing.assert_allclose(whole.fixed_effects, one.fixed_effects, rtol=1e-4)
    np.testing.assert_allclose(whole.shares["std_error"], one.shares["std_error"], rtol=1e-4)
    assert plain.shares["std_error"].isna().all()
    with pytest.raises(StatisticsError, match="4 fits and 1 samples"):
        mlm.pool(fits, frames[:1])


def test_terms_are_tested_one_by_one_with_the_degrees_of_the_table(two):
    table = mlm.term_tests(two, ROWS)
    assert table.loc["x", "p_value"] == pytest.approx(two.fixed_effects.loc["x", "p_value"])
    assert table.loc["x", "denominator_df"] == pytest.approx(two.fixed_effects.loc["x", "df"])


def test_a_pooled_fit_is_told_in_words(two):
    assert "4 fits by REML, converged" in two.summary()
    assert mlm.predict(two, ROWS.head(3)).shape == (3,)


def test_posterior_means_hold_the_spread_of_the_draws():
    formula = "math ~ x + (1 + read | school)"
    found = fit_quietly(formula, ROWS, plausible_values=[MATH, READ])
    pooled_means = mlm.posterior_means(found, ROWS).of("school")
    draws = [mlm.posterior_means(fit, ROWS).of("school") for fit in found.fits]
    means = np.array([draw.mean for draw in draws])
    np.testing.assert_allclose(pooled_means.mean, means.mean(axis=0))
    spread = (1 + 1 / DRAWS) * means.var(axis=0, ddof=1)
    own = np.mean([np.diagonal(d.conditional, axis1=1, axis2=2) for d in draws], axis=0)
    found_errors = np.diagonal(pooled_means.conditional, axis1=1, axis2=2)
    np.testing.assert_allclose(found_errors, own + spread)
    assert pooled_means.terms == ("Intercept", "read")


def test_nests_of_fits_are_pooled_by_the_nested_rules():
    frames = [ROWS.assign(y=ROWS[column]) for column in MATH.columns]
    fits = [mlm.fit("y ~ x + (1 | school)", frame) for frame in frames]
    found = mlm.pool([fits[:2], fits[2:]], frames)
    q = np.array([fit.beta[1] for fit in fits]).reshape(2, 2)
    inside = np.mean([fit.covariance[1, 1] for fit in fits])
    between, within = 1.5 * q.mean(1).var(ddof=1), 0.5 * q.var(axis=1, ddof=1).mean()
    table = found.fixed_effects.loc["x"]
    assert table["std_error"] ** 2 == pytest.approx(inside + between + within)
    sigma2 = np.array([fit.sigma2 for fit in fits]).reshape(2, 2)
    imputed = 1.5 * sigma2.mean(1).var(ddof=1) + 0.5 * sigma2.var(axis=1, ddof=1).mean()
    residual = found.variance_components.iloc[-1]
    assert residual["imputation_error"] ** 2 == pytest.approx(imputed)


def test_nested_draws_are_fitted_in_one_pass_and_pooled_by_the_nested_rules():
    columns = MATH.columns
    nested = PlausibleValues("math", [columns[:2], columns[2:]])
    found = mlm.fit("math ~ x * sex + (1 | school)", ROWS, plausible_values=nested)
    plain = mlm.fit("math ~ x * sex + (1 | school)", ROWS, plausible_values=MATH)
    expected = mlm.pool([plain.fits[:2], plain.fits[2:]])
    table = found.fixed_effects
    np.testing.assert_allclose(table["std_error"], expected.fixed_effects["std_error"])
    np.testing.assert_allclose(table["estimate"], plain.fixed_effects["estimate"])
    test = mlm.wald_test(found, ["x"])
    assert test.statistic == pytest.approx(table.loc["x", "t"] ** 2)
    assert test.p_value == pytest.approx(table.loc["x", "p_value"])
    small = mlm.fit("math ~ x + (1 | school)", ROWS, "ML", plausible_values=nested)
    large = mlm.fit("math ~ x + sex + (1 | school)", ROWS, "ML", plausible_values=nested)
    for ask in (
        lambda: mlm.wald_test(found, ["x", "sex"]),
        lambda: mlm.likelihood_ratio_test(small, large, ROWS),
        lambda: mlm.posterior_means(found, ROWS),
    ):
        with pytest.raises(NotPooled, match="nested"):
            ask()
