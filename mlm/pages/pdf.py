"""The report document as a tagged PDF (PDF/UA-1), laid out by typst without a system font."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

STANDARDS = ["ua-1"]


def report_pdf(document: Mapping[str, Any], charts: Mapping[str, str], templates: Path) -> bytes:
    """The PDF of a report.

    Parameters
    ----------
    document : mapping
        Made by :func:`mlm.pages.document.make_document`. It reaches the template as JSON, so no
        text in it is read as markup.
    charts : mapping of str to str
        SVG of each figure by its id.
    templates : Path
        The folder ``reports/``.
    """
    import typst

    files: dict[str, bytes] = {
        f"{path.stem if path.stem == 'main' else path.name}": path.read_bytes()
        for path in sorted((templates / "pdf").glob("*.typ"))
    }
    files["main.typ"] = files.pop("report.typ")
    files["data.json"] = json.dumps(document, ensure_ascii=False).encode()
    files |= {f"figures/{name}.svg": svg.encode() for name, svg in charts.items()}
    return typst.compile(
        files,
        font_paths=[str(templates / "fonts")],
        ignore_system_fonts=True,
        pdf_standards=STANDARDS,
    )
