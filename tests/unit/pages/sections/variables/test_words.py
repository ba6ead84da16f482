"""The clearest association, whatever letters its categories have."""

from __future__ import annotations

import pytest

from mlm.pages.sections.variables.coefficients import coefficients_table
from mlm.pages.sections.variables.words import variables_finding
from mlm.pages.text import plain_text
from tests.unit.pages.sample import context_of, inputs, variable

CATEGORIES = ["parent", "b) parent", "low (<5", "]:sex[T.F", "a:b^2"]


def coefficient(estimate: float, *factors: tuple[str, str]) -> dict:
    term = [{"variable": name, "category": category, "power": 1} for name, category in factors]
    ends = {"lower": estimate - 1.0, "upper": estimate + 1.0}
    return {"term": term, "estimate": estimate, "std_error": 0.5, "df": None, "t": 2 * estimate} | {
        "p_value": 0.001,
        **ends,
    }


@pytest.fixture
def given():
    found = inputs()
    found["results"]["slopes_model"]["path"] = []  # the final model has no random slopes
    return found


def with_role(given: dict, category: str) -> dict:
    """The inputs with a role whose effect is small, in a product whose effect is large."""
    given["configuration"]["variables"] |= {
        "role": variable("Role", "category", categories={"pupil": "Pupil", category: category}),
        "sex": variable("Sex", "category", categories={"M": "Male", "F": "Female"}),
    }
    names = [["role"], ["sex"], ["role", "sex"]]
    fixed = [
        coefficient(2.1, ("role", category)),
        coefficient(1.2, ("sex", "F")),
        coefficient(5.4, ("role", category), ("sex", "F")),
    ]
    for model in ("full", "final"):
        found = given["results"][model]
        found["terms"] = [[{"variable": name} for name in term] for term in names]
        found["reml"]["fixed"] = [found["reml"]["fixed"][0], *fixed]
    return given


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_product_is_not_taken_for_a_main_effect(given, category):
    text = plain_text(variables_finding(context_of(with_role(given, category))))
    assert "The clearest association is with Role: Mathematics score is 2.1 scale points " in text
    assert f"higher (95% interval 1.1 to 3.1) for {category} than for Pupil." in text
    assert "This is the difference for Male and changes with Sex." in text


@pytest.mark.parametrize("category", CATEGORIES)
def test_rows_of_the_table_stand_under_their_terms(given, category):
    rows = coefficients_table(context_of(with_role(given, category)))["rows"]
    assert [row["cells"][0]["text"] for row in rows] == [
        "Constant",
        "Role (reference: Pupil)",
        category,
        "Sex (reference: Male)",
        "Female",
        "Role × Sex",
        f"{category} × Female",
    ]


def test_a_variable_with_a_power_is_not_the_clearest(given):
    given = with_role(given, "parent")
    final = given["results"]["final"]
    age = {"variable": "experience", "category": None}
    square = coefficient(9.0) | {"term": [age | {"power": 2}]}
    final["reml"]["fixed"] += [coefficient(9.0) | {"term": [age | {"power": 1}]}, square]
    final["terms"] += [[age | {"power": 1}], [age | {"power": 2}]]
    text = plain_text(variables_finding(context_of(given)))
    assert "The clearest association is with Role" in text
