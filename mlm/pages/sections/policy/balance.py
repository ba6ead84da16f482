"""Policies beside their effects: who is compared, overlap, estimates without adjustment."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.phrases import error_of
from mlm.pages.rounding import fixed, number, percent, plain, signed, tally
from mlm.pages.sections.policy.words import wave_label
from mlm.pages.text import Run, join, say
from mlm.pages.words.reasons import reason_words
from mlm.pages.words.terms import term_words
from mlm.results.policy import Balance, RefusedBalance, RefusedOverlap
from mlm.results.reading import At


def balance_blocks(context: Context, item: At) -> list[Block]:
    """Balance, overlap and crude estimates of a policy."""
    variable = item.variable.value
    label = context.labels.variable(variable)
    blocks: list[Block] = []
    balance = item.balance
    title = heading(f"balance-{variable}", _("Who is compared: {variable}").format(variable=label))
    refused = _refusals(context, item, label)
    if isinstance(balance.value, Balance) and not balance.rows.empty:
        words = paragraph(_balance_words(context, item))
        blocks += [title, words, _balance_table(context, item, label), *refused]
    elif refused:
        blocks += [title, *refused]
    if not item.unadjusted.empty:
        blocks.append(_crude_table(context, item, label))
    return blocks


def _refusals(context: Context, item: At, label: str) -> list[Block]:
    """Why categories, or their overlap, are not compared."""
    variable, labels = item.variable.value, context.labels
    balance = item.balance
    if isinstance(balance.value, RefusedBalance):
        words = say(
            _("Who is compared under {variable} is not known: {reason}."),
            variable=label,
            reason=reason_words(balance.reason, labels),
        )
        return [note("information", words)]
    refused = {found.category.value: found for found in balance.not_compared}
    out = [
        say(
            _("Covariates of {category} are not compared with those of {reference}: {reason}."),
            category=labels.category(variable, category),
            reference=labels.reference(variable),
            reason=reason_words(found.reason, labels),
        )
        for category, found in refused.items()
    ]
    out += [
        say(
            _("How many with {category} or {reference} are alike is not known: {reason}."),
            category=labels.category(variable, found.category.value),
            reference=labels.reference(variable),
            reason=reason_words(found.reason, labels),
        )
        for found in _overlaps(context, item)
        if isinstance(found.value, RefusedOverlap) and found.category.value not in refused
    ]
    return [note("information", words) for words in out]


def _balance_words(context: Context, item: At) -> list[Run]:
    balance = item.balance
    units = context.labels.plural(balance.level.value)
    words = say(
        _(
            "The table compares {units}, each counted once, by category. A difference is in "
            "standard deviations; {unequal} of them are larger than {threshold} in size."
        ),
        units=units,
        unequal=tally(balance.unequal).bold(),
        threshold=plain(balance.threshold),
    )
    variable = item.variable.value
    for found in _overlaps(context, item):
        if isinstance(found.value, RefusedOverlap):
            continue
        words = join(
            words,
            say(
                _(
                    "{share} of the {units} with {category} or {reference} have covariates like "
                    "those found in the other category."
                ),
                units=units,
                share=percent(found.share, 0),
                category=context.labels.category(variable, found.category.value),
                reference=context.labels.reference(variable),
            ),
        )
    return words


def _overlaps(context: Context, item: At) -> list[At]:
    """Overlap of each category; of a policy assigned to rows that of the pass over them."""
    of_rows = context.residuals.overlap
    found = []
    for overlap in item.overlap:
        same = {"variable": item.variable.value, "category": overlap.category.value}
        again = of_rows.find(**same) if isinstance(overlap.value, RefusedOverlap) else None
        found.append(overlap if again is None else again)
    return found


def _balance_table(context: Context, item: At, label: str) -> Block:
    variable = item.variable.value
    rows = [
        row(
            capitalise(context.labels.category(variable, found.category.value)),
            term_words((found.column.value,), context.labels).full,
            fixed(found.mean, 2),
            fixed(found.reference_mean, 2),
            fixed(found.standardised, 2),
        )
        for found in item.balance.rows
        if not found.standardised.missing
    ]
    columns = [
        column(_("Category"), "text"),
        column(_("Covariate"), "text"),
        column(_("Mean")),
        column(_("Mean of the reference")),
        column(_("Difference in SD")),
    ]
    caption = say(_("Covariates by {variable}"), variable=label)
    notes = [
        _(
            "The mean of a category is the share of units, or of rows in them, that have it. "
            "Difference in SD: the difference of the means divided by the standard deviation over "
            "the units compared, which for means of large groups is small."
        )
    ]
    return table(f"balance-{variable}", caption, columns, rows, notes)


def _crude_table(context: Context, item: At, label: str) -> Block:
    variable = item.variable.value
    rows = []
    for crude in item.unadjusted:
        same = {"category": crude.category.value, "wave": crude.wave.value}
        found = item.effects.find(**same)
        cells = ["–", "–"]
        if found is not None:
            error = error_of(found)
            cells = [signed(found.estimate, error), number(error, error)]
        error = error_of(crude)
        rows.append(
            row(
                capitalise(context.labels.category(variable, crude.category.value)),
                wave_label(context, crude),
                signed(crude.estimate, error),
                number(error, error),
                *cells,
            )
        )
    columns = [
        column(_("Category"), "text"),
        column(context.labels.time, "text"),
        column(_("Difference"), group=_("Without covariates")),
        column(_("SE"), group=_("Without covariates")),
        column(_("Difference"), group=_("With covariates")),
        column(_("SE"), group=_("With covariates")),
    ]
    caption = say(
        _("Differences by {variable} with and without covariates, in {unit}"),
        variable=label,
        unit=context.labels.unit,
    )
    return table(f"crude-{variable}", caption, columns, rows)
