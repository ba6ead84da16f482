"""The section on units: no order without a licence, no name of a small unit."""

from __future__ import annotations

import json

import pytest

from mlm.pages.document import figures_of, tables_of
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import (
    document_of,
    inputs,
)


@pytest.fixture
def given():
    return inputs()


def refuse(given):
    effect = given["results"]["effects"][0]
    effect["licence"]["granted"] = False
    effect["licence"]["checks"][2].update(value=0.41, passed=False)


def test_a_refused_licence_shows_no_order(given):
    refuse(given)
    document = document_of(given)
    kinds = {block["kind"] for block in figures_of(document)}
    assert "caterpillar" not in kinds
    assert not any(table["id"] == "units-school" for table in tables_of(document))
    text = sentences(document)
    assert "Schools are not ranked: the mean reliability of their effects is 0.41 (0.7" in text


def test_a_refused_licence_leaves_no_unit_in_any_file(given):
    refuse(given)
    for unit in given["results"]["effects"][0]["units"]:
        unit.update(unit=["secretschool"])
    assert "secretschool" not in json.dumps(document_of(given))


def test_a_unit_of_few_rows_is_not_named(given):
    given["results"]["effects"][0]["units"][3].update(unit=["tinyschool"], n=9)
    assert "tinyschool" not in json.dumps(document_of(given))
