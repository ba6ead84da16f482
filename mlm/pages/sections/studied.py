"""What was studied: units of each level and moments of the outcome, by wave."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, row, table
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.rounding import Number, count, decimals_for_mean, decimals_for_spread, fixed
from mlm.pages.text import say
from mlm.results.level import Level
from mlm.results.reading import At


def studied_table(context: Context) -> Block | None:
    """Units of each level, mean and standard deviation of the outcome, by wave."""
    waves = list(context.results.waves)
    if not waves:
        return None
    shown = levels_in_waves(context)
    rows = [
        row(
            context.labels.wave(wave.wave.value),
            *(units_of(wave, level) for level in shown),
            count(wave.rows),
            fixed(wave.mean, decimals_for_mean(wave.sd.value, wave.rows.value)),
            fixed(wave.sd, decimals_for_spread(wave.sd.value, wave.rows.value)),
        )
        for wave in waves
    ]
    columns = [column(context.labels.wave_title, "text")]
    columns += [column(context.title_of(level)) for level in shown]
    columns += [column(_(label), main=True) for label in (N_("Rows used"), N_("Mean"), N_("SD"))]
    caption = say(
        _("What was studied: units with complete rows, and {outcome} ({unit}), by wave"),
        outcome=context.labels.outcome,
        unit=context.labels.unit,
    )
    return table("studied", caption, columns, rows)


def levels_in_waves(context: Context) -> list[Level]:
    """Levels whose units are counted in the waves."""
    found = [group.level.value for wave in context.results.waves for group in wave.groups]
    return list(dict.fromkeys(found))


def units_of(wave: At, level: Level) -> Number:
    """Units of a level with rows in a wave."""
    group = wave.groups.find(level=level)
    return count(At(None, wave.groups.source) if group is None else group.n)
