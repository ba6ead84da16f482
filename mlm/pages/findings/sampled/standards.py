"""The standards that a brief shows: of all rows and of the groups of the foremost gap."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.findings.chosen import Chosen
from mlm.pages.findings.finding import Finding
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.results.reading import At


@dataclass(frozen=True)
class Standard:
    """Means, or shares at a cut, of a group of rows by wave.

    Attributes
    ----------
    members : str
        Who they are, in words.
    name : str
        The same, to begin a line.
    waves : tuple of At
        Estimates that may be shown.
    cut : str or None
        Name of the cut; None: means.
    place : int
        Of the group among the categories of its variable, which gives it its colour.
    are_all : bool
        Whether they are all rows.
    """

    members: str
    name: str
    waves: tuple[At, ...]
    cut: str | None
    place: int
    are_all: bool = False


def foremost_gap(chosen: Chosen) -> Finding | None:
    """The first finding on a gap; None without any."""
    told = (*chosen.told, *chosen.further, *chosen.untold)
    return next((each for each in told if each.kind == "gap"), None)


def overall(context: SampledContext) -> list[Standard]:
    """Means of all rows, and their shares at each cut."""
    told = [(None, context.results.means)]
    told += [(item.name.value, item) for item in context.results.shares_at]
    members = context.rows_word
    name = _("All {units}").format(units=members)
    found = [
        Standard(members, name, _shown(context, item.waves), cut, 0, are_all=True)
        for cut, item in told
    ]
    return [standard for standard in found if standard.waves]


def of_groups(context: SampledContext, chosen: Chosen) -> list[Standard]:
    """Shares at the first cut of the groups of the foremost gap; without a cut their means."""
    gap, cuts = foremost_gap(chosen), list(context.results.shares_at)
    told, cut = (cuts[0], cuts[0].name.value) if cuts else (context.results.means, None)
    by = None if gap is None else told.by.find(variable=gap.variable)
    found = []
    for category in () if by is None else by.categories:
        code = category.category.value
        members = context.labels.members(gap.variable, code)
        place = context.labels.place_of(gap.variable, code)
        waves = _shown(context, category.waves)
        found.append(Standard(members, capitalise(members), waves, cut, place))
    return [standard for standard in found if standard.waves]


def _shown(context: SampledContext, waves: At) -> tuple[At, ...]:
    return tuple(wave for wave in waves if not context.is_hidden(wave))
