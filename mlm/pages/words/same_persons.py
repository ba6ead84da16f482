"""Who is compared where a variable changes from wave to wave for persons who are followed.

The coefficient of such a variable compares different persons, and the same person in different
waves. With the mean over each person beside it, it compares the same person alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mlm.pages.context import Context
from mlm.pages.derived import field_of
from mlm.pages.language import _
from mlm.pages.text import Run, enumerate_words, join, say, started

Compared = Literal["persons", "mixed", "same_persons"]
"""Different persons; the same and different ones; the same in different waves alone."""


def compared_by(context: Context, name: str) -> Compared:
    """Who is compared by the coefficients of a variable."""
    if not _may_change(context, name):
        return "persons"
    return "same_persons" if _is_split(context, name) else "mixed"


def is_blended(context: Context, name: str) -> bool:
    """Whether a category of persons changes for them, so that its gap would be a blend of two."""
    doubts = context.survey.separability
    is_doubted = any(
        doubt.kind.value == "blended" and doubt.variable.value == name for doubt in doubts
    )
    return is_doubted and compared_by(context, name) == "mixed"


def others_and_same(context: Context, name: str, others: str) -> str:
    """The others that persons are compared with, and that these are in part themselves."""
    if not is_blended(context, name):
        return others
    return _("{others} (in part the same {persons})").format(
        others=others, persons=_persons(context)
    )


def same_persons_note(context: Context, names: Sequence[str]) -> list[Run]:
    """What differences by those of some variables that change are differences between."""
    mixed, split = (
        [context.labels.phrase(name) for name in names if compared_by(context, name) == kind]
        for kind in ("mixed", "same_persons")
    )
    persons = _persons(context)
    template = _(
        "{variables} may change for the same {persons}, who are then in part compared with "
        "themselves."
    )
    first = say(template, variables=enumerate_words(mixed), persons=persons) if mixed else []
    template = _(
        "By {variables}, the same {persons} are compared with themselves at other times; how far "
        "{persons} lie apart is a term of its own."
    )
    second = say(template, variables=enumerate_words(split), persons=persons) if split else []
    return join(*(started(words) for words in (first, second) if words))


def _persons(context: Context) -> str:
    return context.labels.plural(context.configuration.level_names[-1])


def _may_change(context: Context, name: str) -> bool:
    configuration = context.configuration
    variable = configuration.variables.get(name)
    if variable is None or not configuration.design.follows_lowest:
        return False
    levels = configuration.level_names
    return variable.level not in levels or variable.level in configuration.crossing_levels


def _is_split(context: Context, name: str) -> bool:
    """Whether the mean of a variable over each person is in the settled model beside it."""
    if field_of(context.results.value, "within_between") is None:
        return False
    persons = context.configuration.level_names[-1]
    return any(
        mean.level.value.unit == persons
        for item in context.results.within_between
        if item.variable.value == name and item.model.value == "settled"
        for mean in item.means
    )
