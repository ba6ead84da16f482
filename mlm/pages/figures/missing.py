"""Heat map of missing values: variables by waves, the share printed in each cell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.patches import Rectangle

from mlm.pages.figures.style import MUTED, PALETTE, PAPER, canvas, shorten, to_svg
from mlm.pages.rounding import CONFIDENTIAL, render

DEEPEST = 0.2


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the heat map; the darker a cell, the larger the share."""
    waves = list(dict.fromkeys(data["wave"]))
    names = list(dict.fromkeys(data["variable"]))
    largest = max([DEEPEST, *(share for share in data["share"] if share is not None)])
    with canvas(0.75 + 0.36 * len(names), fonts) as (figure, axes):
        for name, wave, share in zip(data["variable"], data["wave"], data["share"], strict=True):
            _cell(axes, waves.index(wave), names.index(name), share, largest)
        axes.set_xticks(range(len(waves)), [shorten(wave, 18) for wave in waves])
        axes.set_yticks(range(len(names)), [shorten(name, 40) for name in names])
        axes.set_xlim(-0.5, len(waves) - 0.5)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        return to_svg(figure)


def _cell(axes, column: int, row: int, share: float | None, largest: float) -> None:
    depth = 0.0 if share is None else (share / largest) ** 0.5
    place = ((column - 0.48, row - 0.46), 0.96, 0.92)
    axes.add_patch(Rectangle(*place, facecolor=PAPER, edgecolor=MUTED, lw=0.6))
    axes.add_patch(Rectangle(*place, facecolor=PALETTE[0], edgecolor="none", alpha=0.85 * depth))
    text = CONFIDENTIAL if share is None else render(share, 1, "percent")
    label = axes.text(column, row, text, ha="center", va="center", fontsize=9.5)
    if depth > 0.3:
        label.set_bbox({"facecolor": PAPER, "edgecolor": "none", "pad": 1.2})
