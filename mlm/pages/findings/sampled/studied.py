"""What was studied of a sample: units, rows and what they say of the population, by wave."""

from __future__ import annotations

from mlm.pages.blocks import Block, Cell, column, row, table
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.language import _
from mlm.pages.rounding import (
    NOT_AVAILABLE,
    count,
    decimals_for_mean,
    decimals_for_spread,
    fixed,
    number,
)
from mlm.pages.sections.studied import levels_in_waves, units_of
from mlm.pages.text import say
from mlm.results.reading import At


def sampled_studied_table(context: SampledContext) -> Block | None:
    """Units and rows of the sample, and what they say of the population, by wave."""
    waves = list(context.results.waves)
    if not waves:
        return None
    shown, is_weighted = levels_in_waves(context), not context.results.sample.missing
    rows = []
    for wave in waves:
        cells: list[Cell] = [units_of(wave, level) for level in shown]
        cells += [*_described(context, wave, is_weighted), count(wave.rows)]
        rows.append(row(context.labels.wave(wave.wave.value), *cells))
    columns = [column(context.labels.wave_title, "text")]
    columns += [column(context.title_of(level)) for level in shown]
    columns.append(column(_("Rows with the outcome"), main=True))
    columns += [column(_("Sum of weights"))] if is_weighted else []
    columns += [
        column(_("Weighted mean") if is_weighted else _("Mean"), main=True),
        column(_("Weighted SD") if is_weighted else _("SD"), main=True),
        column(_("Rows in the models")),
    ]
    caption = say(
        _("What was studied: units, rows and {outcome} ({unit}), by wave"),
        outcome=context.labels.outcome,
        unit=context.labels.unit,
    )
    notes = [_("Rows in the models: those in which every variable of the full model is recorded.")]
    if is_weighted:
        notes.append(_("Units and rows are counted as they are, without weights."))
    return table("studied", caption, columns, rows, notes)


def _described(context: SampledContext, wave: At, is_weighted: bool) -> list[Cell]:
    """Rows with the outcome, the sum of their weights, and its weighted mean and deviation."""
    name = wave.wave.value
    found = context.results.means.waves.find(wave=name)
    if found is None:
        return [NOT_AVAILABLE] * (3 + is_weighted)
    cells: list[Cell] = [count(found.rows)]
    cells += [fixed(found.sum_of_weights, 0)] if is_weighted else []
    cells.append(number(found.estimate, decimals=mean_decimals(context, found)))
    spread = context.results.weighted_moments.find(wave=name)
    if spread is None or spread.weighted_sd.missing:
        return [*cells, NOT_AVAILABLE]
    sd = spread.weighted_sd
    return [*cells, fixed(sd, decimals_for_spread(sd.value, wave.rows.value))]


def mean_decimals(context: SampledContext, wave: At) -> int:
    """Decimals of a mean that its error supports, and by which no row's value is known."""
    by_error = number(wave.estimate, wave.std_error).decimals
    sd = context.spread_of(wave.wave.value)
    if sd is None:
        return by_error
    return min(by_error, decimals_for_mean(sd.value, wave.rows.value))
