"""The table of units: their effects with intervals, reliability and ranks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from mlm.pages.blocks import Block, Cell, column, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import N_, _
from mlm.pages.rounding import (
    CONFIDENTIAL,
    LOW,
    NOT_APPLICABLE,
    Number,
    chance,
    count,
    decimals_for_error,
    decimals_for_mean,
    fixed,
    number,
    signed,
)
from mlm.pages.sections.units.words import compared_words, side_words, unseen_words
from mlm.pages.text import Run, say
from mlm.pages.words.levels import identifier
from mlm.pages.words.units import unit_name
from mlm.results.reading import At

TABLE_LIMIT = 100
SIDE_WORDS = {"above": N_("above"), "expected": N_("as expected"), "below": N_("below")}


def units_table(context: Context, item: At) -> Block:
    """Units with their effects; of many units only those that differ from the average."""
    level = item.level.value
    named = context.rules.named(item.units)
    units = sorted(named, key=lambda unit: -unit.estimate.value)
    notes: list = [
        _(
            "Each row has the decimals that its error and its number of rows support. Comparative "
            "interval: for comparing two groups with each other. 95% interval: for comparing one "
            "group with the average. Rank: mean rank and the range that holds it with a "
            "probability of 95%, 1 for the highest effect."
        ),
        side_words(item),
    ]
    unseen = unseen_words(context, item)
    notes += [unseen] if unseen is not None else []
    notes.append(_error_words(context, item))
    if len(named) < len(item.units):
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
    words = _(
        "Chance of a tenth: probability that the true effect is among the highest, or lowest, "
        "tenth of all units. The order of this table has an expected rank correlation of "
        "{value} with the order of the true effects."
    )
    notes.append(say(words, value=fixed(item.expected_rank_correlation, 2)))
    marked = any(_is_low(unit, least) for unit in units)
    columns = _columns(context, item, marked)
    rows = [row(*(each.cell(unit) for each in columns)) for unit in units]
    caption = say(
        _("Effects of {groups} {what}, in {unit}"),
        groups=context.labels.plural(level),
        what=compared_words(context, item),
        unit=context.labels.unit,
    )
    heads = [column(each.label, each.kind, each.group) for each in columns]
    return table(f"units-{identifier(level)}", caption, heads, rows, notes)


def _error_words(context: Context, item: At) -> list[Run]:
    """Comparative and conditional standard errors, on average over the units."""
    error = item.comparative_se_mean
    decimals = decimals_for_error(error.value)
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


@dataclass(frozen=True)
class UnitColumn:
    """A column of the table: its head, and its cell for a unit."""

    label: str
    cell: Callable[[At], Cell]
    kind: str = "number"
    group: str = ""


def _columns(context: Context, item: At, marked: bool) -> list[UnitColumn]:
    """The columns from the left; one of marks where some units have a low reliability."""
    level = capitalise(context.labels.level(item.level.value))
    pairs, alone = _("Comparative interval"), _("95% interval")
    rank = _("Rank")
    tenth, ends = _("Chance of a tenth"), (_("Top"), _("Bottom"))
    if item.tenth.value == 1:
        tenth, ends = _("Chance to be"), (_("Highest"), _("Lowest"))
    mark = UnitColumn(_("Mark"), partial(_mark, _least_reliable(item)), "text")
    return [
        UnitColumn(level, lambda unit: unit_name(unit.unit.value), "text"),
        UnitColumn(rows_title(context), lambda unit: count(unit.n)),
        UnitColumn(_("Raw"), partial(_raw, context), group=_("Effect")),
        UnitColumn(_("Shrunken"), lambda unit: points(unit, unit.estimate), group=_("Effect")),
        UnitColumn(_("Lower"), lambda unit: points(unit, unit.goldstein_lower), group=pairs),
        UnitColumn(_("Upper"), lambda unit: points(unit, unit.goldstein_upper), group=pairs),
        UnitColumn(_("Lower"), lambda unit: points(unit, unit.lower), group=alone),
        UnitColumn(_("Upper"), lambda unit: points(unit, unit.upper), group=alone),
        UnitColumn(_("Group"), lambda unit: _(SIDE_WORDS[unit.side.value]), "text"),
        UnitColumn(_("Reliability"), lambda unit: fixed(unit.reliability, 2)),
        *([mark] if marked else []),
        UnitColumn(
            _("Mean"), _if_ranked(lambda unit: number(unit.mean_rank, decimals=1)), group=rank
        ),
        UnitColumn(
            _("Lower"), _if_ranked(lambda unit: number(unit.rank_lower, decimals=0)), group=rank
        ),
        UnitColumn(
            _("Upper"), _if_ranked(lambda unit: number(unit.rank_upper, decimals=0)), group=rank
        ),
        UnitColumn(ends[0], _if_ranked(lambda unit: chance(unit.probability_top)), group=tenth),
        UnitColumn(ends[1], _if_ranked(lambda unit: chance(unit.probability_bottom)), group=tenth),
    ]


def rows_title(context: Context) -> str:
    """What heads the number of rows of a unit: those of all waves, whichever are compared."""
    rows = capitalise(context.rows_word)
    return _("{rows}, all waves").format(rows=rows) if context.is_longitudinal else rows


def points(unit: At, value: At) -> Number:
    """An effect of a unit, or an end of its interval, in units of the outcome."""
    return signed(value, decimals=_decimals(unit, unit.reliability.value))


def raw_points(unit: At) -> Number:
    """The raw effect of a unit: a mean over its rows."""
    return signed(unit.raw, decimals=_decimals(unit, 1.0))


def _decimals(unit: At, factor: float) -> int:
    """Decimals of a mean over the rows of a unit times a factor: 1, or its reliability.

    A mean of n rows that is shrunken by its reliability r has the variance r s^2 / n, if s is the
    standard deviation of the rows: so s follows from its error, and from s the decimals.
    """
    error, known, n = unit.comparative_se.value, unit.reliability.value, unit.n_compared.value
    if not known or not n:
        return decimals_for_error(error)
    spread = error * (n / known) ** 0.5
    return min(decimals_for_error(error), decimals_for_mean(spread, n, factor))


def _if_ranked(cell: Callable[[At], Cell]) -> Callable[[At], Cell]:
    """The cell of a unit that is ranked, a mark for others."""
    return lambda unit: cell(unit) if unit.ranked.value else NOT_APPLICABLE


def _raw(context: Context, unit: At) -> Cell:
    """The raw effect; a mark where it would be that of few people, or of nobody."""
    if shows_raw(context, unit):
        return raw_points(unit)
    return CONFIDENTIAL if unit.n_compared.value else NOT_APPLICABLE


def shows_raw(context: Context, unit: At) -> bool:
    """Whether enough people stand behind the raw effect of a unit."""
    rows = unit.n_compared.value
    return rows > 0 and not context.rules.is_small(rows)


def _mark(least: float, unit: At) -> str:
    return LOW if _is_low(unit, least) else NOT_APPLICABLE


def _least_reliable(item: At) -> float:
    """The reliability that the licence asks for on average; below it a unit gets a mark."""
    check = item.licence.checks.find(check="reliability")
    return check.threshold.value if check is not None else 0.0


def _is_low(unit: At, least: float) -> bool:
    return unit.reliability.value < least
