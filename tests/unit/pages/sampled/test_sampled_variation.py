"""The answer on variation says where few units decide how well a share is known."""

from __future__ import annotations

import pytest

from mlm.pages.sections.sampled.variation import variation_answer
from mlm.pages.text import plain_text
from tests.unit.pages.sampled import sampled_context, sampled_inputs


@pytest.mark.parametrize(
    ("df", "n", "is_told"), [(5.2, 157, True), (40.0, 157, False), (5.2, 8, False)]
)
def test_few_units_that_decide_a_share_are_told(df, n, is_told):
    given = sampled_inputs()
    given["results"]["null"]["shares"][0]["df"] = df
    given["results"]["levels"][0]["n"] = n
    words = plain_text(variation_answer(sampled_context(given)))
    assert ("Few of the schools decide this estimate" in words) == is_told
    assert ("it has 5.2 degrees of freedom" in words) == is_told
