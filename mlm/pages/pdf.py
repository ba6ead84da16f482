"""The report document as a tagged PDF (PDF/UA-1), laid out by typst without a system font."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.drawing.canvas import WIDE
from mlm.pages.drawing.chart import Chart
from mlm.pages.drawing.letters import FALLBACK, fallback_folder
from mlm.pages.letters import unknown_letters, without
from mlm.pages.printed.kept_together import kept_together
from mlm.pages.template_words import template_words

STANDARDS = ["ua-1"]
VIEW = re.compile(r'viewBox="0 0 ([\d.]+) ')
# joiners without a shape, which the drawing of a chart cannot join to anything
INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0xFEFF])


def report_pdf(document: Mapping[str, Any], charts: Mapping[str, Chart], templates: Path) -> bytes:
    """The PDF of a report.

    Letters that no font has (PDF/UA forbids to leave them out) are replaced, and the first page
    says so.

    Parameters
    ----------
    document : mapping
        Made by :func:`mlm.pages.document.make_protected`. It reaches the template as JSON, so no
        text in it is read as markup.
    charts : mapping of str to Chart
        The drawings of each figure by its id; the PDF has the wide ones.
    templates : Path
        The folder ``reports/``.
    """
    drawn = _drawn(charts)
    return _compiled("report.typ", _data(document, drawn), drawn, templates)


def brief_pdf(document: Mapping[str, Any], charts: Mapping[str, Chart], templates: Path) -> bytes:
    """The PDF of the brief, on two pages; parameters as for `report_pdf`."""
    figure = document["findings"]["figure"]
    drawn = _drawn({figure["id"]: charts[figure["id"]]} if figure else {})
    return _compiled("brief.typ", _data({**document, "sections": []}, drawn), drawn, templates)


def _drawn(charts: Mapping[str, Chart]) -> dict[str, str]:
    """The wide drawing of each chart."""
    return {name: chart.wide.translate(INVISIBLE) for name, chart in charts.items()}


def _compiled(name: str, data: dict[str, Any], drawn: dict[str, str], templates: Path) -> bytes:
    """A template of typst with the data it reads."""
    import typst

    folders = (templates / "fonts", fallback_folder())
    fonts = (*sorted(folders[0].glob("*.otf")), folders[1] / FALLBACK)
    unknown = unknown_letters(json.dumps([data, drawn], ensure_ascii=False), fonts)
    data = without(data, unknown) | {"unknown": [f"U+{ord(letter):04X}" for letter in unknown]}
    files = {path.name: path.read_bytes() for path in sorted((templates / "pdf").glob("*.typ"))}
    files["main.typ"] = files.pop(name)
    files["data.json"] = json.dumps(data, ensure_ascii=False).encode()
    files |= {f"figures/{name}.svg": svg.encode() for name, svg in without(drawn, unknown).items()}
    return typst.compile(
        files,
        font_paths=[str(folder) for folder in folders],
        ignore_system_fonts=True,
        pdf_standards=STANDARDS,
    )


def _data(document: Mapping[str, Any], charts: Mapping[str, str]) -> dict[str, Any]:
    """What the PDF shows of the document: everything but the data behind the charts."""
    document = kept_together(document)
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
        kept["width"] = min(width / WIDE, 1.0)
    return kept
