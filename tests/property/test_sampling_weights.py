"""Laws of sampling weights: a weight of w is w times the same unit, and its unit is no matter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlm
from mlm.statistics.likelihood.identification import NotIdentified
from tests.drawn_cases import cases
from tests.nested_rows import formula, nested_rows

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")

SAME = 1e-8  # relative, of a likelihood and of estimates that are the same
NEAR = 1e-4  # relative: searches end where a step could gain 1e-8, 1e-4 of a standard error
BESIDE = 1e-6  # relative, of a likelihood on a bound, where a slope of 1e-4 counts as none
SANDWICH = {"standard_errors": "linearised"}  # no fit without each cluster
CASES = settings(max_examples=cases(2), derandomize=True)
SIZES = {
    2: {"school": 9, "row": (3, 5)},
    3: {"school": 7, "pupil": (2, 4), "row": (2, 4)},
    4: {"county": 6, "school": 3, "pupil": (2, 3), "row": (2, 3)},
}


def drawn_rows(seed: int, depth: int) -> tuple[pd.DataFrame, list[str]]:
    """Rows whose conditional weights are small integers, ``w_school`` and so on."""
    rng = np.random.default_rng(seed)
    sizes = SIZES[depth]
    levels = [name for name in sizes if name != "row"]
    variances = dict.fromkeys(levels, 0.8)
    rows = nested_rows(rng, sizes, variances, {levels[0]: 0.3}, residual=0.7)
    for i, level in enumerate(levels):
        path = rows[levels[: i + 1]].agg("|".join, axis=1)
        codes, names = pd.factorize(path)
        rows[f"w_{level}"] = rng.integers(1, 4, names.size)[codes].astype(float)
    return rows.assign(w_row=rng.integers(1, 4, len(rows)).astype(float)), levels


def repeated(rows: pd.DataFrame, levels: list[str]) -> pd.DataFrame:
    """The rows with each unit, and in it each unit inside, as often as it weighs."""
    for i, level in enumerate([*levels, "row"]):
        times = rows[f"w_{level}"].astype(int).to_numpy()
        copy = np.concatenate([np.arange(n) for n in times])
        rows = rows.loc[rows.index.repeat(times)].reset_index(drop=True)
        if i < len(levels):
            rows[level] = rows[level] + "_" + copy.astype(str)
    return rows


def weights_of(levels: list[str]) -> dict[str, str]:
    return {level: f"w_{level}" for level in [*levels, "row"]}


def on_bound(fit) -> bool:
    """Whether a variance is zero or two effects are one: there the optimum is flat."""
    least = min(float(np.linalg.eigvalsh(omega)[0]) for omega in fit.omegas)
    return fit.is_singular or least < 1e-4


def values(fit) -> np.ndarray:
    return np.concatenate([fit.beta, *(c.ravel() for c in fit.covariances), [fit.sigma2]])


@pytest.mark.parametrize("depth", SIZES)
@CASES
@given(st.integers(0, 10_000))
def test_integer_weights_are_rows_and_units_repeated(depth, seed):
    rows, levels = drawn_rows(seed, depth)
    text = formula(levels, "x + kind", slopes=(levels[0],))
    design = mlm.SamplingDesign(weights_of(levels), are="conditional", scaling="none", **SANDWICH)
    weighted = mlm.fit(text, rows, design=design)
    whole = mlm.fit(text, repeated(rows, levels), criterion="ML")
    is_inside = not (on_bound(whole) or on_bound(weighted))
    assert weighted.deviance == pytest.approx(whole.deviance, rel=SAME if is_inside else BESIDE)
    if is_inside:
        assert values(weighted) == pytest.approx(values(whole), rel=NEAR, abs=NEAR)


@pytest.mark.battery(2)
@pytest.mark.parametrize("scaling", ["effective", "size", "none"])
@CASES
@given(st.integers(0, 10_000), st.sampled_from([1e-3, 7.0, 1e6]))
def test_the_unit_of_the_outermost_weights_changes_nothing(scaling, seed, unit):
    rows, levels = drawn_rows(seed, 3)
    text = formula(levels, "x")
    design = mlm.SamplingDesign(weights_of(levels), are="conditional", scaling=scaling, **SANDWICH)
    one = mlm.fit(text, rows, design=design)
    other = mlm.fit(text, rows.assign(w_school=unit * rows["w_school"]), design=design)
    assert other.deviance == pytest.approx(unit * one.deviance, rel=SAME)
    assert values(other) == pytest.approx(values(one), rel=SAME)
    assert other.covariance == pytest.approx(one.covariance, rel=NEAR)


@pytest.mark.battery(2)
@pytest.mark.parametrize("scaling", ["effective", "size", "none"])
@CASES
@given(st.integers(0, 10_000), st.sampled_from([2, 3, 4]))
def test_weights_of_one_are_none(scaling, seed, depth):
    rows, levels = drawn_rows(seed, depth)
    rows = rows.assign(**{f"w_{level}": 1.0 for level in [*levels, "row"]})
    text = formula(levels, "x + kind", slopes=(levels[0],))
    design = mlm.SamplingDesign(weights_of(levels), scaling=scaling, **SANDWICH)
    weighted, plain = mlm.fit(text, rows, design=design), mlm.fit(text, rows, criterion="ML")
    assert weighted.deviance == pytest.approx(plain.deviance, rel=SAME)
    assert values(weighted) == pytest.approx(values(plain), rel=NEAR, abs=NEAR)
    assert weighted.design.unit == pytest.approx(1.0)


@CASES
@given(st.integers(0, 10_000))
def test_overall_weights_are_products_of_conditional_ones(seed):
    rows, levels = drawn_rows(seed, 3)
    text = formula(levels, "x")
    products = rows.assign(w_pupil=rows["w_school"] * rows["w_pupil"])
    products["w_row"] = products["w_pupil"] * products["w_row"]
    shuffled = products.sample(frac=1.0, random_state=seed)
    given_rows = mlm.SamplingDesign(weights_of(levels), are="conditional", **SANDWICH)
    inside = mlm.fit(text, rows, design=given_rows)
    overall = mlm.fit(text, shuffled, design=mlm.SamplingDesign(weights_of(levels), **SANDWICH))
    assert overall.deviance == pytest.approx(inside.deviance, rel=SAME)
    assert values(overall) == pytest.approx(values(inside), rel=NEAR)
    assert overall.covariance == pytest.approx(inside.covariance, rel=NEAR)


@CASES
@given(st.integers(0, 10_000))
def test_a_unit_and_its_copies_have_one_effect(seed):
    rows, levels = drawn_rows(seed, 3)
    text = formula(levels, "x")
    design = mlm.SamplingDesign(
        weights_of(levels), are="conditional", scaling="none", standard_errors="linearised"
    )
    whole = repeated(rows, levels)
    weighted, plain = mlm.fit(text, rows, design=design), mlm.fit(text, whole, criterion="ML")
    if on_bound(plain):
        return
    mine = mlm.posterior_means(weighted, rows).of("school").table.set_index("unit")
    its = mlm.posterior_means(plain, whole).of("school").table.set_index("unit")
    first = its.loc[[f"{unit}_0" for unit in mine.index]]
    assert mine["estimate"].to_numpy() == pytest.approx(first["estimate"].to_numpy(), abs=1e-5)
    assert mine["std_error"].to_numpy() == pytest.approx(first["std_error"].to_numpy(), rel=1e-5)
    assert mine["rows"].tolist() == rows.groupby("school")["y"].size().loc[mine.index].tolist()


def test_a_covariance_over_waves_takes_weights():
    rng, waves = np.random.default_rng(3), 3
    path = np.array(
        [(s, p, w, r) for s in range(12) for p in range(4) for w in range(3) for r in "ab"]
    )
    rows = pd.DataFrame(path, columns=["school", "pupil", "wave", "copy"]).drop(columns="copy")
    school, wave = rows["school"].astype(int), rows["wave"].astype(int)
    effects = rng.normal(size=(12, 1)) * 0.7 + rng.normal(size=(12, waves)) * 0.7
    x = rng.normal(size=len(rows))
    y = x + effects[school, wave] + rng.normal(size=len(rows))
    number = np.arange(len(rows))
    rows = rows.assign(x=x, y=y, wave="w" + rows["wave"], w_school=school % 3 + 1.0)
    rows = rows.assign(w_pupil=number // 6 % 2 + 1.0, w_row=number % 2 + 1.0)
    levels = ["school", "pupil"]
    text = "y ~ x + wave + ar1(0 + wave | school) + (1 | school:pupil)"
    design = mlm.SamplingDesign(weights_of(levels), are="conditional", scaling="none", **SANDWICH)
    weighted = mlm.fit(text, rows, design=design)
    whole = mlm.fit(text, repeated(rows, levels), criterion="ML")
    assert weighted.deviance == pytest.approx(whole.deviance, rel=SAME)
    assert values(weighted) == pytest.approx(values(whole), rel=NEAR, abs=NEAR)
    assert len(weighted.design.variance_covariance) == len(weighted.variance_components)


def test_rows_in_batches_of_a_file_are_those_of_a_frame(tmp_path, monkeypatch):
    from mlm.rows.accumulating import parquet_source

    rows, levels = drawn_rows(1, 3)
    monkeypatch.setattr(parquet_source, "BATCH_ROWS", 7)
    rows.to_parquet(tmp_path / "rows.parquet", row_group_size=11)
    text = formula(levels, "x + kind", slopes=("school",))
    design = mlm.SamplingDesign(weights_of(levels), are="conditional", **SANDWICH)
    one = mlm.fit(text, rows, design=design)
    other = mlm.fit(text, tmp_path / "rows.parquet", design=design)
    assert other.deviance == pytest.approx(one.deviance, rel=SAME)
    assert other.covariance == pytest.approx(one.covariance, rel=NEAR)


@CASES
@given(st.integers(0, 10_000))
def test_what_is_identified_does_not_depend_on_weights(seed):
    """However unequal weights are; what the rows cannot tell apart they do not tell with them."""
    rng = np.random.default_rng(seed)
    rows, levels = drawn_rows(seed, 3)
    code = rows["school"].astype(int)
    unequal = {
        "w_school": np.exp(rng.normal(0, 1.5, 7))[code],
        "w_row": 1 + rng.exponential(size=len(rows)),
    }
    rows = rows.assign(one="x", w_one=1.0, **unequal)
    design = mlm.SamplingDesign(weights_of(levels), are="conditional", **SANDWICH)
    assert mlm.fit(formula(levels, "x + z"), rows, design=design).converged
    alike = mlm.SamplingDesign(
        {"school": "w_school", "row": "w_row"}, are="conditional", **SANDWICH
    )
    for confounded in ("y ~ x + (1 | school) + (1 | school:one)", "y ~ school + (1 | school)"):
        with pytest.raises(NotIdentified):
            mlm.fit(confounded, rows, design=alike)
