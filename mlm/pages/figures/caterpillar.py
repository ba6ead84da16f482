"""Caterpillar: effects of units in order with comparative intervals, for tens or for thousands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from mlm.pages.figures.style import PAPER, canvas, grid, level_style, to_svg, zero_line
from mlm.pages.language import _

MAX_SINGLE_UNITS = 400
MAX_BANDS = 600


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the caterpillar; beyond 400 units a band of quantiles over the order."""
    columns = {
        key: np.asarray(data[key], dtype=float)
        for key in ("estimate", "goldstein_lower", "goldstein_upper", "lower", "upper")
    }
    columns["apart"] = np.array([side != "expected" for side in data["side"]])
    colour, _ = level_style(options["level"], options["levels"])
    with canvas(3.6, fonts) as (figure, axes):
        (_single if len(columns["estimate"]) <= MAX_SINGLE_UNITS else _band)(axes, columns, colour)
        zero_line(axes, vertical=False)
        axes.set_ylabel(options["y"])
        axes.set_xlabel(options["x"])
        axes.set_xlim(-len(columns["estimate"]) * 0.012, len(columns["estimate"]) * 1.012)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
        grid(axes, "y")
        return to_svg(figure)


def _single(axes, columns, colour) -> None:
    order = np.arange(1, len(columns["estimate"]) + 1)
    apart = columns["apart"]
    width = 3.4 if len(order) <= 100 else 1.6
    axes.vlines(
        order,
        columns["goldstein_lower"],
        columns["goldstein_upper"],
        color=colour,
        lw=width,
        alpha=0.45,
    )
    size = 5.5 if len(order) <= 100 else 3
    plain = {"color": colour, "markersize": size, "linestyle": "none", "marker": "o"}
    axes.plot(
        order[apart], columns["estimate"][apart], **plain, label=_("above or below expectation")
    )
    axes.plot(
        order[~apart],
        columns["estimate"][~apart],
        **plain,
        markerfacecolor=PAPER,
        label=_("cannot be told from what is expected"),
    )
    axes.legend(loc="upper left", handletextpad=0.2)


def _band(axes, columns, colour) -> None:
    """Beyond 400 units: bins of neighbours in the order, their mean and widest interval."""
    count = len(columns["estimate"])
    parts = np.array_split(np.arange(count), min(MAX_BANDS, count))
    middle = [part.mean() + 1 for part in parts]
    low = [columns["goldstein_lower"][part].min() for part in parts]
    high = [columns["goldstein_upper"][part].max() for part in parts]
    mean = [columns["estimate"][part].mean() for part in parts]
    axes.fill_between(middle, low, high, color=colour, alpha=0.3, linewidth=0)
    axes.plot(middle, mean, color=colour, linewidth=2)
