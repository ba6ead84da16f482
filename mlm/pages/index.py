"""The page that lists all reports, by survey."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mlm.pages.findings.measure import sized
from mlm.pages.house.style import House, usual_house
from mlm.pages.html import rendered
from mlm.pages.language import DEFAULT, N_, _, current, using
from mlm.pages.printed.outcomes import COMPARED, WHERE_TOLD, finding_of, outcome_charts
from mlm.pages.rounding import MINUS, render
from mlm.pages.template_folder import template_folder
from mlm.pages.text import Run

FILES = (
    (N_("Brief"), "brief.html"),
    (N_("Brief (PDF)"), "brief.pdf"),
    (N_("Brief (Word)"), "brief.docx"),
    (N_("Brief (slides)"), "brief.pptx"),
    (N_("Report"), "report.html"),
    (N_("Report (PDF)"), "report.pdf"),
    (N_("Tables"), "tables.xlsx"),
)
ITEMS = 2  # findings that an entry shows
LIGHT = 1_000_000  # bytes from which a size is told in MB


def index_page(
    documents: Mapping[Path, Mapping[str, Any]],
    folder: Path,
    templates: Path | None = None,
    has_tidy: bool = False,
    house: House | None = None,
    sizes: Mapping[Path, Mapping[str, int]] = MappingProxyType({}),
) -> str:
    """The HTML of the index, in the language of the reports when they share one.

    Parameters
    ----------
    documents : mapping of Path to mapping
        Each report's document by the path of its ``report.json``.
    folder : Path
        Folder the index is written to; links are relative to it.
    templates : Path, optional
        Folder of templates, styles and fonts; default: the project's ``reports/``.
    has_tidy : bool
        Whether the folder has the long tables of each survey and of all, to be linked.
    house : House, optional
        The house style that all surveys share; default: the usual look.
    sizes : mapping of Path to mapping of str to int
        Bytes of the files of a report by their names, by the path of its ``report.json``.
    """
    folder_of_templates = templates or template_folder()
    look = house or usual_house(folder_of_templates)
    codes = {document["language"] for document in documents.values()}
    with using(codes.pop() if len(codes) == 1 else DEFAULT):
        return _page(documents, folder, folder_of_templates, has_tidy, look, sizes)


def _page(
    documents: Mapping[Path, Mapping[str, Any]],
    folder: Path,
    templates: Path,
    has_tidy: bool,
    house: House,
    sizes: Mapping[Path, Mapping[str, int]],
) -> str:
    surveys: dict[str, dict[str, Any]] = {}
    kinds = _kinds(documents)
    for path, document in documents.items():
        survey = surveys.setdefault(
            document["survey"],
            {
                "title": document["survey_title"],
                "description": document["description"],
                "tidy": f"{document['survey']}/tidy.csv" if has_tidy else "",
                "entries": [],
            },
        )
        survey["entries"].append(_entry(path, document, folder, sizes.get(path, {}), kinds))
    for survey in surveys.values():
        survey["language"] = _shared_language(survey["entries"])
    return rendered(
        "index.html.j2",
        templates,
        house,
        surveys=list(surveys.values()),
        compared=[_(COMPARED[kind]) for kind in kinds],
        charts=outcome_charts(list(documents.values()), house),
        has_tidy=has_tidy,
        version=_version(documents),
        language=current().code,
    )


def _kinds(documents: Mapping[Path, Mapping[str, Any]]) -> list[str]:
    """Kinds of findings that have a column: some of them only where a report tells them."""
    return [
        kind
        for kind in COMPARED
        if kind not in WHERE_TOLD or any(finding_of(each, kind) for each in documents.values())
    ]


def _shared_language(entries: Sequence[Mapping[str, Any]]) -> str:
    """The language of a survey's own texts, where all its reports have the same; else empty."""
    codes = {entry["language"] for entry in entries}
    return codes.pop() if len(codes) == 1 else ""


def _entry(
    path: Path,
    document: Mapping[str, Any],
    folder: Path,
    sizes: Mapping[str, int],
    kinds: Sequence[str],
) -> dict[str, Any]:
    place = Path(os.path.relpath(path.parent, folder)).as_posix()
    return {
        "title": document["title"],
        "analysis": document["analysis"],
        "language": document["language"],
        "published": document["publication"]["day"],
        "waves": document["findings"]["when"],
        "compared": [_compared(document, kind) for kind in kinds],
        "sizes": document["findings"]["sizes"],
        "items": document["findings"]["items"][:ITEMS],
        "links": [
            {"label": _(label), "target": f"{place}/{name}", "size": _size(sizes.get(name))}
            for label, name in FILES
        ],
    }


def _size(size: int | None) -> str:
    """How large a file is: ``45 kB``, ``1.2 MB``; empty where it is not known."""
    if size is None:
        return ""
    if size < LIGHT:
        return _("{size} kB").format(size=max(round(size / 1000), 1))
    return _("{size} MB").format(size=render(size / LIGHT, 1, "number"))


def _compared(document: Mapping[str, Any], kind: str) -> dict[str, Any] | None:
    """The first finding of a kind: what it is about, and its size with its interval."""
    found = finding_of(document, kind)
    return found and {"short": found["short"], "runs": _sized(found), "key": found["key"]}


def _sized(found: Mapping[str, Any]) -> list[Run]:
    """The estimate of a finding with its interval and its size; nothing where it has none.

    What is clearly below zero is told without its sign, as its words tell the direction.
    """
    value, lower, upper, size = (found[k] for k in ("estimate", "lower", "upper", "size"))
    if None in (value, lower, upper):
        return []
    if (upper.get("value") or 0.0) < 0:
        value, lower, upper = _unsigned(value), _unsigned(upper), _unsigned(lower)
    return sized([value], found["unit"], [lower], [upper], size and [size])


def _unsigned(run: Run) -> Run:
    if run.get("value") is None:
        return run
    return run | {"text": run["text"].lstrip(MINUS), "value": abs(run["value"])}


def _version(documents: Mapping[Path, Mapping[str, Any]]) -> str:
    return next((document["version"] for document in documents.values()), "")
