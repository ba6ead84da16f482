"""What is not computed where units are crossed: a kind of refusal and its numbers."""

from __future__ import annotations

from mlm.errors import StatisticsError


class NotWhereCrossed(StatisticsError):
    """Something that is not computed where units are crossed.

    Parameters
    ----------
    what : str
        What was asked for.
    effects : int
        Effects of the crossed units and those beside them.
    limit : int, optional
        Up to which number it is computed; None where it never is.
    """

    kind = "crossed_units"

    def __init__(self, what: str, effects: int, limit: int | None = None):
        self.effects, self.limit = effects, limit
        known = "" if limit is None else f" (up to {limit})"
        super().__init__(f"{what} are not computed beside crossed units: {effects} effects{known}.")


class UnitsInSeveral(StatisticsError):
    """Lowest units that were in two of the units around them in one wave.

    Parameters
    ----------
    group : str
        Grouping factor of the lowest units.
    units : int
        How many of them.
    """

    kind = "units_in_several"

    def __init__(self, group: str, units: int):
        self.group, self.units = group, units
        super().__init__(
            f"{units} groups of {group} were in several units in one wave: the sums by wave do "
            "not tell what they are without one of these."
        )
