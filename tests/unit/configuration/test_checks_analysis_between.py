"""What ``between`` needs among the terms: a mean of each number, a share of each category."""

from __future__ import annotations

import pytest

from mlm.configuration.checks_analysis import analysis_problems
from mlm.configuration.models import Configuration
from mlm.configuration.planning import plan_of
from tests.unit.pages.sample import stored_configuration


def share(category: str, waves: str = "all", within: str = "pupil") -> dict:
    aggregate = {"of": "ses", "within": within, "statistic": "share", "categories": [category]}
    return {
        "label": f"Years with {category}",
        "type": "number",
        "level": within,
        "aggregate": aggregate | {"waves": waves},
    }


def configured(**shares: dict) -> Configuration:
    given = stored_configuration()
    given["variables"] |= shares
    given["variables"]["ses"]["categories"] = {c: c for c in ("F", "N", "X")}
    analysis = given["analyses"]["math"]
    analysis["terms"] = [*analysis["terms"], *shares]
    analysis["between"] = ["ses"]
    return Configuration.model_validate(given)


def problems(configuration: Configuration) -> list[str]:
    return [text for path, text in analysis_problems(configuration, "math") if "between" in path]


def test_the_share_of_each_category_but_the_reference_is_asked_for():
    assert problems(configured(n=share("N"), x=share("X"))) == []
    (text,) = problems(configured(n=share("N")))
    assert "'X' of 'ses'" in text and "statistic: share, categories: [X]" in text


def test_a_share_of_the_one_row_of_a_wave_is_the_variable_itself():
    (text,) = problems(configured(n=share("N", waves="each"), x=share("X")))
    assert text == "n is over the one row of each pupil; say 'waves: all' for it"
    assert (
        problems(configured(n=share("N", "each", "school"), x=share("X", "each", "school"))) == []
    )


@pytest.mark.parametrize("statistic", ["sd", "count"])
def test_other_statistics_split_nothing(statistic):
    given = stored_configuration()
    given["variables"]["spread"] = {
        "label": "Spread",
        "type": "number",
        "level": "school",
        "aggregate": {"of": "experience", "within": "school", "statistic": statistic},
    }
    analysis = given["analyses"]["math"]
    analysis["terms"] = [*analysis["terms"], "spread"]
    analysis["between"] = ["experience"]
    configuration = Configuration.model_validate(given)
    assert "no term is the mean of 'experience'" in problems(configuration)[0]
    assert plan_of(configuration, "math").unit_means == {"experience": ()}


def test_the_plan_knows_which_category_a_share_is_of():
    plan = plan_of(configured(n=share("N"), x=share("X")), "math")
    assert set(plan.unit_means["ses"]) == {"n", "x"}
    assert plan.unit_shares == {"n": "N", "x": "X"}
