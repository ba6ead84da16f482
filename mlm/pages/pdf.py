"""The report document as a tagged PDF (PDF/UA-1), laid out by typst without a system font."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.figures.style import WIDTH
from mlm.pages.letters import unknown_letters, without
from mlm.pages.template_words import template_words

STANDARDS = ["ua-1"]
FALLBACK = "DejaVuSans.ttf"
VIEW = re.compile(r'viewBox="0 0 ([\d.]+) ')
POINTS_PER_INCH = 72.0
# joiners without a shape, which the drawing of a chart cannot join to anything
INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0xFEFF])


def report_pdf(document: Mapping[str, Any], charts: Mapping[str, str], templates: Path) -> bytes:
    """The PDF of a report.

    Letters that no font has (PDF/UA forbids to leave them out) are replaced, and the first page
    says so.

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

    folders = (templates / "fonts", _fallback_folder())
    fonts = (*sorted(folders[0].glob("*.otf")), folders[1] / FALLBACK)
    data = _data(document, charts)
    charts = {name: svg.translate(INVISIBLE) for name, svg in charts.items()}
    unknown = unknown_letters(json.dumps([data, dict(charts)], ensure_ascii=False), fonts)
    data = without(data, unknown) | {"unknown": [f"U+{ord(letter):04X}" for letter in unknown]}
    files = {path.name: path.read_bytes() for path in sorted((templates / "pdf").glob("*.typ"))}
    files["main.typ"] = files.pop("report.typ")
    files["data.json"] = json.dumps(data, ensure_ascii=False).encode()
    files |= {
        f"figures/{name}.svg": svg.encode() for name, svg in without(dict(charts), unknown).items()
    }
    return typst.compile(
        files,
        font_paths=[str(folder) for folder in folders],
        ignore_system_fonts=True,
        pdf_standards=STANDARDS,
    )


def _data(document: Mapping[str, Any], charts: Mapping[str, str]) -> dict[str, Any]:
    """What the PDF shows of the document: everything but the data behind the charts."""
    sections = [
        section | {"blocks": [_laid_out(block, charts) for block in section["blocks"]]}
        for section in document["sections"]
    ]
    found = document["findings"]
    figure = _laid_out(found["figure"], charts) if found["figure"] else None
    return {
        **document,
        "sections": sections,
        "findings": found | {"figure": figure},
        "words": template_words(),
    }


def _laid_out(block: Mapping[str, Any], charts: Mapping[str, str]) -> dict[str, Any]:
    """A block without the data of its chart, with the width of the chart over the usual one."""
    kept = {key: value for key, value in block.items() if key not in ("data", "options")}
    if block["type"] == "figure":
        width = float(VIEW.search(charts[block["id"]])[1])
        kept["width"] = min(width / (WIDTH * POINTS_PER_INCH), 1.0)
    return kept


def _fallback_folder() -> Path:
    """Fonts that come with matplotlib; they have Greek, Cyrillic, Arabic and more."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"
