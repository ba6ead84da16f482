"""What is said of scores that are known by draws: what rows lack of them, and by which name."""

from __future__ import annotations

import json

import pytest

from tests.unit.pages.reading import sentences, table_of
from tests.unit.pages.sampled import sampled_inputs, sampled_report

NOTHING = "No value of the variables in the models is missing"


def with_untested_pupils(share: float = 0.5) -> dict:
    """Many pupils without the score, which has draws, and no other gap."""
    inputs = sampled_inputs()
    results = inputs["results"]
    lost = 0
    for wave, used in zip(inputs["survey"]["waves"], results["waves"], strict=True):
        cells = round(share * wave["rows_kept"])
        reason = {"kind": "declared", "meaning": "not tested"}
        wave["missing"] = [{"variable": "math", "reason": reason, "cells": cells}]
        used["rows"] = wave["rows_kept"] - cells
        lost += cells
    results["n_obs"] = results["levels"][-1]["n"] = sum(wave["rows"] for wave in results["waves"])
    results["rows_without"] = [{"variable": f"pv{i}", "rows": lost} for i in range(1, 6)]
    return inputs


@pytest.fixture(scope="module")
def untested():
    return sampled_report(with_untested_pupils())


def words(report) -> str:
    return json.dumps(report.document, ensure_ascii=False)


def test_a_missing_score_is_told_among_the_missing_values(untested):
    assert NOTHING not in words(untested)
    cells = [row["cells"] for row in table_of(untested.document, "missing")["rows"]]
    rows = [[cell["text"] for cell in row] for row in cells]
    assert [row[:2] for row in rows] == [["Mathematics score", "Not tested"]]


def test_rows_that_are_left_out_lack_the_score_by_its_name(untested):
    said = sentences(untested.document)
    assert "left out, most often because the mathematics score is missing." in said
    assert "pv1 is" not in said


def test_rows_left_out_for_what_the_ledger_does_not_tell_are_not_called_complete():
    inputs = with_untested_pupils(0.1)
    for wave in inputs["survey"]["waves"]:
        wave["missing"] = []
    said = sentences(sampled_report(inputs).document)
    assert NOTHING not in said
    assert "The rows that the models do not use have no value of Mathematics score." in said
    inputs["results"]["rows_without"] = []
    said = sentences(sampled_report(inputs).document)
    assert f"{NOTHING}; the rows that these do not use have no weight." in said


def test_the_effect_of_a_drawn_variable_over_units_has_its_label():
    inputs = sampled_inputs()
    configuration, settled = inputs["configuration"], inputs["results"]["settled"]
    configuration["plausible_values"]["escs"] = "home1-home5"
    school = settled["variance_components"][0]
    factor = {"variable": "home1", "category": None}
    effect = school | {"term1": [factor], "estimate": 4.0, "sd": 2.0}
    settled["variance_components"].insert(1, effect)
    assert "home1" not in words(sampled_report(inputs)).replace("home1 to home5", "")
