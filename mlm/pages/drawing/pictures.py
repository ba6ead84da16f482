"""Charts as PNG: the same picture as the SVG file, at twice its size."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mlm.pages.drawing.type_cases import fonts_in

POINTS_PER_INCH = 72
SIZE = re.compile(r'<svg [^>]*width="([\d.]+)pt" height="([\d.]+)pt"')
PAGE = """#set page(width: auto, height: auto, margin: 0pt)
#for name in json("names.json") { page(image(name, width: auto)) }
"""


def pictures(charts: Mapping[str, str]) -> dict[str, bytes]:
    """PNG of each chart by its name, two pixels for each unit of the drawing.

    Parameters
    ----------
    charts : mapping of str to str
        SVGs without text, as :class:`mlm.pages.figures.Chart` has them in ``alone``.
    """
    import json

    import typst

    if not charts:
        return {}
    files = {f"{name}.svg": svg.encode() for name, svg in charts.items()}
    made = typst.compile(
        {
            **files,
            "names.json": json.dumps(list(files)).encode(),
            "main.typ": PAGE.encode(),
        },
        format="png",
        ppi=2.0 * POINTS_PER_INCH,
        font_paths=fonts_in(),
    )
    pages = made if isinstance(made, list) else [made]
    return dict(zip(charts, pages, strict=True))


def drawn_picture(svg: bytes, width: float, height: float) -> bytes:
    """PNG of one SVG of any origin, four pixels for each unit of the size it is shown in."""
    import typst

    page = (
        f"#set page(width: {width}pt, height: {height}pt, margin: 0pt, fill: none)\n"
        '#image("drawn.svg", width: 100%, height: 100%)\n'
    )
    return typst.compile(
        {"drawn.svg": svg, "main.typ": page.encode()},
        format="png",
        ppi=4.0 * POINTS_PER_INCH,
        font_paths=fonts_in(),
    )
