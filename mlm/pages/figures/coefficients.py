"""Dots and lines: coefficients of the full and the settled model with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.figures.style import INK, PALETTE, PAPER, canvas, grid, shorten, to_svg, zero_line

MARKS = (("o", PALETTE[0], -0.17), ("s", PALETTE[3], 0.17))


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the coefficients, grouped by term."""
    rows, ticks, headings = _layout(data)
    with canvas(1.0 + 0.27 * (len(ticks) + len(headings)), fonts) as (figure, axes):
        for model, mark in zip(dict.fromkeys(data["model"]), MARKS, strict=False):
            _marks(axes, data, rows, model, mark)
        zero_line(axes)
        labels = [(y, f"{shorten(text)}") for y, text in ticks]
        labels += [(y, shorten(text, 58)) for y, text in headings]
        axes.set_yticks([y for y, _ in labels], [text for _, text in labels])
        for tick, (y, _) in zip(axes.get_yticklabels(), labels, strict=True):
            if y in {place for place, _ in headings}:
                tick.set_fontweight("semibold")
        axes.set_ylim(max((y for y, _ in labels), default=0) + 0.6, -0.6)
        axes.set_xlabel(options["x"])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        grid(axes, "x")
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(-0.01, 1.0),
            ncols=2,
            borderaxespad=0.2,
            handletextpad=0.3,
        )
        return to_svg(figure)


def _layout(data) -> tuple[dict, list, list]:
    """Row of each (heading, label), labelled rows, heading rows."""
    rows: dict[tuple[str, str], float] = {}
    ticks, headings = [], []
    y, current = 0.0, None
    groups: dict[str, list[str]] = {}
    for heading, label in zip(data["heading"], data["label"], strict=True):
        if label not in groups.setdefault(heading, []):
            groups[heading].append(label)
    for heading, labels in groups.items():
        alone = labels == [heading]
        if not alone and heading != current:
            headings.append((y, heading))
            y += 1
        current = heading
        for label in labels:
            rows[heading, label] = y
            ticks.append((y, label)) if not alone else headings.append((y, heading))
            y += 1
    return rows, ticks, headings


def _marks(axes, data, rows, model, mark) -> None:
    shape, colour, shift = mark
    items = [i for i, name in enumerate(data["model"]) if name == model]
    ys = [rows[data["heading"][i], data["label"][i]] + shift for i in items]
    axes.hlines(
        ys,
        [data["lower"][i] for i in items],
        [data["upper"][i] for i in items],
        color=colour,
        linewidth=1.6,
    )
    axes.plot(
        [data["estimate"][i] for i in items],
        ys,
        shape,
        color=colour,
        markersize=6,
        markeredgecolor=INK if colour == PALETTE[3] else PAPER,
        markeredgewidth=0.6,
        label=model,
    )
