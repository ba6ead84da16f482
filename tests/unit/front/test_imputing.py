"""``mlm.impute``: what it takes, what it gives, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from mlm.errors import ModelError
from tests.incomplete_rows import incomplete_rows
from tests.rows_in_classes import FORMULA as FORMULA_OF_CLASSES
from tests.rows_in_classes import crossed_rows, with_gaps

pytestmark = pytest.mark.slow

FORMULA = "y ~ x0 + x1 + z + (1 | g)"
QUICK = {"draws": 4, "chains": 2, "burn_in": 5, "between": 2}


@pytest.fixture(scope="module")
def rows():
    return incomplete_rows(150, 12, 2, 0.3, seed=2)


def test_imputations_have_all_rows_and_are_fitted_and_pooled(rows):
    drawn = mlm.impute(FORMULA, rows, **QUICK)
    assert len(drawn) == 4
    assert drawn.missing == rows[["x0", "x1"]].isna().sum().to_dict()
    assert {stats.n_obs for stats in drawn} == {150}
    pooled = mlm.pool([mlm.fit(FORMULA, stats) for stats in drawn], list(drawn))
    assert list(pooled.fixed_effects.index) == ["Intercept", "x0", "x1", "z"]
    assert (pooled.fixed_effects["imputation_error"] > 0.0).all()


def test_the_same_seed_gives_the_same_sums(rows):
    first, again = (mlm.impute(FORMULA, rows, seed=3, **QUICK) for _ in range(2))
    other = mlm.impute(FORMULA, rows, seed=4, **QUICK)
    assert np.array_equal(first[0].total, again[0].total)
    assert not np.allclose(first[0].total, other[0].total)


def test_rows_in_another_order_give_the_same_sums(rows):
    shuffled = rows.sample(frac=1.0, random_state=1)
    first, second = (mlm.impute(FORMULA, each, **QUICK) for each in (rows, shuffled))
    assert first.missing == second.missing
    names = [sorted(each[0].levels[0].labels) for each in (first, second)]
    assert names[0] == names[1]


def test_complete_rows_are_given_back(rows):
    complete = rows.dropna()
    (first, second, *_) = mlm.impute(FORMULA, complete, **QUICK)
    plain = mlm.fit(FORMULA, complete, criterion="ML")
    assert mlm.fit(FORMULA, first, criterion="ML").deviance == pytest.approx(plain.deviance)
    assert np.allclose(first.total, second.total)


def test_a_given_model_says_what_responds(rows):
    drawn = mlm.impute(FORMULA, rows, model="x0 + x1 ~ y + z + (1 | g)", **QUICK)
    assert drawn.responses == ("x0", "x1")
    assert drawn.predictors == ("Intercept", "y", "z")
    usual = mlm.impute(FORMULA, rows, **QUICK)
    assert usual.responses == ("y", "x0", "x1")
    assert usual.predictors == ("Intercept", "z")


def test_auxiliary_variables_are_drawn_from(rows):
    helped = rows.assign(a=rows["z"] + np.arange(150) % 7)
    drawn = mlm.impute(FORMULA, helped, auxiliary=["a"], **QUICK)
    assert drawn.predictors == ("Intercept", "z", "a")
    twice = helped.assign(b=2.0 * helped["a"] + 1.0)
    drawn = mlm.impute(FORMULA, twice, auxiliary=["a", "b"], **QUICK)
    assert drawn.predictors == ("Intercept", "z", "a")  # the same information counts once


@pytest.mark.parametrize(
    ("formula", "given", "match"),
    [
        (FORMULA, {"model": "x0 ~ y + (1 | g)"}, "x1: missing in some rows"),
        (FORMULA, {"model": "x0 + x1 ~ y"}, "no level"),
        (FORMULA, {"model": "x0 + x1 ~ y + (1 + y | g)"}, "intercept for each level"),
        ("y ~ x0 + z", {}, "no level"),
        ([FORMULA, "z ~ x0 + (1 | g)"], {}, "2 outcomes"),
    ],
)
def test_what_cannot_be_imputed_is_refused(rows, formula, given, match):
    with pytest.raises(ModelError, match=match):
        mlm.impute(formula, rows, **QUICK, **given)


def test_a_variable_without_any_value_is_refused(rows):
    with pytest.raises(ModelError, match="x0 is missing in all 150 rows"):
        mlm.impute(FORMULA, rows.assign(x0=np.nan), **QUICK)


def test_products_and_categories_are_completed_by_rows_and_told(rows):
    rng = np.random.default_rng(5)
    kind = np.array(["a", "b", "c"])[(rows["z"] + rng.normal(size=150) > 0).astype(int)]
    mixed = rows.assign(kind=np.where(rng.random(150) < 0.1, "c", kind))
    mixed.loc[rng.random(150) < 0.2, "kind"] = None
    formula = "y ~ x0 * z + I(x1 ** 2) + kind + (1 | g)"
    drawn = mlm.impute(formula, mixed, **QUICK)
    assert drawn.responses == ("y", "x0", "x1", "kind[b]", "kind[c]")
    told = {(each.kind, each.variables, each.incomplete) for each in drawn.not_compatible}
    assert told == {("power", ("x1",), ("x1",)), ("product", ("x0", "z"), ("x0",))}
    assert {stats.n_obs for stats in drawn} == {150}
    for stats in drawn:
        counts = [stats.total[0, i] for i, c in enumerate(stats.columns.columns) if c.indicators]
        assert all(float(count).is_integer() for count in counts)
    pooled = mlm.pool([mlm.fit(formula, stats) for stats in drawn])
    assert "kind[T.c]" in pooled.fixed_effects.index
    again = mlm.impute(formula, mixed, **QUICK)
    assert np.array_equal(drawn[1].total, again[1].total)


def test_rows_without_the_outcome_stay_out_of_sums_and_of_completed_rows(rows):
    few = rows.copy()
    few.loc[few.index[::10], "y"] = np.nan
    for formula in (FORMULA, "y ~ x0 * x1 + z + (1 | g)"):
        drawn = mlm.impute(formula, few, **QUICK)
        assert {stats.n_obs for stats in drawn} == {135}
        assert drawn.missing == few.loc[few["y"].notna(), ["x0", "x1"]].isna().sum().to_dict()


@pytest.mark.parametrize("model", [None, "y + x0 + x1 ~ z + (1 | g)"])
def test_crossed_levels_are_levels_like_others_unless_the_model_leaves_them_out(rows, model):
    crossed = rows.assign(h=np.arange(150) % 10)
    formula = "y ~ x0 + x1 + z + (1 | g) + (1 | h)"
    drawn = mlm.impute(formula, crossed, model=model, **QUICK)
    assert set(drawn[0].n_groups) == {"g", "h"}
    fits = [mlm.fit(formula, stats) for stats in drawn]
    assert mlm.pool(fits).fixed_effects["estimate"].notna().all()


def test_a_variable_of_crossed_units_has_one_value_in_each():
    rows = with_gaps(crossed_rows(10, 8, 3, 2, seed=1), 0.3, seed=2)
    drawn = mlm.impute(FORMULA_OF_CLASSES, rows, **QUICK)
    assert drawn.responses == ("y", "x")
    assert drawn.responses_of_units == (("w", "kind[b]"),)
    for stats in drawn:
        assert stats.n_obs == len(rows)
        sums = next(f.sums for f in stats.crossing.factors if f.name == "class_")[0]
        for name in ("w", "kind[b]"):
            place = [column.name for column in stats.columns.columns].index(name)
            within = stats.total[place, place] - np.sum(sums[:, place] ** 2 / sums[:, 0])
            assert within == pytest.approx(0.0, abs=1e-8), name
    again = mlm.impute(FORMULA_OF_CLASSES, rows, **QUICK)
    assert np.array_equal(drawn[1].total, again[1].total)


def test_variables_of_units_have_one_value_in_each(rows):
    rng = np.random.default_rng(6)
    many = incomplete_rows(400, 40, 1, 0.2, seed=8)
    size, kind = rng.normal(size=40), rng.random(40) < 0.5
    many["size"] = np.where(rng.random(40) < 0.3, np.nan, size)[many["g"]]
    many["kind"] = np.where(kind, "b", "a")[many["g"]]
    many.loc[many["g"].isin([3, 9, 21]), "kind"] = None
    formula = "y ~ x0 + size + kind + z + (1 | g)"
    drawn = mlm.impute(formula, many, **QUICK)
    assert drawn.responses == ("y", "x0")
    assert drawn.responses_of_units == (("size", "kind[b]"),)
    for stats in drawn:
        assert stats.n_obs == 400
        names = [c.name for c in stats.columns.columns]
        sums = stats.levels[-1].sums[0]
        place = names.index("size")
        within = stats.total[place, place] - np.sum(sums[:, place] ** 2 / sums[:, 0])
        assert within == pytest.approx(0.0, abs=1e-9)
        shares = sums[:, names.index("kind[b]")] / sums[:, 0]
        assert set(shares.round(12)) == {0.0, 1.0}
    assert not np.allclose(drawn[0].total, drawn[1].total)


def test_too_few_units_are_refused():
    few = incomplete_rows(120, 6, 1, 0.2, seed=9)
    few["size"] = np.array([1.0, 2.0, np.nan, 3.0, 2.5, 0.5])[few["g"]]
    with pytest.raises(ModelError, match="size: missing in some of 6 units"):
        mlm.impute("y ~ x0 + size + z + (1 | g)", few, **QUICK)
