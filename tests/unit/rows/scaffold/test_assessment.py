"""Drafts of files of programmes hold the sample in full, and pass every check."""

from __future__ import annotations

import pytest

from mlm.configuration.programmes.recognition import FileColumns, no_variables
from mlm.nouns.design import CROSS_SECTION, NEW_SCHOOLS
from mlm.rows.scaffold import draft_configuration
from mlm.rows.scaffold.assessment import MOST_ENTRIES
from tests.unit.rows.scaffold.made_assessments import made, programme, rows_of
from tests.unit.rows.scaffold.made_files import drafted, runs

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("read_in_this_process")]

FILES = {
    "PISA 2003": "int_stui_2003_v2.csv",
    "PISA 2012": "INT_STU12_DEC03.csv",
    "PISA 2018": "CY07_MSU_STU_QQQ.sav",
    "TIMSS 2011 grade 8": "bsgautm5.sav",
    "TIMSS 2019 grade 4": "ASGNORM7.dta",
    "PIRLS 2011": "asgfrar3.csv",
    "PIRLS 2021": "asgfrar5.sav",
    "ICCS 2009": "isgchlc2.csv",
    "ICCS 2016": "isgchlc3.csv",
    "ICILS 2018": "bsgchli2.csv",
    "PASEC 2019 grade 2": "PASEC2019_GRADE2.dta",
    "PASEC 2014 grade 6": "PASEC2014_GRADE6.dta",
    "ERCE 2019": "ERCE_2019_QA6.csv",
    "NAEP 2011": "naep 2011.csv",
    "NAEP 2019": "naep 2019.csv",
}
IN_FULL = {"PISA 2018", "TIMSS 2011 grade 8", "PIRLS 2021", "PASEC 2019 grade 2"}


@pytest.mark.parametrize("title", FILES)
def test_a_file_of_a_programme_has_its_sample_in_full(tmp_path, title):
    known = programme(title)
    text, configuration = drafted(tmp_path, [made(title, tmp_path / FILES[title])])
    assert f"# Files of {title}" in text
    assert configuration.design is CROSS_SECTION
    weights = {level: entry.column for level, entry in configuration.sampling.weights.items()}
    assert weights == known.weights
    replicates, way = configuration.sampling.replicates, known.replications[0]
    assert (replicates.method, replicates.factor) == (way.method, way.factor)
    assert (replicates.halves or "") == way.halves
    found = replicates.columns.columns if replicates.columns else ()
    assert found == (way.names if way.columns else ())
    scores = {name: entry.columns for name, entry in configuration.plausible_values.items()}
    assert scores == {domain.name: domain.draws for domain in known.domains}
    minima = {name: [*cuts.values()] for name, cuts in configuration.minimum_proficiency.items()}
    assert minima == {d.name: [d.minimum] for d in known.domains if d.minimum}
    assert [a.outcome for a in configuration.analyses.values()] == [d.name for d in known.domains]
    for analysis in configuration.analyses.values():
        assert set(analysis.terms) <= set(known.covariates.values())
    aside = no_variables(known, FileColumns(rows_of(known)))
    assert not {v.column or name for name, v in configuration.variables.items()} & aside
    if title in IN_FULL:
        assert runs(configuration).rows.excluded == 0


def test_teachers_are_rows_too_and_have_no_scores(tmp_path):
    frame = rows_of(programme("TALIS 2018"), further=3).assign(T3SELF=lambda rows: rows.TRWGT1 / 3)
    frame.to_csv(tmp_path / "btgfrat3.csv", index=False)
    _, configuration = drafted(tmp_path, [tmp_path / "btgfrat3.csv"])
    assert configuration.level_names == ("school", "teacher")
    weights = {level: entry.column for level, entry in configuration.sampling.weights.items()}
    assert weights == {"school": "SCHWGT", "teacher": "TCHWGT"}
    assert configuration.plausible_values == {}


def test_labels_and_missing_codes_of_spss_are_kept(tmp_path):
    path = made("PISA 2018", tmp_path / "CY07_MSU_STU_QQQ.sav")
    _, configuration = drafted(tmp_path, [path])
    gender = configuration.variables["ST004D01T"]
    assert gender.label == "Label of gender"
    assert {c: entry.label for c, entry in gender.categories.items()} == {
        "1": "Female",
        "2": "Male",
    }
    assert gender.missing == {"99": "No answer"}
    assert configuration.variables["ESCS"].missing == {"99": "user-missing code 99"}
    assert configuration.variables["math"].unit == "points"


def test_cycles_are_waves_with_the_names_of_each(tmp_path):
    paths = [
        made("PISA 2012", tmp_path / "INT_STU12_DEC03.csv"),
        made("PISA 2018", tmp_path / "CY07_MSU_STU_QQQ.sav", seed=7),
    ]
    text, configuration = drafted(tmp_path, paths)
    assert configuration.design is NEW_SCHOOLS
    assert configuration.wave_names == ("2012", "2018")
    sampling = configuration.sampling
    assert sampling.weights["school"].names == {"2012": "W_FSCHWT"}
    assert sampling.weights["pupil"].names == {}
    assert sampling.replicates.columns.names["2012"][-1] == "W_FSTR80"
    assert configuration.plausible_values["math"].columns == tuple(
        f"PV{m}MATH" for m in range(1, 6)
    )
    assert "the first 5 of each" in text
    assert configuration.variables["ST004D01T"].names == {"2012": "ST04Q01"}
    assert configuration.level("school").names == {"2012": "SCHOOLID"}
    assert runs(configuration).rows.excluded == 0


def test_pairs_of_cycles_have_both_halves_where_one_of_them_has(tmp_path):
    paths = [
        made("TIMSS 2011 grade 8", tmp_path / "bsgautm5.csv"),
        made("TIMSS 2015 grade 8", tmp_path / "bsgautm6.csv", seed=7),
    ]
    text, configuration = drafted(tmp_path, paths)
    assert configuration.sampling.replicates.halves == "both"
    assert "# ? both halves of each pair" in text


def test_without_the_file_of_schools_their_weight_is_the_mean(tmp_path):
    path = made("PISA 2003", tmp_path / FILES["PISA 2003"], without=("SCWEIGHT",))
    text, configuration = drafted(tmp_path, [path])
    assert configuration.sampling.school_weight == "mean"
    assert "SCWEIGHT is in the file of schools" in text
    assert runs(configuration).rows.excluded == 0


def test_factors_take_the_place_of_a_weight_that_is_not_merged(tmp_path):
    path = made("TIMSS 2019 grade 4", tmp_path / "asgnorm7.csv", without=("SCHWGT",))
    text, configuration = drafted(tmp_path, [path])
    assert "school: [WGTFAC1, WGTADJ1]" in text
    factors = [part.column for part in configuration.sampling.weights["school"].factors]
    assert factors == ["WGTFAC1", "WGTADJ1"]
    assert runs(configuration).rows.excluded == 0
    (tmp_path / "none").mkdir()
    lacking = ("SCHWGT", "WGTADJ1")
    path = made("TIMSS 2019 grade 4", tmp_path / "none" / "asgnorm7.csv", without=lacking)
    _, configuration = drafted(tmp_path / "none", [path])
    assert "school" not in configuration.sampling.weights


def test_without_replicates_it_is_said_which_are_lacking(tmp_path):
    lacking = programme("PISA 2012").replications[0].names
    path = made("PISA 2012", tmp_path / "pisa_2012.csv", without=lacking)
    text, configuration = drafted(tmp_path, [path])
    assert configuration.sampling.replicates is None
    assert "# ? the replicates (W_FSTR1 to W_FSTR80) are not in these files" in text


def test_countries_are_a_level_where_there_are_several(tmp_path):
    path = made("PISA 2018", tmp_path / "pisa_2018.csv", countries=2)
    _, configuration = drafted(tmp_path, [path])
    assert configuration.level_names == ("country", "school", "pupil")


def test_a_wide_file_has_entries_for_usual_covariates_and_lists_the_others(tmp_path):
    path = made("PISA 2018", tmp_path / "pisa_2018.sav", further=MOST_ENTRIES + 20)
    text, configuration = drafted(tmp_path, [path])
    covariates = set(programme("PISA 2018").covariates.values())
    assert configuration.variables.keys() == {"math", "read", "science", *covariates}
    assert f"# {MOST_ENTRIES + 20} further columns have no entry yet" in text
    assert "# Q000: Q000" in text
    assert "# and 10 more" in text


def test_cycles_that_look_alike_are_asked_for(tmp_path):
    path = made("PISA 2018", tmp_path / "mine.csv")
    text = draft_configuration([path], survey="mine", root=tmp_path)
    assert "# ? or of PISA 2015, PISA 2018" in text.replace("\n# ", " ")


def test_small_letters_are_the_same_columns(tmp_path):
    known = programme("PISA 2012")
    frame = rows_of(known)
    frame.columns = frame.columns.str.lower()
    frame.to_csv(tmp_path / "pisa_2012.csv", index=False)
    _, configuration = drafted(tmp_path, [tmp_path / "pisa_2012.csv"])
    assert configuration.sampling.weights["pupil"].column == "w_fstuwt"
    assert configuration.sampling.replicates.columns.columns[-1] == "w_fstr80"
    assert runs(configuration).rows.excluded == 0
