"""Residuals of the rows in the report: drawn, told in words, and trimmed where few lie beyond."""

from __future__ import annotations

from statistics import NormalDist

import pytest

from mlm.pages.document import figures_of, tables_of
from mlm.pages.drawing.letters import usual_typeface
from mlm.pages.figures import draw
from mlm.pages.template_folder import template_folder
from tests.unit.pages.reading import is_traced, numbers_of, sentences
from tests.unit.pages.sample import document_of, everything, residuals, sources

pytestmark = pytest.mark.slow

ROWS = residuals()["rows"]


@pytest.fixture
def given():
    return everything() | {"residuals": residuals()}


def figure(given, name: str):
    return next((f for f in figures_of(document_of(given)) if f["id"] == name), None)


def table(given, name: str):
    found = next(t for t in tables_of(document_of(given)) if t["id"] == name)
    return [[cell["text"] for cell in row["cells"]] for row in found["rows"]]


def test_residuals_are_drawn_and_traced(given):
    document = document_of(given)
    shown = {f["id"]: f for f in figures_of(document)}
    names = ("quantiles", "fitted", "experience", "waves")
    expected = {"residual-quantiles-chart", *(f"residuals-{n}-chart" for n in names[1:])}
    assert expected <= set(shown)
    for name in expected:
        assert draw(shown[name], usual_typeface(template_folder() / "fonts")).parts
    numbers = [n for n in numbers_of(document) if "residuals" in str(n["source"])]
    assert len(numbers) > 25
    assert all(is_traced(n, sources(given)) for n in numbers)


def test_along_time_residuals_are_shown_by_wave_alone(given):
    given["residuals"]["variables"][0]["variable"] = given["results"]["time"]["name"]
    shown = {f["id"] for f in figures_of(document_of(given))}
    assert "residuals-waves-chart" in shown
    assert f"residuals-{given['results']['time']['name']}-chart" not in shown


def test_words_say_how_many_lie_far_and_how_the_spread_moves(given):
    text = sentences(document_of(given))
    assert "about 4.6% of the rows lie beyond two standard deviations; here 4.6% do" in text
    assert "is between 23.0 and 32.0 scale points" in text


def test_public_quantiles_have_enough_people_beyond_them(given):
    normal, kept = NormalDist(), figure(given, "residual-quantiles-chart")["data"]["expected"]
    beyond = [min(normal.cdf(z), normal.cdf(-z)) * ROWS for z in kept]
    assert min(beyond) >= 10 * 3  # rows: a pupil has up to three
    given["residuals"]["rows"] = 2000
    fewer = figure(given, "residual-quantiles-chart")["data"]["expected"]
    assert len(fewer) < len(kept)
    given["configuration"]["disclosure"] = {"mode": "controlled", "threshold": 10}
    assert len(figure(given, "residual-quantiles-chart")["data"]["expected"]) == 199


def test_the_largest_residual_and_few_rows_beyond_are_hidden(given):
    assert "Largest in size" not in {row[0] for row in table(given, "residuals")}
    assert [row[0] for row in table(given, "residuals-beyond")] == [
        "2 standard deviations",
        "3 standard deviations",
    ]
    given["configuration"]["disclosure"] = {"mode": "controlled", "threshold": 10}
    assert table(given, "residuals")[6][1] == "6.4"
    assert table(given, "residuals-beyond")[2][1] == "6"


def test_tenths_of_few_rows_are_not_drawn(given):
    given["residuals"]["fitted"][0]["rows"] = 7
    assert len(figure(given, "residuals-fitted-chart")["data"]["mean"]) == 9


def test_without_residuals_nothing_is_said(given):
    given["residuals"] = None
    assert "Residuals of the rows" not in str(document_of(given)["sections"])


def test_waves_that_the_model_misses_are_told(given):
    assert "do not average zero" not in sentences(document_of(given))
    given["residuals"]["waves"][1].update(mean=-1.4)
    text = sentences(document_of(given))
    assert "In 1 of the 3 waves the residuals do not average zero" in text
    assert "it is no test of the course of time" in text
    assert "not where the model puts them" not in text


def test_only_a_test_of_the_course_tells_that_means_are_elsewhere(given):
    given["residuals"]["waves"][1].update(mean=-1.4)
    test = {"kind": "made", "statistic": 9.0, "df": 1, "p_value": 0.003, "p_adjusted": None}
    test["reference"] = {"kind": "F", "df": 1, "denominator": 45.3}
    lack = {"test": test, "rejected": True, "formula": "math ~ grade + wave"}
    given["results"]["over_time"]["lack_of_fit"] = lack
    assert "not where the model puts them" in sentences(document_of(given))


@pytest.mark.parametrize(
    ("coding", "told"),
    [
        ("trend", "who was seen then is not like the others. That was not tested"),
        ("polynomial", "who was seen then is not like the others. That was not tested"),
        ("categories", "who was seen then is not like those who were not"),
    ],
)
def test_section_on_change_tells_waves_whose_residuals_are_off_zero(given, coding, told):
    given["results"]["time"]["coding"] = coding
    assert told not in sentences(document_of(given))
    given["residuals"]["waves"][1].update(mean=-1.4)
    text = sentences(document_of(given))
    assert told in text
    assert "the residuals do not average zero (see Diagnostics), by up to 1.4" in text


def test_the_distance_of_few_rows_is_not_itself_hidden(given):
    given["residuals"]["beyond"][-1]["rows"] = 8
    last = table(given, "residuals-beyond")[-1]
    assert last[0].endswith(" standard deviations") and not last[0].startswith("[")
