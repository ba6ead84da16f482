"""What the PDF does not cut at the end of a page."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import typst

from mlm.pages.house.style import usual_house

REPORTS = Path(__file__).parents[3] / "reports"
SENTENCE = " ".join(f"w{position}" for position in range(110))
ITEMS = {
    "answer": '#paragraph((role: "answer", runs: text-runs))',
    "list": "#list(whole(text-runs))",
    "note": '#note((kind: "note", runs: text-runs), (note: "Note"))',
}


def laid_out(template: str, folder: Path) -> str:
    """The text of a page, by the parts of the reports."""
    files = {
        "main.typ": template.encode(),
        "parts.typ": (REPORTS / "pdf" / "parts.typ").read_bytes(),
        "look.json": json.dumps(usual_house(REPORTS).look).encode(),
    }
    made = typst.compile(files, font_paths=[str(REPORTS / "fonts")], ignore_system_fonts=True)
    path = folder / "page.pdf"
    path.write_bytes(made)
    run = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True)
    return run.stdout


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.parametrize("kind", ITEMS)
def test_short_texts_stand_on_one_page(kind, tmp_path):
    template = f"""#import "parts.typ": *
#set page(width: 100mm, height: 100mm, margin: 10mm)
#set text(size: 10pt)
#let text-runs = ((text: "{SENTENCE}", value: none, source: "", decimals: none),)
#v(56mm)
{ITEMS[kind]}"""
    text = laid_out(template, tmp_path)
    pages = [set(page.split()) & set(SENTENCE.split()) for page in text.split("\f")[:-1]]
    assert pages == [set(), set(SENTENCE.split())]


WORDS = " ".join(f"w{position}" for position in range(30))
ROW = '(kind: "row", cells: ((text: "r{n}", id: "a{n}"), (text: "1", id: "b{n}")))'
COLUMN = '(label: "{label}", kind: "{kind}", group: "", main: false, long: false)'
KEPT = {  # what is kept whole, with the first and last words of it
    "table": (
        '#data-table((id: "t", label: "Table 1", caption: ((text: "caption"),), notes: (),'
        f" has_groups: false, spans: (), columns: ({COLUMN.format(label='x', kind='text')},"
        f" {COLUMN.format(label='y', kind='number')}),"
        f" rows: ({', '.join(ROW.format(n=n) for n in range(20))})))",
        ("caption", "r19"),
    ),
    "definition": (
        '#block-of(((type: "definitions", entries: ((term: "term",'
        f' runs: ((text: "{WORDS}"),)),)),), 0, (:))',
        ("term", "w9"),
    ),
    "notes": (
        '#data-table((id: "t", label: "Table 1", caption: ((text: "caption"),),'
        f' notes: (((text: "{WORDS}"),),), has_groups: false, spans: (),'
        f" columns: ({COLUMN.format(label='x', kind='text')},"
        f" {COLUMN.format(label='y', kind='number')}),"
        f" rows: ({', '.join(ROW.format(n=n) for n in range(3))})))",
        ("r2", "w29"),
    ),
}


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.parametrize("filled", [150, 172, 182, 186])
@pytest.mark.parametrize("kind", KEPT)
def test_tables_of_half_a_page_and_definitions_are_not_cut(kind, filled, tmp_path):
    text, ends = KEPT[kind]
    template = f"""#import "parts.typ": *
#set page(width: 150mm, height: 210mm, margin: 10mm)
#set text(size: 10pt)
#v({filled}mm)
{text}"""
    said = laid_out(template, tmp_path)
    pages = [page.split() for page in said.split("\f")[:-1]]
    assert sum(set(ends) <= set(page) for page in pages) == 1
