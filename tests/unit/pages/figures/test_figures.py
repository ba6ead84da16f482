"""Charts from their data."""

from __future__ import annotations

import pytest

from mlm.pages.document import figures_of
from mlm.pages.figures import KINDS, draw
from mlm.pages.template_folder import template_folder
from tests.unit.pages.sample import (
    document_of,
    everything,
)

OF_OTHER_MODELS = {"spread"}  # of residuals in a model with random slopes


@pytest.fixture
def given():
    return everything()


def test_the_charts_can_be_drawn(given):
    drawn = set()
    for block in figures_of(document_of(given)):
        assert "<svg" in draw(block, template_folder() / "fonts"), block["id"]
        drawn.add(block["kind"])
    assert drawn == set(KINDS) - OF_OTHER_MODELS
