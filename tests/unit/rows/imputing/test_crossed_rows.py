"""Variables of classes and teachers that followed pupils pass through: one value a unit."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlm.configuration import load_configuration
from mlm.rows.accumulating.sources import source_of
from mlm.rows.accumulating.wave_statistics import columns_of_survey
from mlm.rows.imputing import survey_imputations
from mlm.rows.imputing.survey_imputations import impute_survey
from mlm.statistics.imputation.sampling import ChainPlan
from tests import classes_in_schools
from tests.cleaned_waves import clean_wave

pytestmark = pytest.mark.slow

STAR = Path("data/star")
SCHOOLS = 14  # of star that are read: those with the most gaps of their teachers
TEACHERS = ("teacher_experience", "teacher_degree")
QUICK = partial(ChainPlan, chains=2, burn_in=10, between=3)


def _imputed(configuration, analysis: str, folder: Path, monkeypatch):
    """Clean rows and imputations of an analysis, of few iterations."""
    waves = {
        wave.name: clean_wave(configuration, wave.name, folder)[0].to_pandas()
        for wave in configuration.waves
    }
    sources = {wave: source_of(frame) for wave, frame in waves.items()}
    recipe = columns_of_survey(configuration, next(iter(waves.values())))
    monkeypatch.setattr(survey_imputations, "ChainPlan", QUICK)
    return waves, impute_survey(configuration, analysis, sources, recipe)


def _completed(waves, found, names: tuple[str, ...]) -> list[pd.DataFrame]:
    """Rows of each imputation, all waves together."""
    imputer, out = found.draws.imputer(), []
    for place, wave in enumerate(waves):
        wanted = list(dict.fromkeys([*imputer.names, *names]))
        for batch in found.waves[wave].batches(wanted):
            for draw, made in enumerate(imputer.completed(batch, place)):
                columns = {name: _plain(made.columns[name]) for name in names}
                out.append(pd.DataFrame(columns).assign(draw=draw, wave=wave))
    return out


def _plain(column) -> np.ndarray:
    if hasattr(column, "codes"):
        return np.append(np.asarray(column.values, dtype=object), None)[column.codes]
    return np.asarray(column)


@pytest.fixture(scope="module")
def star(tmp_path_factory):
    """Clean rows of some schools of star, and three imputations."""
    folder = tmp_path_factory.mktemp("star")
    configuration = load_configuration("config/star.yaml")
    (folder / STAR).mkdir(parents=True)
    waves = {
        wave.name: pd.read_csv(STAR / f"wave_{wave.name}.csv", dtype=str)
        for wave in configuration.waves
    }
    whole = pd.concat(waves.values())
    lacking = whole[list(TEACHERS)].isna().any(axis=1).groupby(whole["school"]).sum()
    chosen = set(lacking.sort_values(ascending=False, kind="stable").index[:SCHOOLS])
    text = Path("config/star.yaml").read_text("utf-8")
    for wave, frame in waves.items():
        kept = frame[frame["school"].isin(chosen)]
        kept.to_csv(folder / STAR / f"wave_{wave}.csv", index=False)
        text = text.replace(f"rows: {len(frame)}}}", f"rows: {len(kept)}}}")
    (folder / "star.yaml").write_text(text, "utf-8")
    configuration = load_configuration(folder / "star.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        found = _imputed(configuration, "math", folder, patch)
    return found


def test_every_teacher_of_star_has_one_value_in_an_imputation(star):
    waves, found = star
    assert found.record.responses == ("math",)
    assert found.record.responses_of_units[1] == ("teacher_experience", "teacher_degree[graduate]")
    assert found.record.levels[-1][-1] == "teacher"
    rows = pd.concat(_completed(waves, found, ("teacher", "math", *TEACHERS)))
    rows = rows[rows["math"].notna()]
    before = pd.concat(waves.values())
    before = before[before["math"].notna()]
    values = {}
    for name in TEACHERS:
        lacks = before[name].isna().groupby(before["teacher"].astype(str)).all()
        assert lacks.any()
        assert rows[name].notna().all()
        teachers = rows["teacher"].astype(str)
        each = rows.groupby(["draw", teachers])[name].nunique()
        assert (each == 1).all()
        first = rows.groupby(["draw", teachers])[name].first().unstack("draw")
        moved = (first.nunique(axis=1) > 1)[lacks.index]
        assert not moved[~lacks].any(), "what was observed stays"
        values[name] = moved[lacks]
    assert values["teacher_experience"].all()
    assert values["teacher_degree"].any()


def test_classes_whose_ids_begin_anew_in_each_school_and_wave_are_told_apart(tmp_path, monkeypatch):
    text = {
        'terms: [size, sex, "size:sex"], time_interactions: [size]': "terms: [money, size, sex]",
        "  sex: {label: Sex": "  money: {label: Money, type: number, level: class, missing: {NA: "
        "no answer}}\n  sex: {label: Sex",
    }
    configuration = classes_in_schools.configuration(tmp_path, text)
    rng = np.random.default_rng(3)
    for wave, frame in classes_in_schools.frames().items():
        number = frame.groupby(["school", "class"]).ngroup().to_numpy()
        money = np.round(rng.normal(size=number.max() + 1), 3)
        money[rng.random(money.size) < 0.3] = np.nan
        frame.assign(money=money[number]).to_csv(tmp_path / f"{wave}.csv", index=False, na_rep="NA")
    waves, found = _imputed(configuration, "score", tmp_path, monkeypatch)
    assert found.record.responses_of_units == (("money",),)
    assert found.record.levels[-1][-1] == "class"
    rows = pd.concat(_completed(waves, found, ("school", "class", "money")))
    keys = ["draw", "wave", "school", "class"]
    assert (rows.groupby(keys)["money"].nunique() == 1).all()
    lacking = rows.groupby(["wave", "school", "class"])["money"].nunique() > 1
    assert lacking.sum() == sum(
        frame.groupby(["school", "class"])["money"].first().isna().sum() for frame in waves.values()
    )
