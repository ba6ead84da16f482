"""The pages of single units as files in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlm.configuration.models import Configuration
from mlm.errors import ConfigurationError, ResultError
from mlm.pages.context import Context
from mlm.pages.contexts.making import make_context
from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.chart import Chart
from mlm.pages.drawing.inline import inline_chart
from mlm.pages.drawing.palette import recoloured
from mlm.pages.drawing.svg import to_svg
from mlm.pages.house.style import House, house_of
from mlm.pages.html import rendered
from mlm.pages.language import using
from mlm.pages.pdf import compiled, drawing_width
from mlm.pages.template_folder import template_folder
from mlm.pages.text import plain_text
from mlm.pages.unit_pages.course import draw
from mlm.pages.unit_pages.file_name import file_name
from mlm.pages.unit_pages.page import effects_of, folder_of, unit_page, units_list
from mlm.results.runs.provenance import Provenance
from mlm.results.sampled.loading import AnyResults
from mlm.results.sampled.results import SampledResults
from mlm.results.survey.survey import SurveyAccount

FORMS = ("html", "pdf")


def unit_files(
    configuration: Configuration,
    analysis: str,
    results: AnyResults,
    survey: SurveyAccount,
    provenance: Provenance,
    templates: Path | None = None,
) -> Iterator[tuple[str, bytes]]:
    """Each file by its path inside their folder: the list of units first, then two a unit.

    Parameters
    ----------
    configuration : Configuration
        In controlled mode; its ``publication`` names the levels (``unit_pages``).
    analysis : str
        Name of the analysis.
    results, survey, provenance
        Results of the analysis, the linked survey, and what made them.
    templates : Path, optional
        Folder of templates, styles and fonts; default: the project's ``reports/``.

    Raises
    ------
    ConfigurationError
        Where no level is named, and in public mode: a page of one unit names it with its effect,
        whatever its size.
    ResultError
        When the results are those of a sample with weights or plausible values, which describe a
        population.
    """
    if isinstance(results, SampledResults):
        raise ResultError(
            f"pages of single units of {analysis}: the results are those of a sample with weights "
            "or plausible values, which describe the population and not single units. Read the "
            "report instead, or analyse the rows without them."
        )
    if not configuration.publication.unit_pages:
        raise ConfigurationError(
            f"{configuration.path}: no level is named whose units get pages; write publication: "
            "{unit_pages: school}, and disclosure: {mode: controlled}"
        )
    if configuration.disclosure.mode != "controlled":
        raise ConfigurationError(
            f"{configuration.path}: pages of single units name them with their effects and are "
            "made in controlled mode only; write disclosure: {mode: controlled}"
        )
    folder = templates or template_folder()
    house = house_of(configuration, folder)
    levels = configuration.publication.unit_pages
    with using(configuration.language):
        context = make_context(configuration, analysis, results, survey, provenance)
        listed = units_list(context, levels, FORMS)
        page = rendered("units.html.j2", folder, house, document=listed)
        yield "index.html", page.encode()
        for level in levels:
            yield from _of_level(context, level, folder, house)


def _of_level(
    context: Context, level: str, templates: Path, house: House
) -> Iterator[tuple[str, bytes]]:
    item = effects_of(context, level)
    for unit in () if item is None else item.units:
        name = f"{folder_of(level)}/{file_name(unit.unit.value)}"
        document = unit_page(context, item, unit)
        charts = {b["id"]: _chart(b, house) for b in document["course"] if b["type"] == "figure"}
        yield f"{name}.html", _html(document, charts, templates, house)
        yield f"{name}.pdf", _pdf(document, charts, templates, house)


def _chart(block: dict[str, Any], house: House) -> Chart:
    drawn = []
    for is_narrow in (False, True):
        canvas = Canvas(house.typeface, is_narrow, house.palette)
        draw(block["data"], block["options"], canvas)
        drawn.append(to_svg(canvas))
    return Chart(*drawn, alone="")


def _html(
    document: dict[str, Any], charts: dict[str, Chart], templates: Path, house: House
) -> bytes:
    inlined = {
        block["id"]: inline_chart(charts[block["id"]], block["id"], plain_text(block["alt"]))
        for block in document["course"]
        if block["type"] == "figure"
    }
    page = rendered("unit.html.j2", templates, house, document=document, charts=inlined)
    return page.encode()


def _pdf(
    document: dict[str, Any], charts: dict[str, Chart], templates: Path, house: House
) -> bytes:
    drawn = {name: recoloured(chart.wide, house.palette) for name, chart in charts.items()}
    shown = [
        block | ({"width": drawing_width(drawn[block["id"]])} if block["id"] in drawn else {})
        for block in document["course"]
    ]
    return compiled("unit.typ", document | {"course": shown}, drawn, templates, house)
