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
            "{units} of {of} {groups} of wave {wave} have an id that differs from another one of "
            "the wave in nothing but {spellings} ({there} and {here}, with 9 for any digit and a "
            "for any letter). They count as different {groups}. If they are the same, write "
            "'ignore: [{keys}]' at the level {level} of the configuration"
        )
        if check.wave.value == check.other.value
        else _(
            "{units} of {of} {groups} of wave {wave} have an id that differs from one of wave "
            "{other} in nothing but {spellings} (written {there} in wave {other} and {here} in "
            "wave {wave}, with 9 for any digit and a for any letter). They count as new {groups}, "
            "not as those of wave {other}. If they are the same, write 'ignore: [{keys}]' at the "
            "level {level} of the configuration"
        )
    )
    first, spellings = check.shapes.value[0], check.spellings.value
    return say(
        template,
        units=count(check.units),
        of=count(check.of),
        groups=names.plural(check.level.value),
        wave=names.wave_name(check.wave.value),
        other=names.wave_name(check.other.value),
        spellings=enumerate_words([_(SPELLINGS[kind]) for kind in spellings]),
        here=first.here,
        there=first.there,
        keys=", ".join(spellings),
        level=check.level.value,
    )


WRITTEN = {
    "decimals": N_(
        "in {rows} of {of} rows of {file} (wave {wave}) the id has empty decimal "
        "places (9001.0), unlike in {beside}; it is read without them"
    ),
    "composed": N_(
        "in {rows} of {of} rows of {file} (wave {wave}) the id is in another "
        "Unicode form (accents as characters of their own), unlike in {beside}; "
        "it is read in the usual form"
    ),
    "zeros": N_(
        "in {rows} of {of} rows of {file} (wave {wave}) the id has fewer digits, "
        "without zeros in front, than in all rows of {beside}; if the zeros are "
        "lost, declare 'ignore: [zeros]' of the level"
    ),
    "case": N_(
        "in {rows} of {of} rows of {file} (wave {wave}) the id is in small letters, "
        "in all rows of {beside} in capital letters; if they mean the same, declare "
        "'ignore: [case]' of the level"
    ),
}


def written_otherwise(check: At, names: SurveyNames) -> list[Run]:
    """How many rows of a file have their id in another form than another file."""
    return say(
        _(WRITTEN[check.how.value]),
        rows=count(check.rows),
        of=count(check.of),
        file=check.file.value,
        wave=names.wave_name(check.wave.value),
        beside=check.beside.value,
    )


def first_ids(check: At) -> str:
    """The first ids themselves, for those who hold the data; none of persons."""
    if check.kind.value == "lighter_rows" and check.ids.value:
        return f" (first in {', '.join(check.ids.value)})"
    if check.kind.value != "spelled_otherwise" or not check.ids.value:
        return ""
    return f" (first: {'; '.join(f'{ids.there!r}, {ids.here!r}' for ids in check.ids.value)})"
