"""Whether a line or a curve fits the waves, in the report."""

from __future__ import annotations

import pytest

from mlm.pages.document import figures_of
from mlm.pages.drawing.letters import usual_typeface
from mlm.pages.figures import draw
from mlm.pages.sections.over_time.words import change_answer
from mlm.pages.template_folder import template_folder
from mlm.pages.text import plain_text
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import context_of, document_of, everything

F = {"kind": "made", "statistic": 16.1, "df": 1, "p_value": 0.0001, "p_adjusted": None}
F |= {"reference": {"kind": "F", "df": 1, "denominator": 45.3}}
FITS = F | {"statistic": 0.4, "p_value": 0.53}


def as_line(test: dict, degree: int = 1) -> dict:
    """The sample with time as a line or a curve, and the test of its lack of fit."""
    given = everything()
    coding = "trend" if degree == 1 else "polynomial"
    given["results"]["time"] |= {"coding": coding, "degree": degree}
    given["configuration"]["time"]["coding"] = coding
    if degree > 1:
        given["configuration"]["time"]["degree"] = degree
    rejected = test["p_value"] < 0.05
    lack = {"test": test, "rejected": rejected, "formula": "math ~ grade + wave"}
    points = [{"time": i / 4, "estimate": 485 + 12 * i} for i in range(9)]
    over_time = given["results"]["over_time"]
    over_time |= {"lack_of_fit": lack, "curve": points}
    for mean in over_time["adjusted_means"]:
        mean["saturated"] = mean["estimate"] + (0.0 if rejected else 0.5)
    for item in over_time["by"]:
        item["lack_of_fit"] = lack
        for group in item["groups"]:
            group["curve"] = points
    return given


@pytest.mark.parametrize(
    ("degree", "name"), [(1, "straight line"), (2, "curve of degree 2"), (3, "curve of degree 3")]
)
def test_findings_say_that_the_course_does_not_fit(degree, name):
    given = as_line(F, degree)
    said = f"A {name} does not fit the means of the waves (F\xa0=\xa016.1 on 1 and 45.3"
    assert said in plain_text(change_answer(context_of(given)))
    text = sentences(document_of(given))
    assert f"The means of the waves do not follow a {name} (F\xa0=\xa016.1" in text
    assert f"The differences do not follow a {name}" in text


def test_a_line_that_fits_is_no_finding():
    given = as_line(FITS)
    assert "straight line" not in plain_text(change_answer(context_of(given)))
    text = sentences(document_of(given))
    assert (
        "no clear evidence that the means of the waves depart from a straight line (F\xa0=\xa00.4"
        in text
    )
    assert "no clear evidence that the differences depart from a straight line" in text


def test_waves_as_categories_have_no_course():
    text = sentences(document_of(everything()))
    assert "straight line (" not in text and "curve of degree" not in text


@pytest.mark.parametrize("test", [F, FITS])
def test_the_line_is_drawn_beside_the_means(test):
    given = as_line(test)
    charts = {figure["id"]: figure for figure in figures_of(document_of(given))}
    chart = charts["standards-chart"]
    waves = [i for i, part in enumerate(chart["data"]["part"]) if part == "wave"]
    configured = [wave["time"] for wave in given["configuration"]["waves"]]
    assert [chart["data"]["time"][i] for i in waves] == configured, "true distances of the waves"
    assert len({len(column) for column in chart["data"].values()}) == 1
    assert ("saturated" in chart["data"]) == (test is FITS), "else they are the means told"
    for place in ("standards-chart", "trends-class_type-chart"):
        assert draw(charts[place], usual_typeface(template_folder() / "fonts")).parts
        assert charts[place]["options"]["rejected"] == (test is F)


def test_a_test_that_was_refused_claims_nothing():
    given = as_line(FITS)
    refused = {"kind": "refused", "reason": {"kind": "not_fitted", "what": "model"}}
    for item in (given["results"]["over_time"], *given["results"]["over_time"]["by"]):
        item["lack_of_fit"] = {"test": refused, "rejected": False, "formula": None}
    for mean in given["results"]["over_time"]["adjusted_means"]:
        mean["saturated"] = None
    assert "straight line (" not in sentences(document_of(given))
