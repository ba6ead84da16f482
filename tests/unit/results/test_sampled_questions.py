"""Each question of the results of rows that count alike is answered or refused for samples too."""

from __future__ import annotations

from typing import get_args

import pytest

from mlm.pages.words.refusals import REFUSED
from mlm.results.analysis import AnalysisResults
from mlm.results.diagnostics import Diagnostics
from mlm.results.over_time import OverTime
from mlm.results.policy import Policy
from mlm.results.sample import AnalysisHead
from mlm.results.sampled.over_time import SampledOverTime
from mlm.results.sampled.policy import SampledPolicy
from mlm.results.sampled.refusals import Refused
from mlm.results.sampled.results import SampledResults
from mlm.results.selection import Reduction
from tests.unit.pages.sampled import sampled_inputs, sampled_report

# where the same is told of a sample: fields of its record; else kinds of what is refused
ANSWERED = {
    AnalysisResults: {
        "schema_version": ("schema_version",),
        "criterion": ("criterion",),
        "null": ("null",),
        "full": ("full",),
        "reduction": ("reduction",),
        "settled": ("settled",),
        "slopes": ("slopes",),
        "associations": ("associations",),
        "effects": ("units",),
        "not_compared": ("units",),
        "over_time": ("over_time", "means"),
        "policy": ("policy",),
        "pupil_level": ("row_products",),
        "within_between": ("within_between",),
        "slope_details": "details_of_slopes",
        "inclusion": "inclusion_frequencies",
        "diagnostics": "residuals_of_rows",
        "notes": ("notes",),
        "imputed": (),  # the configuration of a sample may ask for none
    },
    Diagnostics: {
        "residual_variance": "variances_by_wave",
        "normality": "residuals_of_rows",
        "influence": ("influence",),
        "deletion": ("influence",),
    },
    Reduction: {"bound": "simultaneous_bound", "minimal": "adequate_subsets"},
}


@pytest.mark.parametrize("record", [AnalysisResults, Diagnostics], ids=lambda r: r.__name__)
def test_each_field_is_answered_or_refused(record):
    own = record.model_fields.keys() - AnalysisHead.model_fields.keys()
    assert own | {"schema_version", "criterion"} >= ANSWERED[record].keys() >= own
    for place in ANSWERED[record].values():
        if isinstance(place, str):
            assert place in get_args(Refused)
        else:
            assert set(place) <= SampledResults.model_fields.keys()


def test_parts_of_answers_that_lack_are_refused():
    assert OverTime.model_fields.keys() - SampledOverTime.model_fields.keys() == {
        "curve",
        "by_wave",
    }
    lacking = Policy.model_fields.keys() - SampledPolicy.model_fields.keys()
    assert "overlap" in lacking and "balance" not in lacking
    assert {"overlap_of_policies", "prediction_of_units", "next_wave"} <= set(get_args(Refused))


def test_all_that_is_refused_is_seen_in_the_report():
    refused = {each["what"] for each in sampled_inputs()["results"]["refusals"]}
    wanted = {place for known in ANSWERED.values() for place in known.values()}
    assert {place for place in wanted if isinstance(place, str)} <= refused
    table = next(
        block
        for section in sampled_report().document["sections"]
        for block in section["blocks"]
        if block.get("id") == "refusals"
    )
    assert len(table["rows"]) == len(sampled_inputs()["results"]["refusals"])
    assert refused <= REFUSED.keys()
