"""Imputed files summed and pooled: each imputation as if its rows alone were given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow.parquet import write_table

import mlm
from mlm.configuration.planning import plan_of
from mlm.rows.accumulating.wave_statistics import (
    accumulate_imputations,
    accumulate_wave,
    columns_of_survey,
)
from mlm.rows.completing.completion import complete_wave
from mlm.statistics.evidence.merging import merge_waves
from tests.cleaned_waves import table_of
from tests.imputed_files import WAVES, M, imputed_waves, observed_waves, write_imputed

SAME_SUMS = 1e-11  # relative: sums of the same numbers in the same order, from other readers
SAME_FITS = 1e-8  # relative: an optimum of the same criterion
SAME_DF = 1e-6  # relative: degrees of freedom are a ratio of small differences, squared


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The survey, its imputed rows, and what its completed waves are summed to."""
    folder = tmp_path_factory.mktemp("imputed")
    observed = observed_waves(schools=20, pupils=12)
    imputed = imputed_waves(observed)
    configuration = write_imputed(folder, "mice", observed, imputed)
    paths, columns = {}, None
    for wave in WAVES:
        done = complete_wave(configuration, wave)
        columns = columns or columns_of_survey(configuration, table_of(done.wave).to_pandas())
        paths[wave] = folder / f"{wave}.parquet"
        write_table(pa.concat_tables(done.blocks()), paths[wave])
    sums = {
        wave: accumulate_imputations(configuration, wave, path, columns)
        for wave, path in paths.items()
    }
    return configuration, columns, observed, imputed, sums


def completed_frame(observed, imputed):
    """The rows of an imputation as an analyst has them: outcomes as observed."""
    frame = imputed.assign(score=observed["score"])
    frame["school_ses"] = frame.groupby("school")["ses"].transform("mean")
    frame["older"] = frame["age"] - frame["ses"]
    return frame


def test_sums_of_an_imputation_are_those_of_its_rows_alone(made):
    configuration, columns, observed, imputed, sums = made
    for wave in WAVES:
        for number, found in enumerate(sums[wave]):
            frame = completed_frame(observed[wave], imputed[wave][number])
            frame = frame.sort_values(["school", "pupil"], ignore_index=True)
            alone = accumulate_wave(configuration, wave, frame, columns)
            assert found.keys() == alone.keys()
            for analysis, expected in alone.items():
                scale = np.abs(expected.total).max()
                np.testing.assert_allclose(
                    found[analysis].total, expected.total, rtol=SAME_SUMS, atol=SAME_SUMS * scale
                )
                assert found[analysis].n_obs == observed[wave]["score"].notna().sum()


def test_pooled_coefficients_are_those_of_fits_to_each_imputation(made):
    configuration, _, observed, imputed, sums = made
    plan = plan_of(configuration, "score")
    fixed, random = "ses + age + tongue + money + school_ses", "(1 | school) + (1 | school:wave)"
    formula = f"score ~ {plan.time.factor} + {fixed} + {random}"
    draws, fits = [], []
    for number in range(M):
        merged = merge_waves(plan, {wave: sums[wave][number]["score"] for wave in WAVES})
        draws.append(mlm.fit(formula, merged))
        frames = [
            completed_frame(observed[wave], imputed[wave][number]).assign(
                **{plan.time.factor: wave, "wave": wave}
            )
            for wave in WAVES
        ]
        fits.append(mlm.fit(formula, pd.concat(frames)))
    mine, theirs = mlm.pool(draws), mlm.pool(fits)
    for name in ("estimate", "std_error", "df"):
        ours, expected = (table.fixed_effects[name].sort_index() for table in (mine, theirs))
        assert list(ours.index) == list(expected.index)
        np.testing.assert_allclose(ours, expected, rtol=SAME_DF if name == "df" else SAME_FITS)
