"""What the rows cannot tell apart, in words, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable

from mlm.pages.language import N_, _, ngettext
from mlm.pages.rounding import count, tally
from mlm.pages.text import Run, enumerate_words, say
from mlm.pages.words.survey_names import SurveyNames
from mlm.results.reading import At

ADVICE = {
    "one_child": "",
    "one_child_in_wave": "",
    "few_groups": "",
    "one_group": "",
    "codes_reused": N_("Declare 'ids: local' of the level if that is meant."),
    "few_occasions": "",
    "saturated": N_("Group the categories, or leave the variable out."),
    "constant_in_wave": N_("Leave it out of the terms."),
    "aliased": N_("Leave one of them out."),
    "missing_level": N_(
        "Make it a level above the lowest one (with 'crossed' where the lowest units are followed "
        "and have others in another wave), and say of these variables that this is their level."
    ),
    "blended": N_(
        "Put its first value in its place (a category with 'aggregate', statistic first), or split "
        "it ('between', with the share of each category over all waves among the terms)."
    ),
}


def doubt_words(doubt: At, names: SurveyNames) -> list[Run]:
    """What cannot be told apart, in a sentence or two."""
    return DOUBTS[doubt.kind.value](doubt, names)


def doubt_advice(doubt: At) -> str:
    """What those who write the configuration may do about it; empty where there is nothing."""
    text = ADVICE[doubt.kind.value]
    return _(text) if text else ""


def _one_child(doubt: At, names: SurveyNames) -> list[Run]:
    return say(
        _(
            "Hardly any of the {units} has several {inner} ({children} in {groups}): the "
            "data cannot separate the two levels, which are fitted as one. Several {inner} "
            "in a unit of the upper level would make them separable."
        ),
        groups=count(doubt.groups),
        units=names.plural(doubt.level.value),
        children=count(doubt.children),
        inner=names.plural(doubt.child.value),
    )


def _one_child_in_wave(doubt: At, names: SurveyNames) -> list[Run]:
    return say(
        _(
            "In {waves} alone, {units} and {inner} cannot be told apart (one in each); the other "
            "waves make them separable."
        ),
        waves=enumerate_words([names.wave(wave) for wave in doubt.waves.value]),
        units=names.plural(doubt.level.value),
        inner=names.plural(doubt.child.value),
    )


def _few_groups(doubt: At, names: SurveyNames) -> list[Run]:
    return say(
        _(
            "There are too few {units} to determine their variance well: {groups}, while "
            "{needed} are needed. They are not ranked."
        ),
        groups=count(doubt.groups),
        units=names.plural(doubt.level.value),
        needed=tally(doubt.needed),
    )


def _one_group(doubt: At, names: SurveyNames) -> list[Run]:
    return say(
        _(
            "There are too few {units} to tell how much they differ: the models are without this "
            "level."
        ),
        units=names.plural(doubt.level.value),
    )


def _codes_reused(doubt: At, names: SurveyNames) -> list[Run]:
    return say(
        ngettext(
            "{reused} of {codes} codes of {units} occurs under several {parents}: it is "
            "taken as another unit there ({number} {units} in all).",
            "{reused} of {codes} codes of {units} occur under several {parents}: each is "
            "taken as another unit there ({number} {units} in all).",
            doubt.reused.value,
        ),
        reused=tally(doubt.reused),
        codes=tally(doubt.codes),
        number=count(doubt.units),
        units=names.plural(doubt.level.value),
        parents=names.plural(doubt.parent.value),
    )


def _few_occasions(doubt: At, names: SurveyNames) -> list[Run]:
    return say(
        _(
            "Too few {units} have {needed} rows or more ({groups}): slopes of {variables} "
            "between {units} cannot be separated from the residual variation."
        ),
        groups=count(doubt.groups),
        units=names.plural(doubt.level.value),
        needed=tally(doubt.rows_needed),
        variables=enumerate_words([names.variable(name) for name in doubt.slopes.value]),
    )


def _saturated(doubt: At, names: SurveyNames) -> list[Run]:
    return say(
        _(
            "{variable} has {categories} categories and takes up all differences between the "
            "{groups} {units}: nothing is left for their variance."
        ),
        variable=names.variable(doubt.variable.value),
        categories=tally(doubt.categories),
        groups=count(doubt.groups),
        units=names.plural(doubt.level.value),
    )


def _constant_in_wave(doubt: At, names: SurveyNames) -> list[Run]:
    return say(
        _(
            "{variable} has one value in each wave: its effect cannot be separated from "
            "that of time."
        ),
        variable=names.variable(doubt.variable.value),
    )


def _aliased(doubt: At, names: SurveyNames) -> list[Run]:
    return say(
        _(
            "Within each wave {second} follows from {first}: with time in the model their effects "
            "cannot be told apart."
        ),
        second=names.variable(doubt.variable.value),
        first=names.variable(doubt.follows_from.value),
    )


def _missing_level(doubt: At, names: SurveyNames) -> list[Run]:
    return say(
        _(
            "{variables}: one value for all rows with the same {column} ({groups} of these), which "
            "is no level of the models. They count such variables as if each row had been drawn "
            "with a value of its own, so that standard errors are too small and p-values too low."
        ),
        variables=enumerate_words([names.variable(name) for name in doubt.variables.value]),
        column=doubt.column.value,
        groups=count(doubt.groups),
    )


def _blended(doubt: At, names: SurveyNames) -> list[Run]:
    persons = names.plural(doubt.level.value)
    return say(
        _(
            "{variable} changes for the same {persons}: its coefficient blends how far groups of "
            "{persons} lie apart with what changes for one of them, and is told as neither."
        ),
        variable=names.variable(doubt.variable.value),
        persons=persons,
    )


DOUBTS: dict[str, Callable[[At, SurveyNames], list[Run]]] = {
    "one_child": _one_child,
    "one_child_in_wave": _one_child_in_wave,
    "few_groups": _few_groups,
    "one_group": _one_group,
    "codes_reused": _codes_reused,
    "few_occasions": _few_occasions,
    "saturated": _saturated,
    "constant_in_wave": _constant_in_wave,
    "aliased": _aliased,
    "missing_level": _missing_level,
    "blended": _blended,
}
