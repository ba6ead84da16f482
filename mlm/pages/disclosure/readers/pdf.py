"""Reads PDF as typst writes it: objects in the open, text by glyphs with a table to Unicode.

Charts stand in it letter by letter; they are those of the page, where they are read.

ISO 32000-1: 7.3.4 (strings), 9.4.3 (showing text), 9.10.3 (ToUnicode), 14.6 (marked content).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from struct import unpack

from mlm.pages.disclosure.readers.said import Said

OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\s(.*?)\sendobj", re.DOTALL)
STREAM = re.compile(rb"\bstream\r?\n(.*)endstream", re.DOTALL)
REFERENCE = rb"\s+(\d+) 0 R"
CONTENTS = re.compile(rb"/Contents" + REFERENCE)
RESOURCES = re.compile(rb"/Resources" + REFERENCE)
FONTS = re.compile(rb"/Font\s*<<(.*?)>>", re.DOTALL)
FONT = re.compile(rb"/(\w+)" + REFERENCE)
UNICODE = re.compile(rb"/ToUnicode" + REFERENCE)
CHAR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?=<|end|\n|$)")
RANGE = re.compile(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>")
LITERAL = rb"(?:\\.|[^\\()])"
INNER = rb"\(" + LITERAL + rb"*\)"  # brackets that are balanced need no backslash (7.3.4.2)
MIDDLE = rb"\((?:" + LITERAL + rb"|" + INNER + rb")*\)"
STRING = rb"\((?:" + LITERAL + rb"|" + MIDDLE + rb")*\)|<[0-9A-Fa-f\s]*>"
SHOWN = re.compile(
    rb"(?=[/\[(<BE])"  # most of a page is numbers of drawings, which are passed over faster so
    rb"(?:/(\w+)\s+[\d.]+\s+Tf|\[((?:" + STRING + rb"|[^\]()<>])*)\]\s*TJ|(" + STRING + rb")\s*Tj"
    rb"|(BDC|BMC|EMC))",
    re.DOTALL,
)
PART = re.compile(STRING, re.DOTALL)
ABOUT = re.compile(rb"/(?:Title|Alt|ActualText|Subject|Keywords)\s*(" + STRING + rb")", re.DOTALL)
ESCAPE = re.compile(rb"\\([nrtbf()\\]|[0-7]{1,3}|\n)", re.DOTALL)
UNESCAPED = {
    **{sign: sign for sign in (b"(", b")", b"\\")},
    **{b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b""},
    **{
        f"{code:0{digits}o}".encode(): bytes([code & 255])  # 7.3.4.2: higher bits are left out
        for digits in (1, 2, 3)
        for code in range(8**digits)
    },
}
LETTERS, LONGEST_LIGATURE = 4, 3
Glyphs = Mapping[int, str]


def read_pdf(content: bytes) -> Said:
    """What a PDF says: its text in the order in which it is drawn, bookmarks, alternatives."""
    objects = {int(found[1]): found[2] for found in OBJECT.finditer(content)}
    tables: dict[int, Glyphs] = {}
    texts: list[str] = []
    for body in objects.values():
        resources = RESOURCES.search(body)
        if resources is None:
            continue
        contents = CONTENTS.search(body)
        drawn = _stream(objects[int(contents[1])] if contents else body)
        fonts = _fonts(objects, int(resources[1]), tables)
        texts += [text for text in _texts(drawn, fonts) if text.strip()]
    about = [_string(found) for body in objects.values() for found in ABOUT.findall(_head(body))]
    return Said([*texts, *filter(None, about)], is_laid_out=True)


def _head(body: bytes) -> bytes:
    """An object without its stream."""
    return body.partition(b"stream")[0]


def _stream(body: bytes) -> bytes:
    found = STREAM.search(body)
    if found is None:
        return b""
    is_packed = b"/FlateDecode" in body[: found.start()]
    return zlib.decompressobj().decompress(found[1]) if is_packed else found[1]


def _fonts(objects: Mapping[int, bytes], resources: int, tables: dict[int, Glyphs]):
    """The tables of glyphs of the fonts that a page names."""
    found = FONTS.search(objects.get(resources, b""))
    fonts: dict[bytes, Glyphs] = {}
    for name, number in FONT.findall(found[1]) if found else ():
        table = UNICODE.search(objects[int(number)])
        if table is None:
            continue
        key = int(table[1])
        if key not in tables:
            tables[key] = _glyphs(_stream(objects[key]))
        fonts[name] = tables[key]
    return fonts


def _glyphs(table: bytes) -> dict[int, str]:
    """Letters by glyph, from the table of a font."""
    found: dict[int, str] = {}
    for part in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for glyph, letters in CHAR.findall(part):
            found[int(glyph, 16)] = bytes.fromhex(letters.decode()).decode("utf-16-be", "replace")
    for part in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, letter in RANGE.findall(part):
            start = int(letter, 16)
            for step in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + step] = chr(start + step)
    return found


def _texts(drawn: bytes, fonts: Mapping[bytes, Glyphs]) -> Iterator[str]:
    """Texts between marks of content, each as it is drawn."""
    text: list[str] = []
    glyphs: Glyphs = {}
    for font, several, one, mark in SHOWN.findall(drawn):
        if font:
            glyphs = fonts.get(font, {})
        elif mark:
            if not _is_drawn(text):
                yield " ".join(text)
            text = []
        else:
            text.append("".join([glyphs.get(glyph, "") for glyph in _codes(several or one)]))
    yield " ".join(text)


@lru_cache(maxsize=4096)
def _codes(strings: bytes) -> tuple[int, ...]:
    """The glyphs that strings show; letters of charts and cells of tables come again and again."""
    codes = b"".join(map(_bytes, PART.findall(strings)))
    return unpack(f">{len(codes) // 2}H", codes[: len(codes) & ~1])


def _is_drawn(text: list[str]) -> bool:
    """Whether letters are set one by one, as in a chart."""
    return len(text) >= LETTERS and all(len(part) <= LONGEST_LIGATURE for part in text)


def _bytes(part: bytes) -> bytes:
    """The bytes of a string, in brackets or in hexadecimal digits."""
    if part.startswith(b"<"):
        digits = re.sub(rb"\s", b"", part[1:-1])
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    return (
        ESCAPE.sub(lambda found: UNESCAPED[found[1]], part[1:-1]) if b"\\" in part else part[1:-1]
    )


def _string(part: bytes) -> str:
    """A string that stands outside of the drawing."""
    content = _bytes(part)
    if content.startswith(b"\xfe\xff"):
        return content[2:].decode("utf-16-be", "replace")
    return content.decode("latin-1")
