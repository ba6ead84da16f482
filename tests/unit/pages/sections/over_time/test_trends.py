"""Adjusted means by wave within groups."""

from __future__ import annotations

import pytest

from mlm.pages.document import figures_of
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import (
    document_of,
    everything,
)


@pytest.fixture
def given():
    return everything()


def test_trends_by_group_say_whether_differences_change(given):
    text = sentences(document_of(given))
    assert (
        "The differences between these groups are not the same in every wave (F\xa0=\xa09.1" in text
    )
    assert "There is no clear evidence that the differences between these groups change" in text
    figures = {figure["id"]: figure for figure in figures_of(document_of(given))}
    names = figures["trends-experience-chart"]["data"]["group"]
    assert list(dict.fromkeys(names)) == ["4 years", "14 years"]  # the caption names the variable
