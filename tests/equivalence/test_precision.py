"""Rows of known precision: against V itself, lme4, and what precisions must not change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import StatisticsError, SurveyError
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.evidence.crossproducts import CrossProducts
from tests.equivalence.independent import Part, dense_deviance
from tests.equivalence.worlds import SMALL, in_order, world

DEVIANCE = 1e-8  # relative
CRITERION = 1e-6  # lme4's deviance; both optima are polished
NEAR = 0.02  # fixed effects, when variances are estimated from rows or from their means
RELATIVE = 1e-5  # lme4's variances: its optimum is flat
SLEEP = Path(__file__).parents[3] / "shared" / "data" / "sleepstudy" / "data.csv.gz"
pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")


def weighted_world(seed: int, shape: str, slopes: int):
    of = world(seed, shape, slopes, zeros=0.2)
    w = np.random.default_rng(seed).uniform(0.2, 5.0, size=of.y.size)
    return of, w, of.frame.assign(w=w)


@pytest.mark.battery
@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("seed,shape", list(enumerate(SMALL)))
def test_deviance_equals_that_of_rows_times_the_root_of_their_precision(seed, shape, criterion):
    of, w, frame = weighted_world(seed, shape, 1)
    fit = mlm.fit(of.formula, frame, criterion, precision="w")
    root = np.sqrt(w)
    parts = [Part(p.group, p.columns * root[:, None]) for p in of.parts]
    scaled = of.y * root, of.x * root[:, None], parts
    dense = dense_deviance(*scaled, in_order(fit, of), criterion == "REML") - np.log(w).sum()
    assert fit.deviance == pytest.approx(dense, rel=DEVIANCE)
    assert fit.n_obs == of.y.size
    assert fit.precision == "w"


@pytest.mark.skipif(not SLEEP.exists(), reason="../shared/data is not there")
@pytest.mark.parametrize(
    "criterion,deviance,errors,variances",
    [
        ("ML", 1833.513946365, (11.843683709, 0.935262080), (1863.62652876, 5195.80804073)),
        ("REML", 1825.251293492, (12.118887723, 0.938162124), (1978.22189658, 5228.08013288)),
    ],
)
def test_fits_hold_to_lme4(criterion, deviance, errors, variances):
    """``lmer(Reaction ~ Days + (1 | Subject), sleepstudy, weights = Days + 1)``, lme4 1.1-31."""
    rows = pd.read_csv(SLEEP).assign(w=lambda rows: rows["days"] + 1)
    fit = mlm.fit("reaction ~ days + (1 | subject)", rows, criterion, precision="w")
    assert fit.deviance == pytest.approx(deviance, abs=CRITERION)
    assert fit.beta == pytest.approx([248.169690505, 11.006521684], rel=1e-8)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(errors, rel=RELATIVE)
    assert fit.variance_components["variance"].tolist() == pytest.approx(variances, rel=RELATIVE)
    if criterion == "REML":
        means = mlm.posterior_means(fit, rows).table
        assert means["estimate"].tolist()[:3] == pytest.approx(
            [57.794945, -91.200849, -70.640824], rel=RELATIVE
        )


def test_a_constant_precision_only_rescales_the_residual_variance():
    of = world(1, "waves", 1)
    plain = mlm.fit(of.formula, of.frame)
    scaled = mlm.fit(of.formula, of.frame.assign(w=4.0), precision="w")
    assert scaled.sigma2 == pytest.approx(4.0 * plain.sigma2, rel=1e-9)
    assert scaled.deviance == pytest.approx(plain.deviance, rel=1e-12)
    assert scaled.beta == pytest.approx(plain.beta, rel=1e-9)


@pytest.mark.parametrize("crossed", [False, True])
def test_the_unit_of_the_precisions_changes_no_answer(crossed):
    """Posterior means, tests, residuals and the reduction; thresholds on rows must not see it."""
    of, w, frame = weighted_world(3, "waves", 0)
    frame["rater"] = np.arange(len(frame)) % 7
    rater = " + (1 | rater)" if crossed else ""
    text = f"y ~ x + z + kind + (1 | county) + (1 | county:school){rater}"
    found = []
    for unit in (1.0, 1e-3, 1e3):
        rows = frame.assign(w=w * unit, rater=frame["rater"].astype(str))
        stats = statistics_of(parse_formula(text), rows, "w")
        fit = mlm.fit(text, stats)
        effects = mlm.posterior_means(fit, stats).table
        answers = [effects[["estimate", "comparative_se", "reliability"]].to_numpy().ravel()]
        answers += [mlm.term_tests(fit, stats)["statistic"].to_numpy()]
        residuals = mlm.residuals(fit, rows, stats=stats)
        answers += [list(residuals.moments.values()), residuals.quantiles.observed]
        answers += [[part.mean for part in residuals.fitted]]
        kept = mlm.reduce(fit.model, stats, draws=0).reduced.formula
        found.append((kept, residuals.sigma / np.sqrt(unit), np.concatenate(answers)))
    for other in found[1:]:
        assert other[0] == found[0][0]
        assert other[1] == pytest.approx(found[0][1], rel=RELATIVE)
        assert other[2] == pytest.approx(found[0][2], rel=RELATIVE, abs=RELATIVE)


def test_means_of_rows_weighted_by_their_number_give_the_same_fixed_effects():
    """Rows that share all columns, averaged, with as precision how many there were."""
    rng = np.random.default_rng(4)
    cells = pd.DataFrame({"g": np.repeat(np.arange(30), 4).astype(str), "x": rng.normal(size=120)})
    many = cells.loc[np.repeat(np.arange(120), rng.integers(1, 6, size=120))].reset_index()
    effect = rng.normal(size=30)[many["g"].astype(int)]
    many["y"] = many["x"] + effect + rng.normal(size=len(many))
    means = many.groupby("index", as_index=False).agg(
        g=("g", "first"), x=("x", "first"), y=("y", "mean"), w=("y", "size")
    )
    rows = mlm.fit("y ~ x + (1 | g)", many, "ML")
    fit = mlm.fit("y ~ x + (1 | g)", means, "ML", precision="w")
    # at the same ratio of the variances both have the same X'V^-1 X and X'V^-1 y
    assert fit.beta == pytest.approx(rows.beta, abs=NEAR)
    assert fit.n_obs == 120


def test_chunks_add_up_and_survive_storage(tmp_path):
    of, _, frame = weighted_world(3, "pupils over time", 1)
    model = parse_formula(of.formula)
    whole = statistics_of(model, frame, "w")
    levels = mlm.Hierarchy.of((level.group, level.candidates) for level in whole.levels)
    half = len(frame) // 2
    parts = [
        mlm.accumulate(part, whole.columns, levels, precision="w")
        for part in (frame[:half], frame[half:])
    ]
    added = parts[1] + parts[0]
    added.save(tmp_path / "sums.npz")
    again = CrossProducts.load(tmp_path / "sums.npz")
    assert again.precision == "w"
    assert again.n_obs == len(frame)
    one, two = mlm.fit(model, whole), mlm.fit(model, again)
    assert one.deviance == pytest.approx(two.deviance, rel=1e-12)
    assert one.sigma2 == pytest.approx(two.sigma2, rel=1e-9)


def test_rows_in_another_order_and_as_parquet_give_the_same(tmp_path):
    of, _, frame = weighted_world(4, "waves", 1)
    fit = mlm.fit(of.formula, frame, precision="w")
    mixed = frame.sample(frac=1.0, random_state=1)
    mixed.to_parquet(tmp_path / "rows.parquet")
    for data in (mixed, tmp_path / "rows.parquet"):
        assert mlm.fit(of.formula, data, precision="w").deviance == pytest.approx(
            fit.deviance, rel=1e-11
        )


def test_crossed_factors_take_precisions_too():
    rng = np.random.default_rng(8)
    n = 300
    frame = pd.DataFrame({"a": rng.integers(12, size=n), "b": rng.integers(9, size=n)}).astype(str)
    frame["x"], frame["w"] = rng.normal(size=n), rng.uniform(0.3, 3.0, size=n)
    a, b = frame["a"].astype(int).to_numpy(), frame["b"].astype(int).to_numpy()
    noise = rng.normal(size=n) / np.sqrt(frame["w"])
    frame["y"] = frame["x"] + rng.normal(size=12)[a] + 0.7 * rng.normal(size=9)[b] + noise
    fit = mlm.fit("y ~ x + (1 | a) + (1 | b)", frame, "ML", precision="w")
    root = np.sqrt(frame["w"].to_numpy())
    x = np.column_stack([np.ones(n), frame["x"]]) * root[:, None]
    parts = [Part(codes, root[:, None]) for codes in (a, b)]
    omegas = {term.name: omega for term, omega in zip(fit.model.random, fit.omegas, strict=True)}
    scaled = frame["y"].to_numpy() * root, x, parts
    dense = dense_deviance(*scaled, [omegas["a"], omegas["b"]], False) - np.log(root**2).sum()
    assert fit.deviance == pytest.approx(dense, rel=DEVIANCE)


@pytest.mark.study
def test_draws_follow_the_precisions():
    of, _, frame = weighted_world(1, "balanced", 0)
    stats = statistics_of(parse_formula(of.formula), frame, "w")
    small = mlm.fit("y ~ z + kind + (1 | county) + (1 | county:school)", stats, "ML")
    large = mlm.fit("y ~ x + z + kind + (1 | county) + (1 | county:school)", stats, "ML")
    test = mlm.bootstrap_test(small, large, stats, draws=39)
    assert test.p_value == pytest.approx(1.0 / 40.0)  # x has an effect


@pytest.mark.parametrize(
    "value,words",
    [(0.0, "not a positive finite"), (-1.0, "2 rows"), (np.inf, "row 3")],
)
def test_precisions_that_are_none_are_named(value, words):
    of, w, frame = weighted_world(1, "waves", 0)
    frame.loc[[3, 5], "w"] = value
    with pytest.raises(SurveyError, match=words):
        mlm.fit(of.formula, frame, precision="w")


def test_rows_without_a_precision_are_left_out_and_counted():
    of, _, frame = weighted_world(1, "waves", 0)
    frame.loc[[3, 5], "w"] = np.nan
    fit = mlm.fit(of.formula, frame, precision="w")
    assert fit.dropped == {"w": 2}
    assert fit.n_obs == len(frame) - 2


def test_samples_with_other_precisions_are_not_mixed():
    of, _, frame = weighted_world(1, "waves", 0)
    model = parse_formula(of.formula)
    plain, known = statistics_of(model, frame), statistics_of(model, frame, "w")
    levels = mlm.Hierarchy.of((level.group, level.candidates) for level in plain.levels)
    with pytest.raises(StatisticsError, match="precisions"):
        mlm.accumulate(frame, known.columns, levels) + mlm.accumulate(
            frame, known.columns, levels, precision="w"
        )
    with pytest.raises(StatisticsError, match="Accumulate the rows with"):
        mlm.fit(model, plain, precision="w")
    assert mlm.fit(model, known).precision == "w"


def test_a_stored_fit_keeps_its_precision(tmp_path):
    of, _, frame = weighted_world(1, "waves", 0)
    fit = mlm.fit(of.formula, frame, precision="w")
    fit.to_json(tmp_path / "fit.json")
    assert mlm.Fit.from_json(tmp_path / "fit.json").precision == "w"
