"""The licence to rank."""

from __future__ import annotations

from typing import get_args

from mlm.pages.sections.units.licence import (
    CHECK_WORDS,
    FAILED_WORDS,
    failures,
    licence_table,
)
from mlm.pages.text import plain_text
from mlm.results.units import LicenceCheck
from tests.unit.pages.sample import context_of, inputs


def test_every_check_has_words():
    checks = set(get_args(LicenceCheck.model_fields["check"].annotation))
    assert set(CHECK_WORDS) == set(FAILED_WORDS) == checks


def test_checks_that_failed_are_told_with_what_is_needed():
    given = inputs()
    licence = given["results"]["effects"][0]["licence"]
    licence["granted"] = False
    separable, stability = licence["checks"][3:]
    separable.update(value=0.21, passed=False)
    stability.update(value=None, lower=None, passed=False)
    context = context_of(given)
    said = [plain_text(runs) for runs in failures(context, context.results.effects[0])]
    assert said == [
        "21% of the pairs of schools can be told apart (30% is needed)",
        "one check could not be made (correlation of the group effects between waves)",
    ]


def test_units_that_are_too_few_are_told_as_the_checks_of_the_survey_tell_them():
    given = inputs()
    effect = given["results"]["effects"][0]
    effect["n"] = 9
    effect["licence"]["granted"] = False
    effect["licence"]["checks"][0].update(value=9, passed=False)
    context = context_of(given)
    item = context.results.effects[0]
    assert (
        plain_text(failures(context, item)[0])
        == "there are too few schools: 9, while 10 are needed"
    )
    assert licence_table(context, item)["rows"][0]["cells"][3]["text"] == "not passed"
