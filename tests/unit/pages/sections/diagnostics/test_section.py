"""The section on diagnostics: marks of single units, pooled where these are small."""

from __future__ import annotations

import json

import pytest

from mlm.pages.document import figures_of, tables_of
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import (
    document_of,
    everything,
    files_of,
)

pytestmark = pytest.mark.slow

EXTREME = 7.654321  # standardised effect of one pupil


@pytest.fixture
def given():
    return everything()


@pytest.fixture
def pupils(given):
    """The normal quantiles of pupils, in a public report."""
    document = document_of(given)
    return next(f for f in figures_of(document) if f["id"] == "quantiles-pupil-chart")


def test_every_mark_of_pupils_stands_for_enough_of_them(given, pupils):
    item = given["results"]["diagnostics"]["normality"][1]
    units, observed = pupils["data"]["units"], pupils["data"]["observed"]
    assert min(units) >= 10
    assert sum(units) == sum(point["units"] for point in item["points"])
    whole = sum(point["units"] * point["observed"] for point in item["points"])
    assert sum(n * z for n, z in zip(units, observed, strict=True)) == pytest.approx(
        whole, abs=0.005 * sum(units)
    )
    assert max(observed) < 3.0
    assert "mean of 10 or more pupils" in "".join(run["text"] for run in pupils["how"])


def test_no_file_of_a_public_report_holds_the_value_of_one_pupil(given):
    files = files_of(given, painted=())  # they show what the page does
    for name, content in files.items():
        if not name.endswith((".pdf", ".xlsx")):
            assert str(EXTREME).encode() not in content, name
            assert b">7.7<" not in content, name
    document = json.loads(files["report.json"])
    log = {(e["place"], e["rule"]): e["cells"] for e in document["disclosure"]["log"]}
    assert log["quantiles-pupil-chart", "pooled"] == 201 - len(
        next(f for f in figures_of(document) if f["id"] == "quantiles-pupil-chart")["data"]["units"]
    )
    table = next(t for t in tables_of(document) if t["id"] == "normality")
    assert "Largest in size" not in {column["label"] for column in table["columns"]}


def test_schools_with_enough_pupils_are_shown_one_by_one(given):
    document = document_of(given)
    school = next(f for f in figures_of(document) if f["id"] == "quantiles-school-chart")
    assert school["data"]["units"] == [1] * 21
    given["results"]["effects"][0]["units"][0]["n"] = 12
    document = document_of(given)
    assert "quantiles-school-chart" not in {figure["id"] for figure in figures_of(document)}
    text = sentences(document)
    assert "The largest move of any coefficient" not in text


def test_a_controlled_report_shows_every_mark(given):
    given["configuration"]["disclosure"] = {"mode": "controlled", "threshold": 10}
    document = document_of(given)
    pupil = next(f for f in figures_of(document) if f["id"] == "quantiles-pupil-chart")
    assert max(pupil["data"]["observed"]) == round(EXTREME, 2)
    table = next(t for t in tables_of(document) if t["id"] == "normality")
    assert table["rows"][1]["cells"][4]["text"] == "7.7"


def test_checks_that_were_not_made_say_why(given):
    diagnostics = given["results"]["diagnostics"]
    diagnostics["residual_variance"] = {"kind": "refused", "reason": {"kind": "waves_not_apart"}}
    effects = diagnostics["normality"][0]
    refused = {"kind": "refused", "reason": {"kind": "zero_variance"}}
    diagnostics["normality"][0] = refused | {name: effects[name] for name in ("level", "units")}
    text = sentences(document_of(given))
    assert (
        "of the waves were not compared: what was stored of the rows does not keep the waves"
        in text
    )
    assert "No distribution of the effects of schools: the groups do not differ" in text


def in_form(form: str) -> dict:
    """Pupils whose covariance over the waves stands in the place of a residual."""
    waves = [
        {"wave": "K", "variance": 1180.0, "sd": 34.4},
        {"wave": "1", "variance": 545, "sd": 23},
    ]
    level = {"unit": "pupil", "in_wave": False, "ids": ["school", "pupil"]}
    return {"kind": "in_form", "level": level, "form": form, "waves": waves}


@pytest.mark.parametrize("form", ["unstructured", "variances_by_wave", "autoregressive"])
def test_a_form_in_the_place_of_the_residual_tells_its_standard_deviations(given, form):
    given["results"]["diagnostics"]["residual_variance"] = in_form(form)
    document = document_of(given)
    text = sentences(document)
    assert "has no residual beside the pupils" in text and "not compared" not in text
    table = next(t for t in tables_of(document) if t["id"] == "residual-variance")
    assert [row["cells"][-1]["text"] for row in table["rows"]] == ["34.4", "23.0"]


def test_residual_variances_of_the_settled_model_are_told_as_its_own(given):
    given["results"]["diagnostics"]["residual_variance"]["in_settled"] = True
    text = sentences(document_of(given))
    assert "has a residual variance for each wave (against one for all: " in text
    assert "takes it as one" not in text
