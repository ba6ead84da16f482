"""A unit's effects by wave against all units: the chart and the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.blocks import Block, Cell, column, figure, finish, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.key import box_entry, key, mark_entry
from mlm.pages.drawing.look import GREY, NAVY, Style
from mlm.pages.drawing.panel import panel_over_waves
from mlm.pages.language import _
from mlm.pages.rounding import NOT_APPLICABLE, Number, decimals_for_error, drawn, signed
from mlm.pages.sections.units.words import units_around
from mlm.pages.text import Run, join, say
from mlm.results.reading import At

MIDDLE_HALF, MOST = (0.25, 0.75), (0.025, 0.975)
PALE, PALER = 0.34, 0.16
AROUND = 0.35  # of a wave, beside the first and the last


def course_blocks(context: Context, item: At, unit: At, title: str) -> list[Block]:
    """Chart and table of the effects by wave; nothing where there is one wave, or none is told."""
    told = context.results.over_time.levels.find(level=item.level.value)
    if told is None or told.kind.value != "estimated" or told.details.kind.value != "details":
        return []
    found = told.details.trajectories
    own = found.units.find(unit=unit.unit.value)
    if own is None:
        return []
    return [_chart(context, item, found, own, title), _table(context, item, found, own, title)]


def _ends(own: At, wave: int) -> tuple[At, At]:
    """Two standard errors to either side of the effect in a wave."""
    parts = own.estimate[wave], own.std_error[wave]
    return derive("two_below", *parts), derive("two_above", *parts)


def _quantiles(found: At, pair: tuple[float, float]) -> list[At]:
    """Two quantiles of all units by wave; none where one of them is not told."""
    ends = [found.quantiles.find(probability=share) for share in pair]
    return [] if None in ends else ends


def _chart(context: Context, item: At, found: At, own: At, title: str) -> Block:
    groups = context.labels.plural(item.level.value)
    names = ("wave", "estimate", "lower", "upper", "low", "high", "lowest", "highest")
    data: dict[str, list] = {name: [] for name in names}
    half, most = _quantiles(found, MIDDLE_HALF), _quantiles(found, MOST)
    for place, wave in enumerate(found.waves.value):
        error = own.std_error[place].value
        values: list[At | None] = [own.estimate[place], *_ends(own, place)]
        if not own.present[place].value:
            values = [None, None, None]
        data["wave"].append(context.labels.wave(wave))
        for name, value in zip(("estimate", "lower", "upper"), values, strict=True):
            data[name].append(None if value is None else drawn(value, error))
        for pair, ends in ((("low", "high"), half), (("lowest", "highest"), most)):
            for name, quantile in zip(pair, ends or (None, None), strict=True):
                shown = None if quantile is None else drawn(quantile.estimate[place], error)
                data[name].append(shown)
    how = _how(context, item)
    alt = say(
        _("Effects of {title} by wave, with the range of all {groups}; see the table for numbers."),
        title=title,
        groups=groups,
    )
    words = {"own": title, "half": _("middle half of all"), "most": _("middle 95% of all")}
    y = _("Effect on {outcome} ({unit})").format(
        outcome=context.labels.outcome, unit=context.labels.unit
    )
    options = {"y": y, "x": context.labels.below_waves, "words": words}
    caption = say(_("Effect of {title} in each wave"), title=title)
    return figure("course", "course", caption, how, alt, data, options, unit=context.labels.unit)


def _how(context: Context, item: At) -> list[Run]:
    """How the chart is read, and why its numbers are not those of the effect that is compared."""
    level = item.level.value
    group, groups = context.labels.level(level), context.labels.plural(level)
    marks = say(
        _(
            "Marks: the effects of this {group}, with two standard errors to either side; none in "
            "a wave without {rows}. Bands: the middle half and the middle 95% of the effects of "
            "all {groups}. Zero is what the model expects."
        ),
        group=group,
        groups=groups,
        rows=context.rows_word,
    )
    errors = _(
        "These errors leave out that the variances of the model are estimated; the 95% interval "
        "above counts that too."
    )
    around = units_around(context, level)
    if around is None or item.against.value != "all":
        return join(marks, errors)
    apart = _(
        "The effects here are apart from those of the {around}, which the effect above holds."
    )
    return join(marks, errors, say(apart, around=context.labels.level(around)))


def _table(context: Context, item: At, found: At, own: At, title: str) -> Block:
    around, half = _("Two standard errors"), _quantiles(found, MIDDLE_HALF)
    of_all = _("Middle half of all {groups}").format(groups=context.labels.plural(item.level.value))
    columns = [
        column(context.labels.wave_title, "text", main=True),
        column(_("Effect"), main=True),
        column(_("Lower"), group=around, main=True),
        column(_("Upper"), group=around, main=True),
    ]
    columns += [column(end, group=of_all) for end in (_("Lower"), _("Upper")) if half]
    rows = []
    for place, wave in enumerate(found.waves.value):
        decimals = decimals_for_error(own.std_error[place].value)
        values = [own.estimate[place], *_ends(own, place)]
        cells: list[Cell] = [_signed(value, decimals) for value in values]
        if not own.present[place].value:
            cells = [NOT_APPLICABLE] * len(values)
        cells += [_signed(quantile.estimate[place], decimals) for quantile in half]
        rows.append(row(context.labels.wave(wave), *cells))
    caption = say(
        _("Effect of {title} in each wave, in {unit}"), title=title, unit=context.labels.unit
    )
    block = table("course", caption, columns, rows)
    finish(block)
    return block


def _signed(value: At, decimals: int) -> Number:
    return signed(value, decimals=decimals)


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """The bands of all units, then the marks of the unit."""
    waves, words = data["wave"], options["words"]
    pairs = [("lowest", "highest", PALER), ("low", "high", PALE)]
    bands = [pair for pair in pairs if None not in (*data[pair[0]], *data[pair[1]])]
    style = Style(NAVY)
    entries = [mark_entry(words["own"], style)]
    names = {PALE: "half", PALER: "most"}
    entries += [
        box_entry(words[names[opacity]], GREY, opacity=opacity) for *_p, opacity in reversed(bands)
    ]
    key(canvas, entries)
    values = [v for name in data if name != "wave" for v in data[name] if v is not None]
    panel = panel_over_waves(canvas, waves, values, options, (AROUND, AROUND))
    for low, high, opacity in bands:
        ends = [[panel.at(i, value) for i, value in enumerate(data[name])] for name in (low, high)]
        canvas.area([*ends[0], *reversed(ends[1])], GREY, opacity)
    seen = [i for i, value in enumerate(data["estimate"]) if value is not None]
    for before, after in zip(seen, seen[1:], strict=False):
        if after == before + 1:
            points = [panel.at(i, data["estimate"][i]) for i in (before, after)]
            canvas.path(points, style.colour, 1.3)
    for i in seen:
        panel.upright(i, data["lower"][i], data["upper"][i], style.colour, 2.0)
        canvas.mark(*panel.at(i, data["estimate"][i]), style.colour)
