"""No coefficient is printed that rests on few persons or units, nor a mean of which two know."""

from __future__ import annotations

import pytest

from tests.unit.pages.reading import strings_of
from tests.unit.pages.sample import document_of, everything, files_of

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
