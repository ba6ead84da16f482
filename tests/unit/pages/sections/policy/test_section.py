"""The section on policies."""

from __future__ import annotations

import pytest

from mlm.pages.document import tables_of
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import (
    document_of,
    inputs,
)


@pytest.fixture
def given():
    return inputs()


def test_a_policy_with_one_effect_for_all_waves_is_told_by_wave_too(given):
    policy = given["results"]["policy"][0]
    waves = policy["effects"]
    policy.update(by_wave=False, effects=[waves[0] | {"wave": None}])
    policy.update(waves_apart={"effects": waves, "formula": "math ~ grade * class_type"})
    policy["time_test"]["p_value"] = 0.4
    document = document_of(given)
    text = sentences(document)
    assert "There is no clear evidence that the differences change from wave to wave" in text
    tables = {table["id"]: table for table in tables_of(document)}
    assert len(tables["policy-class_type"]["rows"]) == 1
    assert len(tables["policy-class_type-waves"]["rows"]) == len(waves)
