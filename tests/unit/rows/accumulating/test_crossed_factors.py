"""Pupils who are followed from school to school: waves one by one give the fit of all rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.errors import ModelError, SurveyError
from mlm.front.fitting import fit
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.linking.linking import link_waves
from mlm.statistics.answers.analysis import analyse
from mlm.statistics.evidence.merging import merge_waves
from mlm.statistics.fitting.solution import fit_model
from tests.cleaned_waves import clean_wave
from tests.few_draws import few_draws

SCHOOLS, PUPILS, WAVES = 12, 48, ("a", "b", "c")
DEVIANCE = 1e-7  # absolute; sums are the same, the order of their additions is not
ESTIMATES = 1e-5  # relative to the standard error; both searches stop there
CARRIED = {"constant", "part_by_wave", "autoregressive"}  # by 12 units, five a parameter

TEXT = """\
survey: crossed
title: Pupils who change schools
description: Made for tests.
source: made for tests
design: same_pupils
levels:
  - {name: county, id: county, plural: counties}
  - {name: school, id: school}
  - {name: pupil, id: pupil, ids: global, moves: crossed}
time: {name: year, label: Year, coding: CODING}
waves:
  - {name: a, time: 0, files: [a.csv]}
  - {name: b, time: 1, files: [b.csv]}
  - {name: c, time: 3, files: [c.csv]}
variables:
  score: {label: Score, type: number, level: row}
  ses: {label: Home, type: number, level: row}
  sex: {label: Sex, type: category, level: pupil, categories: {g: Girl, b: Boy}}
analyses:
  score: {outcome: score, terms: [ses, sex]}
"""


def rows_of_pupils() -> pd.DataFrame:
    """Three waves; a third of the pupils change their school from wave to wave."""
    draw = np.random.default_rng(8)
    school_effect, pupil_effect = draw.normal(size=SCHOOLS), draw.normal(size=PUPILS)
    school, parts = draw.integers(SCHOOLS, size=PUPILS), []
    for i, wave in enumerate(WAVES):
        moves = draw.random(PUPILS) < (0.33 if i else 0.0)
        school = np.where(moves, draw.integers(SCHOOLS, size=PUPILS), school)
        ses, noise = draw.normal(size=(2, PUPILS))
        score = 0.2 * i + 0.5 * ses + school_effect[school] + pupil_effect + noise
        table = {"wave": wave, "year": [0.0, 1.0, 3.0][i], "county": (school % 4).astype(str)}
        table |= {"school": school.astype(str), "pupil": np.arange(PUPILS).astype(str)}
        table |= {"score": score.round(3), "ses": ses.round(3)}
        parts.append(pd.DataFrame(table).assign(sex=["gb"[p % 2] for p in range(PUPILS)]))
    return pd.concat(parts)


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """Configuration, all rows, cleaned waves, plan and merged cross-products; time is a trend."""
    return made(tmp_path_factory.mktemp("trend"), "trend")


def made(folder, coding: str):
    """The same for some coding of time."""
    rows = rows_of_pupils()
    for wave, part in rows.groupby("wave"):
        part.drop(columns=["wave", "year"]).to_csv(folder / f"{wave}.csv", index=False)
    (folder / "crossed.yaml").write_text(TEXT.replace("CODING", coding), encoding="utf-8")
    configuration = load_configuration(folder / "crossed.yaml")
    waves = {wave: clean_wave(configuration, wave)[0].to_pandas() for wave in WAVES}
    columns = columns_of_survey(configuration, waves["a"])
    parts = {
        wave: accumulate_wave(configuration, wave, table, columns)["score"]
        for wave, table in waves.items()
    }
    plan = plan_of(configuration, "score")
    return configuration, rows, waves, plan, merge_waves(plan, parts)


def random_part(slope: str) -> str:
    return f" + (1{slope} | county:school) + (1 | county) + (1{slope} | pupil)"


def test_pupils_are_the_tree_and_schools_the_dense_block(survey):
    configuration, _, _, plan, stats = survey
    assert [level.key for level in configuration.model_levels] == [
        "county",
        "county:school",
        "pupil",
        "residual",
    ]
    assert plan.is_crossed
    assert stats.n_groups == {"pupil": PUPILS, "county": 4, "county:school": SCHOOLS}


@pytest.mark.battery
@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize(
    ("coding", "slope"), [("trend", ""), ("trend", " + year"), ("categories", "")]
)
def test_the_fit_is_that_of_all_rows_at_once(survey, tmp_path, criterion, coding, slope):
    _, rows, _, _, stats = survey if coding == "trend" else made(tmp_path, coding)
    if coding == "categories":
        rows = rows.assign(year=rows["wave"])
    expected = fit(f"score ~ year + ses + sex{random_part(slope)}", rows, criterion=criterion)
    found = fit_model(expected.model, stats, criterion)
    assert found.deviance == pytest.approx(expected.deviance, abs=DEVIANCE, rel=0)
    for term, row in expected.fixed_effects.iterrows():
        own = found.fixed_effects.loc[term.replace("sex[T.g]", "sex[T.b]")]
        sign = -1.0 if term == "sex[T.g]" else 1.0
        if term != "Intercept":
            assert abs(own["estimate"] - sign * row["estimate"]) < ESTIMATES * row["std_error"]


@pytest.mark.slow
def test_an_analysis_answers_all_questions(survey, monkeypatch):
    # draws for few units take seconds, and have their own test
    for asks in ("bound", "inclusion"):
        monkeypatch.setattr(f"mlm.statistics.selection.{asks}.judged_by_few", lambda *_: False)
    configuration, _, waves, plan, stats = survey
    account = link_waves(configuration, waves)
    with few_draws():
        results, _ = analyse(plan, stats, account)
    assert results.settled.reml.converged
    ids = {entry.level.ids for entry in results.null.reml.variance_components}
    assert ids == {("county",), ("county", "school"), ("pupil",), ()}
    correlations = {entry.level.unit: entry.value for entry in results.null.correlations}
    assert correlations["county"] <= correlations["school"] < correlations["pupil"] < 1.0
    assert [item.level.ids for item in results.effects] == [("county",), ("county", "school")]
    schools = [step for step in results.settled.random_part.path if step.level.unit == "school"]
    steady = {item.level.unit: item for item in results.over_time.levels}
    tried = {step.before for step in schools} | {step.form for step in schools}
    assert schools and tried | {steady["school"].form} <= CARRIED


def test_the_account_knows_a_pupil_in_two_schools_as_one(survey):
    configuration, rows, waves, _, _ = survey
    account = link_waves(configuration, waves)
    moved = int((rows.groupby("pupil")["school"].nunique() > 1).sum())
    (entry,) = account.crossed_units
    assert (entry.level, entry.count, entry.of) == ("pupil", moved, PUPILS)
    assert [entry.level for entry in account.unit_changes] == ["school"]
    assert account.levels[2].groups_total == PUPILS
    assert [(c.size, c.units) for c in account.children[-1].counts] == [(3, PUPILS)]
    sizes = {entry.level.ids: entry for entry in account.hierarchy}
    pairs = len(rows[["school", "pupil"]].drop_duplicates())
    assert sizes["county", "school"].children.mean == pytest.approx(pairs / SCHOOLS)


def test_pupils_with_one_row_each_cannot_be_crossed(survey):
    configuration, _, waves, plan, _ = survey
    columns = columns_of_survey(configuration, waves["a"])
    alone = {
        wave: accumulate_wave(
            configuration, wave, table.assign(pupil=table["pupil"] + wave), columns
        )["score"]
        for wave, table in waves.items()
    }
    with pytest.raises(ModelError, match="cannot be told from their rows, nor crossed"):
        analyse(plan, merge_waves(plan, alone), {})


def test_more_effects_than_a_dense_matrix_holds_are_a_problem_of_the_check(survey, monkeypatch):
    configuration, _, waves, *_ = survey
    sizes = 4 + SCHOOLS  # slopes of ses and sex over both, with their constant: three effects each
    monkeypatch.setattr("mlm.rows.linking.crossed_limit.MAX_EFFECTS", 3 * sizes)
    link_waves(configuration, waves)
    monkeypatch.setattr("mlm.rows.linking.crossed_limit.MAX_EFFECTS", 3 * sizes - 1)
    with pytest.raises(SurveyError, match=f"analysis score: crossed factors.*{3 * sizes} effects"):
        link_waves(configuration, waves)
    lost = {wave: table.copy() for wave, table in waves.items()}
    for table in lost.values():
        table.loc[table["school"] == table["school"].iloc[0], "ses"] = np.nan
    link_waves(configuration, lost)  # one school has no complete row
