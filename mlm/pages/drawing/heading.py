"""A chart that stands alone, as in a file: with its title, its unit and its source inside."""

from __future__ import annotations

from mlm.pages.drawing.canvas import LEADING, LETTERS, SMALLER, Canvas
from mlm.pages.drawing.letters import STRONG
from mlm.pages.drawing.look import MUTED

TITLE = 12.5
EDGE = 12.0  # of paper around the chart


def standing_alone(canvas: Canvas, title: str, shown: str, notes: list[str]) -> Canvas:
    """A canvas with the same chart between a title and notes.

    Parameters
    ----------
    title : str
        What the chart finds, or what it shows.
    shown : str
        What it shows where the title tells a finding; may be empty.
    notes : list of str
        Below the chart: its unit, its source.
    """
    whole = Canvas(canvas.typeface, canvas.is_narrow, canvas.palette)
    whole.width = canvas.width
    whole.hatches = set(canvas.hatches)
    y = EDGE + TITLE
    y = whole.lines(0, y, whole.wrap(title, whole.width, TITLE, STRONG), size=TITLE, weight=STRONG)
    if shown:
        y = whole.lines(0, y, whole.wrap(shown, whole.width, LETTERS))
    down = y - TITLE + 6
    whole.parts += canvas.shifted(down)
    y = down + canvas.height + SMALLER + 2
    for note in notes:
        lines = whole.wrap(note, whole.width, SMALLER)
        y = whole.lines(0, y, lines, size=SMALLER, colour=MUTED)
    whole.height = y - LEADING * SMALLER + EDGE
    whole.margin = EDGE
    return whole
