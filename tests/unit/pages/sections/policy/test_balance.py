"""Who is compared with whom."""

from __future__ import annotations

import pytest

from mlm.pages.sections.policy.balance import balance_blocks
from mlm.pages.text import plain_text
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import context_of, document_of, everything, residuals

ROWS = {"unit": "occasion", "in_wave": False, "ids": []}


@pytest.fixture
def given():
    """A policy that is assigned to rows: its overlap is known from a pass over these alone."""
    found = everything()
    policy = found["results"]["policy"][0]
    policy["balance"]["level"] = ROWS
    refused = {"kind": "refused", "reason": {"kind": "assigned_to_rows"}}
    policy["overlap"] = [refused | {"category": "small"}]
    return found


def said(given: dict) -> str:
    context = context_of(given)
    blocks = balance_blocks(context, context.results.policy[0])
    return " ".join(plain_text(block["runs"]) for block in blocks if "runs" in block)


def test_overlap_of_rows_is_that_of_the_pass_over_them(given):
    assert "compares occasions by category in Kindergarten, each counted once" in said(given)
    assert "have covariates like" not in said(given)
    unread = "alike is not known: the policy is assigned to rows, which were not read again."
    assert f"How many with Small class or Regular class are {unread}" in said(given)
    overlap = {"variable": "class_type", "category": "small", "reference": "reg"}
    overlap |= {"rows": 900, "inside": 810, "share": 0.9}
    given["residuals"] = residuals() | {"overlap": [overlap]}
    words = "90% of the occasions with Small class or Regular class have covariates like those"
    assert words in said(given)
    assert "not known" not in said(given)


def test_overlap_of_another_policy_is_not_taken(given):
    overlap = {"variable": "ses", "category": "small", "reference": "F"}
    overlap |= {"rows": 900, "inside": 810, "share": 0.9}
    given["residuals"] = residuals() | {"overlap": [overlap]}
    assert "have covariates like" not in said(given)


def test_overlap_of_units_is_that_of_the_analysis():
    given = everything()
    given["residuals"] = residuals()
    assert "95% of the schools with Small class or Regular class have covariates" in said(given)


def test_a_category_of_few_units_is_not_compared_and_a_public_report_hides_how_few():
    given = everything()
    policy = given["results"]["policy"][0]
    few = {"kind": "too_few_in_category", "variable": "class_type", "category": "small"}
    refused = {"category": "small", "reason": few | {"units": 1, "needed": 2}}
    policy["balance"] |= {"rows": [], "unequal": 0, "not_compared": [refused]}
    policy["overlap"] = [refused | {"kind": "refused"}]
    words = "Covariates of Small class are not compared with those of Regular class: too few "
    words += "units with Small class: {}, while 2 are needed"
    assert words.format("1") in said(given)
    assert said(given).count("while 2 are needed") == 1
    assert words.format("1") in sentences(document_of(given)), "a school of many pupils"
    for sizes in (given["survey"]["hierarchy"][0][key] for key in ("rows", "children")):
        sizes["quantiles"][0] = 1.0
    assert words.format("fewer than 10") in sentences(document_of(given))


def test_a_policy_whose_categories_are_not_compared_says_why():
    given = everything()
    policy = given["results"]["policy"][0]
    policy["balance"] = {"kind": "refused", "reason": {"kind": "no_covariates"}}
    policy["overlap"] = []
    words = "Who is compared under Class type is not known: the model has no other variables."
    assert words in said(given)


def test_the_table_names_each_category_once(given):
    context = context_of(given)
    table = next(
        block for block in balance_blocks(context, context.results.policy[0])
        if block.get("id") == "balance-class_type" and "rows" in block
    )  # fmt: skip
    first = [row["cells"][0]["text"] for row in table["rows"]]
    assert first.count("Small class") == 1 and len(first) > 1
    assert [len(row["cells"]) for row in table["rows"]][1:] == [6] * (len(first) - 1)
