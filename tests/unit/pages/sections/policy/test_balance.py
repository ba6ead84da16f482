"""Who is compared with whom."""

from __future__ import annotations

import pytest

from mlm.pages.sections.policy.balance import balance_blocks
from mlm.pages.text import plain_text
from tests.unit.pages.sample import context_of, everything, residuals

ROWS = {"unit": "occasion", "in_wave": False, "ids": []}


@pytest.fixture
def given():
    """A policy that is assigned to rows: its overlap is known from a pass over these alone."""
    found = everything()
    policy = found["results"]["policy"][0]
    policy["balance"]["level"] = ROWS
    missing = {"units": None, "inside": None, "share": None}
    policy["overlap"] = [{"category": "small", **missing, "reason": {"kind": "assigned_to_rows"}}]
    return found


def said(given: dict) -> str:
    context = context_of(given)
    blocks = balance_blocks(context, context.results.policy[0])
    return " ".join(plain_text(block["runs"]) for block in blocks if "runs" in block)


def test_overlap_of_rows_is_that_of_the_pass_over_them(given):
    assert "The table compares occasions, each counted once" in said(given)
    assert "have covariates like" not in said(given)
    overlap = {"variable": "class_type", "category": "small", "reference": "reg"}
    overlap |= {"rows": 900, "inside": 810, "share": 0.9}
    given["residuals"] = residuals() | {"overlap": [overlap]}
    words = "90% of the occasions with Small class or Regular class have covariates like those"
    assert words in said(given)


def test_overlap_of_another_policy_is_not_taken(given):
    overlap = {"variable": "ses", "category": "small", "reference": "F"}
    overlap |= {"rows": 900, "inside": 810, "share": 0.9}
    given["residuals"] = residuals() | {"overlap": [overlap]}
    assert "have covariates like" not in said(given)


def test_overlap_of_units_is_that_of_the_analysis():
    given = everything()
    given["residuals"] = residuals()
    assert "95% of the schools with Small class or Regular class have covariates" in said(given)
