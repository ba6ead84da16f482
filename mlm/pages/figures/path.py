"""Steps: the deviance that each dropped term cost, with the simultaneous bound."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.figures.style import INK, MUTED, PALETTE, canvas, grid, shorten, to_svg
from mlm.pages.language import _


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the reduction path, one line a step from the top down."""
    cost, count = data["cost"], len(data["cost"])
    with canvas(1.1 + 0.34 * count, fonts) as (figure, axes):
        rows = range(count)
        axes.hlines(rows, 0, cost, color=PALETTE[0], linewidth=2.2)
        axes.plot(cost, rows, "o", color=PALETTE[0], markersize=6.5)
        if options["bound"] is not None:
            _bound(axes, options["bound"])
        axes.set_yticks(rows, [_label(i, name) for i, name in enumerate(data["dropped"])])
        axes.set_ylim(count - 0.5, -0.7)
        axes.set_xlim(left=0, right=1.12 * max([*cost, options["bound"] or 0, 1e-9]))
        axes.set_xlabel(options["y"])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_color(INK)
        grid(axes, "x")
        return to_svg(figure)


def _label(position: int, name: str) -> str:
    return name if position == 0 else f"− {shorten(name)}"


def _bound(axes, bound: float) -> None:
    axes.axvline(bound, color=PALETTE[2], linewidth=1.4, linestyle=(0, (5, 3)))
    axes.annotate(
        _("simultaneous bound"),
        (bound, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-5, -3),
        textcoords="offset points",
        ha="right",
        va="top",
        color=MUTED,
        fontsize=9.5,
    )
