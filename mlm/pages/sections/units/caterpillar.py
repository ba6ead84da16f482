"""Effects of units: a caterpillar chart with comparative intervals, and the table of units."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, raw, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.sources import derive
from mlm.results.reading import At
from mlm.pages.numbers import (
    LOW,
    MAX_DECIMALS,
    count,
    decimals_for_error,
    fixed,
    number,
    percent,
    signed,
    tally,
)
from mlm.pages.text import Run, say

TABLE_LIMIT = 100
TENTHS = ("probability_top", "probability_bottom")


def caterpillar_figure(context: Context, item: At) -> Block:
    """Every unit's effect in order of size, with its comparative interval."""
    level = item.level.value
    groups = context.labels.plural(level)
    units = sorted(named_units(context, item), key=lambda unit: unit.estimate.value)
    keys = ("estimate", "goldstein_lower", "goldstein_upper", "lower", "upper", "reliability")
    data: dict[str, list] = {"unit": [_name(unit) for unit in units]}
    data |= {key: [raw(unit.get(key)) for unit in units] for key in keys}
    data["n"] = [unit.n for unit in units]
    how = say(
        _(
            "One mark a {group}, in order of its effect; zero is what the model expects. The thick "
            "bars are comparative intervals: two {groups} differ at the 5% level, for a comparison "
            "chosen beforehand, when their bars do not overlap. Filled marks have 95% intervals "
            "that exclude zero."
        ),
        group=context.labels.level(level),
        groups=groups,
    )
    alt = say(
        _(
            "Caterpillar plot of the effects of {n} {groups} in increasing order with comparative "
            "intervals; the numbers are in the table Effects of {groups}."
        ),
        n=tally(derive("items", *(unit.n for unit in units))),
        groups=groups,
    )
    return figure(
        f"units-{level}",
        "caterpillar",
        say(_("Effects of {groups} with comparative intervals"), groups=groups),
        how,
        alt,
        data,
        {
            "y": _("Effect on {outcome} ({unit})").format(
                outcome=context.labels.outcome, unit=context.labels.unit
            ),
            "x": _("{groups} in order of their effect").format(groups=capitalise(groups)),
            "level": level,
            "levels": [level.name.value for level in context.levels],
        },
    )


def shrinkage_figure(context: Context, item: At) -> Block:
    """Raw against shrunken effects."""
    level = item.level.value
    groups = context.labels.plural(level)
    units = named_units(context, item)
    data: dict[str, list] = {"unit": [_name(unit) for unit in units]}
    data |= {key: [raw(unit.get(key)) for unit in units] for key in ("raw", "estimate")}
    data["n"] = [unit.n for unit in units]
    how = say(
        _(
            "One mark a {group}: across, how far its mean lies from what the model expects; "
            "upwards, the effect that is reported. The reported effect is drawn towards zero, the "
            "more, the fewer {rows} a {group} has; on the dashed line nothing would be drawn."
        ),
        group=context.labels.level(level),
        rows=context.rows_word,
    )
    alt = say(
        _(
            "Raw against shrunken effects of {groups}; the numbers are in the table Effects of "
            "{groups}."
        ),
        groups=groups,
    )
    unit = context.labels.unit
    return figure(
        f"shrinkage-{level}",
        "shrinkage",
        say(_("Raw against shrunken effects of {groups}"), groups=groups),
        how,
        alt,
        data,
        {
            "x": _("Raw effect ({unit})").format(unit=unit),
            "y": _("Shrunken effect ({unit})").format(unit=unit),
            "level": level,
            "levels": [level.name.value for level in context.levels],
        },
    )


def named_units(context: Context, item: At) -> list[At]:
    """The units that the rules of disclosure allow to name."""
    return [unit for unit in item.units if context.rules.may_name(unit)]


def units_table(context: Context, item: At) -> Block:
    """Units with their effects; of many units only those that differ from the average."""
    level = item.level.value
    named = named_units(context, item)
    units = sorted(named, key=lambda unit: -unit.estimate.value)
    notes: list = [
        _(
            "Effects have one decimal more than their errors support, so that near ones can be "
            "told apart by eye. Comparative interval: for comparing two groups with each other. "
            "95% interval: for comparing one group with the average. Rank: mean rank and the range "
            "that holds it with a probability of 95%, 1 for the highest effect."
        )
    ]
    if not item.comparative_se_mean.missing:
        notes.append(_error_words(context, item))
    if len(named) < len(item.units.value):
        notes.append(
            say(
                _("Units that may have fewer than {least} people are not listed."),
                least=str(context.rules.threshold),
            )
        )
    if len(units) > TABLE_LIMIT:
        units = [*units[: TABLE_LIMIT // 2], *units[-TABLE_LIMIT // 2 :]]
        notes.append(
            _(
                "The table holds the largest and the smallest effects only; the data of the chart "
                "hold all of them."
            )
        )
    least = _least_reliable(item)
    tenths = _has_tenths(item)
    if tenths:
        words = _(
            "Chance of a tenth: probability that the true effect is among the highest, or lowest, "
            "tenth of all units. The order of this table has an expected rank correlation of "
            "{value} with the order of the true effects."
        )
        value = fixed(item.expected_rank_correlation, 2)
        notes.append(say(words, value=value))
    marked = any(_is_low(unit, least) for unit in units)
    rows = [row(_name(unit), *_cells(unit, least if marked else None, tenths)) for unit in units]
    caption = say(
        _("Effects of {groups}, in {unit}"),
        groups=context.labels.plural(level),
        unit=context.labels.unit,
    )
    return table(f"units-{level}", caption, _columns(context, item, marked), rows, notes)


def _error_words(context: Context, item: At) -> list[Run]:
    """Comparative and conditional standard errors, on average over the units."""
    error = item.comparative_se_mean
    decimals = min(decimals_for_error(error.value) + 1, MAX_DECIMALS)
    return say(
        _(
            "Standard error of an effect, on average: {comparative} {unit} (comparative: with the "
            "error of the coefficients), {conditional} given the coefficients (conditional). A "
            "comparative interval is {factor} comparative errors to each side."
        ),
        comparative=fixed(error, decimals),
        conditional=fixed(item.conditional_se_mean, decimals),
        factor=fixed(item.interval_factor, 2),
        unit=context.labels.unit,
    )


def _has_tenths(item: At) -> bool:
    """Whether the chance of every unit to be in a tenth at the end is known."""
    return all(not unit.probability_top.missing for unit in item.units)


def _columns(context: Context, item: At, marked: bool) -> list[dict[str, str]]:
    tenths = [column(_("Top"), group=_("Chance of a tenth"))]
    tenths.append(column(_("Bottom"), group=_("Chance of a tenth")))
    return [
        column(capitalise(context.labels.level(item.level.value)), "text"),
        column(capitalise(context.rows_word)),
        column(_("Raw"), group=_("Effect")),
        column(_("Shrunken"), group=_("Effect")),
        column(_("Lower"), group=_("Comparative interval")),
        column(_("Upper"), group=_("Comparative interval")),
        column(_("Lower"), group=_("95% interval")),
        column(_("Upper"), group=_("95% interval")),
        column(_("Reliability")),
        *([column(_("Mark"), "text")] if marked else []),
        column(_("Mean"), group=_("Rank")),
        column(_("Lower"), group=_("Rank")),
        column(_("Upper"), group=_("Rank")),
        *(tenths if _has_tenths(item) else []),
    ]


def _least_reliable(item: At) -> float:
    """The reliability that the licence asks for on average; below it a unit gets a mark."""
    check = item.licence.checks.find(check="reliability")
    return check.threshold.value if check is not None else 0.0


def _is_low(unit: At, least: float) -> bool:
    return (unit.reliability.value or 0.0) < least


def _cells(unit: At, least: float | None, tenths: bool) -> list:
    """The numbers of a unit; without a mark of low reliability where `least` is None."""
    error = unit.comparative_se
    if error.missing:
        error = unit.std_error
    decimals = min(decimals_for_error(error.value) + 1, MAX_DECIMALS)
    keys = ("raw", "estimate", "goldstein_lower", "goldstein_upper", "lower", "upper")
    return [
        count(unit.n),
        *(signed(unit.get(key), decimals=decimals) for key in keys),
        fixed(unit.reliability, 2),
        *([] if least is None else [LOW if _is_low(unit, least) else "–"]),
        number(unit.mean_rank, decimals=1),
        number(unit.rank_lower, decimals=0),
        number(unit.rank_upper, decimals=0),
        *([percent(unit[key], 0) for key in TENTHS] if tenths else []),
    ]


def _name(unit: At) -> str:
    """The unit's id, the ids of its parents before it."""
    return unit.unit.text().replace(":", " / ")
