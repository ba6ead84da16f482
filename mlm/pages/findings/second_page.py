"""The second page of a brief: units, what changed, what comes, and how sure the findings are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlm.pages.blocks import has_table
from mlm.pages.context import Context
from mlm.pages.disclosure.few_units import untold_variables
from mlm.pages.findings.chosen import Chosen
from mlm.pages.findings.finding import Finding
from mlm.pages.findings.gaps import blended_words
from mlm.pages.findings.hidden_effects import hidden_effects_words
from mlm.pages.findings.spread import sum_words
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import percent
from mlm.pages.sections.section import Section
from mlm.pages.sections.since_last.section import changes_section, since_words
from mlm.pages.sections.units.words import names_groups, units_on
from mlm.pages.text import Run, join, say, started
from mlm.pages.words.same_persons import same_persons_note
from mlm.pages.words.units import unit_name, units_in_order
from mlm.results.reading import At

MOST_ITEMS = 6  # of a list, so that a brief keeps to two pages
MOST_TOLD = {"further": 4, "untold": 4}  # of lists of findings
MOST_NAMES = 12  # of a group of units

RESULTS_CHANGED = ("changes-estimates", "changes-shares", "changes-units")  # tables of the report
SIDES = ("above", "below")


def brief(context: Context, chosen: Chosen) -> dict[str, Any]:
    """What the second page says beside the lead table, a list under each heading.

    Parameters
    ----------
    chosen : Chosen
        The findings of the analysis.
    """
    return brief_of(
        [
            ("further", _("Also found"), sentences_of(chosen.further)),
            ("units", _("Which stand out"), units_named(context)),
            ("untold", _("What these data leave open"), untold(context, chosen)),
            ("changes", _("Since the last results"), since(context, changes_section(context))),
            ("next", _("What the next results would add"), _next(context)),
            (
                "sure",
                _("How sure is this?"),
                [*sure(context), *_same_persons(context, chosen), *sentences_of(chosen.remarks)],
            ),
        ]
    )


def brief_of(parts: Sequence[tuple[str, str, list[list[Run]]]]) -> dict[str, Any]:
    """A second page of lists, each with its name and its heading; those without items left out."""
    return {
        "sections": [
            {"id": name, "title": title, "items": items[: MOST_TOLD.get(name, MOST_ITEMS)]}
            for name, title, items in parts
            if items
        ]
    }


def sentences_of(findings: Sequence[Finding]) -> list[list[Run]]:
    """Findings as sentences."""
    return [started(each.runs) for each in findings]


def units_named(context: Context) -> list[list[Run]]:
    """Units above and below expectation by name, where groups may be named.

    Both sides or neither: those of one side alone would stand for all that stand out.
    """
    items = []
    for item in context.results.effects:
        sides = [units_on(context, item, side) for side in SIDES]
        if names_groups(item) and all(len(units) <= MOST_NAMES for units in sides):
            items += [_side(context, item, side) for side in SIDES]
    return [words for words in items if words]


def _side(context: Context, item: At, side: str) -> list[Run]:
    units = units_on(context, item, side)
    if not units:
        return []
    named = [unit_name(unit.unit.value) for unit in units_in_order(units)]
    template = (
        _("{units} above expectation: {names}.")
        if side == "above"
        else _("{units} below expectation: {names}.")
    )
    return say(
        template,
        units=capitalise(context.labels.plural(item.level.value)),
        names=", ".join(named),
    )


def untold(context: Context, chosen: Chosen) -> list[list[Run]]:
    """What the data leave open: what they do not tell of, and what is not clear."""
    blended = blended_words(context)
    items = [*hidden_effects_words(context), *blended, *sentences_of(chosen.untold)]
    if not context.is_longitudinal:
        items.append(say(_("The survey was made once: nothing can be said about change.")))
    return items


def since(context: Context, changes: Section) -> list[list[Run]]:
    """Whether anything changed since the results before; nothing where there were none."""
    if context.previous.missing:
        return []
    first, *others = changes.blocks
    if not others:
        return [first["runs"]]
    words = (
        _("Some results changed by more than their error: the report lists them, under “{title}”.")
        if has_table(others, RESULTS_CHANGED)
        else _("What changed is in the report, under “{title}”.")
    )
    return [join(since_words(context), say(words, title=changes.title))]


def _next(context: Context) -> list[list[Run]]:
    """How much of the next wave is known in advance, and when it comes; nothing where none does.

    That one comes only those who publish know: a study that has ended has data like any other.
    """
    coming, items = context.configuration.publication.next, []
    if not coming:
        return []
    for item in context.results.over_time.levels:
        if item.kind.value != "estimated" or item.details.kind.value != "details":
            continue
        units = context.labels.plural(item.level.value)
        known = item.details.prediction.reliability
        items.append(
            say(
                _(
                    "Today's data predict {known} of the differences between {units} in the next "
                    "results; only those would show the rest."
                ),
                known=percent(known, 0).bold(),
                units=units,
            )
        )
    return [*items, say(_("Next results: {when}."), when=coming)]


def _same_persons(context: Context, chosen: Chosen) -> list[list[Run]]:
    """Who is compared by what changes for those who are followed, of what is told."""
    told = (*chosen.told, *chosen.further, *chosen.untold)
    kinds = ("policy", "gap", "association")
    names = [each.variable for each in told if each.kind in kinds and each.variable is not None]
    note = same_persons_note(context, list(dict.fromkeys(names)))
    return [note] if note else []


def sd_words(context: Context) -> list[Run]:
    """Which standard deviations sizes are told in."""
    labels = context.labels
    whole = say(
        _(
            "One SD is a standard deviation of {outcome} at the time that a sentence names, the "
            "later where it names two."
        )
        if context.is_longitudinal
        else _("One SD is a standard deviation of {outcome}."),
        outcome=labels.phrase(labels.analysis.outcome),
    )
    hidden = untold_variables(context)
    by = [
        say(
            _("For {policy} it is that of {reference} alone."),
            policy=labels.phrase(item.variable.value),
            reference=labels.members(item.variable.value, item.reference.value),
        )
        for item in context.results.policy
        if not item.reference.missing and item.variable.value not in hidden
    ]
    return join(whole, *(started(words) for words in by))


def sure(context: Context) -> list[list[Run]]:
    """What intervals mean, and what differences are between."""
    persons = context.labels.plural(context.configuration.level_names[-1])
    items = [
        join(
            say(
                _(
                    "Ranges in brackets are 95% intervals: in 95 of 100 such surveys they hold the "
                    "true value."
                )
            ),
            sum_words(context),
        ),
        sd_words(context),
        say(
            _(
                "Groups, and times, are compared among {persons} alike in the other variables of "
                "the model. Which variables stay in it was settled by the data; the report shows "
                "the model with all of them."
            ),
            persons=persons,
        ),
    ]
    return items
