"""Policies whose allocation is not said, or cannot have been, are told by a check."""

from __future__ import annotations

import json

from mlm.commands.words.policy_words import policy_words
from mlm.configuration.models import Configuration
from mlm.results.survey.survey import SurveyAccount
from tests.unit.pages.sample import inputs


def told(*, small: int, wave: str | None = "K") -> list[str]:
    """What is said of a policy with so many rows in small classes in Kindergarten."""
    given = inputs()
    given["configuration"]["analyses"]["math"]["policy"]["class_type"]["wave"] = wave
    given["survey"]["waves"][0]["variables"]["class_type"]["counts"]["small"] = small
    configuration = Configuration.model_validate(given["configuration"])
    account = SurveyAccount.model_validate_json(json.dumps(given["survey"]))
    return list(policy_words(configuration, account))


def test_an_allocation_in_a_wave_in_which_all_have_one_category_is_to_be_looked_at():
    (text,) = told(small=0)
    assert text.startswith("please look: analyses: math: policy: class_type")
    assert "allocated in wave K, but all rows of that wave have reg" in text
    assert told(small=1) == [] and told(small=0, wave="1") == []


def test_nothing_is_said_of_rows_that_were_not_linked():
    configuration = Configuration.model_validate(inputs()["configuration"])
    assert list(policy_words(configuration, None)) == []


def test_a_wave_that_is_not_said_is_asked_for():
    (text,) = told(small=0, wave=None)
    assert "its wave of assignment is not said" in text
