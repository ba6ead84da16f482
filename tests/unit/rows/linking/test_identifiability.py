"""Planted defects are named before any fit; sound designs raise no alarm."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from mlm.configuration import load_configuration
from mlm.results.level import Level
from mlm.results.survey.separability import (
    Aliased,
    AnyDoubt,
    Blended,
    CodesReused,
    ConstantInWave,
    FewGroups,
    OneChild,
    OneChildInWave,
    OneGroup,
    Saturated,
)
from mlm.rows.cleaning.cleaning import clean_in_chunks
from mlm.rows.linking.hierarchy_account import hierarchy_account
from mlm.rows.linking.identifiability import identifiability_doubts
from mlm.rows.linking.survey_rows import SurveyRows
from mlm.rows.simulating.simulation import simulate_survey
from tests.examples import ROOT
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

LEVELS = """\
levels:
  - {name: county, id: county, ids: local}
  - {name: school, id: school, ids: local}
  - {name: class, id: class, ids: local}
  - {name: pupil, id: pupil}
"""
SCHOOL_IN_WAVE = Level(unit="school", in_wave=True, ids=("county", "school", "wave"))
CLASS = Level(unit="class", ids=("county", "school", "wave", "class"))
BASE = CONFIGURATION.replace(
    "levels:\n  - {name: school, id: school}\n  - {name: pupil, id: pupil}\n", LEVELS
).replace("design: same_pupils", "design: same_schools")
BASE = BASE.replace("label: Year}", "label: Year, below: school}")


def survey(counties=12, schools=3, classes=(2, 2), pupils=4, **columns) -> dict[str, pd.DataFrame]:
    """Waves a and b of a sound survey, class numbers local to the school."""
    tables = {}
    for wave, n_classes in zip("ab", classes, strict=True):
        places = itertools.product(range(counties), range(schools), range(n_classes), range(pupils))
        table = pd.DataFrame(places, columns=["county", "school", "class", "pupil"]).astype(str)
        n = len(table)
        table["score"] = [float(i * 7 % 13) for i in range(n)]
        table["ses"] = [float(i * 5 % 11) for i in range(n)]
        table["sex"] = ["gb"[i % 2] for i in range(n)]
        table["kind"] = ["xy"[int(s) % 2] for s in table["school"]]
        tables[wave] = table.assign(**{k: f(table, wave) for k, f in columns.items()})
    return tables


def doubts(tmp_path, tables, text: str = BASE) -> tuple[AnyDoubt, ...]:
    configuration = write_survey(tmp_path, text)
    return identifiability_doubts(configuration, SurveyRows(configuration, tables))


def test_a_sound_survey_raises_no_alarm(tmp_path):
    assert doubts(tmp_path, survey()) == ()


def test_one_class_a_school(tmp_path):
    (doubt,) = doubts(tmp_path, survey(classes=(1, 1)))
    assert doubt == OneChild(
        severity="warning", level=SCHOOL_IN_WAVE, child=CLASS, groups=72, children=72
    )


def test_one_class_in_almost_every_school(tmp_path):
    tables = survey(classes=(1, 1))
    tables["b"].loc[0, "class"] = "1"
    (doubt,) = doubts(tmp_path, tables)
    assert (doubt.kind, doubt.groups, doubt.children) == ("one_child", 72, 73)


def test_one_class_in_one_wave_alone(tmp_path):
    (doubt,) = doubts(tmp_path, survey(classes=(1, 2)))
    assert doubt == OneChildInWave(severity="note", level=SCHOOL_IN_WAVE, child=CLASS, waves=("a",))


def test_one_row_a_class(tmp_path):
    (doubt,) = doubts(tmp_path, survey(pupils=1))
    pupil = Level(unit="pupil", ids=())
    assert (doubt.kind, doubt.level, doubt.child) == ("one_child", CLASS, pupil)


def test_few_groups(tmp_path):
    (doubt,) = doubts(tmp_path, survey(counties=4))
    county = Level(unit="county", ids=("county",))
    assert doubt == FewGroups(severity="warning", level=county, groups=4, needed=10)


def test_one_group(tmp_path):
    (doubt,) = doubts(tmp_path, survey(counties=1, schools=12))
    assert doubt == OneGroup(severity="warning", level=Level(unit="county", ids=("county",)))


def test_codes_that_are_reused(tmp_path):
    text = BASE.replace("{name: class, id: class, ids: local}", "{name: class, id: class}")
    (doubt,) = doubts(tmp_path, survey(), text)
    assert doubt == CodesReused(
        severity="note", level="class", parent="school", reused=2, codes=2, units=72
    )


def test_a_category_for_each_county(tmp_path):
    letters = "abcdefghijkl"
    text = BASE.replace(
        "level: school, categories: {x: X, y: Y},\n         recode: {z: y}}",
        f"level: county, categories: {{{', '.join(f'{c}: Kind {c}' for c in letters)}}}}}",
    )
    tables = survey(kind=lambda t, w: [letters[int(c)] for c in t["county"]])
    (doubt,) = doubts(tmp_path, tables, text)
    assert doubt == Saturated(
        severity="warning", variable="kind", level="county", categories=12, groups=12
    )


def test_a_variable_that_is_time(tmp_path):
    (doubt,) = doubts(tmp_path, survey(ses=lambda t, w: float(ord(w))))
    assert doubt == ConstantInWave(severity="warning", variable="ses")


def test_wave_grade_and_cohort(tmp_path):
    text = BASE.replace("  sex:", "  grade: {label: G, type: number, level: row}\n  sex:")
    text = text.replace('terms: [sex, ses, kind, "sex:ses", "ses^2"]', "terms: [sex, ses, grade]")
    tables = survey(
        grade=lambda t, w: [float(i % 3) for i in range(len(t))],
        ses=lambda t, w: [ord(w) - float(i % 3) for i in range(len(t))],
    )
    (doubt,) = doubts(tmp_path, tables, text)
    assert doubt == Aliased(severity="warning", variable="grade", follows_from="ses")


@pytest.mark.parametrize(("n_waves", "expected"), [(2, ["few_occasions"]), (3, [])])
def test_slopes_over_pupils_need_three_occasions(tmp_path, n_waves, expected):
    text = CONFIGURATION.replace("time_interactions: [sex]", "slopes: [ses]")
    third = "  - {name: b, time: 1, files: [b.csv]}\n"
    text = text.replace(third, third + "  - {name: c, time: 2, files: [c.csv]}\n")
    text = text if n_waves == 3 else text.replace("  - {name: c, time: 2, files: [c.csv]}\n", "")
    table = survey(classes=(3, 3))["a"].drop(columns=["class", "county"])
    table["school"] = [str(i // 9) for i in range(len(table))]
    table["pupil"] = [str(i % 9) for i in range(len(table))]
    waves = dict.fromkeys("abc"[:n_waves], table)
    found = [doubt for doubt in doubts(tmp_path, waves, text) if doubt.kind != "codes_reused"]
    assert [doubt.kind for doubt in found] == expected
    for doubt in found:
        assert (doubt.groups, doubt.rows_needed, doubt.slopes) == (0, 3, ("ses",))


def test_science_needs_its_second_wave(tmp_path):
    configuration = load_configuration(ROOT / "config" / "science.yaml")
    tables = simulate_survey(configuration)[0]
    for wave, frame in tables.items():
        path = configuration.under(tmp_path).wave_files(wave)[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(path, index=False)
    waves = {w: clean_in_chunks(configuration.under(tmp_path), w) for w in tables}
    rows = SurveyRows(configuration, waves)
    found = {doubt.kind: doubt for doubt in identifiability_doubts(configuration, rows)}
    assert found["one_child_in_wave"].waves == ("1984",)
    assert all(doubt.severity == "note" for doubt in found.values())


def test_hierarchy_with_its_distribution(tmp_path):
    configuration = write_survey(tmp_path, BASE)
    rows = SurveyRows(configuration, survey(counties=5, classes=(1, 3)))
    account = hierarchy_account(configuration, rows)
    assert [entry.level.ids for entry in account] == [
        ("county",),
        ("county", "school"),
        ("county", "school", "wave"),
        ("county", "school", "wave", "class"),
        (),
    ]
    assert [entry.groups for entry in account] == [5, 15, 30, 60, 240]
    assert [entry.child for entry in account] == [*(e.level for e in account[1:4]), None, None]
    wave = account[2].children
    assert (wave.mean, wave.one) == (2.0, 15)
    assert wave.quantiles[0] == 1 and wave.quantiles[-1] == 3
    assert wave.balance == pytest.approx(0.75)
    assert account[0].children.balance == 1.0
    assert account[3].children == account[3].rows and account[4].rows is None


FOLLOWED = CONFIGURATION.replace(
    "level: pupil, categories: {g: Girl", "level: row, categories: {g: Girl"
)


def followed(n: int = 300, changing: int = 30) -> dict[str, pd.DataFrame]:
    """Pupils in two waves, of whom some have another category in the second."""
    ids = {"school": [f"s{i % 20}" for i in range(n)], "pupil": [f"p{i}" for i in range(n)]}
    table = pd.DataFrame(ids).assign(score=[float(i * 7 % 13) for i in range(n)])
    table["ses"] = [float(i * 5 % 11) for i in range(n)]
    table["sex"] = ["gb"[i // 20 % 2] for i in range(n)]
    table["kind"] = ["xy"[i % 20 % 2] for i in range(n)]
    other = table.assign(ses=table["ses"] + 1)
    other.loc[: changing - 1, "sex"] = [{"g": "b", "b": "g"}[s] for s in table["sex"][:changing]]
    return {"a": table, "b": other}


def blended(tmp_path, tables, text: str = FOLLOWED) -> list[AnyDoubt]:
    return [each for each in doubts(tmp_path, tables, text) if isinstance(each, Blended)]


def test_a_category_that_changes_for_followed_pupils_blends(tmp_path):
    (doubt,) = blended(tmp_path, followed())
    assert doubt == Blended(severity="warning", variable="sex", level="pupil")


def test_a_category_of_a_policy_or_of_few_changes_or_of_others_does_not_blend(tmp_path):
    assert blended(tmp_path, followed(changing=2)) == []
    policy = FOLLOWED.replace("time_interactions", "policy: {sex: adjusted}, time_interactions")
    assert blended(tmp_path, followed(), policy) == []
    assert blended(tmp_path, followed(changing=0), CONFIGURATION) == []


def test_a_split_category_does_not_blend(tmp_path):
    share = (
        "  boys: {label: B, type: number, level: pupil, aggregate: {of: sex, within: pupil, "
        "statistic: share, categories: [b], waves: all}}\nanalyses:"
    )
    text = FOLLOWED.replace("analyses:", share).replace("terms: [sex,", "terms: [sex, boys,")
    text = text.replace("time_interactions", "between: [sex], time_interactions")
    tables = {wave: table.assign(boys=0.5) for wave, table in followed().items()}
    assert blended(tmp_path, tables, text) == []
