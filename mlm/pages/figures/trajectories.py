"""Effects of groups by wave: a line each, or bands of quantiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlm.pages.drawing.canvas import SMALLER, Canvas
from mlm.pages.drawing.key import key, line_entry
from mlm.pages.drawing.look import INK, MUTED, level_style
from mlm.pages.drawing.panel import Panel, panel_over_waves

FIFTH = 0.2
BEFORE = 0.25  # of a wave, before the first
NAME_GAP = 8.0  # from the end of a line to its name
NUMBERS = 40.0  # width beside a panel that its numbers take at most


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """The effects by wave."""
    waves = list(dict.fromkeys(data["wave"]))
    colour, _hatched = level_style(options["level"], options["levels"])
    lines = options["mode"] == "lines"
    if lines:
        styles = _styles(colour)
        names = options["names"]
        key(canvas, [line_entry(names[part], *styles[part]) for part in ("high", "low", "other")])
        values = data["estimate"]
    else:
        values = [value for name, column in data.items() if name != "wave" for value in column]
    after = BEFORE if lines else _room(canvas, data, len(waves))
    panel = panel_over_waves(canvas, waves, values, options, (BEFORE, after))
    if lines:
        _lines(panel, data, waves, styles)
    else:
        _bands(panel, data, colour, options["middle"])


def _room(canvas: Canvas, data: Mapping[str, Any], waves: int) -> float:
    """Waves behind the last one, so that the names of the lines stand there."""
    names = [name for name in data if name != "wave"]
    wide = max(canvas.width_of(name, SMALLER) for name in names) + NAME_GAP + 2
    return (waves - 1 + BEFORE) * wide / (canvas.width - NUMBERS - wide)


def _styles(colour: str) -> dict[str, tuple[str, float, str]]:
    return {"other": (MUTED, 0.6, ""), "low": (colour, 1.3, "4 2"), "high": (colour, 1.5, "")}


def _lines(
    panel: Panel,
    data: Mapping[str, Any],
    waves: Sequence[str],
    styles: Mapping[str, tuple[str, float, str]],
) -> None:
    count = len(waves)
    rows = [data["estimate"][k : k + count] for k in range(0, len(data["estimate"]), count)]
    first = sorted(row[0] for row in rows if row[0] is not None)
    low, high = (_quantile(first, share) for share in (FIFTH, 1.0 - FIFTH))
    parts = [_part(row[0], low, high) for row in rows]
    for part, style in styles.items():
        for row in (row for row, own in zip(rows, parts, strict=True) if own == part):
            for run in _runs(row):
                points = [panel.at(*pair) for pair in run]
                panel.canvas.path(points, *style)
                if len(points) == 1:
                    panel.canvas.mark(*points[0], style[0], radius=1.5)


def _part(value: float | None, low: float, high: float) -> str:
    if value is None:
        return "other"
    return "high" if value >= high else "low" if value <= low else "other"


def _quantile(ordered: list[float], share: float) -> float:
    """A quantile by straight lines between the values in order."""
    if not ordered:
        return 0.0
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _runs(row: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """The waves of a unit, parted where it has no rows."""
    runs: list[list[tuple[int, float]]] = [[]]
    for wave, value in enumerate(row):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((wave, value))
    return [run for run in runs if run]


def _bands(panel: Panel, data: Mapping[str, Any], colour: str, middle: str) -> None:
    names = [name for name in data if name != "wave"]
    columns = [[panel.at(i, v) for i, v in enumerate(data[name])] for name in names]
    pairs = len(columns) // 2
    for place in range(pairs):
        low, high = columns[place], columns[-1 - place]
        panel.canvas.area([*low, *reversed(high)], colour, 0.16 + 0.1 * (place == pairs - 1))
        for column in (low, high):
            panel.canvas.path(column, colour, 0.9, "4 2")
    strong = columns[names.index(middle)]
    panel.canvas.path(strong, INK, 2.2)
    for at in strong:
        panel.canvas.mark(*at, INK, radius=2.6)
    _name_ends(panel, names, [column[-1] for column in columns])


def _name_ends(panel: Panel, names: Sequence[str], ends: Sequence[tuple[float, float]]) -> None:
    """Names at the right ends of lines, moved apart where they would touch."""
    foot = None
    for name, (x, y) in zip(names, ends, strict=True):
        y = y + 3.2 if foot is None else min(y + 3.2, foot - SMALLER - 1)
        panel.canvas.text(x + NAME_GAP, y, name, size=SMALLER, halo=True)
        foot = y
