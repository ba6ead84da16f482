"""The second pass over the rows: residuals, against the model written out row by row."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from scipy.stats import kurtosis, skew

import mlm
from mlm.errors import StatisticsError, SurveyError
from mlm.front.fitting import statistics_of
from mlm.nouns.levels import WAVE
from mlm.rows.residuals.wave_residuals import residuals_by_wave
from mlm.statistics.answers.diagnostics.residual_grid import CELLS, GRID_REACH
from mlm.statistics.fitting.solution import fit_model
from tests.dense_rows import dense
from tests.nested_rows import formula, nested_rows
from tests.plans import make_plan, merged, observed, with_time

CELL = 2 * GRID_REACH / CELLS
ROUNDING = 1e-9  # sums of products against matrices of all rows
LEVELS = ["county", "school", "pupil"]
DOCS = Path(__file__).parents[4] / "docs"
SCHEMA = json.loads((DOCS / "residuals.schema.json").read_text("utf-8"))
FORMULA = formula(LEVELS, slopes=("school",))


@pytest.fixture(scope="module")
def rows():
    sizes = {"county": 6, "school": (3, 6), "pupil": (3, 8), "row": (1, 4)}
    variances = {"county": 0.5, "school": 0.4, "pupil": 1.0}
    return nested_rows(np.random.default_rng(1), sizes, variances, {"school": 0.2})


def _dense_residuals(text, fit, frame):
    """Residuals ``R P y`` and their standard deviations, with n x n matrices."""
    matrices = dense(text, frame)
    terms = fit.model.random
    names = {term.name: omega * fit.sigma2 for term, omega in zip(terms, fit.omegas, strict=True)}
    covariances = [names[term.name] for term in mlm.nouns.formula.parse_formula(text).random]
    v = np.linalg.inv(matrices.covariance(covariances, fit.sigma2))
    x = matrices.x
    p = v - v @ x @ np.linalg.solve(x.T @ v @ x, x.T @ v)
    return fit.sigma2 * p @ matrices.y, fit.sigma2 * np.sqrt(np.diagonal(p)), x


def test_residuals_and_their_errors_are_those_of_the_model_written_out(rows):
    fit = mlm.fit(FORMULA, rows)
    found = mlm.residuals(fit, rows, by="kind")
    residual, error, x = _dense_residuals(FORMULA, fit, rows)
    z = residual / error
    expected = {"mean": z.mean(), "sd": z.std(), "skewness": skew(z), "kurtosis": kurtosis(z)}
    expected |= {"largest": np.abs(z).max(), "leverage": np.mean(1 - error**2 / fit.sigma2)}
    for name, value in expected.items():
        assert found.moments[name] == pytest.approx(value, abs=ROUNDING), name
    assert np.histogram(z, found.histogram.edges)[0].tolist() == list(found.histogram.rows)
    observed = np.array(found.quantiles.observed)
    exact = np.quantile(z, np.arange(1, 200) / 200, method="inverted_cdf")
    upper = np.quantile(z, np.arange(1, 200) / 200, method="higher")
    assert (observed > exact - CELL).all() and (observed < upper + CELL).all()
    for item in found.beyond:
        assert item.rows == (np.abs(z) > item.sd).sum()
    for group in found.groups:
        own = (rows["kind"] == group.category).to_numpy()
        spread = np.sqrt(fit.sigma2 * np.mean(z[own] ** 2))
        assert group.rows == own.sum() and group.beyond == (np.abs(z[own]) > 3).sum()
        assert group.mean == pytest.approx(residual[own].mean(), abs=ROUNDING)
        assert group.sd == pytest.approx(spread, rel=ROUNDING)


def test_tenths_along_the_fixed_part_and_a_variable_hold_all_rows_in_order(rows):
    fit = mlm.fit(FORMULA, rows)
    found = mlm.residuals(fit, rows)
    residual, _, x = _dense_residuals(FORMULA, fit, rows)
    order = np.argsort(x @ fit.beta)
    assert len(found.fitted) == 10 and [a.variable for a in found.variables] == ["x", "z"]
    for parts in (found.fitted, *(along.parts for along in found.variables)):
        assert sum(part.rows for part in parts) == len(rows)
        assert sum(p.rows * p.mean for p in parts) == pytest.approx(0.0, abs=ROUNDING)
        assert sorted(part.at for part in parts) == [part.at for part in parts]
    first = order[: found.fitted[0].rows]
    assert found.fitted[0].at == pytest.approx((x @ fit.beta)[first].mean(), abs=ROUNDING)
    assert found.fitted[0].mean == pytest.approx(residual[first].mean(), abs=ROUNDING)


def test_a_curve_that_the_model_lacks_shows_along_its_variable(rows):
    bent = rows.assign(y=rows["y"] + 0.8 * rows["x"] ** 2)
    along = mlm.residuals(mlm.fit(FORMULA, bent), bent).variables
    (parts,) = (each.parts for each in along if each.variable == "x")
    means = np.array([part.mean / part.std_error for part in parts])
    assert means[0] > 2.0 and means[-1] > 2.0 and means[3:7].max() < 0.0


def test_order_of_rows_batches_and_files_change_nothing(rows, tmp_path, monkeypatch):
    fit = mlm.fit(FORMULA, rows)
    whole = mlm.residuals(fit, rows, by="kind")
    mixed = rows.sample(frac=1.0, random_state=3)
    mixed[:150].to_parquet(tmp_path / "a.parquet", row_group_size=17)
    mixed[150:].to_parquet(tmp_path / "b.parquet", row_group_size=23)
    parts = mlm.residuals(fit, tmp_path, by="kind")
    assert parts.histogram == whole.histogram
    assert parts.moments == pytest.approx(whole.moments, abs=ROUNDING)
    assert len(parts.groups) == len(whole.groups) == 3
    by_category = {group.category: group for group in parts.groups}
    for group in whole.groups:
        mine, its = (
            g.model_dump(exclude={"category"}) for g in (by_category[group.category], group)
        )
        assert mine == pytest.approx(its, abs=ROUNDING)


@pytest.mark.battery
@pytest.mark.parametrize("coding", ["categories", "trend"])
@pytest.mark.parametrize("design", ["same_pupils", "same_schools", "new_schools"])
def test_files_of_waves_give_the_residuals_of_all_rows_together(design, coding, tmp_path):
    plan = make_plan(design, coding)
    sizes = {"county": 5, "school": 4, "pupil": 3, "row": 3}
    frame = nested_rows(np.random.default_rng(2), sizes, {"county": 0.3, "school": 0.5})
    frame[WAVE] = np.array(plan.time.waves)[np.arange(len(frame)) % 3]
    stats = merged(plan, frame)
    fit = fit_model(plan.full_model(), stats)
    files = {wave: tmp_path / f"{wave}.parquet" for wave in plan.time.waves}
    for wave, path in files.items():
        frame[frame[WAVE] == wave].drop(columns=WAVE).to_parquet(path)
    found = residuals_by_wave(plan, fit, stats, files)
    together = mlm.residuals(fit, with_time(plan, frame), WAVE, stats)
    assert found.histogram == together.histogram
    assert found.moments == pytest.approx(together.moments, abs=ROUNDING)
    assert tuple(wave.wave for wave in found.waves) == plan.time.waves
    assert sum(wave.rows for wave in found.waves) == len(frame)
    for wave in found.waves:
        values = frame.loc[frame[WAVE] == wave.wave, plan.outcome]
        edges = np.array(wave.scores.edges)
        inside = values.clip(edges[0], edges[-1] - 1e-9)
        assert wave.scores.rows == tuple(np.histogram(inside, edges)[0])
    jsonschema.validate(json.loads(found.to_json()), SCHEMA)


def test_the_document_names_every_key():
    text = (DOCS / "results.md").read_text("utf-8")
    forms = [SCHEMA["$defs"][form["$ref"].rpartition("/")[2]] for form in SCHEMA["anyOf"]]
    assert [key for form in forms for key in form["properties"] if f"`{key}`" not in text] == []


def test_incomplete_rows_are_left_out_as_in_the_fit(rows):
    holes = rows.copy()
    holes.loc[::7, "x"] = np.nan
    fit = mlm.fit(FORMULA, holes)
    assert mlm.residuals(fit, holes).rows == fit.n_obs == holes["x"].notna().sum()


def test_rows_that_are_not_the_sample_are_refused(rows):
    fit, stats = (
        mlm.fit(FORMULA, rows),
        statistics_of(mlm.nouns.formula.parse_formula(FORMULA), rows),
    )
    with pytest.raises(SurveyError, match="394 complete rows.*has 395 rows"):
        mlm.residuals(fit, rows[1:], stats=stats)
    with pytest.raises(SurveyError, match="1 groups of county:school:pupil.*99:0:0"):
        mlm.residuals(fit, rows.assign(county=["99", *rows["county"][1:]]), stats=stats)
    with pytest.raises(SurveyError, match="mean residual of"):
        mlm.residuals(fit, rows.assign(y=rows["y"] + 1.0), stats=stats)
    with pytest.raises(StatisticsError, match="fingerprints differ"):
        mlm.residuals(fit, rows[1:])


def test_a_model_without_random_effects_has_ordinary_residuals(rows):
    fit = mlm.fit("y ~ x + z", rows)
    x = np.column_stack([np.ones(len(rows)), rows["x"], rows["z"]])
    found = mlm.residuals(fit, rows)
    assert found.moments["leverage"] == pytest.approx(3 / len(rows))
    left = rows["y"] - x @ np.linalg.lstsq(x, rows["y"], rcond=None)[0]
    hat = np.einsum("ij,ji->i", x, np.linalg.pinv(x))
    z = left / np.sqrt(fit.sigma2 * (1 - hat))
    assert found.moments["kurtosis"] == pytest.approx(kurtosis(z), abs=ROUNDING)


def test_overlap_of_a_policy_of_rows_is_that_of_their_scores(tmp_path):
    """Against the scores of all rows, with the regression of the category on the covariates."""
    policy = {"policy": observed("kind"), "terms": ("kind", "x", "z")}
    plan = make_plan("cross_section", waves=("w0",), **policy)
    sizes = {"county": 10, "school": 5, "row": 20}
    frame = nested_rows(np.random.default_rng(3), sizes, {"county": 0.3})
    frame["x"] += 2.5 * (frame["kind"] == "b")
    frame = frame[(frame["kind"] != "c")].assign(**{WAVE: "w0"})
    stats = merged(plan, frame)
    frame.drop(columns=WAVE).to_parquet(tmp_path / "w0.parquet")
    fit = fit_model(plan.full_model(), stats)
    residuals = residuals_by_wave(plan, fit, stats, {"w0": tmp_path / "w0.parquet"})
    (found,) = residuals.overlap
    x = np.column_stack([np.ones(len(frame)), frame["x"], frame["z"]])
    is_b = (frame["kind"] == "b").to_numpy()
    score = x @ np.linalg.lstsq(x, is_b.astype(float), rcond=None)[0]
    low = max(score[is_b].min(), score[~is_b].min())
    high = min(score[is_b].max(), score[~is_b].max())
    inside = ((score >= low) & (score <= high)).sum()
    assert (found.category, found.reference, found.rows) == ("b", "a", len(frame))
    assert found.inside < 0.95 * len(frame)
    assert found.inside == pytest.approx(inside, abs=2)
    assert found.share == found.inside / found.rows
    jsonschema.validate(json.loads(residuals.to_json()), SCHEMA)
