"""The section on variables."""

from __future__ import annotations

import pytest

from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import (
    document_of,
    inputs,
)


@pytest.fixture
def given():
    return inputs()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"draws": 99, "factor": 1.2144, "error": 0.061},
            "as 99 draws from the model show, each with variances as likely as the data make them, "
            "the bound is 1.214 times that of chi-squared (Monte Carlo standard error of the bound "
            "0.06)",
        ),
        ({"is_narrow": True}, "the bound is somewhat too narrow"),
        ({}, None),
    ],
)
def test_a_bound_that_few_groups_judge_says_so(given, more, words):
    given["results"]["reduction"]["bound"].update(more)
    text = sentences(document_of(given))
    assert ("Some of the terms rest on few groups" in text) == (words is not None)
    assert words is None or words in text
