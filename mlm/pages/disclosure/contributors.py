"""Who a mean rests on: how many, and whether one unit holds nearly all of them."""

from __future__ import annotations

from typing import Any

from mlm.pages.context import Context
from mlm.pages.derived import field_of
from mlm.pages.disclosure.groups_of_rows import groups_behind
from mlm.pages.disclosure.persons import fewest_persons
from mlm.results.policy import Balance, Imbalance
from mlm.results.reading import Source
from mlm.results.record import Record
from mlm.results.survey.missing_covariates import Unlike
from mlm.results.survey.survey import Sizes

PERSONS, UNITS = ("rows", "n"), ("groups",)
MEANS = frozenset(
    {
        "mean",
        "sd",
        "reference_mean",
        "standardised",
        "standardised_rows",
        "weighted_mean",
        "weighted_sd",
    }
)
ENDS = frozenset({"std_error", "lower", "upper"})  # which tell the mean between them
ADJUSTED = frozenset({"estimate", "std_error", "lower", "upper"})
TELLING_OF_WAVES = (
    "results#/over_time/adjusted_means/",
    "results#/over_time/by/",
    "results#/means/",
    "results#/shares_at/",
)
OPEN_SHARE = 0.1
"""What all but the two largest units must hold, as a share of the largest: the second largest, who
knows its own people, else knows the mean of the largest (the p-per-cent rule)."""


def rests_on_few(source: Source, context: Context) -> bool:
    """Whether a mean or a standard deviation is one of few: a small count stands beside it."""
    if isinstance(source, dict):
        return any(rests_on_few(part, context) for part in source["of"])
    place, field = _parts(source, context)
    if field not in MEANS | ENDS:
        return False
    *around, beside = context.ways.values(place)
    if field not in MEANS and not isinstance(beside, Unlike):
        return False
    persons = [field_of(beside, name) for name in PERSONS]
    units = [field_of(beside, name) for name in UNITS]
    if isinstance(beside, Imbalance):
        compared = _units_compared(around, beside)
        balance = next(value for value in reversed(around) if isinstance(value, Balance))
        units += compared
        persons += [n * fewest_persons(balance.level, context) for n in compared]
    rules = context.rules
    few = any(isinstance(n, int) and rules.is_small(n) for n in persons)
    return few or any(isinstance(n, int) and rules.are_few_units(n) for n in units)


def is_dominated(source: Source, context: Context) -> bool:
    """Whether a mean of a wave is nearly that of one unit, which it would tell."""
    if not context.rules.is_public:
        return False
    if isinstance(source, dict):
        return any(is_dominated(part, context) for part in source["of"])
    place, field = _parts(source, context)
    if field not in MEANS and not (field in ADJUSTED and place.startswith(TELLING_OF_WAVES)):
        return False
    waves = {_wave_of(place, context)}
    waves |= {group.wave.value for group in groups_behind(source, context)}
    if place.endswith("/change"):  # from the first wave, whose mean it would tell
        waves.add(context.results.time.waves.value[0])
    return bool(waves & context.dominated_waves)


def dominated_waves(context: Context) -> frozenset[str]:
    """Waves in which a mean tells one unit about another: few units, or one that holds most."""
    people = {level.name for level in context.configuration.levels[-1:]}
    found = set()
    for item in context.survey.children.value:
        if item.child not in people:
            continue
        for sizes in item.by_wave:
            if sizes.groups > 1 and _is_one_told(sizes, context.rules.units):
                found.add(sizes.wave)
    return frozenset(found)


def _is_one_told(sizes: Sizes, units: int) -> bool:
    """Whether the second largest unit knows the mean of the largest from that of all.

    The second largest is taken to hold as much as the others do on average, at least.
    """
    if sizes.groups < units:
        return True
    others = sizes.groups * sizes.mean - sizes.max
    return others - others / (sizes.groups - 1) < OPEN_SHARE * sizes.max


def _parts(source: Source, context: Context) -> tuple[str, str]:
    """Place and field of a number of the inputs; empty for one that does not come from them."""
    if source.partition("#")[0] not in context.inputs:
        return "", ""
    place, __, field = source.rpartition("/")
    return place, field


def _units_compared(around: list[Any], row: Imbalance) -> list[int]:
    """Units behind the two means of a row in the balance of a policy."""
    balance = next(value for value in reversed(around) if isinstance(value, Balance))
    reference = balance.units[0].category if balance.units else None
    return [item.n for item in balance.units if item.category in (row.category, reference)]


def _wave_of(place: str, context: Context) -> str | None:
    """The wave that a place in the inputs lies in."""
    values = context.ways.values(place)
    waves = (field_of(value, "wave") for value in values if isinstance(value, Record))
    return next((wave for wave in waves if wave is not None), None)
