"""Tables for those who check the rest: folded on the page, named in the PDF, whole elsewhere."""

from __future__ import annotations

import io
import json
import re
import zipfile

import pytest

from mlm.pages.pdf import _laid_out
from tests.unit.pages.reading import tables_of
from tests.unit.pages.sample import everything, files_of, residuals

FOLDED = {"adequate-estimates", "checks", "path-settled", "suppression"}


@pytest.fixture(scope="module")
def files():
    given = everything()
    given["residuals"] = residuals()
    return files_of(given, painted=())


@pytest.fixture(scope="module")
def folded(files):
    return [table for table in tables_of(json.loads(files["report.json"])) if table["folded"]]


def test_what_only_those_who_check_need_is_folded(files, folded):
    names = {table["id"] for table in folded}
    assert names >= FOLDED
    shown = {table["id"] for table in tables_of(json.loads(files["report.json"]))} - names
    assert {"coefficients", "lead", "studied"} <= shown


def test_the_page_holds_a_folded_table_whole(files, folded):
    page = files["report.html"].decode()
    for table in folded:
        part = page[page.index(f'id="table-{table["id"]}"') :]
        part = part[: part.index("</details>")]
        assert part.count("<details") == 1 and "<summary>" in part
        assert len(re.findall(r"<tr", part)) >= len(table["rows"])
    assert page.count('<details class="detail">') == len(folded)


def test_workbook_and_files_hold_its_rows(files, folded):
    with zipfile.ZipFile(io.BytesIO(files["tables.xlsx"])) as book:
        sheets = book.read("xl/workbook.xml").decode()
    for table in folded:
        assert table["rows"]
        assert f"tables/{table['id']}.csv" in files
        assert f'name="{table["label"].split()[-1]} ' in sheets


def test_a_pdf_lays_out_the_caption_alone(folded):
    for table in folded:
        laid_out = _laid_out(table, {})
        assert laid_out["rows"] == [] == laid_out["notes"]
        assert laid_out["caption"] == table["caption"] and laid_out["label"]
