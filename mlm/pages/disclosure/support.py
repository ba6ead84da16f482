"""Support: how many persons of how many units a category has, and what rests on too few."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from mlm.pages.context import Context
from mlm.pages.derived import field_of
from mlm.results.coefficient import Factor
from mlm.results.reading import At, Source
from mlm.results.record import Record
from mlm.results.survey.account import CategorySummary

Weak = frozenset[tuple[str, str, str | None]]  # variable, category, wave; None: in all waves
Cell = frozenset[tuple[str, str]]  # categories of two variables


def weak_categories(context: Context) -> Weak:
    """Categories that have too few persons or units, in a wave or in all.

    Where those of a reference category are few, every contrast of its variable rests on them.
    """
    if not context.rules.is_public:
        return frozenset()
    found = set()
    for name, variable in context.configuration.variables.items():
        if not variable.is_category:
            continue
        waves = _waves_with(name, context)
        weak = set(_weak_in(name, waves, context))
        reference = context.labels.reference_value(name)
        found |= weak | {
            (name, category, wave)
            for wave in (None, *waves)
            if (name, reference, wave) in weak
            for category in variable.categories
        }
    return frozenset(found)


def weak_cells(context: Context) -> frozenset[tuple[Cell, str | None]]:
    """Pairs of categories that too few persons or units have, in a wave or in all."""
    if not context.rules.is_public:
        return frozenset()
    used = {wave.wave.value for wave in context.results.waves}
    cells: dict[Cell, list] = {}
    for item in context.survey.product_cells.value:
        if item.wave in used:
            both = {(item.variable, item.category), (item.other, item.other_category)}
            cells.setdefault(frozenset(both), []).append(item)
    found = set()
    for cell, items in cells.items():
        found |= {(cell, each.wave) for each in items if _is_weak(each.rows, each.units, context)}
        account = context.survey.levels.find(name=items[0].level)
        recurs = account is not None and account.recurring.value
        rows, units = [each.rows for each in items], [each.units for each in items]
        whole = max(rows) if context.rules.waves > 1 else sum(rows)
        if _is_weak(whole, max(units) if recurs else sum(units), context):
            found.add((cell, None))
    return frozenset(found)


def _waves_with(name: str, context: Context) -> dict[str, CategorySummary]:
    """What the waves of the models say of a variable, by wave."""
    used = {wave.wave.value for wave in context.results.waves}
    found: dict[str, CategorySummary] = {}
    for wave in context.survey.waves:
        summary = wave.variables.find(variable=name)
        is_used = summary is not None and wave.wave.value in used
        if is_used and isinstance(summary.value, CategorySummary):
            found[wave.wave.value] = summary.value
    return found


def _weak_in(
    name: str, waves: dict[str, CategorySummary], context: Context
) -> Iterator[tuple[str, str, str | None]]:
    variable = context.configuration.variables[name]
    level = level_of_units(name, context)
    account = None if level is None else context.survey.levels.find(name=level)
    recurs = account is not None and account.recurring.value
    for category in variable.categories:
        persons = [_rows(summary, category) for summary in waves.values()]
        units = [_units(summary, category, level) for summary in waves.values()]
        for wave, n, groups in zip(waves, persons, units, strict=True):
            if _is_weak(n, groups, context):
                yield name, category, wave
        whole = max(persons, default=0) if context.rules.waves > 1 else sum(persons)
        known = [groups for groups in units if groups is not None]
        groups = (max(known) if recurs else sum(known)) if known else None
        if _is_weak(whole, groups, context):
            yield name, category, None


def level_of_units(name: str, context: Context) -> str | None:
    """The level of which too few units may have a category of a variable; None without any."""
    above = context.configuration.level_names[:-1]
    own = context.configuration.variables[name].level
    return own if own in above else next(reversed(above), None)


def _rows(summary: CategorySummary, category: str) -> int:
    return next((item.n for item in summary.counts if item.category == category), 0)


def _units(summary: CategorySummary, category: str, level: str | None) -> int | None:
    """Units of a level with the category; None where they were not counted, or none are named."""
    found = (item for item in summary.units if (item.level, item.category) == (level, category))
    return next((item.groups for item in found), None)


def _is_weak(persons: int, units: int | None, context: Context) -> bool:
    rules = context.rules
    return rules.is_small(persons) or (units is not None and rules.are_few_units(units))


def rests_on_weak(source: Source, context: Context) -> bool:
    """Whether a number of the results is told of a category that few have."""
    if isinstance(source, dict):
        return any(rests_on_weak(part, context) for part in source["of"])
    is_told = context.weak_categories or context.weak_cells
    if not is_told or not source.startswith("results#/"):
        return False
    place = source.rpartition("/")[0]
    variable, wave, beside = None, None, ()
    for value in context.ways.values(place):
        if not isinstance(value, Record):
            beside = value if isinstance(value, tuple) else ()
            continue
        variable = field_of(value, "variable") or variable
        wave = field_of(value, "wave") or wave
        if _tells_of(value, variable, wave, context):
            return True
        factors = field_of(value, "term")
        if isinstance(factors, tuple) and _rests_on_weak_cell(factors, beside, context):
            return True
    return False


def is_weak(variable: str, category: str | None, wave: str | None, context: Context) -> bool:
    """Whether a category has too few persons or units, in a wave or in all."""
    weak = context.weak_categories
    return (variable, category, None) in weak or (variable, category, wave) in weak


def _tells_of(record: Record, variable: str | None, wave: str | None, context: Context) -> bool:
    factors = field_of(record, "term")
    column = field_of(record, "column")
    if isinstance(factors, tuple):
        return _is_weak_term(factors, context)
    if isinstance(column, Factor):
        return is_weak(column.variable, column.category, wave, context)
    category = field_of(record, "category")
    return variable is not None and is_weak(variable, category, wave, context)


def _is_weak_term(factors: tuple, context: Context) -> bool:
    """Whether a coefficient rests on a weak category; the constant, on a weak reference."""
    if not factors:
        names = {name for name, __, wave in context.weak_categories if wave is None}
        used = set(context.variables) & names
        reference = context.labels.reference_value
        return any(is_weak(name, reference(name), None, context) for name in used)
    times = [factor.category for factor in factors if factor.variable == context.time]
    wave = times[0] if times else None
    return any(is_weak(f.variable, f.category, wave, context) for f in factors)


def _rests_on_weak_cell(factors: tuple, beside: tuple, context: Context) -> bool:
    """Whether a coefficient rests on a pair of categories that few have.

    In a model with a product of two variables a coefficient of both compares four cells, one of a
    single variable those of the reference category of the other.

    Parameters
    ----------
    factors : tuple of Factor
        Of the coefficient.
    beside : tuple of Record
        The coefficients of the same model.
    """
    if not context.weak_cells:
        return False
    own = _categories_of(factors, context)
    times = [factor.category for factor in factors if factor.variable == context.time]
    wave = times[0] if times else None
    terms = [_categories_of(term, context) for each in beside if (term := _term_of(each))]
    reference = context.labels.reference_value
    for pair in {frozenset(term) for term in (own, *terms) if len(term) == 2}:
        if own and not own.keys() & pair:
            continue
        sides = [
            {(name, reference(name)), *([(name, own[name])] if name in own else [])}
            for name in pair
        ]
        for one, other in itertools.product(*sides):
            cell = frozenset((one, other))
            if (cell, None) in context.weak_cells or (cell, wave) in context.weak_cells:
                return True
    return False


def _term_of(record: Record) -> tuple:
    factors = field_of(record, "term") if isinstance(record, Record) else None
    return factors if isinstance(factors, tuple) else ()


def _categories_of(factors: tuple, context: Context) -> dict[str, str]:
    """Categories of a term by variable; that of time is its wave."""
    known = (each for each in factors if each.category is not None)
    return {each.variable: each.category for each in known if each.variable != context.time}


def rests_on_enough(variable: str, item: At, context: Context) -> bool:
    """Whether an effect of a variable, of a category or a number, may be drawn."""
    wave = field_of(item.value, "wave")
    return not is_weak(variable, item.category.value, wave, context)
