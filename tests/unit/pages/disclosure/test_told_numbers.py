"""Numbers in the words of any file: those that the document does not say there are named."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.errors import ResultError
from mlm.pages.disclosure import told_numbers
from mlm.pages.disclosure.auditing import check_files
from mlm.pages.disclosure.told_numbers import _ticks, numbers_in, strange_numbers
from mlm.pages.document import make_protected
from tests.drawn_cases import cases
from tests.unit.pages.sample import inputs, records

pytestmark = pytest.mark.slow

SECRET = "8731"  # stands nowhere in the report


@pytest.fixture(scope="module")
def report(sample_files):
    """Files of a report, with what their audit needs."""
    return dict(sample_files), make_protected(**records(inputs()))[1]


def strange(files, *names):
    """What files say that the document does not: all of them, or those of these names."""
    read = {name: files[name] for name in names or files}
    return strange_numbers(read, json.loads(files["report.json"]))


def with_text(files, name, old, new):
    text = files[name].decode()
    assert old in text
    return files | {name: text.replace(old, new, 1).encode()}


def with_part(files, name, part, old, new):
    """A file of zipped XML with one of its parts changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(files[name])) as book, zipfile.ZipFile(made, "w") as copy:
        for item in book.namelist():
            content = book.read(item).decode()
            assert item != part or old in content
            copy.writestr(item, content.replace(old, new, 1) if item == part else content)
    return files | {name: made.getvalue()}


def test_the_files_of_a_report_say_what_the_document_says(report):
    files, __ = report
    assert strange(files) == []


def test_a_text_that_comes_again_is_read_once(report, monkeypatch):
    read = []
    monkeypatch.setattr(told_numbers, "numbers_in", lambda text: read.append(text) or ())
    told_numbers._Known(json.loads(report[0]["report.json"]))
    assert read
    assert len(read) == len(set(read))


LEAKS = {
    "sentence of the page": ("report.html", "<h2", f"<p>{SECRET} pupils left</p><h2"),
    "label of the page": ("report.html", 'aria-label="', f'aria-label="{SECRET} left. '),
    "value of the page": ("report.html", '<data value="', f'<data value="{SECRET}" alt="'),
    "chart of the page": ("report.html", "</text>", f" {SECRET} left</text>"),
    "sentence of the brief": ("brief.html", "</p>", f" {SECRET} left</p>"),
    "title of a chart": ("figures/shares-chart.svg", "<title>", f"<title>{SECRET} left: "),
    "description of a chart": ("figures/shares-chart.svg", "<desc>", f"<desc>{SECRET} left: "),
    "data of a chart": ("figures/shares-chart.csv", "Null model,", f"Null {SECRET},"),
    "value of a table": ("tables/flow.csv", "\r\n", f"\r\nx,{SECRET}\r\n"),
    "words of the long table": ("tidy.csv", "\r\n", f"\r\nx {SECRET}\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("place", LEAKS)
def test_a_number_that_a_file_alone_says_is_named(report, place):
    name, old, new = LEAKS[place]
    files, __ = report
    found = strange(with_text(files, name, old, new), name)
    assert any(SECRET in each for each in found)
    assert all(each.startswith(f"{name}: ") for each in found)


@pytest.mark.parametrize(
    ("part", "old"),
    [("xl/sharedStrings.xml", "<si><t>"), ("docProps/core.xml", "<dc:title>")],
)
def test_a_number_in_the_words_of_a_workbook_is_named(report, part, old):
    files, __ = report
    told = with_part(files, "tables.xlsx", part, old, f"{old}{SECRET} left: ")
    assert any(SECRET in each for each in strange(told, "tables.xlsx"))


def test_a_number_of_another_place_is_named_by_the_words_beside_it(report):
    files, __ = report
    assert strange(files, "report.html") == []
    (number,) = {n for __, n, __ in numbers_in(_sentence(files)) if len(n) > 3} or {""}
    told = with_text(files, "report.html", "<h2", f"<p>Only {number} teachers left</p><h2")
    assert strange(told, "report.html") == [f"report.html: Only {number} teachers"]


def _sentence(files):
    who = json.loads(files["report.json"])["findings"]["who"]
    return next(run["text"] for run in who if len(run["text"]) > 3 and run.get("value"))


def test_a_pdf_that_says_more_than_the_document_is_named(report):
    """The PDF of a document of which the JSON that is published says less."""
    files, __ = report
    document = json.loads(files["report.json"])
    number = next(run for run in document["findings"]["who"] if len(str(run.get("value"))) > 3)
    shown = number["text"]
    told = files["report.json"].decode().replace(shown, "[c]")
    found = strange_numbers(
        {name: files[name] for name in ("report.pdf", "brief.pdf")}, json.loads(told)
    )
    assert {each.partition(":")[0] for each in found if shown in each} == {
        "report.pdf",
        "brief.pdf",
    }


RUNS = "<{0}:p><{0}:r><{0}:t>{1}</{0}:t></{0}:r><{0}:r><{0}:t>{2}</{0}:t></{0}:r></{0}:p>"
OFFICE = {"brief.docx": ("word/document.xml", "w"), "brief.pptx": ("ppt/slides/slide1.xml", "a")}


@pytest.mark.parametrize("name", OFFICE)
@pytest.mark.parametrize("number", ["8", SECRET])
def test_paragraphs_of_office_files_are_read_whole(report, name, number):
    files, __ = report
    part, space = OFFICE[name]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr(part, RUNS.format(space, f"{number} pupils", " left the schools"))
    found = strange(files | {name: made.getvalue()}, name)
    assert found == [f"{name}: {number} pupils"]


@pytest.mark.parametrize("name", ["notes.txt", "figures/shares-chart.webp", "brief.odt", "LICENCE"])
def test_a_file_that_no_reader_knows_stops_the_report(report, name):
    files, protection = report
    with pytest.raises(ResultError, match=f"no reader knows .*{name}"):
        check_files(files | {name: b""}, protection)


def test_a_number_in_words_stops_the_report(report):
    files, protection = report
    told = with_text(files, "brief.html", "</p>", f" {SECRET} left</p>")
    with pytest.raises(ResultError, match=f"brief.html: .*{SECRET}"):
        check_files(told, protection)


words = st.sampled_from(["pupils", "left", "schools", "of", "in", "Grade"])


@settings(max_examples=cases(60))
@given(st.lists(words, max_size=4), st.integers(10, 10**6), st.lists(words, max_size=4))
def test_numbers_are_found_between_their_words(before, number, after):
    for written in (
        str(number),
        f"{number:,}",
        f"{number:,}".replace(",", "\u202f"),
        f"{number}.5",
    ):
        ((left, found, right),) = numbers_in(" ".join([*before, written, *after]))
        assert found == written
        assert (left, right) == ((before or [None])[-1], (after or [None])[0])


def test_zero_has_no_sign_and_long_numbers_end_where_files_do(report):
    files, __ = report
    document = json.loads(files["report.json"])
    document["options"] = {"a": 1.1095675193814837e154, "b": 0.0}
    cells = b"-0.0,0,1.109567519381484e+154\r\n"
    assert strange_numbers({"tables/a.csv": cells}, document) == []
    assert strange_numbers({"tables/a.csv": b"8731.5\r\n"}, document) == ["tables/a.csv: 8731.5"]


@pytest.mark.parametrize("value", ["8.0", "2.0", "1.00"])
def test_a_value_that_may_be_read_otherwise_hides_no_mark_of_an_axis(value):
    """8.0 could be 80 in another language."""
    marks = ["0", "20", "40", "60", "80", "100"]
    assert set(marks) <= _ticks([*marks, value])
    assert "77.9" not in _ticks([*marks, value, "77.9"])


def test_a_name_of_a_chart_before_a_number_is_none(report):
    """A wave is called 2021; what stands after its name is told all the same."""
    files, __ = report
    document = json.loads(files["report.json"])
    figures = [b for s in document["sections"] for b in s["blocks"] if b["type"] == "figure"]
    figures[0]["data"] |= {"wave": ["2021"], "seen": [known := 4567]}
    chart = '<svg xmlns="http://www.w3.org/2000/svg"><text>2021: {} seen</text></svg>'
    told = {"a.svg": chart.format(known).encode(), "b.svg": chart.format(SECRET).encode()}
    assert strange_numbers(told, document) == [f"b.svg: 2021: {SECRET} seen"]
