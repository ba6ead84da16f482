"""A programme fills what is not written; what is written wins; nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mlm.configuration import load_configuration
from mlm.configuration.programmes.catalogue import PROGRAMMES
from mlm.configuration.programmes.filling import filled_in
from mlm.errors import ConfigurationError


def content(programme="PISA 2018", **changes) -> dict:
    """A configuration as short as it may be."""
    data = {
        "survey": "short",
        "title": "Short",
        "description": "A survey.",
        "source": "Made up.",
        "design": "cross_section",
        "levels": [{"name": "school", "id": "CNTSCHID"}, {"name": "pupil", "id": "CNTSTUID"}],
        "waves": [{"name": "2018", "time": "2018", "files": ["pisa.sav"]}],
        "variables": {"ESCS": {"label": "Status", "type": "number", "level": "row"}},
        "sampling": {"programme": programme},
        "analyses": {"math": {"outcome": "math", "terms": ["ESCS"]}},
    }
    return {**data, **changes}


def loaded(tmp_path, data: dict):
    """The configuration of some values."""
    path = tmp_path / "short.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(data, file)
    return load_configuration(path)


def test_two_words_are_the_whole_sample(tmp_path):
    configuration = loaded(tmp_path, content())
    sampling = configuration.sampling
    assert {level: entry.column for level, entry in sampling.weights.items()} == {
        "school": "W_SCHGRNRABWT",
        "pupil": "W_FSTUWT",
    }
    assert (sampling.weights_are, sampling.replicates.method) == ("overall", "fay")
    assert sampling.replicates.factor == 0.5
    assert len(sampling.replicates.columns.columns) == 80
    assert configuration.plausible_values.keys() == {"math"}
    assert len(configuration.plausible_values["math"].columns) == 10
    assert [*configuration.minimum_proficiency["math"].values()] == [420.07]
    math = configuration.variables["math"]
    assert (math.label, math.type, math.unit) == ("Mathematics", "number", "points")
    assert configuration.filled.title == "PISA 2018"


def test_the_weight_of_schools_is_the_product_that_files_of_pupils_have(tmp_path):
    levels = [{"name": "school", "id": "IDSCHOOL"}, {"name": "pupil", "id": "IDSTUD"}]
    changes = {"levels": levels, "waves": [{"name": "2019", "time": 2019, "files": ["asg.sav"]}]}
    known = content("TIMSS 2019 grade 4", **changes)
    configuration = loaded(tmp_path, known)
    school = configuration.sampling.weights["school"]
    assert [factor.column for factor in school.factors] == ["WGTFAC1", "WGTADJ1"]
    assert ("sampling.weights.school", "[WGTFAC1, WGTADJ1]") in configuration.filled.texts
    told = configuration.filled.advice("sampling.weights.school[1]", "WGTADJ1")
    assert "or write weights: {school: SCHWGT} if that column was merged" in told
    known["sampling"]["weights"] = {"school": "SCHWGT"}
    merged = loaded(tmp_path, known).sampling.weights["school"]
    assert (merged.column, merged.factors) == ("SCHWGT", ())


def test_without_a_programme_nothing_is_filled():
    data = content()
    del data["sampling"]
    filling = filled_in(data)
    assert (filling.data, filling.filled, filling.problems) == (data, None, [])


WRITTEN = {
    "weights": ({"sampling": {"programme": "PISA 2018", "weights": {"pupil": "W"}}}, "W_FSTUWT"),
    "rows": ({"sampling": {"programme": "PISA 2018", "weights": {"row": "W"}}}, "W_FSTUWT"),
    "mean": ({"sampling": {"programme": "PISA 2018", "school_weight": "mean"}}, "W_SCHGRNRABWT"),
    "errors": ({"sampling": {"programme": "PISA 2018", "standard_errors": "jackknife"}}, "FSTURWT"),
    "draws": ({"plausible_values": {"math": "A1-A5"}}, "PV1MATH"),
    "cuts": ({"minimum_proficiency": {"math": "500"}}, "420.07"),
    "other": ({"minimum_proficiency": {"ESCS": "0"}}, "420.07"),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_what_is_written_wins(case):
    changes, lost = WRITTEN[case]
    data = content(**changes)
    filling = filled_in(data)
    assert lost not in str(filling.data)
    assert lost in str(filled_in(content()).data)


@given(st.sampled_from(PROGRAMMES), st.sets(st.sampled_from(["weights_are", "replicates"])))
def test_filling_adds_and_changes_nothing(programme, written):
    ids = [{"name": kind, "id": column} for kind, column in programme.ids.items()]
    ids += [{"name": programme.rows}] if programme.rows not in programme.ids else []
    sampling = {"programme": programme.title} | dict.fromkeys(written, "as written")
    outcomes = [domain.name for domain in programme.domains] or ["scale"]
    analyses = {name: {"outcome": name, "terms": ["x"]} for name in outcomes}
    data = content(levels=ids, sampling=sampling, analyses=analyses)
    before = str(data)
    filling = filled_in(data)
    assert str(data) == before
    assert _without(filling.data, [path for path, _ in filling.filled.entries]) == data
    again = filled_in(filling.data)
    assert (again.data, again.filled.entries) == (filling.data, ())
    products = {kind: list(factors) for kind, factors in programme.factors.items()}
    assert filling.data["sampling"]["weights"] == {**programme.weights, **products}


def _without(value: dict, paths: list, at: tuple = ()) -> dict:
    """A mapping without some keys, and without the mappings that are empty then."""
    kept = {key: entry for key, entry in value.items() if (*at, key) not in paths}
    kept = {
        key: _without(entry, paths, (*at, key)) if isinstance(entry, dict) else entry
        for key, entry in kept.items()
    }
    return {key: entry for key, entry in kept.items() if entry != {} or not at and key == "x"}


def test_each_wave_is_of_the_cycle_of_its_year(tmp_path):
    waves = [{"name": str(y), "time": str(y), "files": [f"{y}.sav"]} for y in (2012, 2018)]
    levels = [
        {"name": "school", "id": "CNTSCHID", "names": {"2012": "SCHOOLID"}},
        {"name": "pupil", "id": "CNTSTUID", "names": {"2012": "STIDSTD"}},
    ]
    time = {"name": "year", "label": "Year"}
    data = content("PISA", waves=waves, levels=levels, design="new_schools", time=time)
    configuration = loaded(tmp_path, data)
    assert configuration.filled.title == "PISA 2012 and 2018"
    weight = configuration.sampling.weights["school"]
    assert (weight.column, weight.names) == ("W_SCHGRNRABWT", {"2012": "W_FSCHWT"})
    scores = configuration.plausible_values["math"]
    assert scores.columns == tuple(f"PV{m}MATH" for m in range(1, 6))
    assert configuration.sampling.replicates.columns.names["2012"][0] == "W_FSTR1"


def test_ids_in_small_letters_mean_columns_in_small_letters(tmp_path):
    levels = [{"name": "school", "id": "cntschid"}, {"name": "pupil", "id": "cntstuid"}]
    configuration = loaded(tmp_path, content(levels=levels))
    assert configuration.sampling.weights["pupil"].column == "w_fstuwt"
    assert configuration.plausible_values["math"].columns[-1] == "pv10math"


@pytest.mark.parametrize(
    ("programme", "told"),
    [
        ("PISSA 2018", "did you mean 'PISA'?"),
        ("PISA 2017", "expected one of 2000, 2003"),
        ("TIMSS 2019", "TIMSS 2019 grade 4 or TIMSS 2019 grade 8"),
        ("TALIS", "time 2019) is named after no cycle of TALIS (2008, 2013, 2018)"),
    ],
)
def test_a_programme_that_is_not_known_is_the_only_problem(tmp_path, programme, told):
    data = content(programme, waves=[{"name": "a", "time": "2019", "files": ["pisa.sav"]}])
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, data)
    (problem,) = caught.value.problems
    assert "sampling.programme" in problem
    assert told in problem


@pytest.mark.parametrize("value", [None, [], {}, "text", ["a"], {"x": 1}])
@pytest.mark.parametrize(
    "key",
    ["levels", "waves", "variables", "analyses", "plausible_values", "minimum_proficiency"],
)
def test_keys_of_another_kind_are_left_to_the_checks(tmp_path, key, value):
    data = content(**{key: value})
    assert filled_in(data).problems == []
    if value in ("text", ["a"]):
        with pytest.raises(ConfigurationError) as caught:
            loaded(tmp_path, data)
        assert any(key in problem for problem in caught.value.problems)
