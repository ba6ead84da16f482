"""The clearest association, whatever letters its categories have."""

from __future__ import annotations

import pytest

from mlm.pages.sections.variables.coefficients import coefficients_table
from mlm.pages.sections.variables.words import variables_answer
from mlm.pages.text import plain_text
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import context_of, document_of, everything, inputs, variable

CATEGORIES = ["parent", "b) parent", "low (<5", "]:sex[T.F", "a:b^2"]


def coefficient(estimate: float, *factors: tuple[str, str]) -> dict:
    term = [{"variable": name, "category": category, "power": 1} for name, category in factors]
    ends = {"lower": estimate - 1.0, "upper": estimate + 1.0}
    return {"term": term, "estimate": estimate, "std_error": 0.5, "df": None, "t": 2 * estimate} | {
        "p_value": 0.001,
        **ends,
    }


def association(name: str, p_value: float, *terms, latest=()) -> dict:
    """A joint test; a term is the names of its variables, and the power of the first."""
    reference = {"kind": "F", "df": len(terms), "denominator": 900.0}
    made = {"kind": "made", "statistic": 9.0, "df": len(terms), "reference": reference}
    factors = [
        [{"variable": v, "category": None, "power": power} for v in names]
        for names, power in ((term[0], term[1] if len(term) > 1 else 1) for term in terms)
    ]
    test = made | {"p_value": p_value / 2, "p_adjusted": p_value}
    return {"variable": name, "terms": factors, "latest": list(latest), "test": test}


def effect(estimate: float, category: str, wave: str | None = None) -> dict:
    """An effect in the latest wave."""
    found = coefficient(estimate, ("role", category))
    return {k: v for k, v in found.items() if k not in ("term", "t")} | {
        "category": category,
        "wave": wave,
    }


@pytest.fixture
def given():
    return inputs()


def with_role(given: dict, category: str, wave: str | None = None) -> dict:
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
    given["results"]["associations"] = [
        association(
            "role",
            0.001,
            (("role",),),
            (("role", "sex"),),
            *([(("role", "grade"),)] if wave else []),
            latest=[effect(2.1, category, wave)],
        ),
        association("sex", 0.02, (("sex",),), (("role", "sex"),), latest=[effect(1.2, "F")]),
    ]
    for model in ("full", "settled"):
        found = given["results"][model]
        found["terms"] = [[{"variable": name} for name in term] for term in names]
        found["reml"]["fixed"] = [found["reml"]["fixed"][0], *fixed]
    return given


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_product_is_not_taken_for_a_main_effect(given, category):
    text = plain_text(variables_answer(context_of(with_role(given, category))))
    assert "The clearest association is with Role: Mathematics score is 2.10 scale points " in text
    assert f"higher (95% interval 1.10 to 3.10) for {category} than for Pupil." in text
    assert "This is the difference for Male and changes with Sex." in text


def test_an_effect_that_changes_over_time_is_told_of_the_latest_wave(given):
    text = plain_text(variables_answer(context_of(with_role(given, "parent", "2"))))
    assert "This is the difference for Male in Grade 2 and changes with Sex and " in text


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


def said_first(given, *found) -> str:
    given["results"]["associations"] = [*found, *given["results"]["associations"]]
    return plain_text(variables_answer(context_of(given)))


def test_a_variable_with_a_power_can_be_the_clearest(given):
    """It is told without a size: no single coefficient tells of its effect."""
    given = with_role(given, "parent")
    curved = (("experience",),), (("experience",), 2)
    text = said_first(given, association("experience", 1e-9, *curved))
    wanted = "The clearest association is with Teacher experience, whose effect is a curve."
    assert wanted in text and "It changes with" not in text
    assert "adjusted for the 3 variables of the full model" in text
    product = (("experience", "sex"),)
    text = said_first(given, association("experience", 1e-12, *curved, product))
    assert f"{wanted} It changes with Sex." in text


def test_the_clearest_is_that_of_the_joint_test_and_not_of_the_largest_coefficient(given):
    given = with_role(given, "parent")
    only_product = association("sex", 1e-5, (("sex", "role"),))
    text = said_first(given, only_product)
    assert "The clearest association is with Sex, whose effect changes with Role." in text


def test_without_a_clear_joint_test_there_is_no_clearest_association(given):
    given = with_role(given, "parent")
    for item in given["results"]["associations"]:
        item["test"]["p_adjusted"] = 0.06
    assert "clearest" not in plain_text(variables_answer(context_of(given)))
    refused = {"kind": "refused", "reason": {"kind": "not_in_model", "what": "variable"}}
    given["results"]["associations"] = [
        {"variable": "role", "terms": [], "latest": [], "test": refused}
    ]
    assert "clearest" not in plain_text(variables_answer(context_of(given)))


def test_variables_that_stay_for_their_slopes_are_named():
    given = everything()
    slopes = [item for item in given["results"]["slopes"] if item["kind"] == "tested"]
    for item in slopes:
        item["kept"] = item is slopes[0]
    name = slopes[0]["variable"]
    given["results"]["reduction"]["protected"] = []
    text, listed = (sentences(document_of(given)), "those whose effects differ between groups, are")
    label = context_of(given).labels.variable(name)
    assert f"as their effects differ between groups: {label}." in text and listed in text
    slopes[0]["kept"] = False
    text = sentences(document_of(given))
    assert "as their effects differ between groups" not in text and listed not in text
    slopes[0]["kept"] = True
    given["results"]["reduction"]["protected"] = [
        [{"variable": name, "category": None, "power": 1}]
    ]
    assert "as their effects differ between groups" not in sentences(document_of(given))
