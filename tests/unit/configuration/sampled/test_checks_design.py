"""Weights, clusters and replicates that make no design are told with their place."""

from __future__ import annotations

import copy

import pytest

from mlm.errors import ConfigurationError
from tests.unit.configuration.sampled.surveys import SURVEY, loaded

FAY = {"method": "fay", "factor": 0.5, "columns": "R1-R4"}
ROWS = {"pupil": "W_FSTUWT"}
BOTH = {"pupil": "W_FSTUWT", "school": "W_FSCHWT"}
NUMBER = {"label": "A number", "type": "number", "level": "row"}
FOLLOWED = {
    "design": "same_pupils",
    "levels": [{"name": "school", "id": "S"}, {"name": "pupil", "id": "P", "ids": "global"}],
}


def _levels(**last) -> dict:
    made = copy.deepcopy(FOLLOWED)
    made["levels"][-1] |= last
    return made


DESIGN = {
    "an unknown level": (
        {"weights": {"pupl": "W", "school": "V"}},
        "sampling.weights.pupl: 'pupl' is not a level; did you mean 'pupil'?",
    ),
    "no weights": ({"weights": {}}, "sampling.weights: at least 1 expected, 0 given"),
    "rows named twice": (
        {"weights": {"pupil": "W", "row": "V", "school": "U"}},
        "row and pupil are the same, each row is one; keep one of them",
    ),
    "one column for two levels": (
        {"weights": {"pupil": "W", "school": "W"}},
        "'W' is the weight of pupil too; each level has its own",
    ),
    "a weight that is a term": (
        {"weights": {"pupil": "escs", "school": "V"}},
        "analyses.math: 'escs' is a sampling weight; it is neither an outcome nor a term",
    ),
    "rows alone": (
        {"weights": ROWS, "replicates": None},
        "rows have overall weights and no unit has one: how likely each school was to be drawn is "
        "not known. Add school: <column>; or school_weight: mean",
    ),
    "a product that names one column twice": (
        {"weights": {"pupil": "W_FSTUWT", "school": ["FAC", "FAC"]}},
        "sampling.weights.school: a column is twice among the factors of a weight",
    ),
    "names of a product": (
        {
            "weights": {
                "pupil": "W_FSTUWT",
                "school": {"factors": ["FAC", "ADJ"], "names": {"2018": "SCHWT"}},
            }
        },
        "sampling.weights.school: 'names' and 'missing' of a product are those of its factors",
    ),
    "a product called as a variable": (
        {
            "weights": {
                "pupil": "W_FSTUWT",
                "school": {"column": "size", "factors": ["FAC", "ADJ"]},
            }
        },
        "sampling.weights.school: 'size' is a name of the codebook; call the product otherwise",
    ),
    "a factor of another level": (
        {"weights": {"pupil": "W_FSTUWT", "school": ["FAC", "escs"]}},
        "sampling.weights.school: 'escs' is at level row; the weight of school has one value",
    ),
    "a mean beside a column": (
        {"school_weight": "mean"},
        "sampling.school_weight: school has a column of weights, and is to have the mean",
    ),
    "a mean of conditional weights": (
        {"weights": ROWS, "school_weight": "mean", "weights_are": "conditional"}
        | {"replicates": None},
        "the weight of each school is the mean of the overall weights of its rows",
    ),
    "a kind of weights": ({"weights_are": "total"}, "expected 'overall' or 'conditional'"),
    "a scaling": ({"scaling": "mean"}, "sampling.scaling: 'mean': expected 'effective', 'size'"),
    "a scaling of one level": (
        {"scaling": "gk", "design": "same_schools"},
        "sampling.scaling: gk is defined for rows in one level of units; the models have 2 "
        "(school, school in wave)",
    ),
    "the rows as clusters": (
        {"psu": "pupil"},
        "sampling.psu: each pupil is a row; name the level of the units that were drawn first",
    ),
    "a level among columns of clusters": (
        {"psu": ["school", "PSU"]},
        "sampling.psu: school is a level, which is a cluster by itself: name it alone",
    ),
    "clusters below the outermost units": (
        {
            "psu": "school",
            "replicates": None,
            "levels": [{"name": n, "id": n.upper()} for n in ("county", "school", "pupil")],
        },
        "units of county, the outermost of the models, lie in several clusters of school",
    ),
    "crossed pupils": (
        _levels(moves="crossed"),
        "sampling: sampling weights beside crossed units: each pupil that changes its unit stays "
        "one ('moves: crossed' of pupil)",
    ),
    "crossed classes": (
        {
            "design": "same_pupils",
            "levels": [
                FOLLOWED["levels"][0],
                {"name": "class", "id": "C", "crossed": "pupil"},
                FOLLOWED["levels"][1],
            ],
        },
        "sampling weights beside crossed units: class is crossed with pupil",
    ),
    "a program": (
        {"standard_errors": {"match": "R"}},
        "sampling.standard_errors.match: 'R': expected",
    ),
    "errors by no replicates": (
        {"replicates": None, "standard_errors": "replicates"},
        "errors by replicates need the key 'replicates'",
    ),
}
REPLICATES = {
    "a method": ({"method": "jk3", "columns": "R1-R4"}, "'jk3': expected"),
    "fay without its factor": ({"method": "fay", "columns": "R1-R4"}, "fay needs its factor"),
    "a factor of others": (
        {"method": "brr", "columns": "R1-R4", "factor": 0.5},
        "sampling.replicates.factor: brr has no factor; remove the key, or say fay",
    ),
    "halves of others": ({**FAY, "halves": "both"}, "only pairs (jk2) have halves, not fay"),
    "nothing": ({"method": "brr"}, "replicates by brr are read from the files; add 'columns'"),
    "no clusters": ({"method": "jk1"}, "replicates by jk1 need 'columns', or 'unit'"),
    "no strata": ({"method": "jkn", "unit": "PSU"}, "replicates by jkn are made in strata"),
    "strata of jk1": ({"method": "jk1", "unit": "PSU", "zone": "Z"}, "remove the key, or say jkn"),
    "columns and clusters": (
        {"method": "jk2", "columns": "R1-R4", "zone": "Z", "unit": "H"},
        "replicates are read from 'columns' or made of 'unit' ('zone'): keep one",
    ),
    "scales of what is made": (
        {"method": "jk1", "unit": "PSU", "scale": 2},
        "replicates that are made count for what they are; remove the key",
    ),
    "no scales of jkn": (
        {"method": "jkn", "columns": "R1-R4"},
        "replicates by jkn: 0 scales for 4 columns; expected one each",
    ),
    "one column": ({**FAY, "columns": "R1"}, "replicates: one column, R1; expected all columns"),
    "backwards": (
        {**FAY, "columns": "R4-R1"},
        "sampling.replicates.columns: 'R4-R1': the numbers run backwards, from 4 to 1",
    ),
    "backwards in braces": (
        {**FAY, "columns": "R{80..1}"},
        "sampling.replicates.columns: 'R{80..1}': the numbers run backwards, from 80 to 1",
    ),
    "too many": ({**FAY, "columns": "R1-R99999"}, "'R1-R99999' stands for 99,999 columns"),
    "names of no wave": (
        {**FAY, "columns": {"columns": "R1-R4", "names": {"2019": "S1-S4"}}},
        "sampling.replicates.columns.names.2019: '2019' is not a wave; did you mean '2018'?",
    ),
    "fewer in a wave": (
        {**FAY, "columns": {"columns": "R1-R4", "names": {"2022": "S1-S3"}}},
        "3 columns in this wave, 4 in the others (R1, R2, R3 and 1 more)",
    ),
}
REPLICATED = {name: ({"replicates": keys}, text) for name, (keys, text) in REPLICATES.items()}
CASES = DESIGN | {f"replicates: {name}": case for name, case in REPLICATED.items()}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_told(tmp_path, case):
    changes, expected = CASES[case]
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, **changes)
    assert expected in str(caught.value)


def test_replicates_of_conditional_weights_are_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="replicates of overall weights, and"):
        loaded(tmp_path, weights_are="conditional")


def test_replicates_need_the_weight_that_they_are_of(tmp_path):
    with pytest.raises(ConfigurationError, match="'weights' gives rows none; add the weight"):
        loaded(tmp_path, weights={"school": "W_FSCHWT"})


SOUND = {
    "pupils that are others in another school": _levels(moves="episode") | {"replicates": None},
    "conditional weights": {"weights_are": "conditional", "replicates": None},
    "rows in schools that are all in the sample": {
        "weights": ROWS,
        "weights_are": "conditional",
        "replicates": None,
    },
    "a weight with an entry": {"variables": {**SURVEY["variables"], "W_FSTUWT": NUMBER}},
    "clusters of columns": {"psu": ["REGION", "PSU"]},
    "names by wave": {"weights": {**BOTH, "pupil": {"column": "W", "names": {"2018": "OLD"}}}},
}


@pytest.mark.parametrize("case", SOUND)
def test_what_is_sound_is_read(tmp_path, case):
    assert loaded(tmp_path, **SOUND[case]).sampling is not None
