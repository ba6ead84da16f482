"""Strings of a PDF: brackets that are balanced stand in them without a backslash."""

from __future__ import annotations

import pytest

from mlm.pages.disclosure.readers.pdf import _texts

GLYPHS = {b"f0": {i: chr(i) for i in range(256)}}


def shown(string: bytes) -> list[str]:
    drawn = b"/Span<<>>BDC BT /f0 9.5 Tf " + string + b" Tj ET EMC"
    return [text for text in _texts(drawn, GLYPHS) if text]


def wide(text: str) -> bytes:
    """Two bytes a glyph; brackets as they are."""
    return b"".join(b"\\000" + letter.encode("latin-1") for letter in text)


@pytest.mark.parametrize("text", ["The model", "a(b)c", "(x)", "a(b(c)d)e", "(a)(b)", "17"])
def test_a_string_is_read_whole(text):
    assert shown(b"(" + wide(text) + b")") == [text]
    assert shown(b"[(" + wide(text) + b")10(" + wide("z") + b")]TJ [") == [f"{text}z"]


def test_brackets_with_a_backslash_need_no_partner():
    assert shown(b"(\\000a\\000\\)\\000b)") == ["a)b"]
