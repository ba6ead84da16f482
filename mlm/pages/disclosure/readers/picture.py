"""Reads pictures: title, description and letters of an SVG, texts beside the points of a PNG.

The letters of an SVG that needs no font are shapes; the same shapes are in the fonts of the
reports, so that they can be read again. The points of a PNG cannot: it is drawn from the SVG of
its name.
"""

from __future__ import annotations

import re
import string
import zlib
from functools import cache

from mlm.pages.disclosure.readers.said import Said
from mlm.pages.drawing.letters import REGULAR, STRONG, Typeface, outline_of, usual_typeface
from mlm.pages.template_folder import template_folder

ABOUT = re.compile(r"<(title|desc)>(.*?)</\1>", re.DOTALL)
TEXT = re.compile(r"<text\b[^>]*>([^<]*)</text>")
SHAPE = re.compile(r'<path id="(l\d+)" d="([^"]*)"/>')
PLACED = re.compile(r'(?:<use xlink:href="#l\d+" transform="[^"]*"/>)+')
USE = re.compile(r'#(l\d+)" transform="matrix\(([\d.]+) 0 0 [-\d.]+ ([-\d.]+) ')
ACCENTED = "".join(map(chr, (*range(0xC0, 0x100), 0x152, 0x153, 0x2019)))
READ = string.digits + string.ascii_letters + ACCENTED + ".,;%+()[]\u2212\u2013-/:'\u00b7\u00b0"
NARROW, WIDE = 0.05, 0.17  # of the size of the letters, from which a gap is a space
PNG_HEAD = 8


def read_drawing(content: bytes, typeface: Typeface | None = None) -> Said:
    """What an SVG says; letters that are no digits, Latin letters or signs are read as ``?``.

    Parameters
    ----------
    typeface : Typeface, optional
        The letters whose shapes it has; by default those of reports without a house style.
    """
    from mlm.pages.disclosure.readers.page import plain

    drawing = content.decode()
    about = [plain(found[2]) for found in ABOUT.finditer(drawing)]
    known = _letters(typeface or usual_typeface(template_folder() / "fonts"))
    letters = {name: known.get(shape, ("?", 0.0)) for name, shape in SHAPE.findall(drawing)}
    drawn = [_line(USE.findall(found[0]), letters) for found in PLACED.finditer(drawing)]
    written = [plain(text) for text in TEXT.findall(drawing)]
    return Said(about, drawings=[[*written, *drawn]])


@cache
def _letters(typeface: Typeface) -> dict[str, tuple[str, float]]:
    """Letters and their widths by their shapes."""
    shapes = [(c, outline_of(c, typeface, weight)) for weight in (REGULAR, STRONG) for c in READ]
    return {shape.commands: (letter, shape.advance / shape.scale) for letter, shape in shapes}


def _line(placed: list[tuple[str, str, str]], letters: dict[str, tuple[str, float]]) -> str:
    """A line of letters placed one after the other, gaps between them read as spaces."""
    line, end = "", None
    for name, scale, x in placed:
        letter, width = letters.get(name, ("?", 0.0))
        start, size = float(x), float(scale) * 1000
        if end is not None and start - end > NARROW * size:
            line += " " if start - end > WIDE * size else "\N{NARROW NO-BREAK SPACE}"
        line += letter
        end = start + float(scale) * width if width else None
    return line


def read_picture(content: bytes) -> Said:
    """The texts that a PNG carries beside its points."""
    texts, at = [], PNG_HEAD
    while at + PNG_HEAD <= len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        data = content[at + 8 : at + 8 + size]
        if kind in (b"tEXt", b"iTXt", b"eXIf"):
            texts.append(data.decode("utf-8", "replace"))
        elif kind == b"zTXt":
            texts.append(zlib.decompress(data.partition(b"\0")[2][1:]).decode("latin-1"))
        at += size + 12
    return Said(texts)
