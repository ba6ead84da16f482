"""Remarks: the fits of one model by both criteria are one remark."""

from __future__ import annotations

import pytest

from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import document_of, inputs

SCHOOL = {"unit": "school", "in_wave": False, "ids": ["school"]}


def test_one_model_has_one_remark_for_both_criteria():
    given = inputs()
    given["results"]["notes"] = [
        {"kind": "singular", "fit": fit, "zero": [], "tied": [SCHOOL]}
        for fit in ("full.ml", "settled.ml", "settled.reml")
    ]
    text = sentences(document_of(given))
    assert text.count("is on the boundary") == 2
    assert "The full model by ML is on the boundary" in text
    assert "The settled model by ML and REML is on the boundary" in text


@pytest.mark.parametrize(
    ("zero", "tied", "told"),
    [
        ([SCHOOL], [], "the variance between schools is estimated as zero."),
        ([], [SCHOOL], "some effects of schools follow from their others"),
        ([SCHOOL], [SCHOOL], "is estimated as zero and some effects of schools"),
    ],
)
def test_what_is_on_the_boundary_is_named(zero, tied, told):
    given = inputs()
    note = {"kind": "singular", "fit": "settled.reml", "zero": zero, "tied": tied}
    given["results"]["notes"] = [note]
    assert told in sentences(document_of(given))
