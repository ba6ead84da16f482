"""What the estimates would be without each of the outermost units."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.disclosure.singles import shows_single
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.phrases import unsigned
from mlm.pages.rounding import NOT_APPLICABLE, decimals_for_size, fixed, number, signed, tally
from mlm.pages.text import Run, join, say
from mlm.pages.words.reasons import reason_words
from mlm.pages.words.terms import term_words
from mlm.results.diagnostics import RefusedDeletion
from mlm.results.level import Level
from mlm.results.reading import At
from mlm.results.reason import NoGroups, OverImputations

LISTED = 5  # units without which the model was fitted again
FAR = 1.0  # standard errors by which a coefficient moves without one unit, and must be told so


def deletion_blocks(context: Context) -> list[Block]:
    """How far the estimates move without one unit, and the fits without the units that matter most.

    The reason where it was not done; nothing where there are no groups, or single units may not be
    shown. A public report does not name the units.
    """
    found = context.results.diagnostics.deletion
    title = heading("deletion", _("The model without one of the groups"))
    if isinstance(found.value, RefusedDeletion):
        if isinstance(found.reason.value, NoGroups | OverImputations):
            return []
        words = say(
            _("The model was not estimated without each of the groups: {reason}."),
            reason=reason_words(found.reason, context.labels),
        )
        return [title, note("information", words)]
    if not shows_single(context, found.level.value):
        return []
    blocks = [title, paragraph(_words(context, found))]
    refitted = [unit for unit in found.units if unit.exact.value]
    farthest = abs(found.largest_change.value)
    units = refitted[:LISTED]
    units += [u for u in refitted[LISTED:] if abs(u.change.value) == farthest]
    return [*blocks, _table(context, found, units)] if units else blocks


def _words(context: Context, found: At) -> list[Run]:
    level = found.level.value
    words = say(
        _(
            "Each {group} was left out with all its {rows}; coefficients and variances were then "
            "estimated again, by one Newton step, or by a whole fit for those that matter most. No "
            "single coefficient moves by more than {change} of its standard errors ({term}). "
            "Cook's distance, which adds up the moves of all coefficients, is at most {distance}; "
            "the usual mark of {threshold} is exceeded by {above} of the {groups}. The table is in "
            "the order of this distance: the largest single move may stand in any of its lines."
        ),
        group=context.labels.level(level),
        groups=context.labels.plural(level),
        rows=context.rows_word,
        change=fixed(unsigned(found.largest_change), 2).bold(),
        term=term_words(found.term.value, context.labels).full,
        distance=fixed(found.largest_distance, 3),
        above=tally(found.above),
        threshold=fixed(found.threshold, 3),
    )
    if abs(found.largest_change.value) > FAR:
        rests = _(
            "More than one standard error is a lot: what is said of this coefficient rests on a "
            "single {group}, and would be said otherwise without it."
        )
        words = join(words, say(rests, group=context.labels.level(level)))
    if found.of.value is not None:
        some = _(
            "Left out, one at a time, were {n} of {of} {groups}: those whose means "
            "alone move the coefficients most. Without each of the others an "
            "estimation would take long."
        )
        names = {"groups": context.labels.plural(level)}
        words = join(words, say(some, n=tally(found.n), of=tally(found.of), **names))
    items = [item for item in found.range if item.variance.value > 0]
    if not items:
        return words
    item = max(items, key=_relative)
    return join(
        words,
        say(
            _(
                "The variance that depends most on a single {group}, relative to its size, is that "
                "{where}: {variance} with all of them, between {lowest} and {highest} without one."
            ),
            group=context.labels.level(level),
            where=context.between_units(item.level.value),
            variance=fixed(item.variance, _decimals(item)),
            lowest=fixed(item.lowest, _decimals(item)).bold(),
            highest=fixed(item.highest, _decimals(item)).bold(),
        ),
    )


def _relative(item: At) -> float:
    """Width of the range of a variance, as a share of it."""
    return (item.highest.value - item.lowest.value) / item.variance.value


def _decimals(item: At) -> int:
    """Decimals of a variance, from the largest of its range."""
    return decimals_for_size(item.highest.value, 3)


def _table(context: Context, found: At, units: list[At]) -> Block:
    level, ranges = found.level.value, list(found.range)
    group = _("Variance")
    columns = [
        column(_("Left out"), "text"),
        column(_("Distance")),
        column(_("SE"), group=_("Largest move")),
        column(_("Coefficient"), "text", group=_("Largest move")),
        *(column(context.title_of(item.level.value), group=group) for item in ranges),
    ]
    whole = [number(item.variance, decimals=_decimals(item)) for item in ranges]
    rows = [row(_("None left out"), *[NOT_APPLICABLE] * 3, *whole)]
    for place, unit in enumerate(units, start=1):
        moved = (
            fixed(unit.distance, 3),
            signed(unit.change, decimals=2),
            term_words(unit.term.value, context.labels).full,
        )
        without = [
            fixed(unit.variances.find(level=item.level.value).variance, _decimals(item))
            for item in ranges
        ]
        rows.append(row(_name(context, level, unit, place), *moved, *without))
    caption = say(
        _("The settled model fitted again without each of the {groups} that matter most (REML)"),
        groups=context.labels.plural(level),
    )
    return table("deletion", caption, columns, rows, _notes(context, level))


def _name(context: Context, level: Level, unit: At, place: int) -> str:
    """The unit's id; in a public report its place in the order of distances."""
    if not context.rules.is_public:
        return " / ".join(unit.unit.value)
    return f"{capitalise(context.labels.level(level))} ({place})"


def _notes(context: Context, level: Level) -> list:
    measures = _(
        "Distance: Cook's distance. Largest move: that of the coefficient named, in standard "
        "errors (SE)."
    )
    if not context.rules.is_public:
        return [measures]
    unnamed = say(
        _("The {groups} are not named: they are numbered in the order of their distance."),
        groups=context.labels.plural(level),
    )
    return [measures, unnamed]
