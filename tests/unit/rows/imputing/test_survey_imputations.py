"""Imputations of an analysis of a survey: what is in them, what is told, and shifts."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.nouns.columns import Column
from mlm.rows.accumulating.sources import source_of
from mlm.rows.accumulating.wave_statistics import columns_of_survey
from mlm.rows.imputing import survey_imputations
from mlm.rows.imputing.survey_imputations import impute_survey, nested_groups
from mlm.statistics.imputation.sampling import ChainPlan
from tests.cleaned_waves import clean_wave
from tests.imputed_files import CONFIGURATION, WAVES, observed_waves

MISSING = "{method: joint, draws: 3, auxiliary: [older], shift: {ses: -0.5, money: 10}}"


@pytest.fixture(scope="module")
def gaps(tmp_path_factory):
    """Configuration, clean rows, imputations of the survey, and its rows with the outcome."""
    folder = tmp_path_factory.mktemp("gaps")
    waves = observed_waves()
    for wave, frame in waves.items():
        frame.replace("", np.nan).to_csv(folder / f"{wave}.csv", index=False, na_rep="NA")
    text = CONFIGURATION.format(suffix=".csv", missing=MISSING)
    (folder / "gaps.yaml").write_text(text, "utf-8")
    configuration = load_configuration(folder / "gaps.yaml")
    rows = {wave: clean_wave(configuration, wave, folder)[0].to_pandas() for wave in WAVES}
    recipe = columns_of_survey(configuration, rows["a"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            survey_imputations, "ChainPlan", partial(ChainPlan, chains=2, burn_in=10, between=3)
        )
        sources = {wave: source_of(frame) for wave, frame in rows.items()}
        found = impute_survey(configuration, "score", sources, recipe)
    kept = pd.concat(frame.assign(wave=wave) for wave, frame in rows.items())
    return configuration, found, kept[kept["score"].notna()]


def _place(stats, name: str) -> int:
    return [column.name for column in stats.columns.columns].index(name)


def test_all_rows_with_the_outcome_are_in_every_imputation(gaps):
    _, found, rows = gaps
    made = list(found.statistics())
    assert len(made) == 3
    assert {stats.n_obs for stats in made} == {len(rows)} == {found.record.rows}
    score = _place(made[0], "score")
    assert all(stats.total[0, score] == pytest.approx(made[0].total[0, score]) for stats in made)
    assert len({float(stats.total[0, _place(stats, "ses")]) for stats in made}) == 3


def test_what_was_missing_and_what_explains_it_is_told(gaps):
    _, found, rows = gaps
    record = found.record
    assert {each.variable: each.rows for each in record.missing_in} == {
        name: int(rows[name].isna().sum()) for name in ("ses", "tongue", "money", "older")
    }
    assert record.responses == ("score", "ses", "tongue[y]", "tongue[z]", "older")
    assert record.responses_of_units == (("money",),)
    assert record.n_levels == 2
    assert record.levels == (("school",), ("school", "wave"))
    told = {(each.kind, each.variables) for each in record.not_compatible}
    assert told == {("aggregate", ("school_ses",))}


def test_a_variable_of_schools_has_one_value_in_a_school_and_wave(gaps):
    _, found, _ = gaps
    for stats in found.statistics():
        money = stats.columns.positions[Column(powers=(("money", "identity", 1),))]
        sums = np.asarray(stats.levels[-1].sums)[0]
        within = stats.total[money, money] - np.sum(sums[:, money] ** 2 / sums[:, 0])
        assert within == pytest.approx(0.0, abs=1e-8)


def test_a_shift_moves_the_imputed_values_of_one_variable(gaps):
    _, found, rows = gaps
    plain, moved = (next(iter(found.statistics(shift))) for shift in (None, {"ses": -0.5}))
    ses = _place(plain, "ses")
    unit = plain.columns.scales["ses", "identity"][1]
    lacking = int(rows["ses"].isna().sum())
    by = unit * (moved.total[0, ses] - plain.total[0, ses])
    assert by == pytest.approx(-0.5 * lacking)
    tongue = _place(plain, "tongue[y]")
    assert moved.total[0, tongue] == plain.total[0, tongue]


def test_imputations_are_fitted_and_pooled(gaps):
    _, found, _ = gaps
    made = list(found.statistics())
    model = found.plan.full_model()
    pooled = mlm.pool([mlm.fit(model, stats) for stats in made])
    assert pooled.fixed_effects.loc["ses", "imputation_error"] > 0.0


def test_levels_of_the_joint_model_lie_inside_each_other(gaps):
    configuration, found, _ = gaps
    assert nested_groups(found.plan) == (("school",), ("school", "wave"))
    star = load_configuration("config/star.yaml")
    assert nested_groups(plan_of(star, "math")) == (("school",), ("school", "pupil"))
