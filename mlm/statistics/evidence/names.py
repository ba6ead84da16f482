"""Terms, coefficients and levels of models as records, by variable and category to the end."""

from __future__ import annotations

from collections.abc import Iterable

from mlm.nouns.coding import CodedColumn
from mlm.nouns.columns import Column
from mlm.nouns.levels import RESIDUAL, WAVE
from mlm.nouns.model import Factor as Factored
from mlm.nouns.model import Term
from mlm.nouns.plan import Plan
from mlm.results.coefficient import Factor
from mlm.results.coefficient import Term as TermRecord
from mlm.results.level import Level


def term_record(term: Term) -> TermRecord:
    """A term of a model; a variable with categories stands there as a whole."""
    return tuple(_factor(factor, None) for factor in term.factors)


def term_records(terms: Iterable[Term]) -> tuple[TermRecord, ...]:
    """Terms of a model, without the intercept."""
    return tuple(term_record(term) for term in terms if term.factors)


def coefficient(coded: CodedColumn) -> TermRecord:
    """What a raw column stands for, in the order of its term's factors."""
    chosen = dict(coded.column.indicators)
    return tuple(_factor(factor, chosen.get(factor.variable)) for factor in coded.term.factors)


def coefficients(coded: Iterable[CodedColumn]) -> tuple[TermRecord, ...]:
    """What some raw columns stand for."""
    return tuple(coefficient(column) for column in coded)


def column_record(column: Column) -> TermRecord:
    """What a stored column stands for."""
    chosen = (Factor(variable=variable, category=c) for variable, c in column.indicators)
    powers = (
        Factor(variable=variable, power=power, function=None if name == "identity" else name)
        for variable, name, power in column.powers
    )
    return (*chosen, *powers)


def _factor(factor: Factored, category: str | None) -> Factor:
    function = None if factor.function in ("identity", "power") else factor.function
    return Factor(
        variable=factor.variable, category=category, power=factor.exponent, function=function
    )


def level_record(plan: Plan, key: str) -> Level:
    """The planned level of a grouping factor, or of the residual."""
    level = plan.level_of(key)
    return Level(unit=level.unit, in_wave=level.in_wave, ids=level.group)


def variable_level(plan: Plan, variable: str) -> Level:
    """The level that a variable describes; the rows for one below all units."""
    return named_level(plan, plan.variable_levels[variable])


def named_level(plan: Plan, name: str) -> Level:
    """The level of the units of that name; the rows for a name below all units."""
    for level in plan.levels:
        if level.group and level.group[-1] == name:
            return level_record(plan, level.key)
    return level_record(plan, RESIDUAL)


def group_level(group: tuple[str, ...]) -> Level:
    """The level of the groups that some id columns make, outermost first."""
    unit = next((name for name in reversed(group) if name != WAVE), WAVE)
    return Level(unit=unit, in_wave=group[-1] == WAVE, ids=group)
