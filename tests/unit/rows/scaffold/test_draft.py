"""Whatever files are given has a draft, in which guesses are marked and weights are no terms."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.configuration import load_configuration
from mlm.errors import ConfigurationError, SurveyError
from mlm.rows.scaffold import draft_configuration
from tests.cleaned_waves import clean_wave
from tests.drawn_cases import cases
from tests.unit.rows.scaffold.made_files import IDS, drafted, runs, school, score, sex, table

OPEN = {
    "nothing but numbers": ({"a": [1.5, 2.5], "b": [3.5, 4.0]}, 'id: "?"'),
    "one level": ({"pupil": list("abcd"), "y": [1.5, 2, 3, 4]}, 'id: "?"'),
    "no number": (
        {"school": list("aabb"), "pupil": list("wxyz"), "sex": list("gbgb")},
        "outcome: # ?",
    ),
    "one column": ({"y": [1.5, 2.0, 3.5]}, "terms: # ?"),
}


@pytest.mark.parametrize("case", OPEN)
def test_what_files_do_not_tell_is_left_open(tmp_path, case):
    cells, open_key = OPEN[case]
    pd.DataFrame(cells).to_csv(tmp_path / "x.csv", index=False)
    text = draft_configuration([tmp_path / "x.csv"], survey="mine", root=tmp_path)
    assert open_key in text
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises((ConfigurationError, SurveyError)) as caught:
        clean_wave(load_configuration(tmp_path / "mine.yaml"), "x")
    told = str(caught.value)
    assert "nothing is given" in told or "'?'" in told


COLUMNS = {
    "weight": lambda i: 10 + i % 7 / 4,
    "W_FSTUWT": lambda i: 10 + i % 5,
    "wtssall": lambda i: 1 + i % 3,
    "stuwgt": lambda i: 10 + i % 2,
    "math": score,
    "READ": lambda i: score(i) + 3 + i % 2,
    "science_score": lambda i: 100 - score(i) + i % 3,
    "ses": lambda i: i * 13 % 17 / 4,
    "sex": sex,
    "social": lambda i: i % 9 + 1,
    "age": lambda i: 14 + i // 3 % 4,
    "teacher": lambda i: school(i) * 10 + i // 6 % 2,
    "birthweight": lambda i: 2000.5 + i * 31 % 997,
    "empty": lambda i: None,
}
WEIGHTS = {"weight", "W_FSTUWT", "wtssall", "stuwgt"}
SCORES = {"math", "READ", "science_score"}
TERMS = {"ses", "sex", "birthweight"}


@settings(max_examples=cases(10))
@given(
    st.sets(st.sampled_from(sorted(COLUMNS))),
    st.booleans(),
    st.integers(1, 3),
)
def test_whatever_is_given_has_a_draft(tmp_path_factory, columns, has_pupils, n_files):
    folder = tmp_path_factory.mktemp("draft")
    ids = IDS if has_pupils else {"school": school}
    cells = {**ids, **{column: COLUMNS[column] for column in sorted(columns)}}
    paths = [
        table(folder, f"w_{w}.csv", **{c: _later(f, c, w) for c, f in cells.items()})
        for w in range(n_files)
    ]
    text = draft_configuration(paths, survey="mine", root=folder)
    for line in text.splitlines():
        if line.strip().startswith(("type:", "level:", "- {name:", "outcome:", "design:", "time:")):
            assert "# ?" in line, line
    if not (columns & SCORES and columns & TERMS):
        return
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    configuration = load_configuration(folder / "mine.yaml")
    (analysis,) = configuration.analyses.values()
    assert not {*analysis.terms, analysis.outcome} & WEIGHTS
    assert analysis.outcome in SCORES
    assert not SCORES & set(analysis.terms)
    assert all(name in text.split("analyses:")[1] for name in SCORES & columns)
    assert (configuration.sampling is not None) == bool(WEIGHTS & columns)
    assert not WEIGHTS & configuration.variables.keys()
    assert not any(variable.range for variable in configuration.variables.values())
    runs(configuration)


def _later(column, name: str, wave: int):
    """A column in a later wave: scores go beyond those of the first one, pupils are others."""
    if name in SCORES:
        return lambda i: column(i) + wave * 20
    return (lambda i: f"{wave}{column(i)}") if name == "pupil" else column


def test_a_later_wave_breaks_no_range(tmp_path):
    """The next wave has higher and lower numbers, all of them good: only its line is added."""
    paths = [
        table(tmp_path, f"s_{w}.csv", **IDS, sex=sex, math=lambda i, w=w: score(i) * (1 + w))
        for w in range(3)
    ]
    text, _ = drafted(tmp_path, paths[:2])
    line = '  - {name: "1", label: Wave 1, time: 1, files: [s_1.csv]} # ?\n'
    assert line in text
    (tmp_path / "mine.yaml").write_text(text.replace(line, line + line.replace("1", "2")))
    assert runs(load_configuration(tmp_path / "mine.yaml")).rows.kept == 180


def test_replicates_and_plausible_values_have_their_place(tmp_path):
    columns = {f"W_FSTR{i}": lambda row, i=i: 1 + row % (i + 2) for i in range(1, 9)}
    columns |= {f"PV{i}READ": lambda row, i=i: score(row) + i for i in range(1, 6)}
    columns |= {"W_SCHOOL": lambda i: 2.5 + school(i), "W_FSTUWT": lambda i: 1 + i // 5 % 4 / 2}
    text, configuration = drafted(tmp_path, [table(tmp_path, "x.csv", **IDS, **columns, sex=sex)])
    weights = {level: entry.column for level, entry in configuration.sampling.weights.items()}
    assert weights == {"school": "W_SCHOOL", "pupil": "W_FSTUWT"}
    values = tuple(f"PV{i}READ" for i in range(1, 6))
    assert configuration.plausible_values["read"].columns == values
    analysis = configuration.analyses["read_analysis"]
    assert (analysis.outcome, analysis.terms) == ("read", ("sex",))
    assert set(configuration.variables) == {"read", "sex"}
    assert "compare:" not in text
    assert "columns: W_FSTR1-W_FSTR8}} # ? 8 replicate weights" in text.replace("8}", "8}}")


@pytest.mark.parametrize("name", ["W_FSTUWT", "totwgt", "stuwgt"])
def test_a_weight_of_pupils_may_be_the_same_in_a_school(tmp_path, name):
    columns = {name: lambda i: 20.0 + school(i), "W_SCHGRNRABWT": lambda i: 2.0 + school(i)}
    rows = {**IDS, **columns, "sex": sex, "math": score}
    _, configuration = drafted(tmp_path, [table(tmp_path, "x.csv", **rows)])
    found = {level: entry.column for level, entry in configuration.sampling.weights.items()}
    assert found == {"pupil": name, "school": "W_SCHGRNRABWT"}


@pytest.mark.parametrize("name", ["birthweight", "weight_kg", "overweight", "body_weight"])
def test_weights_of_bodies_are_no_sampling_weights(tmp_path, name):
    rows = {name: lambda i: 40 + i % 11, "math": score}
    _, configuration = drafted(tmp_path, [table(tmp_path, "x.csv", **IDS, **rows)])
    assert configuration.sampling is None
    assert configuration.analyses["math_analysis"].terms == (name,)


def test_what_is_compared_of_units_can_be_chosen_by_taking_off_a_mark(tmp_path):
    text, configuration = drafted(tmp_path, [table(tmp_path, "x.csv", **IDS, sex=sex, math=score)])
    (analysis,) = configuration.analyses.values()
    assert (analysis.compare, analysis.against) == ("last_wave", "all")
    for mark, chosen in (
        ("# compare: last_wave", "compare: lasting"),
        ("# against: all", "against: above"),
    ):
        assert mark in text
        text = text.replace(mark, chosen)
    (tmp_path / "mine.yaml").write_text(text)
    (analysis,) = load_configuration(tmp_path / "mine.yaml").analyses.values()
    assert (analysis.compare, analysis.against) == ("lasting", "above")
