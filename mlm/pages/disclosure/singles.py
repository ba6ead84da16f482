"""Values of single units: which levels may show them, and marks pooled where they may not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlm.pages.context import Context
from mlm.pages.derived import field_of
from mlm.results.level import Level
from mlm.results.reading import Source

EXTREMES = frozenset(
    {"largest", "largest_change", "largest_distance", "reliability_min", "smallest"}
)

DELETION = "results#/diagnostics/deletion"  # what holds the estimates without each single unit
SIZE_QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)  # of sizes of units in survey.json


def shows_single(context: Context, level: Level | None) -> bool:
    """Whether values of single units of a level may be shown, without their names.

    In public mode only where every unit is known to have as many people as the threshold; units
    whose people are not counted (pupils, occasions, classes in a wave) are not.

    Parameters
    ----------
    level : Level, optional
        None for the rows.
    """
    if not context.rules.is_public:
        return True
    found = [item for item in context.unit_effects if item.level.value == level]
    units = [item.units for item in found if len(item.units)]
    return bool(units) and all(len(context.rules.named(each)) == len(each) for each in units)


def tells_of_one(source: Source, context: Context) -> bool:
    """Whether a number is the value of one unit of a level that may not show it."""
    if not isinstance(source, str):
        return any(tells_of_one(part, context) for part in source["of"])
    place, __, field = source.rpartition("/")
    if place.endswith("/children/quantiles"):
        return _is_sparse(place.removesuffix("/children/quantiles"), int(field), context)
    if place.startswith(f"{DELETION}/"):
        place = DELETION
    elif field not in EXTREMES:
        return False
    record = context.ways.values(place)[-1]
    return not shows_single(context, field_of(record, "level"))


def _is_sparse(place: str, position: int, context: Context) -> bool:
    """Whether too few units lie beyond a quantile of the people in them."""
    item = context.ways.values(place)[-1]
    if not context.rules.is_public or not _are_people(item.child, context):
        return False
    share = SIZE_QUANTILES[position]
    return min(share, 1.0 - share) * item.groups < context.rules.threshold


def _are_people(child: Level | None, context: Context) -> bool:
    """Whether what a unit holds are people: rows, or units of the lowest level."""
    if child is None:
        return True
    people = {level.name for level in context.configuration.levels[-1:]} | {context.lowest.unit}
    return not child.in_wave and child.unit in people


def pooled(
    counts: Sequence[int], columns: Sequence[Sequence[float]], least: int
) -> tuple[list[int], list[list[float]]]:
    """Neighbouring marks joined until each stands for at least `least` units.

    Parameters
    ----------
    counts : sequence of int (n,)
        Units behind each mark, in order.
    columns : sequence of sequence of float (n,)
        Coordinates of the marks; those of a joined mark are the means over its units.
    least : int

    Returns
    -------
    counts, columns
        Of the joined marks; none where there are fewer than `least` units in all.
    """
    parts = list(_parts(counts, least))
    sizes = [sum(counts[i] for i in part) for part in parts]
    means = [
        [
            sum(counts[i] * column[i] for i in part) / size
            for part, size in zip(parts, sizes, strict=True)
        ]
        for column in columns
    ]
    return sizes, means


def _parts(counts: Sequence[int], least: int) -> Iterator[range]:
    """Ranges of positions that hold at least `least` units; the last takes what is left."""
    start, held, left = 0, 0, sum(counts)
    for position, count in enumerate(counts):
        held += count
        left -= count
        if held >= least and (left >= least or left == 0):
            yield range(start, position + 1)
            start, held = position + 1, 0
