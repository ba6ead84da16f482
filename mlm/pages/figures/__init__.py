"""Charts: one drawing a module, each from the data of a figure block onto a canvas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlm.pages.blocks import drawn_rows
from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.chart import Chart
from mlm.pages.drawing.heading import standing_alone
from mlm.pages.drawing.letters import Typeface
from mlm.pages.drawing.palette import USUAL, Palette, recoloured
from mlm.pages.drawing.svg import to_svg
from mlm.pages.language import _
from mlm.pages.text import plain_text

KINDS = (
    "shares",
    "path",
    "effects",
    "caterpillar",
    "adjusted_means",
    "policy",
    "stability",
    "slopes",
    "shrinkage",
    "fan",
    "attrition",
    "missing",
    "along",
    "quantiles",
    "trends",
    "trajectories",
    "spread",
    "gaps",
    "flow",
    "tiles",
    "distribution",
    "levels_and_gaps",
    "scalings",
)
Drawing = Callable[[Mapping[str, Any], Mapping[str, Any], Canvas], None]


def make_chart(
    block: Mapping[str, Any], typeface: Typeface, source: str, palette: Palette = USUAL
) -> Chart:
    """All forms of the chart of a figure block.

    Parameters
    ----------
    block : mapping
        A block made by :func:`mlm.pages.blocks.figure`.
    typeface : Typeface
        The letters of the house.
    source : str
        Where the numbers come from, printed below the chart that stands alone.
    palette : Palette
        The colours of the house; the chart that stands alone has them, the others keep the usual
        ones, which stand for their places in a page.
    """
    wide, narrow = (draw(block, typeface, is_narrow, palette) for is_narrow in (False, True))
    caption = plain_text(block["caption"])
    title = plain_text(block["title"])
    unit = [_("Unit: {unit}.").format(unit=block["unit"])] if block["unit"] else []
    whole = standing_alone(wide, title or caption, caption if title else "", [*unit, source])
    alone = to_svg(whole, title or caption, plain_text(block["alt"]), outlined=True)
    return Chart(to_svg(wide), to_svg(narrow), recoloured(alone, palette))


def draw(
    block: Mapping[str, Any],
    typeface: Typeface,
    is_narrow: bool = False,
    palette: Palette = USUAL,
) -> Canvas:
    """The drawing of a figure block.

    Parameters
    ----------
    block : mapping
        A block made by :func:`mlm.pages.blocks.figure`.
    typeface : Typeface
        The letters of the house.
    is_narrow : bool
        Whether it is for a phone.
    palette : Palette
        The colours of the house.
    """
    from importlib import import_module

    if block["kind"] not in KINDS:
        raise ValueError(f"no drawing named {block['kind']}; known: {', '.join(KINDS)}")
    drawing: Drawing = import_module(f"mlm.pages.figures.{block['kind']}").draw
    canvas = Canvas(typeface, is_narrow, palette)
    rows = drawn_rows(block)
    data = {name: [values[row] for row in rows] for name, values in block["data"].items()}
    drawing(data, block["options"], canvas)
    return canvas
