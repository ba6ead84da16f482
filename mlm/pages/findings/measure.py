"""Numbers of findings: a difference with its interval and size, and what an interval excludes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlm.pages.context import Context
from mlm.pages.derived import derive, field_of
from mlm.pages.language import _
from mlm.pages.phrases import error_of, negate, unsigned
from mlm.pages.rounding import Number, fixed, number
from mlm.pages.sizes import sd_of_wave
from mlm.pages.text import Part, Run, enumerate_words, plain_text, say
from mlm.pages.words.seen_groups import seen_words, waves_seen
from mlm.results.reading import At

EVEN = 2 / 3  # of the farther end of an interval: a nearer one reaches as far in words
OPEN_BETWEEN = (0.2, 0.8)  # of the repeated reductions: a term that these keep is uncertain
SMALL_SIZE = 0.005  # standard deviations that two decimals show as zero
FEW_WORDS = 2  # of a name that is repeated in a sentence


@dataclass(frozen=True)
class Measure:
    """A difference as printed, its sign told in words.

    Attributes
    ----------
    value, lower, upper : Number
        Its size and the ends of the interval, turned round where the difference is negative.
    size : Number or None
        In standard deviations; None where none may be shown.
    most : Number
        The largest difference, either way, that the interval does not exclude.
    most_size : Number or None
        The same in standard deviations.
    down, up : Number
        How far below and above zero the ends of the interval lie.
    is_even : bool
        Whether these are about alike.
    unit : str
        Unit of the outcome.
    positive : bool
        Sign of the difference.
    spread : At or None
        The standard deviation that sizes are told in.
    sd_of : str
        The time that it is of, where the difference is a change; else empty.
    """

    value: Number
    lower: Number
    upper: Number
    size: Number | None
    most: Number
    most_size: Number | None
    down: Number
    up: Number
    is_even: bool
    unit: str
    positive: bool
    spread: At | None
    sd_of: str = ""

    def runs(self) -> list[Run]:
        """``7.9 points (3.7 to 12.1; 0.17 SD)``."""
        ends = (self.lower, self.upper)
        return sized(self.value.bold(), self.unit, *ends, self.size, self.sd_of)

    def excluded(self, even: str = "", uneven: str = "", **parts: Part) -> list[Run]:
        """``at most 4.7 points (0.11 SD) either way``: beyond this is excluded.

        Of ends that are not about alike both are told: ``between 38 points (0.40 SD) lower and 1
        point higher``; of one that is printed as zero the other alone.

        Parameters
        ----------
        even, uneven : str
            Other words, with places for ``most``, and for ``low`` and ``high``.
        parts : str, Number or list of runs
            What else they name.
        """
        most = with_unit(self.most, self.unit)
        if self.most_size is not None:
            size = named_sd(self.most_size, self.sd_of)
            most = say("{most} ({size})", most=most, size=size)
        if self.is_even:
            return say(even or _("at most {most} either way"), most=most, **parts)
        is_down = self.down.source == self.most.source
        low = most if is_down else with_unit(self.down, self.unit)
        high = with_unit(self.up, self.unit) if is_down else most
        if not uneven and (self.down if not is_down else self.up).value == 0:
            words = _("at most {most} lower") if is_down else _("at most {most} higher")
            return say(words, most=most)
        template = uneven or _("between {low} lower and {high} higher")
        return say(template, low=low, high=high, **parts)


def sized(
    value: Part, unit: str, low: Part, high: Part, size: Part | None, sd_of: str = ""
) -> list[Run]:
    """A number with its unit, its interval and, where it has one, its size.

    Parameters
    ----------
    sd_of : str
        The time whose standard deviation the size is in, where that is to be said.
    """
    interval = say(_("{low} to {high}"), low=low, high=high)
    parts = {"value": value, "unit": unit, "interval": interval}
    if not unit:
        return say("{value} ({interval})", **parts)
    if size is None:
        return say("{value} {unit} ({interval})", **parts)
    return say(_("{value} {unit} ({interval}; {size})"), **parts, size=named_sd(size, sd_of))


def named_sd(size: Part, sd_of: str) -> list[Run]:
    """``0.12 SD``, or ``0.12 SD of Grade 3`` where it is a change between times."""
    if not sd_of:
        return say(_("{size} SD"), size=size)
    return say(_("{size} SD of {wave}"), size=size, wave=sd_of)


def with_unit(value: Part, unit: str) -> list[Run]:
    """A number with its unit, where it has one."""
    return say("{value} {unit}" if unit else "{value}", value=value, unit=unit)


def told(context: Context, row: At) -> list[Run]:
    """A difference without its sign or interval, with its unit: ``18.0 points``."""
    return with_unit(in_words(unsigned(row.estimate), row), context.labels.unit)


def measure(
    context: Context,
    row: At,
    wave: str | None,
    sd: At | None = None,
    is_change: bool = False,
) -> Measure:
    """A difference of the outcome.

    Parameters
    ----------
    row : At
        An estimate with its error and interval.
    wave : str or None
        Wave whose standard deviation gives the size; None: the last.
    sd : At, optional
        The standard deviation itself, such as that of a comparison group.
    is_change : bool
        Whether it is a change between two times, so that the sentence says whose standard deviation
        the size is in.
    """
    positive = row.estimate.value >= 0
    error = error_of(row)
    ends = (row.lower, row.upper) if positive else (negate(row.upper), negate(row.lower))
    down, up = negate(row.lower), row.upper
    near, far = sorted((down, up), key=lambda end: abs(end.value))
    spread = sd_of_wave(context, wave) if sd is None else sd
    return Measure(
        value=number(unsigned(row.estimate), error),
        lower=number(ends[0], error),
        upper=number(ends[1], error),
        size=_in_sd(unsigned(row.estimate), spread),
        most=number(far, error),
        most_size=_in_sd(unsigned(far), spread),
        down=number(down, error),
        up=number(up, error),
        is_even=near.value >= EVEN * far.value,
        unit=context.labels.unit,
        positive=positive,
        spread=spread,
        sd_of=time_of_sd(context, wave) if is_change else "",
    )


def time_of_sd(context: Context, wave: str | None) -> str:
    """The time of a standard deviation; empty where there is but one."""
    waves = context.results.time.waves.value
    if len(waves) < 2:
        return ""
    return context.labels.wave(waves[-1] if wave is None else wave)


def numbers_of(row: At, found: Measure) -> dict[str, Any]:
    """Unit, estimate, interval and size of a finding, by the fields of ``Finding``."""
    ends = {name: in_words(getattr(row, name), row) for name in ("estimate", "lower", "upper")}
    sizes = {
        f"size_{name}": _in_sd(getattr(row, name), found.spread) for name in ("lower", "upper")
    }
    return {"unit": found.unit, **ends, "size": found.size, **sizes}


def in_words(value: At, row: At) -> Number:
    """A number of an estimate as sentences print it."""
    return number(value, error_of(row))


def _in_sd(value: At, spread: At | None) -> Number | None:
    """The size, with a third decimal where two would show none of it."""
    if spread is None:
        return None
    size = derive("quotient", value, spread)
    return fixed(size, 2 if abs(size.value) >= SMALL_SIZE else 3)


def others_of(context: Context, variable: str, reference: str) -> str:
    """Those compared with: the reference, or ``the others`` where that is long and there is one."""
    categories = context.configuration.variables[variable].categories or {}
    members = context.labels.members(variable, reference)
    is_long = len(members.split()) > FEW_WORDS
    return _("the others") if is_long and len(categories) == 2 else members


def among_words(context: Context, names: Sequence[str]) -> str:
    """`` among girls``: the references of the variables that a difference changes with."""
    labels = context.labels
    groups = [labels.members(name, labels.reference_value(name)) for name in names]
    if not groups:
        return ""
    return _(" among {groups}").format(groups=plain_text(enumerate_words(groups)))


def when(
    context: Context,
    wave: str | None,
    variable: str | None = None,
    categories: Sequence[str | None] = (),
) -> str:
    """`` in Grade 3``; of a difference that is the same in all waves, the outer ones of them.

    Where the groups are not found together in each wave, those in which they are: on them alone
    the difference rests.

    Parameters
    ----------
    wave : str or None
        The wave; None: the difference is the same in all.
    variable, categories : str and sequence of str or None
        What is compared: categories of a variable; None: values of a number.
    """
    labels, waves = context.labels, context.results.time.waves.value
    seen = list(waves) if variable is None else waves_seen(context, variable, categories)
    if wave is None and 0 < len(seen) < len(waves):
        named = seen_words(context, seen)
        if None in categories:
            return _(" in the waves in which it varies ({waves})").format(waves=named)
        if len(seen) == 1:
            return _(" in {wave}, the only wave with both groups").format(wave=named)
        return _(" in the waves with both groups ({waves})").format(waves=named)
    if wave is None and len(waves) > 1 and _is_change_open(context, variable):
        template = _(" on average of all times ({start} to {end}; whether it changed is open)")
        return template.format(start=labels.wave(waves[0]), end=labels.wave(waves[-1]))
    if wave is None and len(waves) > 1:
        return _(" throughout ({start} to {end})").format(
            start=labels.wave(waves[0]), end=labels.wave(waves[-1])
        )
    named = wave if wave is not None else (waves[0] if waves else None)
    return "" if named is None else _(" in {wave}").format(wave=labels.wave(named))


def _is_change_open(context: Context, variable: str | None) -> bool:
    """Whether the reduction may as well have kept the product of a variable with time."""
    inclusion = field_of(context.results.value, "inclusion")
    if variable is None or inclusion is None:
        return False
    terms = [*inclusion.terms, *(inclusion.resampled.terms if inclusion.resampled else ())]
    low, high = OPEN_BETWEEN
    return any(
        {factor.variable for factor in item.term} == {variable, context.time}
        and not item.in_settled
        and low <= item.kept <= high
        for item in terms
    )


def outer(rows: Sequence[At]) -> At:
    """The row with the largest estimate in size."""
    return max(rows, key=lambda row: abs(row.estimate.value))
