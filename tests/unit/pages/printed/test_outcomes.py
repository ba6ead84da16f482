"""The index: one chart for each kind of finding, the waves, sizes of files."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from mlm.pages.house.style import usual_house
from mlm.pages.index import _size, index_page
from mlm.pages.language import using
from mlm.pages.printed.outcomes import _data, finding_of, outcome_charts
from mlm.pages.template_folder import template_folder
from tests.unit.pages.reading import Page
from tests.unit.pages.sample import document_of, inputs

HOUSE = usual_house(template_folder())


@pytest.fixture(scope="module")
def documents():
    one = document_of(inputs())
    return [one, one | {"title": "Reading", "analysis": "read"}]


def test_each_kind_has_a_row_an_analysis_with_the_size_of_its_finding(documents):
    charts = outcome_charts(documents, HOUSE)
    assert [chart["kind"] for chart in charts] == ["policy", "change", "gap"]
    for kind in ("policy", "change", "gap"):
        data, found = _data(documents, kind), finding_of(documents[0], kind)
        assert len(data["label"]) == 2
        assert abs(data["estimate"][0]) == found["size"]["value"]
        assert data["lower"][0] <= data["estimate"][0] <= data["upper"][0]
        below = found["estimate"]["value"] < 0 and kind != "gap"
        assert (data["estimate"][0] < 0) == below


@pytest.mark.parametrize("name", ["size", "size_lower", "estimate"])
def test_what_is_hidden_has_no_row_and_one_row_no_chart(documents, name):
    hidden = [copy.deepcopy(documents[0]), documents[1]]
    finding_of(hidden[0], "change")[name] = {"text": "[c]", "hidden": "small"}
    assert _data(hidden, "change")["label"] == ["Reading"]
    assert [chart["kind"] for chart in outcome_charts(hidden, HOUSE)] == ["policy", "gap"]


def test_the_index_names_waves_dates_and_sizes_of_files(documents):
    listed = {Path(f"/r/{d['analysis']}/report.json"): d for d in documents}
    sizes = {path: {"report.html": 812_300, "brief.pdf": 1_230_000} for path in listed}
    text = index_page(listed, Path("/r"), sizes=sizes)
    page = Page(text)
    for word in ("Kindergarten to Grade 2", "812 kB", "1.2 MB", "Waves"):
        assert word in page.text
    assert text.count("<figure>") == 3
    with using("fr"):
        assert (_size(1_230_000), _size(900), _size(None)) == ("1,2 Mo", "1 ko", "")
