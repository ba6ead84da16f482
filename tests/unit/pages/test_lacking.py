"""Rows left out for a covariate on the page: how many, unlike which, and hidden where few."""

from __future__ import annotations

import copy

import pytest

from mlm.pages.document import tables_of
from mlm.pages.findings.chosen import chosen_findings
from mlm.pages.text import plain_text, started
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import context_of, document_of, inputs

pytestmark = pytest.mark.slow

MANY = 2000


def with_many(outcome: tuple[float, float] = (-0.58, -0.42)) -> dict:
    """The sample with many rows that lack free lunch, some of them experience too."""
    given = inputs()
    account = given["survey"]["missing_covariates"][0]
    lunch = account["variables"][0]
    for wave in lunch["by_wave"]:
        wave["rows"] = wave["groups"] = MANY // 2
    low, high = outcome
    size = (low + high) / 2
    lunch["unlike"][0] |= {"n": 3 * MANY // 2, "standardised": size, "lower": low, "upper": high}
    experience = copy.deepcopy(lunch) | {"variable": "experience", "unlike": []}
    for wave in experience["by_wave"]:
        wave["rows"] = wave["groups"] = 200
    account["variables"].append(experience)
    n = sum(wave["with_outcome"] for wave in lunch["by_wave"])
    account["analyses"][0]["patterns"] = [
        {"variables": [], "rows": n - 3000, "groups": 80},
        {"variables": ["ses"], "rows": 2400, "groups": 80},
        {"variables": ["ses", "experience"], "rows": 595, "groups": 60},
        {"variables": ["experience"], "rows": 5, "groups": 4},
    ]
    return given


def tables(given: dict) -> dict[str, list[list[str]]]:
    return {
        found["id"]: [[cell["text"] for cell in row["cells"]] for row in found["rows"]]
        for found in tables_of(document_of(given))
        if found["id"].startswith("lacking")
    }


def words_of(given: dict) -> str:
    return sentences(document_of(given))


def test_rows_left_out_are_told_with_what_they_differ_in():
    given = with_many()
    document = document_of(given)
    words = sentences(document)
    assert "(3,000 of 17,930) are left out of the models, as they lack a covariate" in words
    told = "is 0.50 SD lower than in the others of their wave (95% interval 0.42 to 0.58)."
    told = f"In rows without the free lunch, the mathematics score {told}"
    assert told in words
    limits = next(s for s in document["sections"] if s["id"] == "limitations")
    listed = ["".join(run["text"] for run in item) for item in limits["blocks"][0]["items"]]
    assert listed[1].endswith(f"They are 17% of the rows that have the outcome. {told}")


@pytest.mark.parametrize(
    ("ends", "told"),
    [((0.2, 0.4), "is 0.30 SD higher than in"), ((-0.2, 0.1), "does not clearly differ")],
)
def test_a_difference_is_told_with_its_direction_or_as_unclear(ends, told):
    assert told in words_of(with_many(ends))


def test_combinations_are_told_of_enough_rows_alone():
    found = tables(with_many())
    assert [row[0] for row in found["lacking"]] == ["Free lunch", "Teacher experience"]
    together = found["lacking-together"]
    assert [row[0] for row in together] == [
        "Free lunch",
        "Free lunch, Teacher experience",
        "Other combinations",
    ]
    assert together[0][1] == "13.4%"


def test_inside_the_office_rows_and_units_are_counted():
    given = with_many()
    given["configuration"]["disclosure"] = {"mode": "controlled"}
    found = tables(given)
    assert found["lacking"][0][2:] == ["3,000", "16.7%", "3,000"]
    assert ["Teacher experience", "0.0%", "4"] in found["lacking-together"]


def test_categories_of_few_rows_are_not_compared():
    given = with_many()
    unlike = given["survey"]["missing_covariates"][0]["variables"][0]["unlike"]
    assert unlike[1]["column"]["category"] == "small"
    unlike[1] |= {"lower": 0.2, "upper": 0.6, "n": 3000, "members": 1200}
    names = [row[1] for row in tables(given)["lacking-unlike"]]
    assert any("Small class" in name for name in names)
    unlike[1]["members"] = 2995  # five rows are in the other category
    names = [row[1] for row in tables(given)["lacking-unlike"]]
    assert not any("Small class" in name for name in names)


def test_shares_of_all_differences_say_of_whom_they_are():
    given = with_many()
    told = chosen_findings(context_of(given))
    told = [*told.told, *told.further, *told.untold]
    (found,) = [each for each in told if each.kind == "spread"]
    text = plain_text(started(found.runs))
    assert text.startswith("Of all differences among pupils with no value missing ")
    given = inputs()
    account = given["survey"]["missing_covariates"][0]
    n = sum(wave["with_outcome"] for wave in account["variables"][0]["by_wave"])
    account["analyses"][0]["patterns"] = [
        {"variables": [], "rows": n - 90, "groups": 80},
        {"variables": ["ses"], "rows": 90, "groups": 40},
    ]
    found = chosen_findings(context_of(given))
    texts = [plain_text(started(each.runs)) for each in [*found.told, *found.further]]
    assert not any("no value missing" in text for text in texts)


def test_nothing_is_told_of_few_rows():
    given = inputs()
    account = given["survey"]["missing_covariates"][0]
    for wave in account["variables"][0]["by_wave"]:
        wave["rows"] = wave["groups"] = 1
    account["analyses"][0]["patterns"] = [
        {"variables": [], "rows": 17927, "groups": 80},
        {"variables": ["ses"], "rows": 3, "groups": 3},
    ]
    assert tables(given) == {} and "lack a covariate" not in words_of(given)


def test_imputed_rows_are_not_called_left_out():
    given = with_many()
    given["results"]["imputed"] = {
        "draws": 20,
        "searched": 5,
        "different": 20,
        "singular": 0,
        "missing_information": 0.2,
        "unpooled": [],
        "complete_cases": {"kind": "refused", "why": "not_given"},
        "shifts": [],
    }
    words = words_of(given)
    assert "(3,000 of 17,930) lack a covariate, most often" in words
    assert "left out of the models, as they lack a covariate" not in words
