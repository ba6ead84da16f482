"""A chart's SVGs made ready to stand inside an HTML page.

Inside a page, ids must not repeat, text takes the font of the page, and the colours follow the
light or dark scheme through CSS variables. The style sheet shows the wide or the narrow drawing.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from mlm.pages.drawing.chart import Chart

NARROWER = 400.0  # width below which a wide drawing is shown smaller than the others
VIEW = re.compile(r'viewBox="([^"]+)"')
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
FONT = re.compile(r" font-family=\"[^\"]*\"")
TEXT = re.compile(r"(>[^<>]*</text>)")


def inline_chart(chart: Chart, identifier: str, title: str) -> Markup:
    """Both drawings of a chart as markup for a page.

    Parameters
    ----------
    chart : Chart
        As made by :mod:`mlm.pages.figures`; text in it is already escaped.
    identifier : str
        The figure's id; every id in an SVG is prefixed with it.
    title : str
        Text alternative.
    """
    return inline_svg(chart.wide, identifier, title, "chart wide") + inline_svg(
        chart.narrow, f"{identifier}-small", title, "chart small"
    )


def inline_svg(svg: str, identifier: str, title: str, look: str = "chart") -> Markup:
    """One SVG as markup for a page, with the classes `look`."""
    opening, _, rest = svg.partition(">")
    view = VIEW.search(opening)[1]
    if float(view.split()[2]) < NARROWER:
        look += " slim"
    parts = TEXT.split(rest)
    parts[::2] = [_restyle(part, identifier) for part in parts[::2]]
    start = f'<svg viewBox="{view}" role="img" aria-label="{escape(title)}" class="{look}">'
    return Markup(start + "".join(parts))


def _restyle(part: str, identifier: str) -> str:
    part = IDS.sub(lambda found: f"{found[1]}{identifier}-", part)
    part = COLOUR.sub(lambda found: COLOURS[found[0]], part)
    return FONT.sub("", part)
