"""True fixed effects by term name: what ``year[T.1992]:ses`` is the product of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlm.configuration.models import Configuration
from mlm.configuration.names import nearest

_INDICATOR = re.compile(r"(\w+)\[T\.(.+)\]")
_POWER = re.compile(r"I\((\w+) \*\* (\d+)\)")


@dataclass(frozen=True)
class EffectFactor:
    """One factor of an effect: an indicator, a number, or a power of a number.

    Attributes
    ----------
    name : str
        Variable, or the name of time.
    category : str or None
        The category (or wave) that the factor indicates; None: the number itself.
    power : int
        Exponent of a number.
    """

    name: str
    category: str | None = None
    power: int = 1

    def of(self, rows):
        """Column (n,) of the factor, of rows (a DataFrame) that have its variable."""
        values = rows[self.name].to_numpy()
        if self.category is not None:
            return (values == self.category).astype(float)
        return values**self.power


def parse_effect(term: str, configuration: Configuration) -> tuple[EffectFactor, ...]:
    """Factors whose product is the column of a term; none for the Intercept.

    Raises
    ------
    ValueError
        The term names what the configuration does not have; the message says which.
    """
    if term == "Intercept":
        return ()
    return tuple(_factor(part, configuration) for part in _split(term))


def _split(term: str) -> list[str]:
    """Parts of a product; a colon inside brackets belongs to a category."""
    return re.split(r":(?![^\[]*\])", term)


def _factor(text: str, configuration: Configuration) -> EffectFactor:
    if indicator := _INDICATOR.fullmatch(text):
        factor = EffectFactor(indicator[1], category=indicator[2])
    elif power := _POWER.fullmatch(text):
        factor = EffectFactor(power[1], power=int(power[2]))
    else:
        factor = EffectFactor(text)
    time = configuration.time
    if time is not None and factor.name == time.name:
        _check(factor, configuration.wave_names if time.coding == "categories" else None)
        return factor
    variable = configuration.variables.get(factor.name)
    if variable is None:
        hint = nearest(factor.name, configuration.variables)
        raise ValueError(f"{factor.name!r} is not a variable; {hint}")
    _check(factor, tuple(variable.categories or ()) if variable.is_category else None)
    return factor


def _check(factor: EffectFactor, categories: tuple[str, ...] | None) -> None:
    if categories is None and factor.category is not None:
        raise ValueError(f"{factor.name!r} is a number; write {factor.name}")
    if categories is not None and factor.category not in categories:
        given = "a number" if factor.category is None else repr(factor.category)
        raise ValueError(
            f"{factor.name!r} is a category, {given} is not one of its codes; "
            f"write {factor.name}[T.code], {nearest(factor.category or '', categories)}"
        )
