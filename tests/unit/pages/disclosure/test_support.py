"""No coefficient is printed that rests on few persons or units, nor a mean of which two know."""

from __future__ import annotations

import pytest

from mlm.pages.disclosure.support import rests_on_weak
from tests.unit.pages.reading import strings_of
from tests.unit.pages.sample import context_of, document_of, everything, files_of

pytestmark = pytest.mark.slow

CANARY = 405.744


def with_category(rows, schools, category="N"):
    """A category of a variable with so many rows and schools in each wave, and a told effect."""
    given = everything()
    for wave in given["survey"]["waves"]:
        found = wave["variables"]["ses"]
        found["counts"][category] = rows
        found["n"] = sum(found["counts"].values())
        found["units"] = [
            {"level": "school", "category": name, "groups": schools if name == category else 70}
            for name in ("F", "N")
        ]
    for model in ("full", "settled"):
        for method in ("reml", "ml"):
            for item in given["results"][model].get(method, {}).get("fixed", ()):
                if any(f["variable"] == "ses" for f in item["term"]):
                    item["estimate"] = CANARY
    return given


def told(given):
    return [text for text in strings_of(document_of(given)) if "405" in text or "406" in text]


@pytest.mark.battery
@pytest.mark.parametrize(
    ("rows", "schools"),
    [(1, 1), (9, 9), (3000, 1), (3000, 2)],
)
@pytest.mark.parametrize("category", ["N", "F"])
def test_a_coefficient_that_rests_on_few_is_hidden(rows, schools, category):
    assert not told(with_category(rows, schools, category))


def test_a_coefficient_of_many_is_shown():
    assert told(with_category(3000, 3))


def test_no_file_holds_it():
    for name, content in files_of(with_category(1, 1), painted=()).items():
        if not name.endswith((".xlsx", ".svg")):  # coordinates of a drawing are any numbers
            assert b"405.7" not in content and b">406<" not in content, name


def with_schools(groups, share):
    """A first wave of so many schools, the largest with a share of its pupils."""
    given = everything()
    sizes = given["survey"]["children"][0]["by_wave"][0]
    total = groups * sizes["mean"]
    sizes.update(groups=groups, max=round(share * total))
    return given


@pytest.mark.battery(3)
@pytest.mark.parametrize(
    ("groups", "share", "hidden"),
    [(2, 0.88, True), (2, 0.5, True), (3, 0.95, True), (3, 0.4, False), (79, 0.3, False)],
)
def test_two_units_protect_each_other(groups, share, hidden):
    document = document_of(with_schools(groups, share))
    rules = {entry["rule"] for entry in document["disclosure"]["log"]}
    assert ("dominated" in rules) == hidden


PRODUCT = [{"variable": "class_type", "category": "small"}, {"variable": "ses", "category": "N"}]


def with_product(rows, units, *, wave=None, weak=("small", "N")):
    """A model with a product of class type and free lunch; one of its cells has few."""
    made = everything()
    cells = [
        {"variable": "class_type", "other": "ses", "category": a, "other_category": b}
        | {"wave": name, "level": "school"}
        | {"rows": rows if (a, b) == weak and wave in (None, name) else 900}
        | {"units": units if (a, b) == weak and wave in (None, name) else 70}
        for a in ("reg", "small")
        for b in ("N", "F")
        for name in ("K", "1", "2")
    ]
    made["survey"]["product_cells"] = cells
    for criterion in ("ml", "reml"):
        fit = made["results"]["settled"][criterion]
        like = fit["fixed"][0]
        fit["fixed"].append(like | {"term": [factor_of(each) for each in PRODUCT]})
    return made


def factor_of(named):
    return {"variable": None, "category": None, "power": 1, "function": None} | named


def places_of(given, *categories):
    """Places of the coefficients of these categories in the settled model, without time."""
    found = []
    for i, item in enumerate(given["results"]["settled"]["reml"]["fixed"]):
        names = [each["category"] for each in item["term"]]
        if sorted(map(str, names)) == sorted(categories):
            found.append(f"results#/settled/reml/fixed/{i}/estimate")
    assert found
    return found


@pytest.mark.parametrize(
    ("rows", "units", "hidden"), [(9, 70, True), (900, 2, True), (0, 0, False), (30, 3, False)]
)
def test_a_coefficient_of_two_categories_rests_on_those_who_have_both(rows, units, hidden):
    given = with_product(rows, units)
    context = context_of(given)
    assert {rests_on_weak(s, context) for s in places_of(given, "small", "N")} == {hidden}


@pytest.mark.parametrize("weak", [("reg", "F"), ("reg", "N"), ("small", "F")])
def test_it_rests_on_the_cells_of_the_references_too(weak):
    given = with_product(4, 70, weak=weak)
    context = context_of(given)
    assert {rests_on_weak(s, context) for s in places_of(given, "small", "N")} == {True}


@pytest.mark.parametrize(
    ("weak", "hidden"), [(("small", "F"), True), (("reg", "F"), True), (("small", "N"), False)]
)
def test_a_coefficient_beside_a_product_rests_on_the_reference_of_the_other(weak, hidden):
    given = with_product(4, 70, weak=weak)
    context = context_of(given)
    assert {rests_on_weak(s, context) for s in places_of(given, "small")} == {hidden}


def test_few_in_one_wave_are_no_few_in_all():
    given = with_product(4, 70, wave="1")
    context = context_of(given)
    assert {rests_on_weak(s, context) for s in places_of(given, "small", "N")} == {False}


def test_controlled_reports_show_coefficients_of_two_categories():
    given = with_product(4, 70)
    given["configuration"]["disclosure"] = {"mode": "controlled"}
    context = context_of(given)
    assert {rests_on_weak(s, context) for s in places_of(given, "small", "N")} == {False}
