"""Effects of numbers by one standard deviation of their own, so that sizes can be compared."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.pages.context import Context
from mlm.pages.derived import derive, field_of
from mlm.pages.labels import is_sd
from mlm.pages.rounding import decimals_for_size, fixed
from mlm.pages.text import Run, say
from mlm.results.reading import At


@dataclass(frozen=True)
class Standardised:
    """What goes with one standard deviation of a number.

    Attributes
    ----------
    estimate, std_error, lower, upper : At
        In units of the outcome.
    sd : At
        The standard deviation, in units of the number.
    """

    estimate: At
    std_error: At
    lower: At
    upper: At
    sd: At


def standardised(context: Context, variable: str, effect: At) -> Standardised | None:
    """The effect of a number by one standard deviation; None where that is not known.

    Parameters
    ----------
    variable : str
        The number.
    effect : At
        Its effect by unit, with error and interval.
    """
    sd = sd_of_number(context, variable)
    if sd is None or effect.lower.missing:
        return None
    ends = (effect.estimate, effect.std_error, effect.lower, effect.upper)
    return Standardised(*(derive("product", end, sd) for end in ends), sd=sd)


def sd_of_number(context: Context, variable: str) -> At | None:
    """Standard deviation of a number over its rows: of all waves, or of the last that has it.

    In public no wave in which one unit holds nearly all rows, whose spread it would tell.
    """
    for slope in context.results.slopes:
        if slope.variable.value != variable or field_of(slope.value, "sd_x") is None:
            continue
        if slope.column.category.missing:
            return slope.sd_x
    hidden = context.dominated_waves if context.rules.is_public else ()
    for wave in reversed([each for each in context.survey.waves if each.wave.value not in hidden]):
        found = wave.variables.find(variable=variable)
        if found is not None and found.kind.value == "number" and found.sd.value:
            return found.sd
    return None


def sd_with_unit(context: Context, variable: str, sd: At) -> list[Run]:
    """A standard deviation of a number with its unit: ``27 per cent``."""
    value, unit = fixed(sd, decimals_for_size(sd.value, 2)), context.labels.unit_of(variable)
    is_named = unit and not is_sd(unit)
    return say("{value} {unit}" if is_named else "{value}", value=value, unit=unit)


def per_sd(context: Context, variable: str, sd: At) -> list[Run]:
    """`` (27 per cent)`` behind a standard deviation; nothing where that of a number is 1 SD."""
    told = sd_with_unit(context, variable, sd)
    is_one = is_sd(context.labels.unit_of(variable)) and f"{sd.value:.1f}" == "1.0"
    return [] if is_one else say(" ({told})", told=told)
