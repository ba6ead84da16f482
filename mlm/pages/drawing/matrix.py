"""Charts of cells: names of rows and columns, and a cell for each pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlm.pages.drawing.canvas import LETTERS, LINE, SMALLER, Canvas
from mlm.pages.drawing.look import MUTED, NAVY, PAPER
from mlm.pages.drawing.panel import write_names
from mlm.pages.drawing.rows import MOST_OF_WIDTH

CELL_HEIGHT = 21.0
PALEST = 0.05  # of a colour


@dataclass(frozen=True)
class Cell:
    """A cell: its text, and how deep its colour is, from 0 to 1; None for paper."""

    text: str
    depth: float | None = None
    colour: str = NAVY


def lay_cells(
    canvas: Canvas,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Mapping[tuple[int, int], Cell],
    widest: float = 96.0,
) -> None:
    """Cells by row and column, below what is drawn; on a phone the name of a row stands above.

    Parameters
    ----------
    widest : float
        Most that a column is wide.
    """
    left = 0.0
    if not canvas.is_narrow:
        names = max(canvas.width_of(name) for name in rows)
        left = min(names, MOST_OF_WIDTH * canvas.width) + 10
    wide = min((canvas.width - left) / len(columns), widest)
    names = [(left + (i + 0.5) * wide, name) for i, name in enumerate(columns)]
    y = write_names(canvas, names, canvas.height - 3, canvas.width, has_marks=False)
    y -= SMALLER - 2
    for row, name in enumerate(rows):
        lines = canvas.wrap(name, canvas.width if canvas.is_narrow else left - 10)
        if canvas.is_narrow:
            y = canvas.lines(0, y + LETTERS, lines) - LETTERS + 1
        high = CELL_HEIGHT if canvas.is_narrow else max(CELL_HEIGHT, LINE * len(lines) + 3)
        if not canvas.is_narrow:
            canvas.lines(0, y + high / 2 - LINE * (len(lines) - 1) / 2 + 3.4, lines)
        for column in range(len(columns)):
            found = cells.get((row, column))
            if found is not None:
                _draw(canvas, found, left + column * wide, y, wide - 2, high - 2)
        y += high + (4 if canvas.is_narrow else 0)
    canvas.height = y + 4


def _draw(canvas: Canvas, cell: Cell, x: float, y: float, wide: float, high: float) -> None:
    if cell.depth is None:
        canvas.box(x, y, wide, high, PAPER, MUTED)
    else:
        canvas.box(x, y, wide, high, PAPER)
        depth = PALEST + (canvas.palette.deepest(cell.colour) - PALEST) * cell.depth
        canvas.box(x, y, wide, high, cell.colour, opacity=depth)
    size = SMALLER if canvas.width_of(cell.text, SMALLER) <= wide - 2 else SMALLER - 2
    canvas.text(x + wide / 2, y + high / 2 + 3.3, cell.text, "middle", size)
