"""Groups of rows that numbers of a sample rest on.

A sum of weights, or a count of clusters, tells about how many rows there are, and is hidden where
their count is.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlm.pages.context import Context
from mlm.pages.derived import field_of
from mlm.results.reading import At, Source, steps_of
from mlm.results.sampled.balance import BalanceInWave, SampledImbalance
from mlm.results.sampled.groups_of_rows import CategoryEstimate, GroupEstimate, WaveEstimate

TOLD = ("means", "shares_at")  # fields of results that tell of groups of rows
OF_WAVES = ("weighted_moments", "sample")
COUNT = "rows"
NEAR_COUNTS = ("sum_of_weights", "effective_rows", "clusters")  # fields that tell about how many


def groups_behind(source: Source, context: Context) -> list[At]:
    """The groups of rows that a number of a sample rests on; none for any other number.

    Parameters
    ----------
    source : str or dict
        Where it was read.

    Returns
    -------
    list of At
        Views of records with ``rows``: the group itself, that it is compared with, and those of the
        wave before where it is a change.
    """
    if isinstance(source, dict):
        return [group for part in source["of"] for group in groups_behind(part, context)]
    if not source.startswith("results#/"):
        return []
    steps = steps_of(source)[1]
    if steps[0] in TOLD:
        return list(_told(steps, context))
    if steps[0] == "policy" and "balance" in steps:
        return list(_compared(steps, context))
    return list(_of_waves(steps, context)) if steps[0] in OF_WAVES else []


def _told(steps: list[str], context: Context) -> Iterator[At]:
    """Groups behind a mean or a share, its gap or its change."""
    way, at = [], context.results
    for step in steps[:-1]:
        at = at.step(step)
        way.append((step, at))
    place = next((i for i, (_, at) in enumerate(way) if isinstance(at.value, GroupEstimate)), None)
    if place is None:
        return
    group, kind = way[place][1], way[place + 1][0] if place + 1 < len(way) else ""
    if isinstance(group.value, CategoryEstimate):
        item, category = way[place - 4][1], way[place - 2][1]
        yield from _of_category(group, kind, category, item.categories[0], context)
    elif isinstance(group.value, WaveEstimate):
        yield group
        waves = way[place - 1][1]
        if kind == "change":
            yield waves[0]
        if kind == "step":
            yield waves[int(way[place][0]) - 1]


def _compared(steps: list[str], context: Context) -> Iterator[At]:
    """Groups behind a covariate of a policy's categories: these, and that of a category told."""
    way, at = [], context.results
    for step in steps[:-1]:
        at = at.step(step)
        way.append(at)
    wave = next((at.wave.value for at in way if isinstance(at.value, BalanceInWave)), None)
    found = next((at for at in way if isinstance(at.value, SampledImbalance)), None)
    if found is None:
        return
    policy, column = way[1].variable.value, found.column.value
    told = {policy: (way[1].reference.value, found.category.value)}
    if column.category is not None:
        told[column.variable] = (column.category,)
    for variable, categories in told.items():
        own = context.results.means.by.find(variable=variable)
        for category in categories if own is not None else ():
            group = own.categories.find(category=category)
            cell = None if group is None else group.waves.find(wave=wave)
            if cell is not None:
                yield cell


def _of_category(
    group: At, kind: str, category: At, reference: At, context: Context
) -> Iterator[At]:
    first = context.results.time.waves.value[0]
    waves = {"moved": (group.wave.value, first), "change": (group.wave.value, first)}
    compared = (category, reference) if kind in ("gap", "moved") else (category,)
    for each in compared:
        for wave in waves.get(kind, (group.wave.value,)):
            found = each.waves.find(wave=wave)
            if found is not None:
                yield found


def _of_waves(steps: list[str], context: Context) -> Iterator[At]:
    """Waves behind a weighted moment, or a sum of weights."""
    at = context.results
    for step in steps[:-1]:
        at = at.step(step)
    wave = field_of(at.value, "wave")
    found = context.results.waves.find(wave=wave)
    if found is not None and steps[-1] != COUNT:
        yield found
    if steps in (["sample", "sum_of_weights"], ["sample", "effective_rows"]):
        yield from context.results.waves


def rests_on_hidden_group(source: Source, context: Context) -> bool:
    """Whether a number rests on a group of rows of which nothing may be told."""
    hidden = context.hidden_groups
    return bool(hidden) and any(g.source in hidden for g in groups_behind(source, context))


def is_count_of_rows(source: Source) -> bool:
    """Whether a number is the count of the rows of a group itself."""
    return isinstance(source, str) and source.endswith(f"/{COUNT}")


def rows_told(source: Source, context: Context) -> list[At]:
    """Counts of rows that a number tells about: those behind a sum of weights; else none."""
    if not isinstance(source, str) or source.rpartition("/")[2] not in NEAR_COUNTS:
        return []
    return [group.rows for group in groups_behind(source, context)]
