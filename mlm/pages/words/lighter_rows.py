"""Rows that weigh less than the unit around them, in words."""

from __future__ import annotations

from mlm.pages.language import _
from mlm.pages.rounding import count
from mlm.pages.text import Run, or_else, say
from mlm.pages.words.survey_names import SurveyNames
from mlm.results.reading import At


def lighter_rows(check: At, names: SurveyNames) -> list[Run]:
    """How many rows have a smaller weight than their unit, and what that may mean."""
    words = {
        "own": check.variable.value,
        "around": check.around.value,
        "unit": names.level(check.level.value),
        "wave": names.wave_name(check.wave.value),
    }
    told = say(
        _(
            "in wave {wave} {rows} of {of} rows have a smaller weight ({own}) than the {unit} that "
            "they are in ({around})"
        ),
        rows=count(check.rows),
        of=count(check.of),
        **words,
    )
    without = _(
        "in wave {wave} some rows have a smaller weight ({own}) than the {unit} that they are in "
        "({around})"
    )
    return say(
        _("{told}. Overall weights are never smaller: correct the weights of these rows"),
        told=or_else(told, without.format(**words)),
    )
