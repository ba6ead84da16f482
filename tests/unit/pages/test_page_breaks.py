"""What the PDF does not cut at the end of a page."""

import shutil
import subprocess
from pathlib import Path

import pytest
import typst

REPORTS = Path(__file__).parents[3] / "reports"
SENTENCE = " ".join(f"w{position}" for position in range(110))
ITEMS = {
    "answer": '#paragraph((role: "answer", runs: text-runs))',
    "list": "#list(whole(text-runs))",
    "note": '#note((kind: "note", runs: text-runs), (note: "Note"))',
}


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.parametrize("kind", ITEMS)
def test_short_texts_stand_on_one_page(kind, tmp_path):
    template = f"""#import "parts.typ": *
#set page(width: 100mm, height: 100mm, margin: 10mm)
#set text(size: 10pt)
#let text-runs = ((text: "{SENTENCE}", value: none, source: "", decimals: none),)
#v(56mm)
{ITEMS[kind]}"""
    files = {
        "main.typ": template.encode(),
        "parts.typ": (REPORTS / "pdf" / "parts.typ").read_bytes(),
    }
    made = typst.compile(files, font_paths=[str(REPORTS / "fonts")], ignore_system_fonts=True)
    path = tmp_path / "page.pdf"
    path.write_bytes(made)
    run = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True)
    pages = [set(page.split()) & set(SENTENCE.split()) for page in run.stdout.split("\f")[:-1]]
    assert pages == [set(), set(SENTENCE.split())]
