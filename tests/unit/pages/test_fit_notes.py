"""Remarks: the fits of one model by both criteria are one remark."""

from __future__ import annotations

from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import document_of, inputs


def test_one_model_has_one_remark_for_both_criteria():
    given = inputs()
    given["results"]["notes"] = [
        {"kind": "singular", "fit": fit} for fit in ("full.ml", "settled.ml", "settled.reml")
    ]
    text = sentences(document_of(given))
    assert text.count("is on the boundary") == 2
    assert "The full model by ML is on the boundary" in text
    assert "The settled model by ML and REML is on the boundary" in text
