"""What was studied of a sample: units, rows and weighted moments of the outcome, by wave."""

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
        cells.append(count(wave.rows))
        cells += [_sum(context, wave)] if is_weighted else []
        rows.append(row(context.labels.wave(wave.wave.value), *cells, *_moments(context, wave)))
    columns = [column(context.labels.wave_title, "text")]
    columns += [column(context.title_of(level)) for level in shown]
    columns.append(column(_("Rows used"), main=True))
    columns += [column(_("Sum of weights"))] if is_weighted else []
    columns += [
        column(_("Weighted mean") if is_weighted else _("Mean"), main=True),
        column(_("Weighted SD") if is_weighted else _("SD"), main=True),
    ]
    caption = say(
        _("What was studied: units with complete rows, and {outcome} ({unit}), by wave"),
        outcome=context.labels.outcome,
        unit=context.labels.unit,
    )
    notes = [_("Units and rows are counted as they are, without weights.")] if is_weighted else []
    return table("studied", caption, columns, rows, notes)


def _sum(context: SampledContext, wave: At) -> Cell:
    found = context.results.sample.by_wave.find(wave=wave.wave.value)
    return NOT_AVAILABLE if found is None else fixed(found.sum_of_weights, 0)


def _moments(context: SampledContext, wave: At) -> list[Cell]:
    """Mean and standard deviation, with no more decimals than their errors support."""
    found = context.results.weighted_moments.find(wave=wave.wave.value)
    mean = context.results.means.waves.find(wave=wave.wave.value)
    if found is None or found.weighted_sd.missing:
        return [NOT_AVAILABLE, NOT_AVAILABLE]
    sd, rows = found.weighted_sd, wave.rows.value
    most = decimals_for_mean(sd.value, rows)
    error = None if mean is None else mean.std_error
    decimals = most if error is None else min(most, number(found.weighted_mean, error).decimals)
    return [fixed(found.weighted_mean, decimals), fixed(sd, decimals_for_spread(sd.value, rows))]
