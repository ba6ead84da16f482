"""Parts beside the five answers: shown where there are results, traced, left out where not."""

from __future__ import annotations

import copy
import json

import pytest

from mlm.pages.derived import trace
from mlm.pages.disclosure.singles import pooled
from mlm.pages.document import figures_of, tables_of
from tests.unit.pages.reading import numbers_of, sentences
from tests.unit.pages.sample import (
    context_of,
    document_of,
    everything,
    files_of,
    inputs,
    sources,
    units,
)

EXTREME = 7.654321  # standardised effect of one pupil


@pytest.fixture
def given():
    return everything()


def table_of(document, identifier):
    return next(table for table in tables_of(document) if table["id"] == identifier)


def trajectories(n: int) -> list[dict]:
    """Effects by wave of so many units, that of the fifth without rows in the second wave."""
    middle = (n - 1) / 2
    return [
        {
            "unit": [str(i + 1)],
            "estimate": [(i - middle) * 3.0, (i - middle) * 2.0, (middle - i) * 1.0],
            "std_error": [3.0, 3.1, 3.2],
            "present": [True, i != 4, True],
        }
        for i in range(n)
    ]


TABLES = {
    "pupil-level",
    "pupil-level-moved",
    "pupil-level-variances",
    "between",
    "inclusion",
    "slope-details",
    "forms-school",
    "correlations-school",
    "balance-class_type",
    "crude-class_type",
    "residual-variance",
    "normality",
    "deletion",
    "trends-class_type",
    "trends-experience",
    "trajectories-school",
}


def test_every_part_with_results_is_shown(given):
    document = document_of(given)
    assert {table["id"] for table in tables_of(document)} >= TABLES
    kinds = {figure["kind"] for figure in figures_of(document)}
    assert {"along", "quantiles", "trends", "trajectories"} <= kinds


def test_parts_without_results_are_left_out():
    document = document_of(inputs())
    assert not {table["id"] for table in tables_of(document)} & TABLES
    assert "diagnostics" not in {section["id"] for section in document["sections"]}


def test_every_number_leads_back_to_the_results(given):
    document = document_of(given)
    numbers = [n for n in numbers_of(document) if str(n["source"]).startswith("results#")]
    assert len(numbers) > 400
    for found in numbers:
        assert trace(found["source"], sources(given)) == found["value"], found


def test_sentences_say_what_was_found(given):
    text = sentences(document_of(given))
    assert "Together they improve the full model: χ² = 9.1 on 2 degrees of freedom" in text
    assert "moves by at most 0.45 of its standard errors" in text
    assert "36% of their variance is known in advance" in text
    assert "The 95% prediction interval held it for 96% of them" in text
    assert "with Small class or Regular class have covariates like those found" in text
    assert "The residual variance is not the same in every wave" in text
    assert "The largest move of any coefficient is 0.80 of its standard errors" in text


def test_values_outside_the_valid_range_are_not_drawn(given):
    given["configuration"]["variables"]["experience"]["range"] = (0.0, 60.0)
    figures = {figure["kind"]: figure for figure in figures_of(document_of(given))}
    assert min(figures["along"]["data"]["value"]) == 2.0


def test_influential_units_are_not_named(given):
    document = document_of(given)
    assert "secret" not in json.dumps(document)
    rows = table_of(document, "deletion")["rows"]
    names = [row["cells"][0]["text"] for row in rows]
    assert names == ["None left out", "School (1)"]  # the unit of a single step is not listed


def test_the_model_without_one_unit_is_told(given):
    document = document_of(given)
    text = sentences(document)
    assert "No single coefficient moves by more than 0.62 of its standard errors" in text
    assert "between schools: 231 with all of them, between 190 and 240 without one" in text
    rows = table_of(document, "deletion")["rows"]
    cells = [[cell["text"] for cell in row["cells"][4:]] for row in rows]
    assert cells == [["231", "1,180"], ["190", "1,171"]]


def test_a_unit_left_out_is_named_in_a_controlled_report(given):
    given["configuration"]["disclosure"] = {"mode": "controlled", "threshold": 10}
    rows = table_of(document_of(given), "deletion")["rows"]
    assert rows[1]["cells"][0]["text"] == "secretschool"


def test_a_public_report_does_not_tell_the_model_without_a_small_unit(given):
    from mlm.pages.disclosure.singles import tells_of_one

    place = "results#/diagnostics/deletion/units/0/variances/1/variance"
    assert not tells_of_one(place, context_of(given))
    given["results"]["effects"][0]["units"][0]["n"] = 12
    assert tells_of_one(place, context_of(given))
    document = document_of(given)
    assert "deletion" not in {table["id"] for table in tables_of(document)}
    assert "diagnostics/deletion" not in json.dumps(document)


def test_terms_kept_when_units_are_drawn_again_stand_beside_draws_from_the_model(given):
    document = document_of(given)
    shown = table_of(document, "inclusion")
    assert [c["text"] for c in shown["rows"][0]["cells"][1:]] == ["97%", "85%", "yes"]
    labels = [column["label"] for column in shown["columns"][1:3]]
    assert labels == ["Data drawn from the model", "Schools drawn again"]
    text = sentences(document)
    assert "There it ended at the same model as here in 25%, at 31 different models" in text
    assert "are not counted: 3." in text
    given["results"]["inclusion"]["resampled"] = None
    cells = table_of(document_of(given), "inclusion")["rows"][0]["cells"]
    assert [cell["text"] for cell in cells[1:]] == ["97%", "yes"]


def test_a_back_test_that_was_not_made_says_why(given):
    level = given["results"]["over_time"]["levels"][0]
    few = {"kind": "too_few_waves", "waves": 2, "needed": 3, "what": "back_test"}
    level["details"]["back_test"] = {"kind": "refused", "reason": few}
    text = sentences(document_of(given))
    assert "No prediction could be held against a wave: 2 waves are too few (needed: 3)." in text


def test_the_charts_can_be_drawn(given):
    from mlm.pages.figures import draw
    from mlm.pages.template_folder import template_folder

    for block in figures_of(document_of(given)):
        if block["kind"] in ("along", "quantiles", "trends", "trajectories"):
            assert "<svg" in draw(block, template_folder() / "fonts")


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
    assert sum(n * z for n, z in zip(units, observed, strict=True)) == pytest.approx(whole)
    assert max(observed) < 3.0
    assert "mean of 10 or more pupils" in "".join(run["text"] for run in pupils["how"])


def test_no_file_of_a_public_report_holds_the_value_of_one_pupil(given, monkeypatch):
    monkeypatch.setattr("mlm.pages.pdf.report_pdf", lambda *given: b"")  # shows what the page does

    files = files_of(given)
    for name, content in files.items():
        if not name.endswith((".pdf", ".xlsx")):
            assert str(EXTREME).encode() not in content, name
            assert b">7.7<" not in content, name
    document = json.loads(files["report.json"])
    log = {(e["place"], e["rule"]): e["cells"] for e in document["disclosure"]["log"]}
    assert log["quantiles-pupil-chart", "pooled"] == 201 - len(
        next(f for f in figures_of(document) if f["id"] == "quantiles-pupil-chart")["data"]["units"]
    )
    assert log["normality", "single"] == 1


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
    assert max(pupil["data"]["observed"]) == EXTREME
    table = next(t for t in tables_of(document) if t["id"] == "normality")
    assert table["rows"][1]["cells"][4]["text"] == "7.7"


@pytest.mark.parametrize("counts", [[1] * 25, [1, 30, 1], [4, 4], [10], [9, 11, 3, 12, 2]])
def test_pooled_marks_keep_the_sum_and_the_least_size(counts):
    values = [float(i) for i in range(len(counts))]
    sizes, (means,) = pooled(counts, [values], 10)
    if sum(counts) < 10:
        assert sizes == []
        return
    assert min(sizes) >= 10 and sum(sizes) == sum(counts)
    whole = sum(n * v for n, v in zip(counts, values, strict=True))
    assert sum(n * v for n, v in zip(sizes, means, strict=True)) == pytest.approx(whole)


def chart_of_trajectories(given):
    figures = figures_of(document_of(given))
    return next((f for f in figures if f["id"] == "trajectories-school-chart"), None)


def test_effects_by_wave_are_lines_with_gaps_where_a_unit_is_absent(given):
    data = chart_of_trajectories(given)["data"]
    assert len(data["unit"]) == 36
    gaps = [(data["unit"][i], data["wave"][i]) for i, v in enumerate(data["estimate"]) if v is None]
    assert gaps == [("5", "Grade 1")]


@pytest.mark.parametrize("why", ["refused", "many"])
def test_effects_by_wave_are_bands_where_lines_may_not_or_cannot_be_told(given, why):
    level = given["results"]["over_time"]["levels"][0]
    if why == "refused":
        given["results"]["effects"][0]["licence"]["granted"] = False
    else:
        given["results"]["effects"][0]["units"] = units(2000)
        many = {"units": trajectories(2000), "present": [2000, 1999, 2000]}
        level["details"]["trajectories"] |= many
    data = chart_of_trajectories(given)["data"]
    outer = {"refused": [], "many": ["2.5%", "97.5%"]}[why]  # of 11 units none lies beyond 2.5%
    shown = ["wave", *outer[:1], "10%", "25%", "50%", "75%", "90%", *outer[1:]]
    assert list(data) == shown
    assert all(len(values) == 3 for values in data.values())


def test_a_small_unit_has_no_line_and_bands_leave_out_its_quantiles(given):
    given["results"]["effects"][0]["units"][3]["n"] = 12
    data = chart_of_trajectories(given)["data"]
    assert "4" not in data["unit"] and "3" in data["unit"]
    given["results"]["effects"][0]["licence"]["granted"] = False
    assert chart_of_trajectories(given) is None


def test_trends_by_group_say_whether_differences_change(given):
    text = sentences(document_of(given))
    assert "The differences between these groups are not the same in every wave (F = 9.1" in text
    assert "There is no evidence that the differences between these groups change" in text
    figures = {figure["id"]: figure for figure in figures_of(document_of(given))}
    names = figures["trends-experience-chart"]["data"]["group"]
    assert list(dict.fromkeys(names)) == ["4 years", "14 years"]  # the caption names the variable


def test_units_of_a_wave_are_one_count_wherever_they_are_told(given):
    from mlm.pages.disclosure.relations import survey_relations

    context = context_of(given)
    told = "results#/over_time/levels/0/details/trajectories/present/1"
    same = "results#/waves/1/groups/0/n"
    relations = [{at.source: f for f, at in terms} for terms in survey_relations(context)]
    assert {told: 1, same: -1} in relations


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["Kindergarten", "Grade 1", "Grade 2", "Grade 3"], [0, 1, 2, 3]),
        ([f"Year {i}.5" for i in range(6)], [0, 2, 4]),
        (["1984", "1992"], [0, 1]),
        (["x" * 40] * 9, [0, 5]),
    ],
)
def test_names_below_an_axis_do_not_touch(names, shown):
    from matplotlib.figure import Figure

    from mlm.pages.figures.style import name_ticks

    axes = Figure().add_subplot()
    name_ticks(axes, range(len(names)), names, 40)
    assert axes.get_xticks().tolist() == shown


def test_coefficients_are_judged_with_the_random_slopes_that_are_kept(given):
    model = given["results"]["slopes_model"]
    path, model["path"] = model["path"], []
    alone = table_of(document_of(given), "coefficients")
    assert "With random slopes" not in {column["group"] for column in alone["columns"]}
    with_slopes = copy.deepcopy(given["results"]["final"]["reml"])
    for item in with_slopes["fixed"]:
        item |= {"lower": item["estimate"] - 100.0, "upper": item["estimate"] + 100.0}
    model.update(reml=with_slopes, path=path)
    document = document_of(given)
    table = table_of(document, "coefficients")
    assert len(table["columns"]) == len(alone["columns"]) + 2
    assert "With random slopes" in {column["group"] for column in table["columns"]}
    text = sentences(document)
    assert "gives every variable the same effect in every group" in text
    assert "The clearest association" not in text, "no interval excludes zero any more"


def test_models_that_take_changing_effects_as_constant_are_said_to(given):
    warning = "The effects of schools change from wave to wave"
    assert warning not in sentences(document_of(given))
    (level,) = given["results"]["over_time"]["levels"]
    level["constant_in_models"] = True
    given["results"]["over_time"]["by_wave"] = [level["level"]]
    text = sentences(document_of(given))
    assert f"{warning} (section 5), and these models take them as constant" in text
    assert f"{warning} (section 5), which these models do not know" in text
    assert f"{warning}. The means above" in text
    assert "With an effect of each of the schools" not in text
    given["configuration"]["variables"]["experience"]["level"] = "school"
    text = sentences(document_of(given))
    assert "With an effect of each of the schools in each wave there is no evidence" in text
