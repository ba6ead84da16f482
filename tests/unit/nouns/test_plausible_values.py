"""Scores known by draws: what they may be called, and the model of each draw."""

from __future__ import annotations

import pytest

from mlm.errors import ModelError
from mlm.nouns.formula import parse_formula
from mlm.nouns.plausible_values import PlausibleValues, models_of, scores_of

MATH = PlausibleValues("math", ["PV1M", "PV2M", "PV3M"])
READ = PlausibleValues("read", ("PV1R", "PV2R", "PV3R"))


def test_each_draw_has_its_model():
    model = parse_formula("math ~ read * sex + I(read ** 2) + (1 + read | school)")
    second = models_of(model, [MATH, READ])[1]
    expected = parse_formula("PV2M ~ PV2R * sex + I(PV2R ** 2) + (1 + PV2R | school)")
    assert second == expected


def test_a_score_may_be_a_covariate_alone():
    models = models_of(parse_formula("grade ~ math + (1 | school)"), [MATH])
    assert [str(m.terms[1]) for m in models] == ["PV1M", "PV2M", "PV3M"]
    assert {m.response for m in models} == {"grade"}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("PVMATH", "1 column"),
        ([], "0 column"),
        (["PV1M"], "hides how uncertain"),
        (["PV1M", "PV2M", "PV1M"], "PV1M is named twice"),
    ],
)
def test_columns_that_are_no_draws_are_refused(columns, message):
    with pytest.raises(ModelError, match=message):
        PlausibleValues("math", columns)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ([], "an empty list"),
        ("PV1M", "given as str"),
        ([MATH, PlausibleValues("read", ["PV1R", "PV2R"])], "math 3, read 2"),
        ([MATH, PlausibleValues("read", ["PV1R", "PV2M", "PV3R"])], "PV2M stands for several"),
        ([MATH, PlausibleValues("math", ["PV1R", "PV2R", "PV3R"])], "math stands for several"),
        ([PlausibleValues("PV1M", MATH.columns)], "PV1M stands for several"),
    ],
)
def test_scores_that_do_not_go_together_are_refused(scores, message):
    with pytest.raises(ModelError, match=message):
        scores_of(scores)


def test_nested_draws_come_nest_by_nest():
    nested = PlausibleValues("math", [["a1", "a2"], ["b1", "b2"], ["c1", "c2"]])
    assert (nested.columns, nested.nests) == (("a1", "a2", "b1", "b2", "c1", "c2"), 3)
    assert MATH.nests is None


@pytest.mark.parametrize("columns", [[["a1", "a2"]], [["a1"], ["b1"]], [["a1", "a2"], ["b1"]]])
def test_nests_that_are_none_are_refused(columns):
    with pytest.raises(ModelError, match="with as many columns in each"):
        PlausibleValues("math", columns)


def test_nested_and_other_draws_do_not_pair():
    nested = PlausibleValues("read", [["a1", "a2"], ["b1", "b2"]])
    plain = PlausibleValues("math", ["m1", "m2", "m3", "m4"])
    with pytest.raises(ModelError, match="only some of these scores are nested"):
        scores_of([nested, plain])


def test_a_formula_must_name_the_score():
    with pytest.raises(ModelError, match="does not name it"):
        models_of(parse_formula("PV1M ~ sex + (1 | school)"), [MATH])
