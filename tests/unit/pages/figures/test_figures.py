"""Charts from their data."""

from __future__ import annotations

import pytest

from mlm.pages.document import figures_of
from tests.unit.pages.sample import (
    document_of,
    everything,
)


@pytest.fixture
def given():
    return everything()


def test_the_charts_can_be_drawn(given):
    from mlm.pages.figures import draw
    from mlm.pages.template_folder import template_folder

    for block in figures_of(document_of(given)):
        if block["kind"] in ("along", "quantiles", "trends", "trajectories"):
            assert "<svg" in draw(block, template_folder() / "fonts")
