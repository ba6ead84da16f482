"""Dates as they are written: years or days from an origin."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np

from mlm.configuration.variable import Variable

ORIGIN = date(2000, 1, 1)
"""The date that times are counted from, unless a variable names another."""

DAYS_OF_YEAR = 365.2425
"""Mean length of a year of the Gregorian calendar."""


FIRST_YEAR = 1000
"""Years before it are years of two or three digits that were filled up with zeros."""


def time_of(text: str, variable: Variable) -> float:
    """Years (or days, where that is the unit) from the origin to a date; NaN for no date."""
    try:
        if variable.format is None:
            moment = datetime.fromisoformat(text)
        else:
            moment = datetime.strptime(text, variable.format)
        if variable.century is not None:
            moment = moment.replace(year=_year_within(variable.century, moment.year))
    except ValueError:
        return np.nan
    if moment.year < FIRST_YEAR:
        return np.nan
    return counted_from_origin(moment.replace(tzinfo=None), variable)


def counted_from_origin(moment: datetime, variable: Variable) -> float:
    """Years (or days, where that is the unit) from the origin of a variable to a moment."""
    origin = datetime.combine(variable.origin or ORIGIN, time())
    days = (moment - origin) / timedelta(days=1)
    return days if variable.unit == "days" else days / DAYS_OF_YEAR


def end_of(day: date, variable: Variable) -> float:
    """The end of a day, as times of a variable are counted."""
    return counted_from_origin(datetime.combine(day, time()) + timedelta(days=1), variable)


def _year_within(first: int, year: int) -> int:
    """The year that ends in the same two digits, within the hundred years that begin with one."""
    return first + (year - first) % 100
