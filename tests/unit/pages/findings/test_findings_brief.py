"""The brief: two pages that say what the report says, in the same numbers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mlm.configuration import load_configuration
from mlm.pages.findings.chosen import chosen_findings
from mlm.pages.findings.first_screen import MOST_WORDS, words_in
from mlm.pages.findings.lead import GROUPS
from mlm.pages.findings.second_page import MOST_ITEMS, MOST_TOLD
from mlm.pages.house.style import usual_house
from mlm.pages.pdf import brief_pdf
from mlm.pages.template_folder import template_folder
from mlm.pages.text import plain_text
from tests.example_results import made_now
from tests.unit.pages.findings.first_screens import first_screen
from tests.unit.pages.findings.idioms import idioms_in
from tests.unit.pages.findings.reading_grade import EASY, reading_ease, reading_grade
from tests.unit.pages.reading import Page
from tests.unit.pages.sample import context_of, document_of, everything, files_of, inputs

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]
REPORTS = made_now("*/*/publish/report.json", "report")


def test_the_same_sentences_stand_in_brief_report_and_data(published_files):
    files = published_files
    document = json.loads(files["report.json"])
    pages = [Page(files[name].decode()).text for name in ("brief.html", "report.html")]
    for finding in document["findings"]["items"]:
        sentence = "".join(plain_text(finding["runs"]).split())
        numbers = [finding[name] for name in ("estimate", "lower", "upper", "size")]
        for page in pages:
            assert sentence in "".join(page.split())
        for number in filter(None, numbers):
            bare = number["text"].lstrip("\N{MINUS SIGN}")
            assert bare in sentence or finding["kind"] in ("policy", "gap"), sentence


def test_a_brief_says_who_publishes_it_and_how_it_is_cited(published_files):
    page = Page(published_files["brief.html"].decode()).text
    for text in ("28 November 2026", "Office of Statistics", "a@example.org", "CC BY 4.0"):
        assert text in page
    cited = "Office of Statistics (2026). Mathematics score. Sample class-size study."
    assert f"{cited} https://doi.org/10.1234/abc" in page
    assert "Next results: autumn 2027." in page


def test_a_brief_has_two_pages_whatever_it_says():
    given = everything()
    pdf = files_of(given, painted=["pdf.brief_pdf"])["brief.pdf"]
    assert len(re.findall(rb"/Type ?/Page\b", pdf)) == 2


def test_a_full_second_page_has_room():
    """Every list as long as it may be, with sentences of the usual length, below a full table."""
    document = document_of(inputs())
    sentence = [
        {"text": "Pupils with free lunch were clearly below the others in that grade, " * 2}
    ]
    limits = {"units": 2, "next": 1, "changes": 1}
    names = ("further", "units", "untold", "changes", "next", "sure")
    document["brief"]["sections"] = [
        {
            "id": name,
            "title": name,
            "items": [sentence] * limits.get(name, MOST_TOLD.get(name, MOST_ITEMS)),
        }
        for name in names
    ]
    lead = document["findings"]["lead"]
    row = next(row for row in lead["rows"] if row["kind"] != "group")
    group = next(row for row in lead["rows"] if row["kind"] == "group")
    lead["rows"] = [group, row, row, row, row] * GROUPS
    document["findings"]["figure"] = None
    house = usual_house(template_folder())
    pdf = brief_pdf(document, {}, template_folder(), house)
    assert len(re.findall(rb"/Type ?/Page\b", pdf)) == 2


def test_without_a_publisher_the_title_is_dated():
    cite = document_of(inputs())["publication"]["cite"]
    assert cite == "Mathematics score (2026). Sample class-size study."


def test_the_lead_chart_says_the_first_finding_on_groups():
    document = document_of(inputs())
    first = document["findings"]["items"][0]
    assert document["findings"]["figure"]["id"] == "lead-chart"
    assert document["findings"]["figure"]["title"] == first["short"]
    assert not re.search(r"\d", plain_text(first["short"]))


def test_keys_of_findings_are_unique_and_hold_when_made_again():
    found = [
        each.key
        for chosen in (chosen_findings(context_of(inputs())) for __ in range(2))
        for each in (*chosen.told, *chosen.further, *chosen.untold, *chosen.remarks)
    ]
    half = len(found) // 2
    assert found[:half] == found[half:] and len(set(found[:half])) == half


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: "-".join(path.parts[-4:-2]))
def test_first_screens_of_the_example_surveys(path):
    """Where they were made: `make demo`."""
    report = json.loads(path.read_text("utf-8"))
    found = report["findings"]
    told = [plain_text(finding["runs"]) for finding in found["items"]]
    assert 0 < len(told) <= 6
    assert words_in(first_screen(report)) <= MOST_WORDS
    every = [each for name in ("items", "further", "untold") for each in found[name]]
    for finding in every:
        has_size = finding["size"] is not None or not finding["unit"]
        assert has_size or finding["estimate"] is None, finding["key"]
        assert report["language"] != "en" or idioms_in(plain_text(finding["runs"])) == []
    if report["language"] == "en":
        assert reading_grade(told) < 10
    if report["language"] == "fr":
        assert reading_ease(told) > EASY


SURVEYS = sorted(p for p in (ROOT / "config").rglob("*.yaml") if p.name != "config.yaml")


@pytest.mark.parametrize("path", SURVEYS, ids=lambda p: p.stem)
def test_outcomes_and_categories_of_the_examples_have_phrases(path):
    configuration = load_configuration(path)
    variables = configuration.variables
    for analysis in configuration.analyses.values():
        assert variables[analysis.outcome].phrase
    for variable in variables.values():
        assert all(category.phrase for category in (variable.categories or {}).values())


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_further_findings_stand_on_the_first_page_where_they_have_room(published_files, tmp_path):
    (tmp_path / "brief.pdf").write_bytes(published_files["brief.pdf"])
    text = subprocess.run(
        ["pdftotext", tmp_path / "brief.pdf", "-"], capture_output=True, text=True
    )
    first, second, *_rest = text.stdout.split("\f")
    document = json.loads(published_files["report.json"])
    titles = {each["id"]: each["title"] for each in document["brief"]["sections"]}
    assert titles["further"] in first
    assert titles["sure"] in second
    for title in titles.values():
        assert (title in first) != (title in second), f"{title}: once in all"


def test_a_brief_tells_what_was_surveyed(published_files):
    document = json.loads(published_files["report.json"])
    page = Page(published_files["brief.html"].decode()).text
    assert document["description"] and document["description"] in page
