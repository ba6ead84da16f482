"""The report document as a tagged PDF (PDF/UA-1), laid out by typst without a system font."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from mlm.pages.drawing.canvas import WIDE
from mlm.pages.drawing.chart import Chart
from mlm.pages.drawing.letters import REGULAR, STRONG, Typeface
from mlm.pages.drawing.palette import Palette, recoloured
from mlm.pages.drawing.type_cases import fonts_found_in, fonts_in
from mlm.pages.house.fonts import named_font
from mlm.pages.house.style import HOUSE_FAMILY, House
from mlm.pages.letters import unknown_letters, without
from mlm.pages.printed.kept_together import kept_together, kept_together_brief
from mlm.pages.template_words import template_words

if TYPE_CHECKING:
    from typst import Fonts

STANDARDS = ["ua-1"]
VIEW = re.compile(r'viewBox="0 0 ([\d.]+) ')
# joiners without a shape, which the drawing of a chart cannot join to anything
INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0xFEFF])


def report_pdf(
    document: Mapping[str, Any], charts: Mapping[str, Chart], templates: Path, house: House
) -> bytes:
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
    house : House
        The house style.
    """
    drawn = _drawn(charts, house.palette)
    return compiled("report.typ", _data(kept_together(document), drawn), drawn, templates, house)


def brief_pdf(
    document: Mapping[str, Any], charts: Mapping[str, Chart], templates: Path, house: House
) -> bytes:
    """The PDF of the brief, on two pages; parameters as for `report_pdf`."""
    figure = document["findings"]["figure"]
    drawn = _drawn({figure["id"]: charts[figure["id"]]} if figure else {}, house.palette)
    data = _data(kept_together_brief(document), drawn)
    return compiled("brief.typ", data, drawn, templates, house)


def _drawn(charts: Mapping[str, Chart], palette: Palette) -> dict[str, str]:
    """The wide drawing of each chart, in the colours of the house."""
    return {
        name: recoloured(chart.wide, palette).translate(INVISIBLE) for name, chart in charts.items()
    }


def compiled(
    name: str, data: dict[str, Any], drawn: Mapping[str, str], templates: Path, house: House
) -> bytes:
    """A template of typst with the data it reads, in the house style.

    Parameters
    ----------
    name : str
        The template, in ``pdf/`` of the folder.
    data : dict
        What the template reads as ``data.json``.
    drawn : mapping of str to str
        SVGs by their names.
    templates : Path
        The folder ``reports/``.
    house : House
        The house style.
    """
    import typst

    given = {"data": data, "look": house.look}
    text = json.dumps([given, drawn], ensure_ascii=False)
    unknown = unknown_letters(text, house.typeface.regular)
    given, drawn = without(given, unknown), without(drawn, unknown)
    given["data"]["unknown"] = [f"U+{ord(letter):04X}" for letter in unknown]
    files = {path.name: path.read_bytes() for path in sorted((templates / "pdf").glob("*.typ"))}
    files["main.typ"] = files.pop(name)
    for key, content in given.items():
        files[f"{key}.json"] = json.dumps(content, ensure_ascii=False).encode()
    files |= {f"figures/{name}.svg": svg.encode() for name, svg in drawn.items()}
    if house.logo is not None:
        files["logo.svg"] = house.logo_drawing.encode()
    with _fonts(house.typeface) as fonts:
        return typst.compile(files, font_paths=fonts, pdf_standards=STANDARDS)


@contextmanager
def _fonts(typeface: Typeface) -> Iterator[Fonts]:
    """The fonts; those of a survey lie in a folder for the time, under one family name."""
    is_own = HOUSE_FAMILY in typeface.families
    usual = typeface.regular[1:] if is_own else typeface.regular
    folders = dict.fromkeys(str(path.parent) for path in usual)
    if not is_own:
        yield fonts_in(*folders)
        return
    with TemporaryDirectory() as own:
        for weight in (REGULAR, STRONG):
            font = named_font(typeface.files(weight)[0], HOUSE_FAMILY, weight)
            (Path(own) / f"{weight}.otf").write_bytes(font)
        yield fonts_found_in(own, *folders)


def _data(document: Mapping[str, Any], charts: Mapping[str, str]) -> dict[str, Any]:
    """What the PDF shows of a laid out document: everything but the data behind the charts."""
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
    """A block without the data of its chart, with the width of the chart over the usual one.

    Of a folded table nothing but its caption is laid out.
    """
    kept = {key: value for key, value in block.items() if key not in ("data", "options")}
    if block.get("folded"):
        kept |= {"rows": [], "notes": []}
    if block["type"] == "figure":
        kept["width"] = drawing_width(charts[block["id"]])
    return kept


def drawing_width(svg: str) -> float:
    """Width of a drawing over the usual one, 1 at most."""
    return min(float(VIEW.search(svg)[1]) / WIDE, 1.0)
