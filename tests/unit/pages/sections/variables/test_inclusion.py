"""How often the reduction keeps each term."""

from __future__ import annotations

import pytest

from tests.unit.pages.reading import sentences, table_of
from tests.unit.pages.sample import (
    document_of,
    everything,
)


@pytest.fixture
def given():
    return everything()


def test_terms_kept_when_units_are_drawn_again_stand_beside_draws_from_the_model(given):
    document = document_of(given)
    shown = table_of(document, "inclusion")
    assert [c["text"] for c in shown["rows"][0]["cells"][1:]] == ["97%", "85%", "yes"]
    labels = [column["label"] for column in shown["columns"][1:3]]
    assert labels == ["Data drawn from the model", "Schools drawn again"]
    text = sentences(document)
    assert "There it ended at the same model as here in 25%, at 31 different models" in text
    assert "are not counted: 3." in text
    given["results"]["inclusion"]["resampled"] = None
    cells = table_of(document_of(given), "inclusion")["rows"][0]["cells"]
    assert [cell["text"] for cell in cells[1:]] == ["97%", "yes"]
