"""Weights and draws of unknown names are seen by their numbers, asked for, and no variables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.rows.scaffold.made_files import drafted, runs

pytestmark = pytest.mark.usefixtures("read_in_this_process")

N, SCHOOLS = 240, 20


def frame(**more) -> pd.DataFrame:
    """Rows of schools with a weight, a score and what else is given."""
    rng = np.random.default_rng(5)
    school = np.arange(N) % SCHOOLS
    cells = {"school": school + 1, "pupil": np.arange(N) + 500, "gw": rng.uniform(1, 20, N)}
    cells |= {"math": rng.normal(500, 90, N).round(2), "ses": rng.normal(size=N).round(2)}
    return pd.DataFrame(cells | {name: make(rng, cells) for name, make in more.items()})


def replicate(spread: float):
    """A replicate of the weight: schools count more or less."""

    def make(rng, cells):
        factors = 1 + spread * rng.choice([-1, 1], SCHOOLS)
        return cells["gw"] * factors[cells["school"] - 1]

    return make


def draw(error: float):
    """A draw of a score."""
    return lambda rng, cells: (cells["math"] + rng.normal(0, error, N)).round(3)


def in_file(tmp_path, rows: pd.DataFrame):
    rows.to_csv(tmp_path / "x.csv", index=False)
    return drafted(tmp_path, [tmp_path / "x.csv"])


@pytest.mark.parametrize("spread", [0.5, 0.98])
def test_replicates_of_unknown_names_are_asked_for(tmp_path, spread):
    text, configuration = in_file(
        tmp_path, frame(**{f"boot{r}": replicate(spread) for r in range(1, 41)})
    )
    assert "# ? boot1 to boot40: 40 columns that rise and fall with gw" in text
    assert "replicates: {method: fay, factor: 0.5, columns: boot1-boot40}" in text
    assert not any(name.startswith("boot") for name in configuration.variables)
    assert runs(configuration).rows.excluded == 0


@pytest.mark.parametrize("error", [25.0, 60.0])
def test_draws_of_unknown_names_are_asked_for(tmp_path, error):
    text, configuration = in_file(
        tmp_path, frame(**{f"skill{m}_est": draw(error) for m in range(1, 6)})
    )
    assert "# ? skill1_est to skill5_est: 5 columns that are alike" in text
    assert "plausible_values: {skill_est: skill1_est-skill5_est}" in text
    assert configuration.variables.keys() == {"gw", "math", "ses"}


OTHERS = {
    "codes of items": {f"item{i}": lambda rng, _: rng.integers(1, 5, N) for i in range(1, 31)},
    "scales that have little in common": {
        f"scale{i}": lambda rng, _: rng.normal(size=N) for i in range(1, 7)
    },
    "columns of other spreads": {
        f"y{i}": lambda rng, cells, i=i: cells["math"] * i + rng.normal(size=N) for i in range(1, 6)
    },
    "copies": {f"copy{i}": lambda _, cells: cells["math"] for i in range(1, 6)},
    "few weights": {f"boot{r}": replicate(0.5) for r in range(1, 4)},
    "numbers that leave some out": {f"dim{2 * m}": draw(25.0) for m in range(1, 6)},
}


@pytest.mark.parametrize("case", OTHERS)
def test_other_columns_of_one_name_stay_variables(tmp_path, case):
    text, configuration = in_file(tmp_path, frame(**OTHERS[case]))
    assert "seem to be" not in text
    assert set(OTHERS[case]) <= configuration.variables.keys()


def test_each_family_of_draws_has_a_name_of_its_own(tmp_path):
    names = [f"{name}{m}" for name in ("listening", "reading") for m in range(1, 6)]
    text, _ = in_file(tmp_path, frame(**{name: draw(30.0) for name in names}))
    assert "plausible_values: {listening: listening1-listening5}" in text
    assert "plausible_values: {reading: reading1-reading5}" in text


@pytest.mark.parametrize(
    "names", [("jkzone", "jkrep"), ("JKCZONE", "JKCREP"), ("VARSTRAT", "VARUNIT")]
)
def test_zones_of_a_jackknife_and_units_in_them_are_of_the_sample(tmp_path, names):
    zone, half = names
    found = {
        zone: lambda rng, cells: cells["school"] // 2 + 1,
        half: lambda rng, cells: cells["school"] % 2,
    }
    rows = frame(**found).rename(columns={"gw": "weight"}).drop(columns=["math"])
    text, configuration = in_file(tmp_path, rows.assign(points=np.arange(N) * 37 % 101 / 3))
    assert f"replicates: {{method: jk2, zone: {zone}, unit: {half}}} # ?" in text
    assert not {zone, half} & configuration.variables.keys()
    assert configuration.sampling.replicates.method == "jk2"
