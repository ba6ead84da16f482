"""The smallest adequate models."""

from __future__ import annotations

import copy

import pytest

from tests.unit.pages.reading import sentences
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


@pytest.mark.parametrize(
    ("dropped", "said"),
    [
        ([SQUARED, EXPERIENCE], "found above is number 1."),
        ([EXPERIENCE, SQUARED, SES], "it keeps more terms than the smallest need."),
        ([SES], "found above is not among them."),
    ],
)
def test_the_model_of_the_reduction_has_its_place_among_the_smallest(given, dropped, said):
    reduction = given["results"]["reduction"]
    other = copy.deepcopy(reduction["adequate"][0])
    other["dropped"] = [[factor("class_type")]]
    reduction["adequate"][0]["dropped"] = dropped
    reduction["adequate"].append(other)
    assert said in sentences(document_of(given))
