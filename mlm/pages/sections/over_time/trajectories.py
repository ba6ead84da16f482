"""Effects of groups by wave: single lines where they may be shown, else quantiles."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import Block, column, figure, row, table
from mlm.pages.context import Context
from mlm.pages.disclosure.singles import shows_single
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import count, decimals_for_size, drawn, percent, signed
from mlm.pages.text import say
from mlm.pages.words.levels import identifier
from mlm.pages.words.units import unit_name
from mlm.results.names import Unit
from mlm.results.reading import At

MOST_LINES = 120
LEAST_LINES = 5
MIDDLE = 0.5


def trajectory_blocks(context: Context, item: At) -> list[Block]:
    """The chart of the effects by wave and the table of their spread."""
    kept = _quantiles(context, item)
    blocks = []
    if len(kept) > 1:
        blocks.append(_table(context, item, kept))
    if _names(context, item):
        return [_lines(context, item), *blocks]
    return [_fan(context, item, kept), *blocks] if len(kept) > 2 else blocks


def _names(context: Context, item: At) -> set[Unit]:
    """Units that may be drawn one by one; none where an order is refused, or they are many."""
    effects = context.results.effects.find(level=item.level.value)
    if effects is None or not effects.licence.granted.value:
        return set()
    names = {unit.unit.value for unit in context.rules.named(effects.units)}
    return names if LEAST_LINES <= len(names) <= MOST_LINES else set()


def _quantiles(context: Context, item: At) -> list[At]:
    """The quantiles that may be shown: with enough units beyond them where these are not large."""
    found = item.details.trajectories
    present = min(found.present.value)
    least = 1 if shows_single(context, item.level.value) else context.rules.threshold
    return [
        quantile
        for quantile in found.quantiles
        for p in [quantile.probability.value]
        if min(p, 1.0 - p) * present >= least
    ]


def _waves(context: Context, item: At) -> list[str]:
    return [context.labels.wave(wave) for wave in item.details.trajectories.waves.value]


def _lines(context: Context, item: At) -> Block:
    names = _names(context, item)
    units = [unit for unit in item.details.trajectories.units if unit.unit.value in names]
    waves = _waves(context, item)
    data: dict[str, list] = {"unit": [], "wave": [], "estimate": [], "std_error": []}
    for unit in units:
        for position, wave in enumerate(waves):
            present = unit.present[position].value
            data["unit"].append(unit_name(unit.unit.value))
            data["wave"].append(wave)
            error = unit.std_error[position].value
            data["estimate"].append(drawn(unit.estimate[position], error) if present else None)
            data["std_error"].append(drawn(error, error) if present else None)
    groups = context.labels.plural(item.level.value)
    how = say(
        _(
            "One line per {group}: its effect in each wave, drawn towards zero where it has few "
            "{rows}; a gap where it has none. The fifth that was highest in {first} is drawn "
            "solid, the fifth that was lowest dashed: the more these lines mix with the others, "
            "the less the effects last. Single lines are uncertain: see the intervals above."
        ),
        group=context.labels.level(item.level.value),
        rows=context.rows_word,
        first=waves[0],
    )
    return _figure(context, item, how, data, {"mode": "lines", "names": _fifths(waves[0])}, groups)


def _fifths(wave: str) -> dict[str, str]:
    return {
        "high": _("highest fifth in {wave}").format(wave=wave),
        "low": _("lowest fifth in {wave}").format(wave=wave),
        "other": _("others"),
    }


def _fan(context: Context, item: At, kept: list[At]) -> Block:
    waves = _waves(context, item)
    data: dict[str, list] = {"wave": waves}
    decimals = _decimals_of(kept)
    for quantile in kept:
        data[_share(quantile)] = [drawn(value, decimals=decimals) for value in quantile.estimate]
    groups = context.labels.plural(item.level.value)
    how = say(
        _(
            "The strong line is the median of the {groups} in each wave; the darkest band "
            "holds the middle half of them, the lighter ones those between the outer "
            "quantiles of the table. The effects are shrunk towards zero, so the true ones "
            "spread wider. None of the {groups} is shown by itself."
        ),
        groups=groups,
    )
    middle = _share(_middle(kept))
    left_out = len(item.details.trajectories.quantiles) - len(kept)
    options = {"mode": "fan", "middle": middle}
    return _figure(context, item, how, data, options, groups, left_out)


def _decimals_of(kept: list[At]) -> int:
    """The decimals of quantiles: three significant digits of the largest."""
    return decimals_for_size(max(abs(v) for quantile in kept for v in quantile.estimate.value), 3)


def _share(quantile: At) -> str:
    return percent(quantile.probability, _decimals(quantile)).text


def _decimals(quantile: At) -> int:
    return 0 if round(100 * quantile.probability.value, 6).is_integer() else 1


def _figure(
    context: Context,
    item: At,
    how,
    data: dict[str, list],
    more: dict[str, Any],
    groups: str,
    left_out: int = 0,
) -> Block:
    level = item.level.value
    return figure(
        f"trajectories-{identifier(level)}",
        "trajectories",
        say(_("Effects of {groups} by wave"), groups=groups),
        how,
        say(
            _(
                "Effects of {groups} from wave to wave; their spread in each wave is in the table "
                "below the chart."
            ),
            groups=groups,
        ),
        data,
        {
            "y": _("Effect on {outcome} ({unit})").format(
                outcome=context.labels.outcome, unit=context.labels.unit
            ),
            "x": context.labels.below_waves,
            "level": identifier(level),
            "levels": [identifier(each) for each in context.hierarchy],
            **more,
        },
        pooled=left_out,
        unit=context.labels.unit,
    )


def _middle(kept: list[At]) -> At:
    """The quantile nearest to the median."""
    return min(kept, key=lambda each: abs(each.probability.value - MIDDLE))


def _table(context: Context, item: At, kept: list[At]) -> Block:
    found = item.details.trajectories
    decimals = _decimals_of(kept)
    rows = [
        row(
            wave,
            count(found.present[position]),
            *(signed(quantile.estimate[position], decimals=decimals) for quantile in kept),
        )
        for position, wave in enumerate(_waves(context, item))
    ]
    level = item.level.value
    shown = (kept[0], _middle(kept), kept[-1])
    columns = [
        column(context.labels.wave_title, "text"),
        column(capitalise(context.labels.plural(level)), follows=True),
        *(
            column(_share(each), group=_("Share of them at or below"), main=each in shown)
            for each in kept
        ),
    ]
    caption = say(
        _("Spread of the effects of {groups} by wave, in {unit}"),
        groups=context.labels.plural(level),
        unit=context.labels.unit,
    )
    notes = [
        _(
            "Effects in each wave under the covariance above, all waves taken together. Each "
            "column holds the value that this share of the units does not exceed."
        )
    ]
    return table(f"trajectories-{identifier(level)}", caption, columns, rows, notes)
