"""Reads HTML: blocks of text, texts in attributes, values of numbers, and the charts inside."""

from __future__ import annotations

import html
import re

from mlm.pages.disclosure.readers.said import Said

UNREAD = re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL)
DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
LETTERING = re.compile(r"<text\b[^>]*>([^<]*)</text>")
ATTRIBUTE = re.compile(r'\b(?:aria-label|alt|title|content|placeholder)="(?!width=)([^"]*)"')
VALUE = re.compile(r'<data value="([^"]*)"')
INLINE = re.compile(r"</?(?:a|abbr|b|br|code|data|em|i|small|span|strong|sub|sup)\b[^>]*>")
BLANK = re.compile(r"[ \t\r\n]+")
TAG = re.compile(r"<[^>]*>")


def read_page(content: bytes, is_apart: bool = False) -> Said:
    """What a page says.

    Parameters
    ----------
    content : bytes
    is_apart : bool
        Whether parts of a line stand apart, so that each is a text of its own.
    """
    page = UNREAD.sub(" ", content.decode())
    drawings = [LETTERING.findall(found) for found in DRAWING.findall(page)]
    labels = ATTRIBUTE.findall(page)
    values = [float(value) for value in VALUE.findall(page) if value != "None"]
    bare = DRAWING.sub("<svg>", page)
    blocks = TAG.split(bare if is_apart else INLINE.sub("", bare))
    texts = [text for block in (*blocks, *labels) if (text := plain(block))]
    return Said(texts, values, [[plain(text) for text in drawing] for drawing in drawings])


def plain(text: str) -> str:
    """The text of a piece of markup, its white space made one; narrow spaces part digits."""
    return BLANK.sub(" ", html.unescape(text)).strip(" ")
