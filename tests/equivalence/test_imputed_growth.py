"""Six years of real rows with gaps and files of imputations: as if each imputation were alone."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow.parquet import write_table

import mlm
from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.rows.accumulating.wave_statistics import accumulate_imputations, columns_of_survey
from mlm.rows.completing.completion import complete_wave
from mlm.statistics.evidence.merging import merge_waves
from tests.cleaned_waves import table_of
from tests.examples import CONFIG

DRAWS = 3
SAME_FITS = 1e-8  # relative: an optimum of the same criterion
FORMULA = "math ~ year + lowinc + mobility + sex + black + (1 | school) + (1 | school:pupil)"


def _with_gaps(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Skin colour missing of pupils who do well, income of whole schools."""
    well = pd.to_numeric(frame["math"]).rank(pct=True)
    schools = rng.choice(frame["school"].unique(), 6, replace=False)
    return frame.assign(
        black=frame["black"].where(rng.random(len(frame)) > 0.4 * well, ""),
        school_lowinc=frame["school_lowinc"].where(~frame["school"].isin(schools), ""),
    )


def _imputed(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    made = frame.copy()
    known = frame["black"] != ""
    for place in np.flatnonzero(~known):
        mates = frame.loc[known & (frame["school"] == frame.loc[place, "school"]), "black"]
        made.loc[place, "black"] = rng.choice(mates if len(mates) else ["0", "1"])
    for school in frame.loc[frame["school_lowinc"] == "", "school"].unique():
        made.loc[made["school"] == school, "school_lowinc"] = f"{rng.uniform(20, 90):.1f}"
    return made


@pytest.mark.study
def test_pooled_growth_is_that_of_fits_to_each_imputation(tmp_path):
    rng = np.random.default_rng(5)
    (tmp_path / "config").mkdir()
    text = (CONFIG / "examples" / "egsingle.yaml").read_text("utf-8")
    text = text.replace("data/egsingle/", "")
    for without in (r"  retained_years: .*?(?=  sex:)", r" retained_years,", r"    between: .*?\n"):
        text, n = re.subn(without, "", text, flags=re.DOTALL)  # files hold no mean over all waves
        assert n == 1
    files = ", ".join(f'"{w}": "imputed_{w}_{{1..{DRAWS}}}.csv"' for w in range(1, 7))
    path = tmp_path / "config" / "egsingle.yaml"
    path.write_text(f"{text}\nmissing: {{method: files, files: {{{files}}}}}\n", "utf-8")
    rows: dict[int, list[pd.DataFrame]] = {number: [] for number in range(DRAWS)}
    for place, wave in enumerate(range(1, 7)):
        data = CONFIG.parent / "data" / "egsingle" / f"wave_{wave}.csv"
        frame = _with_gaps(pd.read_csv(data, dtype=str, keep_default_na=False), rng)
        frame.to_csv(tmp_path / f"wave_{wave}.csv", index=False)
        for number in range(DRAWS):
            made = _imputed(frame, rng)
            made.to_csv(tmp_path / f"imputed_{wave}_{number + 1}.csv", index=False)
            rows[number].append(made.assign(year=place - 2.5))
    configuration = load_configuration(path)
    plan, columns = plan_of(configuration, "math"), None
    sums: dict[str, list] = {}
    for wave in configuration.wave_names:
        done = complete_wave(configuration, wave)
        columns = columns or columns_of_survey(configuration, table_of(done.wave).to_pandas())
        write_table(pa.concat_tables(done.blocks()), tmp_path / f"{wave}.parquet")
        sums[wave] = accumulate_imputations(
            configuration, wave, tmp_path / f"{wave}.parquet", columns
        )
    draws, fits = [], []
    for number in range(DRAWS):
        merged = merge_waves(plan, {wave: found[number]["math"] for wave, found in sums.items()})
        draws.append(mlm.fit(FORMULA, merged))
        frame = pd.concat(rows[number]).rename(
            columns={"school_lowinc": "lowinc", "school_mobility": "mobility"}
        )
        numbers = {name: pd.to_numeric(frame[name]) for name in ("math", "lowinc", "mobility")}
        fits.append(mlm.fit(FORMULA, frame.assign(**numbers)))
    mine, theirs = (mlm.pool(each).fixed_effects.sort_index() for each in (draws, fits))
    assert list(mine.index) == list(theirs.index) and (mine["fmi"] > 0.05).any()
    for name in ("estimate", "std_error"):
        np.testing.assert_allclose(mine[name], theirs[name], rtol=SAME_FITS)
