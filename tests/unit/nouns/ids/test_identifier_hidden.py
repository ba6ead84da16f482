"""Ids that nothing can show, or with more digits than any number, are no ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.nouns.characters import unprintable
from mlm.nouns.ids.identifier import UnfitId, normal_id, normal_text


@pytest.mark.parametrize("text", ["a\x1b[31mb", "s\x07", "\x7f1", "a\x96b", "a\u202eb", "\ufffe"])
def test_an_id_holds_no_character_that_cannot_be_shown(text):
    with pytest.raises(UnfitId, match="hidden"):
        normal_id(text)


@given(st.text(max_size=8))
def test_every_id_can_be_shown(text):
    try:
        assert unprintable(normal_text(text)) is None
    except UnfitId:
        return


def test_an_id_of_thousands_of_digits_is_a_text_or_rounded():
    assert normal_text("7" * 5000) == "7" * 5000
    with pytest.raises(UnfitId, match="rounded"):
        normal_text("7" * 5000 + ".0")
