"""Replicates from cross-products are those from rows, by clusters and where factors differ."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import StatisticsError, SurveyError
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.replication.made_factors import leaving_one_out

pytestmark = pytest.mark.slow

SAME_FIT = 1e-6  # relative; both are at certified optima
WEIGHTS = {"row": "w", "school": "ws"}
FORMULAS = {
    "two levels": "y ~ x + (1 | school)",
    "a slope": "y ~ x + (1 + x | school)",
    "three levels": "y ~ x + (1 | school/class)",
    "three levels, slopes": "y ~ x + (1 + x | school) + (1 + x | school:class)",
    "uncorrelated": "y ~ x + (x || school)",
}


def rows(seed: int = 3, schools: int = 24) -> pd.DataFrame:
    """Pupils of classes of schools, with weights and balanced replicates of schools."""
    rng = np.random.default_rng(seed)
    school, group = np.repeat(np.arange(schools), 24), np.tile(np.repeat([0, 1, 2], 8), schools)
    n = school.size
    frame = pd.DataFrame({"school": school, "class": group, "x": rng.normal(size=n)})
    slopes = 0.6 * rng.normal(size=(2, schools))
    classes = 0.6 * rng.normal(size=(2, 3 * schools))[:, 3 * school + group]
    frame["y"] = slopes[0][school] + classes[0] + rng.normal(size=n)
    frame["y"] += (0.5 + slopes[1][school] + classes[1]) * frame["x"]
    frame["ws"] = rng.gamma(8.0, size=schools)[school]
    frame["w"] = frame["ws"] * rng.uniform(1.0, 3.0, n)
    factors = 1.0 + 0.5 * rng.choice([-1.0, 1.0], (schools, 6))
    for r in range(6):
        frame[f"r{r}"] = frame["w"] * factors[school, r]
    return frame


ROWS = rows()
DESIGN = mlm.SamplingDesign(WEIGHTS, replicates=mlm.fay([f"r{r}" for r in range(6)]))


def quietly(function, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **kwargs)


def from_rows(formula: str, r: int, design: mlm.SamplingDesign) -> np.ndarray:
    """Estimates from the rows of a replicate: its weights, and schools that weigh as it says."""
    factor = ROWS[f"r{r}"] / ROWS["w"]
    frame = ROWS.assign(w=ROWS[f"r{r}"], ws=ROWS["ws"] * factor)
    own = mlm.SamplingDesign(design.weights, scaling=design.scaling)
    fit = quietly(mlm.fit, formula, frame, design=own)
    return np.concatenate([fit.beta, fit.variance_components["variance"]])


@pytest.mark.battery(3)
@pytest.mark.parametrize(
    ("name", "scaling"),
    [
        ("two levels", "effective"),
        ("two levels", "none"),
        ("a slope", "effective"),
        ("three levels", "effective"),
        pytest.param("three levels, slopes", "effective", marks=pytest.mark.study),
        pytest.param("uncorrelated", "effective", marks=pytest.mark.study),
    ],
)
def test_replicates_from_cross_products_are_those_from_rows(name, scaling):
    formula = FORMULAS[name]
    design = mlm.SamplingDesign(WEIGHTS, scaling=scaling, replicates=DESIGN.replicates)
    fit = quietly(mlm.fit, formula, ROWS, design=design)
    found = quietly(mlm.replicate, fit, ROWS).draws[0]
    for r in (0, 5):
        expected = from_rows(formula, r, design)
        np.testing.assert_allclose(found.estimates[1 + r], expected, rtol=2e-5, atol=SAME_FIT)
    whole = np.concatenate([fit.beta, fit.variance_components["variance"]])
    np.testing.assert_allclose(found.estimates[0], whole, rtol=1e-8)
    apart = found.estimates[1:] - found.estimates[0]
    scale = design.replicates.scale(6)[0]
    np.testing.assert_allclose(found.std_error, np.sqrt(scale * np.sum(apart**2, axis=0)))


def test_linearised_errors_are_near_refitted_ones_for_many_schools():
    frame = rows(seed=5, schools=120)
    fit = quietly(mlm.fit, FORMULAS["two levels"], frame, design=DESIGN)
    assert fit.design.method == "replicates" and fit.df_design == 6
    ratio = quietly(mlm.replicate, fit, frame).ratio["fit 1"]
    assert ratio.between(0.9, 1.1).all()


def test_a_jackknife_of_clusters_is_the_sandwich():
    """JK1 without refits: D = C / (C - 1) (I - 1 1' / C), that of the joint sandwich."""
    made = mlm.SamplingDesign(WEIGHTS, replicates=mlm.jk1(psu="school"))
    plain = mlm.SamplingDesign(WEIGHTS, standard_errors="linearised")
    a, b = (quietly(mlm.fit, FORMULAS["two levels"], ROWS, design=d) for d in (made, plain))
    np.testing.assert_allclose(a.design.covariance, b.design.covariance, rtol=1e-6, atol=1e-9)
    assert a.df_design == b.df_design == 23


def test_leaving_a_school_out_is_leaving_out_its_rows():
    design = mlm.SamplingDesign(WEIGHTS, scaling="effective", replicates=mlm.jk1(psu="school"))
    formula = FORMULAS["three levels"]
    found = quietly(mlm.replicate, quietly(mlm.fit, formula, ROWS, design=design), ROWS).draws[0]
    plain = mlm.SamplingDesign(WEIGHTS)
    order = leaving_one_out(np.zeros(24, dtype=int)).values
    assert (np.diagonal(order) == 0.0).all()
    left = [
        quietly(mlm.fit, formula, ROWS[ROWS["school"] != school], design=plain).beta
        for school in (0, 7)
    ]
    for school, beta in zip((0, 7), left, strict=True):
        at = found.estimates[1 + school, :2]
        np.testing.assert_allclose(at, beta, rtol=1e-6, atol=1e-6)


def test_a_variance_at_zero_is_searched_for_in_every_replicate():
    rng = np.random.default_rng(2)
    frame = ROWS.assign(y=rng.normal(size=len(ROWS)))
    fit = quietly(mlm.fit, FORMULAS["two levels"], frame, design=DESIGN)
    found = quietly(mlm.replicate, fit, frame).draws[0]
    assert fit.variance("school") == 0.0
    assert found.by_search == 6
    assert np.isfinite(found.estimates).all()
    assert (found.estimates[:, 2] >= 0.0).all()


def adjusted(frame: pd.DataFrame) -> pd.DataFrame:
    """Replicates whose weights were adjusted by cells of pupils, as those of PISA since 2006."""
    cells = 1.0 + 0.1 * np.random.default_rng(4).normal(size=(2, 6))
    where = (frame["x"] > 0).to_numpy().astype(int)
    names = [f"r{r}" for r in range(6)]
    return frame.assign(**{name: frame[name] * cells[where, r] for r, name in enumerate(names)})


@pytest.mark.parametrize(
    "formula",
    [
        FORMULAS["two levels"],
        pytest.param(FORMULAS["a slope"], marks=pytest.mark.study),
        pytest.param(FORMULAS["three levels"], marks=pytest.mark.study),
    ],
)
def test_factors_that_differ_in_a_school_are_not_averaged(formula):
    frame = adjusted(ROWS)
    fit = quietly(mlm.fit, formula, frame, design=DESIGN)
    found = quietly(mlm.replicate, fit, frame)
    assert found.made_from == "classes" and found.spread > 0.05
    np.testing.assert_allclose(fit.covariance, found.fit.covariance)
    assert fit.design.method == "replicates" and fit.df_design == 6
    own = mlm.SamplingDesign(WEIGHTS, are="conditional")
    each = []
    for r in range(6):
        sums = frame.groupby("school")[["w", f"r{r}"]].transform("sum")
        unit = frame["ws"] * sums[f"r{r}"] / sums["w"]
        moved = frame.assign(w=frame[f"r{r}"] / unit, ws=unit)
        each.append(quietly(mlm.fit, formula, moved, design=own).beta)
    expected = np.sum((np.array(each) - fit.beta) ** 2, axis=0) * DESIGN.replicates.scale(6)[0]
    np.testing.assert_allclose(np.diagonal(fit.covariance), expected, rtol=1e-6)


def errors_by_rows(solution, stats, frame: pd.DataFrame, names: tuple[str, ...]):
    """Errors from fits to the rows of every replicate."""
    from mlm.front.refits_from_rows import errors_of_samples, replicate_samples

    samples = replicate_samples([solution.fit.model], stats, frame, names, by_classes=False)
    assert samples.made_from == "rows"
    return errors_of_samples([solution], stats, samples.each)


@pytest.mark.parametrize("formula", [FORMULAS["two levels"], FORMULAS["three levels"]])
def test_by_rows_and_by_clusters_are_the_same_where_both_can_be(formula):
    from mlm.front.fitting import sample_of
    from mlm.statistics.fitting.solution import solve

    fit = quietly(mlm.fit, formula, ROWS, design=DESIGN)
    stats = sample_of(fit, ROWS)
    solution = quietly(solve, fit.model, stats, "ML", fit)
    names = tuple(f"r{r}" for r in range(6))
    (by_rows,) = quietly(errors_by_rows, solution, stats, ROWS, names)
    by_clusters = quietly(mlm.replicate, fit, ROWS).draws[0]
    np.testing.assert_allclose(by_rows.estimates, by_clusters.estimates, rtol=2e-5, atol=SAME_FIT)


def test_cross_products_without_rows_cannot_be_replicated_by_rows():
    from mlm.front.fitting import sample_of

    frame = adjusted(ROWS)
    fit = quietly(mlm.fit, FORMULAS["two levels"], frame, design=DESIGN)
    stats = sample_of(fit, frame)
    with pytest.raises(StatisticsError, match="give the rows, not their cross-products"):
        mlm.replicate(fit, stats)


def test_cross_products_hold_their_replicates():
    fit = quietly(mlm.fit, FORMULAS["two levels"], ROWS, design=DESIGN)
    from mlm.front.fitting import sample_of

    stats = sample_of(fit, ROWS)
    again = quietly(mlm.fit, FORMULAS["two levels"], stats)
    np.testing.assert_allclose(again.covariance, fit.covariance)
    by_stats = quietly(mlm.replicate, fit, stats)
    by_rows = quietly(mlm.replicate, fit, ROWS)
    np.testing.assert_allclose(by_stats.fit.covariance, by_rows.fit.covariance)


def test_cross_products_made_elsewhere_are_given_their_replicates():
    stats = statistics_of(parse_formula(FORMULAS["two levels"]), ROWS, design=DESIGN)
    with pytest.raises(SurveyError, match="mlm.with_replicates"):
        mlm.fit(FORMULAS["two levels"], stats)
    fit = quietly(mlm.fit, FORMULAS["two levels"], mlm.with_replicates(stats, ROWS))
    expected = quietly(mlm.fit, FORMULAS["two levels"], ROWS, design=DESIGN)
    np.testing.assert_allclose(fit.covariance, expected.covariance)


def test_errors_of_clusters_are_had_beside_those_of_replicates():
    fit = quietly(mlm.fit, FORMULAS["two levels"], ROWS, design=DESIGN)
    plain = mlm.SamplingDesign(WEIGHTS, standard_errors="linearised")
    expected = quietly(mlm.fit, FORMULAS["two levels"], ROWS, design=plain)
    found = quietly(mlm.with_errors, fit, ROWS, "joint")
    np.testing.assert_allclose(found.covariance, expected.covariance)
    assert (found.df_design, found.design.method) == (23, "linearised")


def test_plausible_values_are_replicated_and_pooled():
    rng = np.random.default_rng(8)
    draws = {f"pv{m}": ROWS["y"] + 0.3 * rng.normal(size=len(ROWS)) for m in range(3)}
    frame = ROWS.assign(**draws)
    score = mlm.PlausibleValues("score", list(draws))
    fit = quietly(mlm.fit, "score ~ x + (1 | school)", frame, plausible_values=score, design=DESIGN)
    found = quietly(mlm.replicate, fit, frame)
    for m, draw in enumerate(found.draws):
        alone = quietly(mlm.fit, f"pv{m} ~ x + (1 | school)", frame, design=DESIGN)
        own = quietly(mlm.replicate, alone, frame).draws[0]
        np.testing.assert_allclose(draw.std_error, own.std_error, rtol=1e-4)
    sampling = np.mean([draw.std_error[:2] ** 2 for draw in found.draws], axis=0)
    np.testing.assert_allclose(found.fixed_effects["sampling_error"] ** 2, sampling)
    assert list(found.ratio.columns) == ["fit 1", "fit 2", "fit 3"]


@pytest.mark.parametrize(
    ("frame", "design", "message"),
    [
        (ROWS.assign(r1=np.nan), DESIGN, "r1 is missing"),
        (
            ROWS,
            mlm.SamplingDesign({"school": "ws"}, replicates=DESIGN.replicates),
            "no overall weight",
        ),
    ],
)
def test_replicates_that_do_not_fit_the_sample_are_refused(frame, design, message):
    with pytest.raises(SurveyError, match=message):
        mlm.fit(FORMULAS["two levels"], frame, design=design)


def test_a_fit_without_replicates_is_not_replicated():
    fit = quietly(mlm.fit, FORMULAS["two levels"], ROWS, design=mlm.SamplingDesign(WEIGHTS))
    with pytest.raises(StatisticsError, match="no replicates"):
        mlm.replicate(fit, ROWS)
    with pytest.raises(StatisticsError, match="no replicates"):
        mlm.replicate(mlm.fit(FORMULAS["two levels"], ROWS), ROWS)


def test_files_and_frames_give_the_same_replicates_by_rows(tmp_path):
    rng = np.random.default_rng(6)
    kind = pd.Categorical(rng.choice(["town", "city"], len(ROWS)), ["town", "city"])
    frame = adjusted(ROWS).assign(kind=kind)
    frame.to_parquet(tmp_path / "rows.parquet")
    formula = "y ~ x * kind + (1 | school)"
    a = quietly(mlm.fit, formula, frame, design=DESIGN)
    b = quietly(mlm.fit, formula, tmp_path / "rows.parquet", design=DESIGN)
    assert a.names == b.names and "kind[T.city]" in a.names
    np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-5, atol=1e-9)


def test_halves_inside_schools_are_made_of_rows():
    """Pairs of pupils in schools that are in the sample with certainty, as TIMSS has them."""
    frame = ROWS.assign(zone=ROWS["school"], half=np.arange(len(ROWS)) % 2)
    design = mlm.SamplingDesign(WEIGHTS, replicates=mlm.jk2(zone="zone", unit="half"))
    fit = quietly(mlm.fit, FORMULAS["two levels"], frame, design=design)
    found = quietly(mlm.replicate, fit, frame)
    assert found.made_from == "classes" and found.spread == pytest.approx(2.0)
    school = frame[~((frame["school"] == 3) & (frame["half"] == 0))]
    doubled = np.where(school["school"] == 3, 2.0, 1.0)
    own = frame.groupby("school")["w"].transform("sum")[school.index]
    now = (school["w"] * doubled).groupby(school["school"]).transform("sum")
    unit = school["ws"] * now / own
    moved = school.assign(w=school["w"] * doubled / unit, ws=unit)
    plain = mlm.SamplingDesign(WEIGHTS, are="conditional")
    expected = quietly(mlm.fit, FORMULAS["two levels"], moved, design=plain).beta
    np.testing.assert_allclose(found.draws[0].estimates[4, :2], expected, rtol=1e-6)


def test_occasions_that_share_the_weight_of_their_pupil_are_replicated_with_it():
    """Rows of followed pupils: by rows, by clusters, and as with weights of pupils alone."""
    from mlm.front.fitting import sample_of
    from mlm.statistics.fitting.solution import solve

    names = tuple(f"r{r}" for r in range(6))
    frame = ROWS.assign(pupil=np.arange(len(ROWS)) // 2)
    first = frame.groupby("pupil")[["w", *names]].transform("first")
    frame = frame.assign(**{name: first[name] for name in first})
    formula, weights = "y ~ x + (1 | school/pupil)", {"pupil": "w", "school": "ws"}
    alone = quietly(mlm.fit, formula, frame, design=mlm.SamplingDesign(weights))
    design = mlm.SamplingDesign({**weights, "row": "w"}, replicates=mlm.fay(names))
    fit = quietly(mlm.fit, formula, frame, design=design)
    np.testing.assert_allclose(fit.beta, alone.beta, rtol=SAME_FIT)
    stats = sample_of(fit, frame)
    solution = quietly(solve, fit.model, stats, "ML", fit)
    (by_rows,) = quietly(errors_by_rows, solution, stats, frame, names)
    by_clusters = quietly(mlm.replicate, fit, frame)
    assert by_clusters.made_from == "clusters"
    expected = by_clusters.draws[0].estimates
    np.testing.assert_allclose(by_rows.estimates, expected, rtol=2e-5, atol=SAME_FIT)
