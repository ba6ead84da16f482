"""What should be looked at before the results of a survey are believed. Layer: commands."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from typing import TYPE_CHECKING

from mlm.errors import SurveyDoubt
from mlm.pages.text import join, plain_text
from mlm.pages.words.checks import CHECKS, IN_A_TABLE, check_title, check_words
from mlm.pages.words.doubts import doubt_advice
from mlm.pages.words.doubts import doubt_words as separability_words
from mlm.pages.words.spellings import first_ids
from mlm.pages.words.survey_names import ConfiguredNames
from mlm.results.reading import At

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.results.survey.survey import SurveyAccount


def doubt_words(configuration: Configuration, survey: SurveyAccount) -> list[str]:
    """What is no error, but should be looked at, and what the rows cannot tell apart.

    Parameters
    ----------
    configuration : Configuration
        Names of what is told.
    survey : SurveyAccount
        The linked waves.
    """
    account, names = At(survey, "survey#"), ConfiguredNames(configuration)
    return [
        *(f"please look: {text}" for text in _told(account, names, "warning")),
        *_told(account, names, "ok", ("found_elsewhere",)),
        *(f"{severity}: {text}" for severity, text in _separability(account, names)),
    ]


def warn_of_doubts(configuration: Configuration, survey: SurveyAccount) -> None:
    """Warn of all that touches numbers: the run tells it once at its end.

    Parameters
    ----------
    configuration, survey
        As of :func:`doubt_words`.
    """
    account, names = At(survey, "survey#"), ConfiguredNames(configuration)
    told = [
        *_told(account, names, "warning", CHECKS.keys() - IN_A_TABLE),
        *(text for severity, text in _separability(account, names) if severity == "warning"),
    ]
    for text in told:
        warnings.warn(f"{configuration.survey}: {text}", SurveyDoubt, stacklevel=2)


def _told(
    account: At, names: ConfiguredNames, result: str, kinds: Collection[str] = CHECKS
) -> list[str]:
    """Checks of some kinds with a result, as title and words."""
    return [
        f"{check_title(check, names)}: {plain_text(check_words(check, names))}{first_ids(check)}"
        for check in account.checks
        if check.result.value == result and check.kind.value in kinds
    ]


def _separability(account: At, names: ConfiguredNames) -> list[tuple[str, str]]:
    return [
        (
            doubt.severity.value,
            plain_text(join(separability_words(doubt, names), doubt_advice(doubt))),
        )
        for doubt in account.separability
    ]
