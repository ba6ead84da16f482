"""The licence to rank."""

from __future__ import annotations

from typing import get_args

from mlm.pages.sections.units.licence import CHECK_WORDS, FAILED_WORDS, failures
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
    separable, stability = licence["checks"][2:]
    separable.update(value=0.21, passed=False)
    stability.update(value=None, passed=False)
    context = context_of(given)
    said = [plain_text(runs) for runs in failures(context, context.results.effects[0])]
    assert said == [
        "21% of pairs of schools can be told apart (30% is needed)",
        "one check could not be made (correlation of the group effects between waves)",
    ]
