"""A whole report: the document and everything rendered from it, as files in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlm.configuration.models import Configuration
from mlm.pages.disclosure.auditing import check_files
from mlm.pages.document import OtherAnalysis, figures_of, make_protected
from mlm.pages.house.style import House, house_of
from mlm.pages.language import _, using
from mlm.pages.template_folder import template_folder
from mlm.pages.tidy_table.rows import Row
from mlm.results.residuals import Residuals
from mlm.results.runs.kept import KeptRecord
from mlm.results.runs.provenance import Provenance
from mlm.results.sampled.loading import AnyResults
from mlm.results.survey.survey import SurveyAccount


def report_files(
    configuration: Configuration,
    analysis: str,
    results: AnyResults,
    survey: SurveyAccount,
    provenance: Provenance,
    residuals: Residuals | None = None,
    previous: KeptRecord | None = None,
    beside: Sequence[OtherAnalysis] = (),
    templates: Path | None = None,
) -> dict[str, bytes]:
    """Every file of a report by its path inside the report's folder.

    Parameters
    ----------
    configuration : Configuration
        The survey's configuration.
    analysis : str
        Name of the analysis.
    results, survey, provenance
        Results of the analysis, the linked survey, and what made the report.
    residuals : Residuals, optional
        Residuals of the rows of the analysis.
    previous : KeptRecord, optional
        Record of the results before; see :mod:`mlm.pages.previous`.
    beside : sequence of OtherAnalysis
        The other analyses of the survey.
    templates : Path, optional
        Folder of templates, styles and fonts; default: the project's ``reports/``.

    Returns
    -------
    dict of str to bytes
        ``report.json``, ``report.html``, ``report.pdf``, ``brief.html``, ``brief.pdf``,
        ``brief.docx``, ``brief.pptx``, ``tables.xlsx``, ``tidy.csv``, ``tables/*.csv``,
        ``figures/*.svg``, ``figures/*.png``,
        ``figures/*.csv``: the same bytes for the same inputs.

    Raises
    ------
    ResultError
        When the results are of another analysis, or when the files of a public report would give
        away a count of few persons.
    """
    given = configuration, analysis, results, survey, provenance, residuals, previous
    document, protection, rows = make_protected(*given, beside=beside)
    with using(document["language"]):
        folder = templates or template_folder()
        files = _rendered(document, rows, folder, house_of(configuration, folder))
    if protection is not None:
        check_files(files, protection)
    return files


def _rendered(
    document: Mapping[str, Any], rows: Sequence[Row], templates: Path, house: House
) -> dict[str, bytes]:
    from mlm.pages.drawing.pictures import pictures
    from mlm.pages.figures import make_chart
    from mlm.pages.html import brief_page, report_page
    from mlm.pages.office.slides import brief_pptx
    from mlm.pages.office.word import brief_docx
    from mlm.pages.pdf import brief_pdf, report_pdf
    from mlm.pages.spreadsheets.csv_files import data_files, tidy_csv
    from mlm.pages.spreadsheets.workbook import workbook

    look = house.typeface, _source(document), house.palette
    charts = {block["id"]: make_chart(block, *look) for block in figures_of(document)}
    alone = {name: chart.alone for name, chart in charts.items()}
    text = {
        "report.json": json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n",
        "report.html": report_page(document, charts, templates, house),
        "brief.html": brief_page(document, charts, templates, house),
        "tidy.csv": tidy_csv(rows),
        **data_files(document),
        **{f"figures/{name}.svg": svg for name, svg in alone.items()},
    }
    drawn = pictures(alone)
    return {name: content.encode() for name, content in text.items()} | {
        **{f"figures/{name}.png": picture for name, picture in drawn.items()},
        "report.pdf": report_pdf(document, charts, templates, house),
        "brief.pdf": brief_pdf(document, charts, templates, house),
        "brief.docx": brief_docx(document, drawn, house),
        "brief.pptx": brief_pptx(document, drawn, house),
        "tables.xlsx": workbook(document, house),
    }


def _source(document: Mapping[str, Any]) -> str:
    """Where the numbers of a chart come from."""
    made = _("Source: {survey}. Made with mlm {version}.").format(
        survey=document["survey_title"], version=document["version"]
    )
    return f"{document['title']}. {made}"
