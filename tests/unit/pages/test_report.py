"""The files of a report: whole, self-contained, escaped, the same bytes twice."""

import csv
import hashlib
import html
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from mlm.pages.index import index_page
from mlm.pages.spreadsheets.csv_files import neutral, table_csv
from mlm.pages.spreadsheets.workbook import sheet_names
from mlm.pages.text import plain_text
from tests.unit.pages.hostile import hostile
from tests.unit.pages.reading import Page, numbers_of, strings_of, table_of
from tests.unit.pages.sample import document_of, files_of, inputs, units

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(sample_files):
    return sample_files


@pytest.fixture(scope="module")
def page(files):
    return Page(files["report.html"].decode())


def test_every_number_of_the_page_is_in_the_document(files, page):
    document = json.loads(files["report.json"])
    printed = {(str(n["value"]), n["text"]) for n in numbers_of(document)}
    assert page.data
    assert set(page.data) <= printed


def test_no_digit_on_the_page_is_outside_the_document(files, page):
    known = " ".join(strings_of(json.loads(files["report.json"])))
    for word in set(re.findall(r"\d[\d,.]*\d|\d", page.text)):
        assert word in known, word


def test_the_page_asks_for_nothing_and_runs_nothing(files, page):
    text = files["report.html"].decode()
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("href", "src", "xlink:href"):
                assert not re.match(r"(?i)\w+:|//", value), value
    assert "default-src 'none'" in text
    assert not re.search(r"url\((?!data:|#)", text)


def test_ids_are_unique_and_labels_exist(page):
    ids = page.ids()
    doubles = {name for name in ids if ids.count(name) > 1}
    assert doubles == set()
    for _, attributes in page.tags:
        for name in attributes.get("aria-labelledby", "").split():
            assert name in ids
        target = attributes.get("href", "")
        assert not target.startswith("#") or target[1:] in ids


def test_tables_have_captions_and_scopes(page):
    tags = [tag for tag, _ in page.tags]
    assert tags.count("table") == tags.count("caption") > 10
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")


@pytest.mark.study
def test_another_process_gives_the_same_bytes_after_another_report(files):
    code = (
        "import hashlib, json; from tests.unit.pages.sample import document_of, everything;"
        "from tests.unit.pages.sample import files_of, inputs;"
        "document_of(everything());"
        "print(json.dumps({n: hashlib.sha256(c).hexdigest() for n, c in"
        " files_of(inputs()).items()}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    other = json.loads(run.stdout.splitlines()[-1])  # HiGHS may print lines of its own before
    assert {n for n in files if hashlib.sha256(files[n]).hexdigest() != other[n]} == set()


def test_the_pdf_is_tagged_and_named(files):
    pdf = files["report.pdf"]
    assert pdf.startswith(b"%PDF-1.7")
    assert b"pdfuaid:part" in pdf


@pytest.fixture(scope="module", params=[0, pytest.param(1, marks=pytest.mark.study)])
def attacked(request):
    given, labels = hostile(request.param)
    return labels, files_of(given, painted=["pdf.report_pdf"])


def test_hostile_labels_do_nothing_on_the_page(attacked):
    labels, files = attacked
    page = Page(files["report.html"].decode())
    own = ("label", {"class": "whole"})  # of the box that asks for all columns
    tags = {tag for tag, attrs in page.tags if (tag, attrs) != own}
    assert not {"script", "img", "label", "iframe"} & tags
    assert not any(name.startswith("on") for _, a in page.tags for name in a)
    assert files["report.html"].count(b"</style>") == 1
    for label in labels:
        assert " ".join(label.split()) in page.text


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_hostile_labels_are_plain_text_in_the_pdf(attacked, tmp_path):
    labels, files = attacked
    path = tmp_path / "report.pdf"
    path.write_bytes(files["report.pdf"])
    run = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True)
    shown = letters_of(run.stdout)
    for label in labels:
        part = re.split("[\u202e\u2066]", label)[0]  # marks of direction turn what follows
        assert letters_of(part)[:LINE] in shown, label


LINE = 36  # letters that stand in one line of a cell


def letters_of(text):
    """What of a text a PDF gives back for sure: no spaces, marks of direction, rare letters."""
    return re.sub(r"[^!-~\u00a1-\u017f]", "", text)


def test_hostile_labels_are_plain_text_in_charts(attacked):
    from xml.etree import ElementTree

    labels, files = attacked
    for name, content in files.items():
        if name.endswith(".svg"):
            tree = ElementTree.fromstring(content)
            tags = {element.tag.rpartition("}")[2] for element in tree.iter()}
            assert tags <= HARMLESS, name
    page = files["report.html"].decode()
    shown = "".join(html.unescape(text) for text in re.findall(r"<text [^<>]*>([^<>]*)<", page))
    for label in labels:
        assert re.sub(r"\s", "", label) in re.sub(r"\s", "", shown), label


HARMLESS = {
    *("svg", "title", "desc", "defs", "pattern"),
    *("g", "path", "use", "rect", "line", "polyline", "polygon", "circle"),
}


def test_hostile_labels_do_nothing_in_tables(attacked):
    labels, files = attacked
    found = set()
    for name, content in files.items():
        if not name.endswith(".csv"):
            continue
        for row in csv.reader(io.StringIO(content.decode(), newline="")):
            found.update(row)
            for cell in row:
                assert not cell.startswith(("=", "@", "\t", "\r")), (name, cell)
                assert not re.match(r"[+-](?![\d.]*(e-?\d+)?$)", cell), (name, cell)
    assert {neutral(label) for label in labels} <= found


def test_hostile_labels_are_text_in_the_workbook(attacked):
    from xml.etree import ElementTree

    labels, files = attacked
    with zipfile.ZipFile(io.BytesIO(files["tables.xlsx"])) as book:
        for name in book.namelist():
            assert b"<f>" not in book.read(name)
            assert b"External" not in book.read(name)
        tree = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    found = {"".join(item.itertext()) for item in tree}
    assert set(labels) <= found


def test_text_that_looks_like_a_formula_is_neutral():
    assert neutral("=1") == "'=1"
    assert neutral(-1.5) == -1.5
    assert neutral("–") == "–"


def test_sheet_names_are_short_and_different():
    names = sheet_names(["a" * 40, "a" * 40, "b:c"])
    assert len(set(names)) == 3
    assert max(map(len, names)) <= 31


def test_numbers_in_csv_are_the_rounded_ones(files):
    rows = list(csv.reader(io.StringIO(files["tables/shares.csv"].decode())))
    share = inputs()["results"]["null"]["shares"][0]["share"]
    assert share != round(share, 3)
    assert rows[1][3] == f"{share:.3f}"


@pytest.mark.study
def test_twenty_thousand_units_stay_legible_and_small(monkeypatch):
    monkeypatch.setattr("mlm.pages.report.check_files", lambda *given: None)
    monkeypatch.setattr("mlm.pages.spreadsheets.workbook.workbook", lambda *given: b"")
    given = inputs()
    given["results"]["effects"][0]["units"] = units(20_000)
    files = files_of(given, painted=())
    assert len(files["report.html"]) < 2_000_000
    assert len(files["figures/units-school-chart.svg"]) < 300_000
    assert files["figures/units-school-chart.csv"].count(b"\n") == 20_001


def test_the_index_links_relatively_and_states_the_key_finding(tmp_path, files):
    document = json.loads(files["report.json"])
    path = tmp_path / "sample" / "math" / "report.json"
    text = index_page({path: document}, tmp_path)
    page = Page(text)
    targets = [a["href"] for tag, a in page.tags if tag == "a" and not a["href"].startswith("#")]
    assert "sample/math/report.html" in targets
    assert "sample/math/brief.html" in targets
    assert "raised the mathematics score in Kindergarten by 8.4" in page.text


@pytest.mark.parametrize("kind", ["policy", "change", "gap", "ranking"])
def test_the_index_sets_findings_of_a_kind_side_by_side(tmp_path, files, kind):
    document = json.loads(files["report.json"])
    found = document["findings"]
    first = next(i for i in (*found["items"], *found["further"]) if i["kind"] == kind)
    paths = [tmp_path / name / "report.json" for name in ("one", "two")]
    text = Page(index_page(dict.fromkeys(paths, document), tmp_path)).text
    assert text.count(plain_text(first["short"])) >= 2
    if first["estimate"]:
        numbers = [first[name]["text"] for name in ("estimate", "lower", "upper")]
        assert all(text.count(number) >= 2 for number in numbers)


def test_the_index_marks_reports_of_another_language(tmp_path, files):
    document = json.loads(files["report.json"])
    other = document | {"language": "fr"}
    text = index_page(
        {tmp_path / "a/report.json": document, tmp_path / "b/report.json": other}, tmp_path
    )
    assert '<html lang="en">' in text
    assert '<tr lang="fr">' in text
    assert '<article lang="fr">' in text


def test_the_index_marks_texts_of_surveys_in_another_language(tmp_path, files):
    document = json.loads(files["report.json"])
    other = document | {"survey": "enquete", "survey_title": "Enquête", "language": "fr"}
    paths = (tmp_path / name / "report.json" for name in ("a", "b"))
    text = index_page(dict(zip(paths, (document, other), strict=True)), tmp_path)
    assert '<h2 lang="fr">Enquête</h2>' in text
    assert '<span lang="fr">Enquête</span>' in text
    assert f"<h2>{document['survey_title']}</h2>" in text


def test_an_empty_index_says_so(tmp_path):
    assert "No report has been made yet." in index_page({}, tmp_path)


def test_a_hash_is_text_wherever_it_stands():
    given = inputs()
    given["provenance"]["commit"] = "c0e1032cde3d"
    document = document_of(given)
    assert "c0e1,032" not in json.dumps(document)
    for name in ("software", "card"):
        table = table_of(document, name)
        assert "c0e1032cde3d" in table_csv(table), name
        cells = [cell for row in table["rows"] for cell in row["cells"]]
        (found,) = (cell for cell in cells if "c0e1032cde3d" in cell["text"])
        assert "value" not in found


def test_zeros_are_numbers_in_every_file():
    given = inputs()
    given["survey"]["waves"][1]["missing"] = []
    table = table_of(document_of(given), "missing")
    rows = list(csv.reader(io.StringIO(table_csv(table))))
    assert {"0", "0.0"} <= {cell for row in rows[1:] for cell in row[2:]}
    cells = [cell for row in table["rows"] for cell in row["cells"][2:]]
    assert all(isinstance(cell["value"], int | float) for cell in cells)
    assert "0.0%" in {cell["text"] for cell in cells}
