"""Ids that differ in nothing but their spelling, in words."""

from __future__ import annotations

from mlm.pages.language import N_, _
from mlm.pages.rounding import count
from mlm.pages.text import Run, enumerate_words, say
from mlm.pages.words.survey_names import SurveyNames
from mlm.results.reading import At

SPELLINGS = {
    "zeros": N_("leading zeros or empty decimal places"),
    "case": N_("capital letters"),
    "accents": N_("accents"),
    "characters": N_("compatibility forms of characters"),
    "marks": N_("kinds of dashes or quotation marks"),
    "blanks": N_("blanks"),
}


def spelled_otherwise(check: At, names: SurveyNames) -> list[Run]:
    """How many units may be others, what differs, and what to declare."""
    template = (
        _(
            "{units} of {of} {groups} of wave {wave} differ from another of the wave in nothing "
            "but {spellings}, such as {here} and {there} (9 and a stand for digits and letters); "
            "if they are the same, declare 'ignore: [{keys}]' of the level"
        )
        if check.wave.value == check.other.value
        else _(
            "{units} of {of} {groups} of wave {wave} are not found before, but would be in wave "
            "{other} if {spellings} were ignored: {there} there is {here} now (9 and a stand for "
            "digits and letters); if they are the same, declare 'ignore: [{keys}]' of the level"
        )
    )
    first, spellings = check.shapes.value[0], check.spellings.value
    return say(
        template,
        units=count(check.units),
        of=count(check.of),
        groups=names.plural(check.level.value),
        wave=names.wave(check.wave.value),
        other=names.wave(check.other.value),
        spellings=enumerate_words([_(SPELLINGS[kind]) for kind in spellings]),
        here=first.here,
        there=first.there,
        keys=", ".join(spellings),
    )


def first_ids(check: At) -> str:
    """The first ids themselves, for those who hold the data; none of persons."""
    if check.kind.value != "spelled_otherwise" or not check.ids.value:
        return ""
    return f" (first: {'; '.join(f'{ids.there!r}, {ids.here!r}' for ids in check.ids.value)})"
