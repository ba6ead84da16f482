"""Simulated surveys: the same seed, the same files; what is drawn agrees with the truth."""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from mlm.configuration import load_configuration
from mlm.errors import ConfigurationError
from mlm.rows.linking.linking import link_waves
from mlm.rows.simulating.simulation import simulate_survey
from tests.bands import binomial_band, largest_ratio
from tests.cleaned_waves import clean_wave
from tests.examples import CONFIG
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

SIMULATE = """
simulate:
  seed: 1
  outcome: score
  sizes: {school: 40, pupil: [10, 20]}
  attrition: 0.2
  fixed: {Intercept: 50, "sex[T.b]": -4, "year[T.b]": 3, "year[T.b]:sex[T.b]": 2, I(ses ** 2): 1}
  variances: {school: 9, "school:pupil": 16, residual: 4}
  slopes: [{variable: ses, group: school, variance: 4, covariance: 3}]
  covariates:
    ses: {clustering: 0.5, missing: 0.1}
    sex: {shares: {g: 0.5, b: 0.5}}
    kind: {shares: {x: 0.75, y: 0.25}}
"""


def written(configuration, root, waves) -> None:
    for wave, rows in waves.items():
        path = configuration.under(root).wave_files(wave)[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        rows.to_csv(path, index=False, lineterminator="\n")


@pytest.mark.parametrize("survey", ["science", "national"])
def test_examples_can_be_cleaned_and_linked(tmp_path, survey):
    configuration = load_configuration(CONFIG / f"{survey}.yaml")
    waves, truth = simulate_survey(configuration)
    written(configuration, tmp_path, waves)
    tables = {w: clean_wave(configuration, w, tmp_path)[0].to_pandas() for w in waves}
    account = link_waves(configuration, tables)
    assert [check for check in account.checks if check.result != "ok"] == []
    assert list(truth["variances"])[-1] == "residual"
    assert "homework" in truth["terms_without_effect"].get("score", ["homework"])


def test_same_pupils(tmp_path):
    configuration = write_survey(tmp_path, CONFIGURATION + SIMULATE)
    waves, _ = simulate_survey(configuration)
    written(configuration, tmp_path, waves)
    tables = {w: clean_wave(configuration, w, tmp_path)[0].to_pandas() for w in waves}
    flow = link_waves(configuration, tables).attrition[1]
    assert flow.new == 0
    pupils = flow.leave + flow.stay
    low, high = binomial_band(pupils, 0.2)
    assert low <= flow.leave / pupils <= high
    low, high = binomial_band(len(tables["a"]), 0.1)
    assert low <= tables["a"]["ses"].isna().mean() <= high


def test_same_seed_same_cells():
    one, _ = mlm.simulate(CONFIG / "science.yaml", sizes={"county": 2})
    two, _ = mlm.simulate(CONFIG / "science.yaml", sizes={"county": 2})
    other, truth = mlm.simulate(CONFIG / "science.yaml", sizes={"county": 2}, seed=5)
    assert all(one[wave].equals(two[wave]) for wave in one)
    assert not one["1984"].equals(other["1984"])
    assert truth["seed"] == 5


def test_a_further_wave_leaves_the_earlier_ones_unchanged():
    configuration = load_configuration(CONFIG / "national.yaml")
    fewer = configuration.model_copy(update={"waves": configuration.waves[:3]})
    all_waves, _ = simulate_survey(configuration)
    first_waves, _ = simulate_survey(fewer)
    assert all(first_waves[wave].equals(all_waves[wave]) for wave in first_waves)


def test_no_simulation_and_wrong_sizes():
    with pytest.raises(ConfigurationError, match="the survey is not simulated"):
        mlm.simulate(CONFIG / "star.yaml")
    with pytest.raises(ConfigurationError, match="no level is named town"):
        mlm.simulate(CONFIG / "science.yaml", sizes={"town": 2})
    with pytest.raises(ConfigurationError, match="sizes"):
        mlm.simulate(CONFIG / "science.yaml", sizes={"county": 0})


def test_least_squares_finds_the_true_effects(tmp_path):
    """Errors of a fit that ignores the levels are wide, but no sign survives them."""
    configuration = write_survey(tmp_path, CONFIGURATION + SIMULATE.replace("missing: 0.1", ""))
    waves, truth = simulate_survey(configuration, sizes={"school": 1500})
    a, b = (waves[name].drop(columns="kind") for name in "ab")
    y = np.concatenate([a["score"], b["score"]]).astype(float)
    boy = np.concatenate([a["sex"] == "b", b["sex"] == "b"]).astype(float)
    ses = np.concatenate([a["ses"], b["ses"]]).astype(float)
    later = np.repeat([0.0, 1.0], [len(a), len(b)])
    x = np.stack([np.ones_like(y), boy, later, later * boy, ses**2], axis=1)
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    near = largest_ratio(len(beta)) * 0.08  # schools of variance 6 and 1500 of them: 0.06
    assert beta == pytest.approx(list(truth["fixed"].values()), abs=near)


def test_moments_find_the_true_variances(tmp_path):
    configuration = write_survey(tmp_path, CONFIGURATION + SIMULATE.replace("missing: 0.1", ""))
    waves, truth = simulate_survey(configuration, sizes={"school": 1500, "pupil": 12})
    keys = ["school", "pupil"]
    joined = waves["a"].merge(waves["b"], on=keys, suffixes=("", "_b"))
    rest = [_residual(joined, "", 0), _residual(joined, "_b", 1)]
    residual = np.var(rest[0] - rest[1]) / 2
    # ses differs by occasion; its slope adds (slope variance) * var(ses) to the difference
    ses = joined[["ses", "ses_b"]].astype(float).to_numpy()
    residual -= 4 * np.mean((ses[:, 0] - ses[:, 1]) ** 2) / 2
    near = largest_ratio(1) * np.sqrt(2.0 / len(joined))
    assert residual == pytest.approx(truth["variances"]["residual"], rel=near)
    means = joined.assign(r=rest[0]).groupby("school")["r"]
    between = means.mean().var() - (means.var() / means.size()).mean()
    near = largest_ratio(1) * np.sqrt(2.0 / 1500) * means.mean().var() / between
    assert between == pytest.approx(truth["variances"]["school"], rel=near)


def _residual(rows, suffix: str, wave: int) -> np.ndarray:
    ses = rows[f"ses{suffix}"].astype(float)
    boy = (rows[f"sex{suffix}"] == "b").astype(float)
    expected = 50 - 4 * boy + 3 * wave + 2 * wave * boy + ses**2
    return (rows[f"score{suffix}"].astype(float) - expected).to_numpy()


CURVE = """
simulate:
  seed: 1
  outcome: score
  sizes: {school: 3, pupil: 4}
  fixed: {Intercept: 50, year: 2, I(year ** 2): -3, "I(year ** 2):sex[T.b]": 1}
  variances: {school: 1e-9, "school:pupil": 1e-9, residual: 1e-9}
  covariates:
    ses: {clustering: 0.5}
    sex: {shares: {g: 0.5, b: 0.5}}
    kind: {shares: {x: 0.75, y: 0.25}}
"""


def test_a_curve_of_time_counts_from_the_first_wave(tmp_path):
    text = CONFIGURATION.replace("label: Year}", "label: Year, coding: polynomial, degree: 2}")
    text = text.replace("time: 1,", "time: 1985,").replace("time: 0,", "time: 1984,")
    third = "  - {name: c, time: 1987, files: [c.csv]}\n"
    text = text.replace("files: [b.csv]}\n", "files: [b.csv]}\n" + third)
    waves, truth = simulate_survey(write_survey(tmp_path, text + CURVE))
    for wave, time in {"a": 0, "b": 1, "c": 3}.items():
        boy = (waves[wave]["sex"] == "b").to_numpy()
        expected = 50 + 2 * time + (boy - 3) * time**2
        assert waves[wave]["score"].astype(float).to_numpy() == pytest.approx(expected, abs=0.01)
    assert truth["terms_without_effect"]["score"] == [
        *("sex", "ses", "kind", "sex:ses", "ses^2", "year:sex")
    ]
