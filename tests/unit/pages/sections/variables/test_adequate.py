"""The minimal adequate models: what is said of all, and what is told of some."""

from __future__ import annotations

import copy
import json

import pytest

from tests.unit.pages.reading import sentences, table_of
from tests.unit.pages.sample import (
    document_of,
    inputs,
)


def factor(variable, power=1):
    return {"variable": variable, "category": None, "power": power}


EXPERIENCE, SQUARED = [factor("experience")], [factor("experience", 2)]
SES = [factor("ses")]


@pytest.fixture
def given():
    return inputs()


def with_models(given, *dropped, **more):
    """The inputs with some minimal models in the table; ``more`` is said of all."""
    reduction = given["results"]["reduction"]
    first = reduction["adequate"][0]
    reduction["adequate"] = [copy.deepcopy(first) | {"dropped": terms} for terms in dropped]
    reduction["minimal"] |= {"models": len(dropped), **more}
    return given


def kept_in(given, **counts):
    """In how many models the plain terms of some variables are; the others in none."""
    kept = given["results"]["reduction"]["minimal"]["kept"]
    for item in kept:
        (*_, last) = item["term"]
        is_plain = len(item["term"]) == 1 and last["power"] == 1
        item["models"] = counts.get(last["variable"], 0) if is_plain else 0


@pytest.mark.battery(2)
@pytest.mark.parametrize(
    ("dropped", "stepwise", "said"),
    [
        ([SQUARED, EXPERIENCE], "minimal", "found above is number 1."),
        ([EXPERIENCE, SES], "minimal", "found above is among those not in the table."),
        ([EXPERIENCE, SQUARED, SES], "larger", "it keeps more terms than a minimal model needs."),
        ([SES], "other", "found above is not among them."),
    ],
)
def test_the_model_of_the_reduction_has_its_place_among_them(given, dropped, stepwise, said):
    given = with_models(given, dropped, [[factor("class_type")]], stepwise=stepwise)
    assert said in sentences(document_of(given))


def test_what_all_keep_is_taken_from_all_and_not_from_those_in_the_table(given):
    """Both models of the table keep free lunch, and one of the others does not."""
    given = with_models(given, [EXPERIENCE], [SQUARED], models=39)
    kept_in(given, class_type=39, ses=38)
    text = sentences(document_of(given))
    assert "39 models are minimal within the simultaneous bound" in text
    assert "The table lists the 2 with the fewest parameters." in text
    assert "Every one of the 39 keeps Class type." in text
    document = json.dumps(document_of(given))
    assert "38 of 39" in document and "2 of 2" not in document


def test_a_search_that_was_stopped_does_not_speak_of_all(given):
    given = with_models(given, [EXPERIENCE], [SQUARED])
    given["results"]["reduction"]["complete"] = False
    assert "2 models were found that are minimal" in sentences(document_of(given))


def test_models_that_lack_a_clear_effect_are_named(given):
    lacks = [{**factor("ses"), "category": "N", "function": None}]
    lacked = [{"term": lacks, "z": 8.31}]
    given = with_models(given, [EXPERIENCE], [SES], models=39, lacking=1, lacked=lacked)
    given["results"]["reduction"]["adequate"][1]["lacks"] = {"term": lacks, "z": 8.31}
    document = document_of(given)
    text = sentences(document)
    assert "Models that lack an effect with |z| above 4: 1 of 39: " in text
    assert "No free lunch (|z| up to 8.3)." in text
    cells = [cell["text"] for cell in table_of(document, "adequate")["rows"][1]["cells"]]
    assert cells[-1] == "8.3" and "No free lunch" in cells[-2]


@pytest.mark.parametrize("settled", [True, False])
def test_chance_in_the_draws_that_could_change_the_models_is_said(given, settled):
    given = with_models(given, [EXPERIENCE], [SES], settled=settled)
    said = "other draws behind it could find a few more or fewer" in sentences(document_of(given))
    assert said is not settled


def test_the_level_of_the_bound_and_its_price_are_said(given):
    text = sentences(document_of(given))
    assert "The level 0.05 of the bound is that of all models at once" in text
    assert "it does not make it rarer that a term without effect is kept" in text


def test_what_models_keep_is_told_beside_what_all_keep(given):
    given = with_models(given, [SQUARED, EXPERIENCE], [SQUARED, SES], models=2)
    kept_in(given, class_type=2, ses=1, experience=1)
    document = document_of(given)
    table = table_of(document, "adequate")
    assert table["columns"][1]["label"] == "Terms it keeps beside those that all keep"
    kept = [row["cells"][1]["text"] for row in table["rows"]]
    assert ["Free lunch" in text for text in kept] == [True, False]
    assert ["Teacher experience" in text for text in kept] == [False, True]
    assert not any("Class type" in text.split(" and ") for text in kept)
    assert "All models of the table drop Teacher experience squared." in sentences(document)


def test_models_that_keep_and_drop_nothing_alike_are_told_whole(given):
    given = with_models(given, [EXPERIENCE], [SES])
    kept_in(given, experience=1, ses=1)
    document = document_of(given)
    assert table_of(document, "adequate")["columns"][1]["label"] == "Terms it keeps"
    assert "All models of the table drop" not in sentences(document)
