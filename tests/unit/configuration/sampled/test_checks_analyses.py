"""What has no form in the analysis of a sample is refused by its key."""

from __future__ import annotations

import pytest

from mlm.errors import ConfigurationError
from tests.unit.configuration.sampled.surveys import SURVEY, loaded

INSIDE = {"disclosure": {"mode": "controlled"}, "publication": {"unit_pages": "school"}}
MEAN = {"of": "escs", "within": "school", "statistic": "mean"}
KEYS = {
    "compare": {"compare": "lasting"},
    "against": {"against": "above"},
}
TOLD = {
    "compare": "one effect for all waves",
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("changes", [{"plausible_values": None, "minimum_proficiency": None}, {}])
def test_what_is_asked_of_units_is_refused(tmp_path, key, changes):
    analysis = {**SURVEY["analyses"]["math"], **KEYS[key]}
    size = {"label": "Homes", "type": "number", "level": "school", "aggregate": MEAN}
    with pytest.raises(ConfigurationError, match=rf"analyses.math.{key}: ") as caught:
        loaded(tmp_path, analyses={"math": analysis}, size=size, **changes)
    assert TOLD.get(key, TOLD["compare"]) in str(caught.value)


def test_pages_of_single_units_are_refused(tmp_path):
    text = "publication.unit_pages: a sample with weights or plausible values describes"
    with pytest.raises(ConfigurationError, match=text):
        loaded(tmp_path, survey_keys=INSIDE)
