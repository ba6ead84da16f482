"""The difference a policy variable makes, wave by wave, one mark a category."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.figures.style import (
    PALETTE,
    PAPER,
    canvas,
    grid,
    name_ticks,
    shorten,
    to_svg,
    zero_line,
)

SHAPES = ("o", "s", "D", "^")


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the policy differences."""
    waves = list(dict.fromkeys(data["wave"]))
    categories = list(dict.fromkeys(data["category"]))
    with canvas(3.2, fonts) as (figure, axes):
        for position, category in enumerate(categories):
            shift = (position - (len(categories) - 1) / 2) * 0.2
            for i, told in enumerate(dict.fromkeys(data["told"])):
                _series(axes, data, (category, told), waves, shift + 0.07 * i, position)
        zero_line(axes, vertical=False)
        name_ticks(axes, range(len(waves)), waves)
        axes.set_xlim(-0.5, len(waves) - 0.5)
        axes.margins(y=0.12)
        axes.set_ylabel(options["y"])
        axes.set_xlabel(options["x"])
        grid(axes, "y")
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(-0.01, 1.0),
            ncols=2,
            borderaxespad=0.2,
            handletextpad=0.3,
        )
        return to_svg(figure)


def _series(axes, data, series, waves, shift, position) -> None:
    """Marks of a category in the model, filled, or of each wave alone, open."""
    pairs = zip(data["category"], data["told"], strict=True)
    items = [i for i, pair in enumerate(pairs) if pair == series]
    is_open = series[1] != data["told"][0]
    places = [waves.index(data["wave"][i]) + shift for i in items]
    colour = PALETTE[position % len(PALETTE)]
    axes.vlines(
        places,
        [data["lower"][i] for i in items],
        [data["upper"][i] for i in items],
        color=colour,
        linewidth=1 if is_open else 2,
    )
    axes.plot(
        places,
        [data["estimate"][i] for i in items],
        SHAPES[position % len(SHAPES)],
        color=colour,
        markersize=5.5 if is_open else 7.5,
        markerfacecolor=PAPER if is_open else colour,
        markeredgecolor=colour if is_open else PAPER,
        label=shorten(f"{series[0]}: {series[1]}" if is_open else series[0], 38),
    )
