"""Policies beside their effects: who is compared, overlap, waves alone, changes of group."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, group_row, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _, ngettext
from mlm.pages.phrases import is_clear, is_made, test
from mlm.pages.rounding import (
    count,
    decimals_for_mean,
    decimals_for_size,
    fixed,
    percent,
    plain,
    tally,
)
from mlm.pages.sections.policy.apart import alone_table
from mlm.pages.sections.policy.changes import changes_table
from mlm.pages.sections.policy.flow import flow_blocks
from mlm.pages.text import Run, join, say
from mlm.pages.words.reasons import reason_words
from mlm.pages.words.terms import term_words
from mlm.results.policy import Balance, RefusedBalance, RefusedOverlap
from mlm.results.reading import At


def balance_blocks(context: Context, item: At) -> list[Block]:
    """Balance, overlap, waves alone and changes of group of a policy."""
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
        blocks.append(alone_table(context, item))
    blocks += [*flow_blocks(context, item), *changes_table(context, item)]
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
    labels, variable = context.labels, item.variable.value
    words = join(_compared_words(context, item.balance), _chance_words(context, item.balance))
    for found in _overlaps(context, item):
        if isinstance(found.value, RefusedOverlap):
            continue
        share = say(
            _(
                "{share} of the {units} with {category} or {reference} have covariates like "
                "those found in the other category."
            ),
            units=labels.plural(item.balance.level.value),
            share=percent(found.share, 0),
            category=labels.category(variable, found.category.value),
            reference=labels.reference(variable),
        )
        words = join(words, share)
    return words


def _compared_words(context: Context, balance: At) -> list[Run]:
    """What is compared, and where units are left out."""
    labels, wave = context.labels, balance.wave.value
    units = labels.plural(balance.level.value)
    words = say(
        _("The table compares {units} by category{when}, each counted once."),
        units=units,
        when="" if wave is None else _(" in {wave}").format(wave=labels.wave(wave)),
    )
    if balance.mixed.value:
        left = _("Left out, as their rows are in several categories: {n} {units}.")
        words = join(words, say(left, n=count(balance.mixed), units=units))
    return words


def _chance_words(context: Context, balance: At) -> list[Run]:
    """How many differences are large, and how many a random allocation would give."""
    template = ngettext(
        "{unequal} of the differences is larger than {threshold} SD in size; a random allocation "
        "of as many {units} would give {expected}.",
        "{unequal} of the differences are larger than {threshold} SD in size; a random allocation "
        "of as many {units} would give {expected}.",
        balance.unequal.value,
    )
    words = say(
        template,
        unequal=tally(balance.unequal).bold(),
        threshold=plain(balance.threshold),
        units=context.labels.plural(balance.level.value),
        expected=fixed(balance.expected, 1),
    )
    if not is_made(balance.joint):
        return words
    joint = (
        _("Together the covariates differ by more than at random ({test}).")
        if is_clear(balance.joint, context.labels.analysis.alpha)
        else _("Together they differ by no more than at random ({test}).")
    )
    return join(words, say(joint, test=test(balance.joint)))


def _overlaps(context: Context, item: At) -> list[At]:
    """Overlap of each category; of a policy assigned to rows that of the pass over them."""
    of_rows = context.residuals.overlap
    found = []
    for overlap in item.overlap:
        same = {"variable": item.variable.value, "category": overlap.category.value}
        again = of_rows.find(**same) if isinstance(overlap.value, RefusedOverlap) else None
        found.append(overlap if again is None else again)
    return found


def _decimals(item: At, found: At) -> tuple[int, int]:
    """The decimals of the means of a covariate over units, and of their difference in SD."""
    compared = {found.category.value, item.reference.value}
    n = min(arm.n.value for arm in item.balance.units if arm.category.value in compared)
    in_sd = min(decimals_for_mean(1.0, n), 2)
    size, apart = found.standardised.value, found.mean.value - found.reference_mean.value
    if not size or not apart:
        return decimals_for_size(found.mean.value, 2), in_sd
    return decimals_for_mean(abs(apart / size), n), in_sd


def _row(context: Context, item: At, found: At) -> dict:
    """A covariate of the units in a category, beside those in the reference."""
    places, in_sd = _decimals(item, found)
    return row(
        term_words((found.column.value,), context.labels).full,
        fixed(found.mean, places),
        fixed(found.reference_mean, places),
        fixed(found.standardised, in_sd),
        fixed(found.std_error, in_sd),
        fixed(found.standardised_rows, in_sd),
        indented=True,
    )


def _balance_table(context: Context, item: At, label: str) -> Block:
    variable = item.variable.value
    shown = [found for found in item.balance.rows if not found.standardised.missing]
    rows: list = []
    for category in dict.fromkeys(found.category.value for found in shown):
        rows.append(group_row(capitalise(context.labels.category(variable, category))))
        rows += [_row(context, item, own) for own in shown if own.category.value == category]
    columns = [
        column(_("Covariate"), "text"),
        column(_("Mean")),
        column(_("Mean of the reference")),
        column(_("Difference"), group=_("In SD"), main=True),
        column(_("SE at random"), group=_("In SD")),
        column(_("Over rows"), group=_("In SD")),
    ]
    caption = say(_("Covariates by {variable}"), variable=label)
    notes = [
        _(
            "The mean of a category is the share of units, or of rows in them, that have it. "
            "Difference in SD: the difference of the means divided by the standard deviation over "
            "the units compared, which for means of large groups is small; its SE at random is "
            "that of a random allocation of as many units. Units allocated within larger ones "
            "differ by less. Over rows: the same with each row counted."
        )
    ]
    return table(f"balance-{variable}", caption, columns, rows, notes)
