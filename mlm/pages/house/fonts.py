"""The fonts of the reports, embedded: in a page with the letters that it uses, in a PDF whole.

``python -m mlm.pages.house.fonts`` makes the files of the usual fonts anew that pages without other
letters embed as they are.
"""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from mlm.pages.drawing.letters import FALLBACK, REGULAR, STRONG, Typeface
from mlm.pages.letters import known_letters

FAMILIES = ("Report Sans", "Report Rest")

LETTERS = frozenset(
    [*map(chr, range(0x20, 0x7F)), *"\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"]
    + [*"²·½×βμρσχΣ∗–—‘’“”…′₀₁₂₃₄₅₆₇₈₉→−∼≤≥", *"«»ÀÉàâçèéêîïôùûœ"]
)
"""Letters of the texts that reports have of themselves: pages with no others share one font."""


READY = {
    "SourceSansPro-Regular.otf": "page-regular.woff",
    "SourceSansPro-Semibold.otf": "page-strong.woff",
}
"""Usual fonts cut down to `LETTERS` in advance, in the same folder."""


def font_faces(characters: Iterable[str], typeface: Typeface) -> str:
    """CSS ``@font-face`` rules with the fonts as data, cut down to `characters`.

    Parameters
    ----------
    characters : iterable of str
        Letters that must be there; letters that the font lacks are those of the usual font, and
        what that lacks falls back to fonts of the reader.
    typeface : Typeface
        The letters of the house.
    """
    wanted = LETTERS.union(letter for letter in set(characters) if letter >= " ")
    return "\n".join(
        f'@font-face{{font-family:"{family}";font-display:block;'
        f'font-weight:{weight};src:url(data:font/woff;base64,{data}) format("woff")}}'
        for weight in (REGULAR, STRONG)
        for family, data in _embedded(typeface.files(weight), wanted)
    )


def _embedded(files: Iterable[Path], wanted: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The fonts that a page holds, each with the letters that those before it lack."""
    first, *others = files
    own = [first, *(path for path in others if path.name != FALLBACK)]
    for place, (family, path) in enumerate(zip(FAMILIES, own, strict=False), start=1):
        if wanted:
            yield family, _subset(path, "".join(sorted(wanted)))
        if place < len(own):
            known = known_letters((path,))
            wanted = frozenset(letter for letter in wanted if ord(letter) not in known)


def _subset(path: Path, characters: str) -> str:
    """The font with these letters, in the digits of a page."""
    ready = path.with_name(READY.get(path.name, path.name))
    is_ready = ready != path and ready.is_file() and LETTERS.issuperset(characters)
    content = ready.read_bytes() if is_ready else cut_down(path, characters)
    return base64.b64encode(content).decode("ascii")


@lru_cache(maxsize=16)
def cut_down(path: Path, characters: str) -> bytes:
    """A font file for pages, with these letters alone.

    Parameters
    ----------
    path : Path
        The whole font.
    characters : str
        Those that the font lacks are left out.
    """
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    options = Options()
    options.layout_features = ["kern", "liga", "tnum", "lnum", "mark", "locl"]
    options.desubroutinize = True
    options.hinting = False
    options.name_IDs = []
    with TTFont(path, recalcTimestamp=False, lazy=True) as font:
        cutter = Subsetter(options)
        cutter.populate(text=characters)
        cutter.subset(font)
        font.flavor = "woff"
        stream = io.BytesIO()
        font.save(stream, reorderTables=False)
    return stream.getvalue()


@lru_cache(maxsize=4)
def named_font(path: Path, family: str, weight: int) -> bytes:
    """A font file under another family name and weight, by which a PDF finds it.

    Two files of one family are told apart by their weight, whatever their makers called them.
    """
    from fontTools.ttLib import TTFont

    with TTFont(path, recalcTimestamp=False, lazy=True) as font:
        names = font["name"]
        for entry in (16, 17, 21, 22):
            names.removeNames(nameID=entry)
        for entry, text in ((1, family), (2, "Regular"), (4, family), (6, family.replace(" ", ""))):
            names.removeNames(nameID=entry)
            names.setName(text, entry, 3, 1, 0x409)
        font["OS/2"].usWeightClass = weight
        stream = io.BytesIO()
        font.save(stream, reorderTables=False)
    return stream.getvalue()


def family_of(path: Path) -> str | None:
    """The family name that a font file has of itself."""
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        return font["name"].getBestFamilyName()


if __name__ == "__main__":
    from mlm.pages.template_folder import template_folder

    for name, ready in READY.items():
        path = template_folder() / "fonts" / name
        path.with_name(ready).write_bytes(cut_down(path, "".join(sorted(LETTERS))))
