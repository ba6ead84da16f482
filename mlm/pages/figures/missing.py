"""Heat map of missing values: variables by waves, the share printed in each cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.matrix import Cell, lay_cells
from mlm.pages.rounding import CONFIDENTIAL, render

MOST_SHARE = 0.2  # that has the deepest colour, at least


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """The darker a cell, the larger the share; a hidden one has a frame and no colour.

    Shares at the places ``rounded`` of the options are printed without a decimal.
    """
    rounded = options.get("rounded", ())
    waves = list(dict.fromkeys(data["wave"]))
    names = list(dict.fromkeys(data["variable"]))
    largest = max([MOST_SHARE, *(share for share in data["share"] if share is not None)])
    cells = {}
    places = zip(data["variable"], data["wave"], data["share"], strict=True)
    for place, (name, wave, share) in enumerate(places):
        depth = None if share is None else (share / largest) ** 0.5
        decimals = 0 if place in rounded else 1
        text = CONFIDENTIAL if share is None else render(share, decimals, "percent")
        cells[names.index(name), waves.index(wave)] = Cell(text, depth)
    lay_cells(canvas, names, waves, cells)
