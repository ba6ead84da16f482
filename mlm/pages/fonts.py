"""The font of the reports, embedded in a page with the letters that the page uses."""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

FACES = (("SourceSansPro-Regular.otf", 400), ("SourceSansPro-Semibold.otf", 600))

LETTERS = frozenset(
    [*map(chr, range(0x20, 0x7F)), *"\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"]
    + [*"²·½×βμρσχ–—‘’“”…′₀₁₂₃₄₅₆₇₈₉→−∼≤≥", *"«»ÀÉàâçèéêîïôùûœ"]
)
"""Letters of the texts that reports have of themselves: pages with no others share one font."""


def font_faces(characters: Iterable[str], fonts: Path) -> str:
    """CSS ``@font-face`` rules with the fonts as data, cut down to `characters`.

    Parameters
    ----------
    characters : iterable of str
        Letters that must be there; letters the font lacks fall back to fonts of the reader.
    fonts : Path
        Folder with the font files.
    """
    wanted = "".join(sorted(LETTERS.union(characters)))
    return "\n".join(
        '@font-face{font-family:"Report Sans";font-display:block;'
        f"font-weight:{weight};src:url(data:font/woff;base64,{_subset(fonts / name, wanted)})"
        ' format("woff")}'
        for name, weight in FACES
    )


@lru_cache(maxsize=16)
def _subset(path: Path, characters: str) -> str:
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
    return base64.b64encode(stream.getvalue()).decode("ascii")
