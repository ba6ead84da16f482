"""Adjusted means by wave with intervals, beside the line or curve of time where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.figures.style import (
    INK,
    MUTED,
    PALETTE,
    PAPER,
    canvas,
    grid,
    key_above,
    name_ticks,
    to_svg,
)
from mlm.pages.figures.waves import curve_of, rows_of_waves, wave_places
from mlm.pages.rounding import render


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the standards."""
    waves = rows_of_waves(data)
    places, step = wave_places(data, waves)
    means = [data["estimate"][i] for i in waves]
    with canvas(3.1, fonts) as (figure, axes):
        ends = ([data[end][i] for i in waves] for end in ("lower", "upper"))
        axes.vlines(places, *ends, color=PALETTE[0], linewidth=2.2)
        told = {"color": PALETTE[0], "markersize": 7, "markeredgecolor": PAPER, "zorder": 3}
        line = "o" if "curve" in options else "-o"
        axes.plot(places, means, line, linewidth=1.3, label=options.get("told"), **told)
        if "curve" in options:
            _curve(axes, data, options)
            key_above(axes, 3)
        for place, mean in zip(places, means, strict=True):
            axes.annotate(
                render(mean, 1, "number"),
                (place, mean),
                xytext=(9, -11),
                textcoords="offset points",
            )
        name_ticks(axes, places, [data["wave"][i] for i in waves])
        axes.set_xlim(places[0] - 0.4 * step, places[-1] + 0.6 * step)
        axes.margins(y=0.15)
        axes.set_ylabel(options["y"])
        axes.set_xlabel(options["x"])
        grid(axes, "y")
        return to_svg(figure)


def _curve(axes, data: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """The line or curve, weak where it does not fit, and the means of the waves by themselves."""
    style = {"color": MUTED, "linestyle": (0, (4, 2)), "linewidth": 1.1}
    if not options["rejected"]:
        style = {"color": PALETTE[0], "linestyle": "-", "linewidth": 1.3}
    axes.plot(*curve_of(data), label=options["curve"], **style)
    if "saturated" in data:
        waves = rows_of_waves(data)
        places, _ = wave_places(data, waves)
        own = [data["saturated"][i] for i in waves]
        hollow = {"markerfacecolor": "none", "markeredgecolor": INK, "markersize": 8}
        axes.plot(places, own, "o", label=options["saturated"], zorder=4, **hollow)
