"""Tuples of records stored by name: the same records again, found under their names."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mlm.pages.derived import Ways, trace
from mlm.pages.disclosure.names import name_of
from mlm.results.reading import At
from mlm.results.survey.account import (
    CategoryCount,
    CategorySummary,
    NumberSummary,
    Roles,
    UnitCount,
    WaveLedger,
)
from tests.drawn_cases import cases

CODES = st.lists(st.text("a1/~# é", min_size=1, max_size=4), min_size=1, max_size=5, unique=True)


def ledger(codes: list[str]) -> WaveLedger:
    counts = tuple(CategoryCount(category=code, n=i) for i, code in enumerate(codes, start=3))
    return WaveLedger(
        wave="a",
        files=(),
        rows_read=9,
        rows_kept=9,
        excluded=(),
        missing=(),
        recoded=(),
        groups=(UnitCount(level="school", n=2), UnitCount(level="pupil", n=9)),
        empty_groups=(),
        suspect_codes=(),
        variables=(
            NumberSummary(variable="score", n=9, mean=1.0, sd=None),
            CategorySummary(variable="sex", n=9, counts=counts),
        ),
        labels=(),
        roles=Roles(),
    )


def test_records_are_found_under_their_names():
    stored = json.loads(ledger(["g", "NA"]).to_json())
    assert stored["groups"] == {"school": 2, "pupil": 9}
    assert stored["variables"]["sex"]["counts"] == {"g": 3, "NA": 4}
    assert stored["variables"]["score"]["n"] == 9


@given(CODES)
@settings(max_examples=cases(40))
def test_what_is_stored_is_read_again_and_traced(codes):
    made = ledger(codes)
    text = made.to_json()
    assert WaveLedger.model_validate_json(text) == made
    view, inputs = At(made, "survey#"), {"survey": json.loads(text)}
    numbers = [item.n for item in view.groups]
    numbers += [count.n for count in view.variables[1].counts]
    for number in numbers:
        assert trace(number.source, inputs) == number.value
        assert Ways({"survey": made}).values(number.source)[-1] == number.value
        assert name_of(number.source, inputs) == number.source
    assert len({number.source for number in numbers}) == len(numbers)


def test_a_record_stands_under_its_own_name_alone():
    stored = json.loads(ledger(["g"]).to_json())
    stored["variables"]["other"] = stored["variables"].pop("sex")
    with pytest.raises(ValidationError, match="must have it as its variable"):
        WaveLedger.model_validate(stored)


def test_two_records_of_one_name_are_not_stored():
    twice = ledger(["g"]).model_copy(update={"groups": (UnitCount(level="school", n=2),) * 2})
    with pytest.raises(ValueError, match="two records have the same level"):
        twice.to_json()
