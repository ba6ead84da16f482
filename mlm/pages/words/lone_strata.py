"""Strata of one cluster in words."""

from __future__ import annotations

from mlm.pages.derived import derive
from mlm.pages.language import _, ngettext
from mlm.pages.rounding import tally
from mlm.pages.text import Run, enumerate_words, plain_text, say
from mlm.pages.words.survey_names import SurveyNames
from mlm.results.reading import At

NAMED = 3  # of such strata


def lone_strata(check: At, names: SurveyNames) -> list[Run]:
    """How many strata have one cluster, the first of them, and what becomes of them."""
    column = check.variable.value
    first = [_stratum(column, check.lone[i], names) for i in range(min(NAMED, len(check.lone)))]
    listed = enumerate_words(first)
    if len(check.lone) > NAMED:
        listed = say(_("{names} and others"), names=enumerate_words(first, ","))
    return say(
        ngettext(
            "{lone} of {strata} has one cluster ({first}), which does not tell how "
            "clusters differ: it is joined with its neighbour in the order of names; "
            "join them in the files as the sample was drawn, or give replicate weights",
            "{lone} of {strata} have one cluster ({first}), which does not tell how "
            "clusters differ: each is joined with its neighbour in the order of names; "
            "join them in the files as the sample was drawn, or give replicate weights",
            len(check.lone),
        ),
        lone=tally(derive("count", check.lone)),
        strata=tally(check.strata),
        first=listed,
    )


def _stratum(column: str, one: At, names: SurveyNames) -> str:
    name = names.category(column, one.stratum.value)
    if one.wave.value is None:
        return name
    wave = names.wave_name(one.wave.value)
    return plain_text(say(_("{stratum} of wave {wave}"), stratum=name, wave=wave))
