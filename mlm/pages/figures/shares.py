"""Stacked bars: the share of the variation at each level, null model above settled model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.colors import to_rgb

from mlm.pages.figures.style import PAPER, canvas, grid, level_style, shorten, to_svg
from mlm.pages.rounding import render

NARROW_PART = 0.055
DARK = "#111111"
ONE_LINE = 92


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the shares."""
    models = list(dict.fromkeys(data["model"]))
    with canvas(0.95 + 0.62 * len(models), fonts) as (figure, axes):
        for row, model in enumerate(models):
            _bar(axes, row, [i for i, m in enumerate(data["model"]) if m == model], data, options)
        axes.set_yticks(range(len(models)), ["" if options["compact"] else m for m in models])
        axes.set_ylim(len(models) - 0.5, -0.5)
        axes.set_xlim(0, 100)
        axes.set_xlabel(options["x"])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        grid(axes, "x")
        _key(axes, data, options)
        return to_svg(figure)


def _bar(axes, row: int, items: list[int], data, options) -> None:
    left = 0.0
    for i in items:
        width = 100 * (data["share"][i] or 0.0)
        colour, hatch = level_style(data["level"][i], options["levels"])
        axes.barh(row, width, 0.62, left, color=colour, edgecolor=PAPER, linewidth=1.5, hatch=hatch)
        if width >= 100 * NARROW_PART:
            text = axes.text(
                left + width / 2,
                row,
                render(width, 1, "number"),
                ha="center",
                va="center",
                color=_ink_on(colour),
                fontsize=11,
                fontweight="semibold",
            )
            text.set_bbox({"facecolor": colour, "edgecolor": "none", "pad": 1.5})
        left += width


def _ink_on(colour: str) -> str:
    red, green, blue = to_rgb(colour)
    return DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else PAPER


def _key(axes, data, options) -> None:
    from matplotlib.patches import Patch

    labels = dict(zip(data["level"], data["label"], strict=True))
    handles = []
    for i, (level, label) in enumerate(labels.items()):
        colour, hatch = level_style(level, options["levels"])
        text = shorten(label, 30)
        if options["compact"]:
            text += f" {render(data['share'][i] or 0.0, 1, 'percent')}"
        handles.append(Patch(facecolor=colour, edgecolor=PAPER, hatch=hatch, label=text))
    length = sum(len(handle.get_label()) + 5 for handle in handles)
    columns = len(handles) if length <= ONE_LINE else 3
    axes.legend(
        handles=[handle for i in range(columns) for handle in handles[i::columns]],
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        ncols=columns,
        handlelength=1.4,
        handletextpad=0.5,
        columnspacing=1.3,
        borderaxespad=0.2,
    )
