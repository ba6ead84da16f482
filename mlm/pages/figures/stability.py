"""Heat map of the correlations of the effects of groups between waves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.look import ORANGE, level_style
from mlm.pages.drawing.matrix import Cell, lay_cells
from mlm.pages.rounding import render


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """One cell a pair of waves, the deeper the nearer to 1; negative ones in another colour."""
    waves = list(dict.fromkeys([*data["first"], *data["second"]]))
    colour, _hatched = level_style(options["level"], options["levels"])
    cells = {}
    for first, second, value in zip(
        data["first"], data["second"], data["correlation"], strict=True
    ):
        depth = None if value is None else min(abs(value), 1.0)
        shade = ORANGE if value is not None and value < 0 else colour
        place = (waves.index(second) - 1, waves.index(first))
        cells[place] = Cell(render(value, 2, "number"), depth, shade)
    lay_cells(canvas, waves[1:], waves[:-1], cells)
