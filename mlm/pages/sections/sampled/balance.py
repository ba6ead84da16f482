"""Who is compared under a policy in a sample: weighted covariates of its categories."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, group_row, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _, ngettext
from mlm.pages.phrases import is_clear, is_made, test
from mlm.pages.rounding import NOT_APPLICABLE, decimals_for_mean, fixed, p_value, plain, tally
from mlm.pages.sections.sampled.estimates import df_cell, estimate_columns, interval_note
from mlm.pages.text import Run, join, say
from mlm.pages.words.sampled_reasons import sampled_reason_words
from mlm.pages.words.terms import term_words
from mlm.results.policy import RefusedBalance
from mlm.results.reading import At


def balance_blocks(context: Context, item: At) -> list[Block]:
    """The covariates of each category of a policy beside those of the reference."""
    label, balance = context.labels.variable(item.variable.value), item.balance
    title = heading(
        f"balance-{item.variable.value}", _("Who is compared: {variable}").format(variable=label)
    )
    if isinstance(balance.value, RefusedBalance):
        words = say(
            _("Who is compared under {variable} is not known: {reason}."),
            variable=label,
            reason=sampled_reason_words(balance.reason, context.labels),
        )
        return [title, note("information", words)]
    blocks: list[Block] = [title, paragraph(_answer(context, balance))]
    if any(not wave.rows.empty for wave in balance.waves):
        blocks.append(_table(context, item, label))
    missing = [(wave, each) for wave in balance.waves for each in wave.not_compared]
    return [*blocks, *(note("information", _missing(context, item, *each)) for each in missing)]


def _answer(context: Context, balance: At) -> list[Run]:
    """How many covariates differ in each wave, and whether by more than the sample explains."""
    words = say(
        _(
            "The table compares rows by category as they weigh, before any adjustment; errors are "
            "those of the sample."
        )
    )
    for wave in balance.waves:
        if wave.rows.empty:
            continue
        template = ngettext(
            "{wave}: {unequal} of the differences is larger than {threshold} SD in size.",
            "{wave}: {unequal} of the differences are larger than {threshold} SD in size.",
            wave.unequal.value,
        )
        words = join(
            words,
            say(
                template,
                wave=context.labels.wave(wave.wave.value),
                unequal=tally(wave.unequal).bold(),
                threshold=plain(balance.threshold),
            ),
            _together(context, wave.joint),
        )
    return words


def _together(context: Context, joint: At) -> list[Run]:
    if joint.missing:
        return []
    if not is_made(joint):
        return say(
            _("Whether they differ, taken together, was not tested: {reason}."),
            reason=sampled_reason_words(joint.reason, context.labels),
        )
    words = (
        _("Together the covariates differ clearly ({test}).")
        if is_clear(joint, context.labels.analysis.alpha)
        else _("There is no clear evidence that the covariates differ, taken together ({test}).")
    )
    return say(words, test=test(joint))


def _missing(context: Context, item: At, wave: At, lacking: At) -> list[Run]:
    labels, variable = context.labels, item.variable.value
    return say(
        _("{wave}: covariates of {category} and {reference} are not compared: {reason}."),
        wave=labels.wave(wave.wave.value),
        category=labels.category(variable, lacking.category.value),
        reference=labels.reference(variable),
        reason=sampled_reason_words(lacking.reason, labels),
    )


def _decimals(context: Context, item: At, wave: At, found: At) -> int:
    """The decimals of the means of a covariate, by its spread and the rows that are compared."""
    apart = found.mean.value - found.reference_mean.value
    size = None if found.difference.missing else found.difference.estimate.value
    if not size or not apart:
        return 2
    own = context.results.means.by.find(variable=item.variable.value)
    groups = (
        []
        if own is None
        else [own.categories[0], own.categories.find(category=found.category.value)]
    )
    cells = [group.waves.find(wave=wave.wave.value) for group in groups if group is not None]
    rows = [cell.rows.value for cell in cells if cell is not None]
    return decimals_for_mean(abs(apart / size), min(rows)) if rows else 2


def _table(context: Context, item: At, label: str) -> Block:
    labels, variable = context.labels, item.variable.value
    rows: list = []
    for wave in item.balance.waves:
        for category in dict.fromkeys(found.category.value for found in wave.rows):
            name = capitalise(labels.category(variable, category))
            rows.append(group_row(f"{name}, {labels.wave(wave.wave.value)}"))
            for found in wave.rows:
                if found.category.value == category:
                    rows.append(_row(context, found, _decimals(context, item, wave, found)))
    columns = [
        column(_("Covariate"), "text"),
        column(_("Mean")),
        column(_("Mean of the reference")),
        *estimate_columns(_("Difference"), group=_("In SD")),
        column(_("df"), group=_("In SD")),
        column("p", group=_("In SD")),
    ]
    notes = [
        _(
            "Means are weighted over the rows that have all covariates; the mean of a category is "
            "its share. Difference in SD: the difference of the means divided by the weighted "
            "standard deviation of the rows compared, the error of which is not counted."
        ),
        interval_note(),
    ]
    caption = say(_("Covariates by {variable}, weighted"), variable=label)
    return table(f"balance-{variable}", caption, columns, rows, notes)


def _row(context: Context, found: At, places: int) -> dict:
    difference = found.difference
    cells = [NOT_APPLICABLE] * 6
    if not difference.missing:
        ends = (difference.estimate, difference.std_error, difference.lower, difference.upper)
        told = [df_cell(difference), p_value(difference.p_value)]
        cells = [*(fixed(value, 2) for value in ends), *told]
    return row(
        term_words((found.column.value,), context.labels).full,
        fixed(found.mean, places),
        fixed(found.reference_mean, places),
        *cells,
        indented=True,
    )
