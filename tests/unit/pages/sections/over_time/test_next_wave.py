"""The next wave of the effects of units."""

from __future__ import annotations

import pytest

from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import (
    document_of,
    everything,
)


@pytest.fixture
def given():
    return everything()


def test_a_back_test_that_was_not_made_says_why(given):
    level = given["results"]["over_time"]["levels"][0]
    few = {"kind": "too_few_waves", "waves": 2, "needed": 3, "what": "back_test"}
    level["details"]["back_test"] = {"kind": "refused", "reason": few}
    text = sentences(document_of(given))
    assert (
        "No prediction could be compared with a wave: too few waves: 2, while 3 are needed." in text
    )
