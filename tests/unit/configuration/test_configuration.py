"""Configurations: what is read, and where and how mistakes are told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import parts
from mlm.configuration import json_schema, load_configuration, schema_text
from mlm.configuration.names import parse_term
from mlm.errors import ConfigurationError
from tests.examples import CONFIG
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

SURVEYS = ("star", "science", "national")


@pytest.mark.parametrize("survey", SURVEYS)
def test_example_configurations_are_valid(survey):
    configuration = load_configuration(CONFIG / f"{survey}.yaml")
    assert configuration.survey == survey
    assert configuration.root == CONFIG.parent
    assert (configuration.simulate is None) == (survey == "star")


GROUPS = {
    "star": "school:school teacher:school:wave:teacher pupil:school:pupil occasion:residual",
    "science": "county:county school:county:school wave:county:school:wave "
    "class:county:school:wave:class pupil:residual",
    "national": "county:county wave:county:wave school:county:wave:school pupil:residual",
}


@pytest.mark.parametrize("survey", SURVEYS)
def test_design_gives_the_groups(survey):
    configuration = load_configuration(CONFIG / f"{survey}.yaml")
    levels = configuration.model_levels
    assert " ".join(f"{level.place}:{level.key}" for level in levels) == GROUPS[survey]


def test_schema_file_is_current():
    """To renew it: python -m mlm schema > config/schema.json."""
    assert (CONFIG / "schema.json").read_text(encoding="utf-8") == schema_text()


def test_schema_describes_every_key_and_refuses_others():
    schema = json_schema()
    parts = [schema, *schema["$defs"].values()]
    for part in [part for part in parts if part.get("type") == "object"]:
        assert part["additionalProperties"] is False
        for key, entry in part["properties"].items():
            assert entry.get("description"), f"{part['title']}.{key} has no description"


@pytest.mark.parametrize("survey", SURVEYS)
def test_schema_accepts_the_examples(survey):
    jsonschema = pytest.importorskip("jsonschema")
    yaml = pytest.importorskip("ruamel.yaml").YAML(typ="safe")
    data = yaml.load((CONFIG / f"{survey}.yaml").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(json.dumps(data)), json_schema())


def test_every_key_is_documented():
    text = (CONFIG / "README.md").read_text(encoding="utf-8")
    schema = json_schema()
    keys = {key for part in [schema, *schema["$defs"].values()] for key in part["properties"]}
    assert sorted(key for key in keys if f"`{key}`" not in text) == []


def test_scalars_stay_as_written(tmp_path):
    text = CONFIGURATION.replace("categories: {g: Girl, b: Boy}", "categories: {NO: 010, 1: 1.10}")
    categories = write_survey(tmp_path, text).variables["sex"].categories
    assert {code: entry.label for code, entry in categories.items()} == {"NO": "010", "1": "1.10"}


def test_a_category_is_a_label_or_a_label_with_a_phrase(tmp_path):
    said = "categories: {g: {label: Girl, phrase: girls}, b: Boy}"
    text = CONFIGURATION.replace("categories: {g: Girl, b: Boy}", said)
    found = write_survey(tmp_path, text).variables["sex"].categories
    assert [(c.label, c.phrase) for c in found.values()] == [("Girl", "girls"), ("Boy", None)]
    same = text.replace("b: Boy", "b: {label: Boy, phrase: girls}")
    with pytest.raises(ConfigurationError, match="2 categories have the same phrase 'girls'"):
        write_survey(tmp_path, same)


def test_words_of_a_survey_change_no_number(tmp_path, monkeypatch):
    """A stage that computes is told nothing of labels, phrases and who publishes."""
    said = CONFIGURATION.replace("{g: Girl, b: Boy}", "{g: {label: Her, phrase: girls}, b: Him}")
    said += "publication: {publisher: Office, contact: a@b.org, doi: 10.1/x}\n"
    plain, worded = write_survey(tmp_path, CONFIGURATION), write_survey(tmp_path, said)
    monkeypatch.setattr("file_parts.WHOLE_MB", 0.0)
    wildcards = SimpleNamespace(wave="a", analysis="score", part="0000")
    stages = [
        stage for stage in parts.PARTS if stage not in ("report", "units", "ledger", "simulate")
    ]
    for stage in stages:
        assert parts.part_of(stage, plain, wildcards) == parts.part_of(stage, worded, wildcards)
    assert parts.part_of("report", plain, wildcards) != parts.part_of("report", worded, wildcards)


def with_grid(folder, text, level="school"):
    """The small survey with a grid of its schools, or of other units, in a file."""
    (folder / "grid.csv").write_text(text, "utf-8")
    key = f"name: {level}, "
    assert key in CONFIGURATION
    return write_survey(folder, CONFIGURATION.replace(key, f"{key}grid: grid.csv, "))


def test_a_grid_is_for_the_report_alone(tmp_path, monkeypatch):
    plain = write_survey(tmp_path, CONFIGURATION)
    drawn = [with_grid(tmp_path, f"id,column,row\ns1,1,{row}\n") for row in (1, 2)]
    monkeypatch.setattr("file_parts.WHOLE_MB", 0.0)
    wildcards = SimpleNamespace(wave="a", analysis="score", part="0000")
    for stage in parts.PARTS:
        told = {parts.part_of(stage, each, wildcards) for each in (plain, *drawn)}
        assert len(told) == (3 if stage in ("report", "units") else 1), stage


def test_mistakes_of_a_grid_are_told_with_the_key(tmp_path):
    with pytest.raises(ConfigurationError, match=r"grid: .*grid.csv.*line 2 \(s1, 0, 1\)"):
        with_grid(tmp_path, "id,column,row\ns1,0,1\n")
    with pytest.raises(ConfigurationError, match="only the first level, school, has ids"):
        with_grid(tmp_path, "id,column,row\np1,1,1\n", "pupil")


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        ("school", None),
        ("[school]", None),
        ("pupil", "units of 'pupil' are not compared, and get no pages; expected school"),
        ("row", "units of 'row' are not compared"),
        ("[school, school]", r"unit_pages\[1\]: 'school' is listed twice"),
        ("schol", "'schol' is not a level; did you mean 'school'"),
        ("[]", None),
    ],
)
def test_pages_of_single_units_are_those_of_groups(pages, told, tmp_path):
    said = f"publication: {{unit_pages: {pages}}}\n"
    inside = f"{CONFIGURATION}disclosure: {{mode: controlled}}\n{said}"
    if told is None:
        found = write_survey(tmp_path, inside).publication.unit_pages
        assert found == (("school",) if "school" in pages else ())
    else:
        with pytest.raises(ConfigurationError, match=told):
            write_survey(tmp_path, inside)
    if "school" in pages:
        with pytest.raises(ConfigurationError, match=r"unit_pages: .* in controlled mode only"):
            write_survey(tmp_path, CONFIGURATION + said)


def test_look_ups(tmp_path):
    configuration = write_survey(tmp_path)
    assert configuration.wave_files("b") == (tmp_path / "b.csv",)
    assert configuration.levels_above_time == ("school", "pupil")
    with pytest.raises(ConfigurationError, match="no wave is named 'c'"):
        configuration.wave("c")
    with pytest.raises(ConfigurationError, match="did you mean 'score'"):
        configuration.analysis("scor")


def test_lowest_level_is_the_row_unless_pupils_recur(tmp_path):
    text = CONFIGURATION.replace("design: same_pupils", "design: same_schools")
    assert write_survey(tmp_path, text).variables["sex"].level == "row"


# change in the text, line of the message, parts of the message
MISTAKES = [
    ("title:", "titel:", 2, "unknown key 'titel'; did you mean 'title'?"),
    ("title:", "titel:", 1, "title: the key 'title' is required"),
    ("survey: small", "survey: s/m", 1, "'s/m': use 1 to 32 letters"),
    ("same_pupils", "same_pupil", 5, "expected 'same_pupils', 'same_schools'"),
    ("name: school,", "name: 1school,", 7, "levels[0].name: '1school': use a letter"),
    ("time: 0", "time: early", 11, "waves[0].time: 'early': a number is expected"),
    ("time: 0", "time: nan", 11, "waves[0].time: 'nan': a finite number is expected"),
    ("files: [a.csv]", "files: a.csv", 11, "waves[0].files: 'a.csv': a list is expected"),
    ("files: [b.csv]", "files: [a.csv]", 12, "waves[1].files[0]: 'a.csv' is listed before"),
    ("name: b, time: 1", "name: b, time: 0", 12, "time 0 does not come after 0"),
    ("name: b, time", "name: A, time", 12, "'A' and 'a' are the same wave name"),
    ("type: number, level: row}", "type: numbr, level: row}", 15, "expected 'number', 'category'"),
    ("level: row}", "level: rwo}", 15, "'rwo' is not a level; did you mean 'row'?"),
    ("range: [0, 100]", "range: [0]", 14, "two values are expected"),
    ("range: [0, 100]", "range: [9, 1]", 14, "the lowest value must be below the highest"),
    ("{g: Girl, b: Boy}}", "{g: Girl}}", 16, "at least two codes"),
    ("b: Boy}}", "b: Boy}, reference: x}", 16, "'x' is not a category; known: g, b"),
    ("recode: {z: y}", "recode: {z: w}", 18, "'w' is not a category"),
    ("recode: {z: y}", "recode: {x: y}", 18, "'x' is a category itself"),
    ("  ses:", "  I:", 15, "'I' has a meaning of its own"),
    ("name: year", "name: ses", 15, "'ses' is already the name of a part of 'time'"),
    ("outcome: score", "outcome: sex", 20, "'sex' is a category; an outcome must be a number"),
    ("outcome: score", "outcome: scor", 20, "'scor' is not a variable; did you mean 'score'?"),
    ("[sex, ses, kind,", "[sex, kind,", 20, "'sex:ses' needs the main effect ses"),
    ("[sex, ses,", "[sex, ses, score,", 20, "'score' is the outcome"),
    ("[sex, ses,", "[sex, ses, year,", 20, "time (year) is always in the model"),
    ('"ses^2"', '"sex^2"', 20, "'sex' is a category; a power needs a number"),
    ('"ses^2"', '"ses:sex"', 20, "same term as one before"),
    ('"ses^2"', '"ses:ses"', 20, "write ses^2"),
    ('"ses^2"', "log(ses)", 20, "'log(ses)' is not a term"),
    ("time_interactions: [sex]", "time_interactions: [se]", 20, "'se' is not among the terms"),
    ("time_interactions: [sex]", "protected: [a]", 20, "protected[0]: 'a' is not among"),
    ("time_interactions: [sex]", "policy: {sex: rct}", 20, "expected 'randomised', 'adjusted'"),
    ("time_interactions: [sex]", "policy: {x: adjusted}", 20, "'x' is not among the terms"),
    ("time_interactions: [sex]", "alpha: 2", 20, "must be less than 0.5"),
    ("time_interactions: [sex]", "compare: last", 20, "compare: 'last': expected 'last_wave'"),
    ("time_interactions: [sex]", "against: county", 20, "expected 'all' or 'above'"),
    ("time_interactions: [sex]", "slopes: [kind]", 20, "does not vary within any group"),
    ("  score: {outcome", "  clean: {outcome", 20, "'clean' is the name of a results folder"),
    ("survey: small", "survey: Publish", 1, "'Publish' is the name of a results folder"),
    ("source: made", "title: made", 4, "the key was given before, in line 2"),
    ("source: made for tests", "source: !!python/name:os.system", 4, "is not supported"),
    ("levels:", "levels: [", 7, "not valid YAML"),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), MISTAKES)
def test_mistakes_are_told_with_their_place(tmp_path, old, new, line, message):
    assert old in CONFIGURATION
    text = CONFIGURATION.replace(old, new, 1)
    with pytest.raises(ConfigurationError) as caught:
        write_survey(tmp_path, text)
    found = [p for p in caught.value.problems if message in p]
    assert len(found) == 1, str(caught.value)
    assert f"small.yaml, line {line}" in found[0]


def test_aliases_are_refused(tmp_path):
    text = CONFIGURATION.replace("title: A", "title: &a A").replace(
        "source: made for tests", "source: *a"
    )
    with pytest.raises(ConfigurationError, match="line 4, source: anchors"):
        write_survey(tmp_path, text)


def test_all_problems_are_told_at_once_in_the_order_of_the_file(tmp_path):
    text = (
        CONFIGURATION.replace("label: Year", "lable: Year")
        .replace("level: pupil", "level: pupl")
        .replace("time_interactions: [sex]", "protected: [sxe]")
    )
    with pytest.raises(ConfigurationError) as caught:
        write_survey(tmp_path, text.replace("lable: Year", "label: Year, lable: Year"))
    assert [p.partition(": ")[0].partition(", ")[2] for p in caught.value.problems] == [
        "line 9, time.lable",
        "line 16, variables.sex.level",
        "line 20, analyses.score.protected[0]",
    ]


def test_design_and_waves_must_fit(tmp_path):
    text = CONFIGURATION.replace("same_pupils", "cross_section")
    with pytest.raises(ConfigurationError) as caught:
        write_survey(tmp_path, text)
    assert "a cross_section has one wave, 2 are given" in str(caught.value)
    assert "a cross_section has no time; remove the key" in str(caught.value)


def test_one_wave_is_a_cross_section(tmp_path):
    text = CONFIGURATION.replace("  - {name: b, time: 1, files: [b.csv]}\n", "")
    with pytest.raises(ConfigurationError, match="needs at least two waves"):
        write_survey(tmp_path, text)


ONE_LEVEL = "levels:\n  - {name: pupil, id: pupil}\n"


def _of_one_level(design: str) -> str:
    levels = CONFIGURATION[CONFIGURATION.index("levels:") : CONFIGURATION.index("time:")]
    text = CONFIGURATION.replace(levels, ONE_LEVEL).replace("level: school", "level: pupil")
    return re.sub(r"design: \w+", f"design: {design}", text)


def test_pupils_who_are_followed_need_no_units_around_them(tmp_path):
    write_survey(tmp_path, _of_one_level("same_pupils"))
    (level,) = load_configuration(tmp_path / "small.yaml").model_levels[:-1]
    assert level.key == "pupil"


@pytest.mark.parametrize(
    "design,more,message",
    [
        ("new_schools", "", "levels: at least 2 expected, 1 given: below pupil only its rows"),
        ("same_pupils", "sampling: {weights: {pupil: w}}", "with the key 'sampling', 1 given"),
    ],
)
def test_one_level_is_not_enough_for_others(tmp_path, design, more, message):
    text = _of_one_level(design).replace("variables:", f"{more}\nvariables:", 1)
    with pytest.raises(ConfigurationError, match=message):
        write_survey(tmp_path, text)


def test_four_levels_must_say_where_time_comes_in():
    text = (CONFIG / "science.yaml").read_text(encoding="utf-8").replace(", below: school", "")
    with pytest.raises(ConfigurationError, match="say which level time comes directly below"):
        _load_text(text)


DEGREES = [
    ("coding: polynomial", "a polynomial needs its degree"),
    ("degree: 2", "only a polynomial has a degree; say coding: polynomial"),
    ("coding: trend, degree: 2", "only a polynomial has a degree"),
    ("coding: polynomial, degree: 2", "a curve of degree 2 needs 3 waves, 2 are given"),
    ("coding: polynomial, degree: 1", "must be at least 2"),
    ("coding: polynomal", "expected 'categories', 'trend' or 'polynomial'"),
]


@pytest.mark.parametrize(("coding", "message"), DEGREES)
def test_the_degree_of_a_curve(tmp_path, coding, message):
    text = CONFIGURATION.replace("label: Year}", f"label: Year, {coding}}}")
    assert text != CONFIGURATION
    with pytest.raises(ConfigurationError) as caught:
        write_survey(tmp_path, text)
    assert message in str(caught.value)


SIMULATION_MISTAKES = [
    ("below: school", "below: schol", "'schol' cannot be above time in same_schools"),
    ("county: 12", "county: [1, b]", "'b': a whole number is expected"),
    ("county: 12", "countie: 12", "'countie' is not a level; did you mean 'county'?"),
    ("class: {", "class: {x: 1, ", "'x' is not a wave"),
    ("sex[T.boy]: -8", "sex[T.bo]: -8", "'sex' is a category, 'bo' is not one of its codes"),
    ("    ses: 10", "    ses[T.x]: 10", "'ses' is a number; write ses"),
    ("county:school:wave: 60", "county:wave: 60", "'county:wave' is not a group"),
    ("covariance: 15", "covariance: 150", "the correlation would be beyond 1"),
    ("girl: 0.5, boy: 0.5}}", "girl: 0.5, boy: 0.4}}", "the shares must add to 1"),
    ("    Intercept: 500\n", "", "the term Intercept is required"),
]


@pytest.mark.parametrize(("old", "new", "message"), SIMULATION_MISTAKES)
def test_mistakes_in_a_simulation(old, new, message):
    text = (CONFIG / "science.yaml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(ConfigurationError) as caught:
        _load_text(text.replace(old, new, 1))
    assert message in str(caught.value)


def _load_text(text: str):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.yaml"
        path.write_text(text, encoding="utf-8")
        return load_configuration(path)


@pytest.mark.parametrize("content", [None, "", "- a\n", "a: b: c\n", "\xff"])
def test_files_that_are_no_configuration(tmp_path, content):
    path = tmp_path / "x.yaml"
    if content is not None:
        path.write_bytes(content.encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"x\.yaml"):
        load_configuration(path)


def test_terms():
    assert parse_term("a:b").variables == ("a", "b")
    assert parse_term("a^3").power == 3
    for text in ("", "a:b:c", "a+b", "a^9", "a:", "I(a)", "a^2:b"):
        with pytest.raises(ValueError, match="is not a term"):
            parse_term(text)
