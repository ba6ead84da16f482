"""A whole report: the document and everything rendered from it, as files in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.configuration.models import Configuration
from mlm.pages.document import figures_of, make_document
from mlm.pages.language import using
from mlm.pages.template_folder import template_folder


def report_files(
    configuration: Configuration,
    analysis: str,
    results: Mapping[str, Any],
    survey: Mapping[str, Any],
    provenance: Mapping[str, Any],
    templates: Path | None = None,
    previous: Mapping[str, Any] | None = None,
    beside: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, bytes]:
    """Every file of a report by its path inside the report's folder.

    Parameters
    ----------
    configuration : Configuration
        The survey's configuration.
    analysis : str
        Name of the analysis.
    results, survey : mapping
        ``results.json`` of the analysis and ``survey.json``.
    provenance : mapping
        What made the report: ``version``, ``commit``, ``date`` (YYYY-MM-DD or None), ``python``,
        ``packages``, ``command``, ``configuration`` (``path``, ``sha256``); each may be missing.
    templates : Path, optional
        Folder of templates, styles and fonts; default: the project's ``reports/``.
    previous : mapping, optional
        Record of the results before; see :mod:`mlm.pages.previous`.
    beside : mapping of str to mapping, optional
        Results of the other analyses of the survey by name.

    Returns
    -------
    dict of str to bytes
        ``report.json``, ``report.html``, ``report.pdf``, ``tables.xlsx``, ``tables/*.csv``,
        ``figures/*.svg``, ``figures/*.csv``: the same bytes for the same inputs.

    Raises
    ------
    ResultError
        When the results do not match their schema.
    """
    templates = templates or template_folder()
    given = configuration, analysis, results, survey, provenance
    document = make_document(*given, previous=previous, beside=beside)
    with using(document["language"]):
        return _rendered(document, templates)


def _rendered(document: Mapping[str, Any], templates: Path) -> dict[str, bytes]:
    from mlm.pages.figures import draw
    from mlm.pages.html import report_page
    from mlm.pages.pdf import report_pdf
    from mlm.pages.tables import data_files, workbook

    charts = {block["id"]: draw(block, templates / "fonts") for block in figures_of(document)}
    text = {
        "report.json": json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n",
        "report.html": report_page(document, charts, templates),
        **data_files(document),
        **{f"figures/{name}.svg": svg for name, svg in charts.items()},
    }
    return {name: content.encode() for name, content in text.items()} | {
        "report.pdf": report_pdf(document, charts, templates),
        "tables.xlsx": workbook(document),
    }
