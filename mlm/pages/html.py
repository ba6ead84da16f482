"""The report document as one self-contained HTML page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mlm.pages.drawing.chart import Chart
from mlm.pages.drawing.inline import inline_chart
from mlm.pages.glossary_links import with_glossary_links
from mlm.pages.house.compiled_templates import compiled_templates
from mlm.pages.house.style import House
from mlm.pages.printed.kept_together import kept_together, kept_together_brief
from mlm.pages.printed.short_form import joined, short_form
from mlm.pages.rounding import NOT_APPLICABLE
from mlm.pages.template_words import template_words
from mlm.pages.text import plain_text

FONTS_HERE = "/* fonts */"
SETTINGS = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
"""Of the environment: everything is escaped, and lines that hold a block alone are left out."""


@cache
def environment(templates: Path) -> Environment:
    """The template environment of a folder: everything is escaped, nothing may be undefined."""
    made = Environment(
        loader=FileSystemLoader(templates / "html"),
        undefined=StrictUndefined,
        bytecode_cache=compiled_templates(SETTINGS),
        **SETTINGS,
    )
    made.filters["plain"] = plain_text
    made.filters["slug"] = identifier
    made.filters["short_form"] = short_form
    made.globals["joined"] = partial(joined, mark=NOT_APPLICABLE)
    return made


def identifier(name: str) -> str:
    """A name as part of an id: letters that an id may not have are written by their number."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda found: f"-{ord(found[0]):x}", name)


def report_page(
    document: Mapping[str, Any], charts: Mapping[str, Chart], templates: Path, house: House
) -> str:
    """The HTML of a report.

    Parameters
    ----------
    document : mapping
        Made by :func:`mlm.pages.document.make_protected`.
    charts : mapping of str to Chart
        The drawings of each figure by its id.
    templates : Path
        The folder ``reports/``.
    house : House
        The house style.
    """
    from mlm.pages.document import figures_of

    shown = with_glossary_links(kept_together(document))
    return _page("report.html.j2", shown, figures_of(document), charts, templates, house)


def brief_page(
    document: Mapping[str, Any], charts: Mapping[str, Chart], templates: Path, house: House
) -> str:
    """The HTML of the brief of a report; parameters as for `report_page`."""
    figure = document["findings"]["figure"]
    figures = [figure] if figure else []
    shown = kept_together_brief(document)
    return _page("brief.html.j2", shown, figures, charts, templates, house)


def _page(
    name: str,
    document: Mapping[str, Any],
    figures: Iterable[Mapping[str, Any]],
    charts: Mapping[str, Chart],
    templates: Path,
    house: House,
) -> str:
    """A template filled with a document, as it is laid out, and the charts of its figures."""
    inlined = {
        block["id"]: inline_chart(charts[block["id"]], block["id"], plain_text(block["alt"]))
        for block in figures
    }
    return rendered(name, templates, house, document=document, charts=inlined)


def rendered(name: str, templates: Path, house: House, **given: Any) -> str:
    """A template in the house style; only the letters that the page needs come with it.

    Parameters
    ----------
    name : str
        The template, in ``html/`` of the folder.
    templates : Path
        The folder ``reports/``.
    house : House
        The house style.
    **given
        What the template reads beside the style and its fixed words.
    """
    from mlm.pages.house.fonts import font_faces

    page = (
        environment(templates)
        .get_template(name)
        .render(
            **given,
            style=Markup((templates / "html" / "style.css").read_text("utf-8")),
            house=house,
            house_css=Markup(house.css),
            fonts=FONTS_HERE,
            words=template_words(),
        )
    )
    return page.replace(FONTS_HERE, font_faces(page, house.typeface), 1)
