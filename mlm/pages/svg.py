"""A chart's SVG made ready to stand inside an HTML page.

Inside a page, ids must not repeat, text takes the font of the page, and the colours follow the
light or dark scheme through CSS variables.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

NARROW_CHART = 400.0  # points of width below which a chart is shown smaller than the usual 518
COLOURS = {
    "#12436d": "var(--c1)",
    "#28a197": "var(--c2)",
    "#801650": "var(--c3)",
    "#f46a25": "var(--c4)",
    "#6b7785": "var(--c0)",
    "#1f2933": "var(--ink)",
    "#5c6670": "var(--muted)",
    "#c9cfd6": "var(--rule)",
    "#ffffff": "var(--paper)",
}
IDS = re.compile(r'(\bid="|href="#|url\(#)')
COLOUR = re.compile("|".join(COLOURS))
FONT = re.compile(r"font-family: '[^']*'(?:, [^;\"]*)?;?|'Source Sans Pro', 'DejaVu Sans'")
TEXT = re.compile(r"(>[^<>]*</text>|<!--.*?-->)", re.DOTALL)


def inline_svg(svg: str, identifier: str, title: str) -> Markup:
    """The SVG as markup for a page.

    Parameters
    ----------
    svg : str
        As drawn by :mod:`mlm.pages.figures`; text in it is already escaped.
    identifier : str
        The figure's id; every id in the SVG is prefixed with it.
    title : str
        Text alternative.
    """
    body = svg[svg.index("<svg") :]
    opening, _, rest = body.partition(">")
    view = re.search(r'viewBox="([^"]+)"', opening)
    rest = re.sub(r"<metadata>.*?</metadata>", "", rest, flags=re.DOTALL)
    rest = re.sub(r"<style type=\"text/css\">.*?</style>", "", rest, flags=re.DOTALL)
    parts = TEXT.split(rest)
    parts[::2] = [_restyle(part, identifier) for part in parts[::2]]
    parts[1::2] = ["" if part.startswith("<!--") else part for part in parts[1::2]]
    width = float(view[1].split()[2]) if view else 0.0
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{view[1] if view else ""}" role="img" aria-label="{escape(title)}" '
        f'class="{"chart narrow" if width < NARROW_CHART else "chart"}" data-width="{width:.0f}">'
    )
    return Markup(start + "".join(parts))


def _restyle(part: str, identifier: str) -> str:
    part = IDS.sub(lambda found: f"{found[1]}{identifier}-", part)
    part = COLOUR.sub(lambda found: COLOURS[found[0]], part)
    return FONT.sub("", part)
