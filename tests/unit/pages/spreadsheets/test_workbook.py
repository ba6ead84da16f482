"""The workbook, opened as the archive of XML that it is."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.pages.document import tables_of
from mlm.pages.house.style import usual_house
from mlm.pages.spreadsheets.lines import table_lines
from mlm.pages.spreadsheets.workbook import sheet_names, workbook
from mlm.pages.template_folder import template_folder
from tests.drawn_cases import cases
from tests.unit.pages.sample import document_of, everything

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
PUBLISHED = {"publisher": "Statistics & Co", "contact": "a@example.org", "licence": "CC BY 4.0"}


class Book:
    """A workbook: names of sheets, their trees, and what stands in their cells."""

    def __init__(self, content: bytes):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            self.files = {name: book.read(name) for name in book.namelist()}
        tree = ElementTree.fromstring(self.files["xl/workbook.xml"])
        self.names = [sheet.get("name") for sheet in tree.find("m:sheets", NS)]
        self.defined = {
            (item.get("name"), int(item.get("localSheetId"))): item.text
            for item in tree.find("m:definedNames", NS)
        }
        shared = ElementTree.fromstring(self.files["xl/sharedStrings.xml"])
        self.strings = ["".join(item.itertext()) for item in shared]
        self.trees = [
            ElementTree.fromstring(self.files[f"xl/worksheets/sheet{n + 1}.xml"])
            for n in range(len(self.names))
        ]

    def cells(self, sheet: int) -> dict[str, str | float]:
        found = {}
        for cell in self.trees[sheet].iter(f"{{{NS['m']}}}c"):
            value = cell.find("m:v", NS)
            if value is not None:
                is_text = cell.get("t") == "s"
                found[cell.get("r")] = (
                    self.strings[int(value.text)] if is_text else float(value.text)
                )
        return found

    def links(self, sheet: int) -> dict[str, str]:
        return {
            link.get("ref"): link.get("location")
            for link in self.trees[sheet].iter(f"{{{NS['m']}}}hyperlink")
        }


@pytest.fixture(scope="module")
def document():
    given = everything()
    given["configuration"]["publication"] = PUBLISHED | {"date": "2026-11-28", "next": "May 2027"}
    return document_of(given)


@pytest.fixture(scope="module")
def book(document):
    return Book(workbook(document, usual_house(template_folder())))


def test_the_contents_lead_to_every_sheet_and_each_leads_back(book, document):
    tables = list(tables_of(document))
    assert len(book.names) == len(tables) + 2
    contents = book.names[0]
    targets = [link.rpartition("!")[0].strip("'") for link in book.links(0).values()]
    assert targets == book.names[1:]
    for sheet in range(1, len(book.names)):
        assert book.links(sheet) == {"A2": f"'{contents}'!A1"} or book.links(sheet) == {
            "A2": f"{contents}!A1"
        }
    captions = set(book.cells(0).values())
    assert {table["label"] for table in tables} <= captions


def test_no_link_leads_out_of_the_workbook(book):
    for name, content in book.files.items():
        assert b'TargetMode="External"' not in content, name


def test_sheets_are_set_up_for_print_and_can_be_filtered(book, document):
    for sheet, table in enumerate(tables_of(document), start=2):
        tree = book.trees[sheet]
        page = tree.find("m:pageSetup", NS)
        assert (page.get("orientation"), page.get("fitToHeight")) == ("landscape", "0")
        assert book.defined["_xlnm.Print_Titles", sheet].endswith("!$3:$3")
        grid = table_lines(table)
        area = tree.find("m:autoFilter", NS).get("ref")
        assert re.fullmatch(rf"A3:[A-Z]+{3 + len(grid.lines)}", area)
        assert tree.find(".//m:pane", NS).get("ySplit") == "3"


def test_headings_are_different_and_every_line_has_its_name(book, document):
    for sheet, table in enumerate(tables_of(document), start=2):
        cells = book.cells(sheet)
        headings = [value for place, value in cells.items() if re.fullmatch(r"[A-Z]+3", place)]
        assert headings == table_lines(table).headings
        assert len(headings) == len(set(headings)), table["id"]
        assert all(headings)


def test_a_coefficient_is_found_by_group_and_term(book, document):
    sheet = 2 + [table["id"] for table in tables_of(document)].index("coefficients")
    cells = book.cells(sheet)
    lines = {
        (cells.get(f"A{n}"), cells[f"B{n}"]): cells[f"E{n}"]
        for n in range(4, 40)
        if f"B{n}" in cells and f"E{n}" in cells
    }
    assert lines["School grade (reference: Kindergarten)", "Grade 1"] == 44.9
    assert lines[None, "Constant"] == 476.2


def test_the_notes_say_who_publishes_and_dates_are_dates(book):
    cells = book.cells(1)
    told = {cells[f"A{n}"]: cells[f"B{n}"] for n in range(4, 30) if f"B{n}" in cells}
    assert told["Publisher"] == "Statistics & Co"
    assert told["Contact"] == "a@example.org"
    assert told["Licence"] == "CC BY 4.0"
    assert told["Next results"] == "May 2027"
    day = datetime.date(1899, 12, 30) + datetime.timedelta(days=told["Date"])
    assert day == datetime.date(2026, 11, 28)


def test_numbers_are_numbers(book, document):
    for sheet, table in enumerate(tables_of(document), start=2):
        found = [value for value in book.cells(sheet).values() if isinstance(value, float)]
        shown = [
            cell["value"]
            for row in table["rows"]
            for cell in row["cells"]
            if cell.get("value") is not None
        ]
        assert found == shown, table["id"]


@settings(max_examples=cases(50))
@given(st.lists(st.text(max_size=60), max_size=12))
def test_names_of_sheets_are_such_as_excel_takes(titles):
    names = sheet_names(titles)
    assert len({name.lower() for name in names}) == len(titles)
    for name in names:
        assert 1 <= len(name) <= 31
        assert not set("[]:*?/\\'") & set(name)


def test_names_of_sheets_are_whole_words():
    assert sheet_names(["7 Coefficients of the full and the settled model"]) == [
        "7 Coefficients of the full and"
    ]
