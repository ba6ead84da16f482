"""The parts of a sample by the categories of a variable, each with all of its groups.

Where residual variances differ between the categories, every sum of the sample is a combination of
those of the parts. A survey whose waves were merged keeps them by wave; rows that were accumulated
with ``strata_columns`` hold every column times the indicator of each category too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mlm.errors import StatisticsError
from mlm.nouns.columns import CONSTANT, Column
from mlm.nouns.levels import RESIDUAL
from mlm.statistics.evidence.crossing import CrossedFactor
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.wave_parts import WaveParts, whole_part

Grouping = GroupSums | CrossedFactor
SAME = 1e-9  # share by which the parts may miss the total


def strata_of(
    stats: CrossProducts, variable: str, columns: Sequence[Column]
) -> dict[str, CrossProducts]:
    """The rows of each category of a variable as samples with the same groups.

    Parameters
    ----------
    stats : CrossProducts
        The whole sample.
    variable : str
        The variable, such as the wave.
    columns : sequence of Column
        Stored columns that are needed of the parts.

    Returns
    -------
    dict of str to CrossProducts
        By category; groups without rows there have sums of zero.

    Raises
    ------
    StatisticsError
        When the sample does not keep the parts, or its rows have known precisions.
    """
    names = stats.columns.categories.get(variable, ())
    if stats.precision is not None:
        raise StatisticsError(
            f"residual variances by {variable} beside the known precisions {stats.precision}: "
            "expected one of both. Leave out the precisions, or the residual variances."
        )
    if not names:
        raise StatisticsError(
            f"residual variances by {variable}: the cross-products do not tell its categories. "
            f"Accumulate the rows for a model with diag(0 + {variable} | {RESIDUAL})."
        )
    if _has_waves(stats, names):
        return {name: _of_wave(stats, name, i) for i, name in enumerate(stats.parts)}
    return {name: _of_stratum(stats, variable, name, columns) for name in names}


def joined_strata(stats: CrossProducts, parts: Mapping[str, CrossProducts]) -> CrossProducts:
    """A sample from those of its strata, which it keeps apart.

    Parameters
    ----------
    stats : CrossProducts
        The sample as it was.
    parts : mapping of str to CrossProducts
        By category, each with all groups.
    """
    samples = list(parts.values())
    linked = {f.group for f in stats.crossing.factors} | set(stats.crossing.firsts(stats.levels))

    def level_of(level: Grouping):
        own = [part.level(level.group) for part in samples]
        sums = [np.asarray(each.sums) for each in own]
        joined = sum(sums)
        if level.group not in linked:
            joined = WaveParts(joined.shape, [whole_part(each) for each in sums], joined)
        return replace(own[0], sums=joined)

    factors = tuple(level_of(factor) for factor in stats.crossing.factors)
    first = samples[0].crossing
    links = [
        _added_cells([part.crossing.factors[c].links for part in samples])
        for c in range(len(factors))
    ]
    pairs = {
        place: _added_cells([part.crossing.pairs[place] for part in samples])
        for place in first.pairs
    }
    factors = tuple(replace(f, links=own) for f, own in zip(factors, links, strict=True))
    return replace(
        stats,
        total=sum(part.total for part in samples),
        levels=tuple(level_of(level) for level in stats.levels),
        crossing=replace(first, factors=factors, pairs=pairs, placed={}),
        parts={name: part.total for name, part in parts.items()},
        bundles=(),
    )


def _added_cells(tables: Sequence):
    """Sums of products over cells, added up over strata."""
    return tuple(
        tuple(sum(each[1:], start=each[0]).tocsr() for each in zip(*rows, strict=True))
        for rows in zip(*tables, strict=True)
    )


def keeps_strata(stats: CrossProducts, variable: str) -> bool:
    """Whether the merged waves of a sample, two or more, are the categories of a variable."""
    names = stats.columns.categories.get(variable, ())
    return len(names) > 1 and _has_waves(stats, names)


def _has_waves(stats: CrossProducts, names: Sequence[str]) -> bool:
    if not names or set(stats.parts) != set(names):
        return False
    whole = sum(stats.parts.values())
    return bool(np.abs(whole - stats.total).max() <= SAME * np.abs(stats.total).max())


def _of_wave(stats: CrossProducts, name: str, place: int) -> CrossProducts:
    """The rows of one wave of a merged survey.

    Levels and factors that share tables of cells keep the candidates that are constant in waves:
    the indicators of the waves are among them, and with them the sums of each wave.
    """
    linked = {*(f.group for f in stats.crossing.factors), *stats.crossing.firsts(stats.levels)}
    values = _constants(stats)

    def level_of(level: Grouping):
        if level.group not in linked:
            return replace(level, sums=_sums_of_wave(level, place))
        own = level.sums[_mark(stats, level, name)]
        kept = [c for c in level.candidates if c in values]
        sums = np.stack([values[c][name] * own for c in kept])
        return replace(level, candidates=tuple(kept), sums=sums)

    def cells(left, right, tables):
        own = tables[_mark(stats, left, name)][_mark(stats, right, name)]
        rows, columns = ([c for c in v.candidates if c in values] for v in (left, right))
        return tuple(
            tuple(own * (values[a][name] * values[b][name]) for b in columns) for a in rows
        )

    tree = stats.levels[-1] if stats.levels else None
    crossing = stats.crossing.changed(tree, level_of, cells)
    levels = tuple(level_of(level) for level in stats.levels)
    total = stats.parts[name]
    return replace(stats, total=total, levels=levels, crossing=crossing, parts={}, bundles=())


def _sums_of_wave(level: GroupSums, place: int) -> WaveParts:
    if isinstance(level.sums, WaveParts):
        return level.sums.of_wave(place)
    raise StatisticsError(
        f"the sums of {level.name} are not kept wave by wave. Merge the waves again."
    )


def _mark(stats: CrossProducts, level: Grouping, name: str) -> int:
    """Place of the indicator of a wave among the candidates of a level."""
    marks = [i for i, column in enumerate(level.candidates) if _marks(stats, column, name)]
    if marks:
        return marks[0]
    raise StatisticsError(f"the sums of {level.name} are not kept wave by wave. Merge them again.")


def _marks(stats: CrossProducts, column: Column, name: str) -> bool:
    """Whether a column is the indicator of a wave."""
    known = {wave: stats.parts[wave][0, 0] for wave in stats.parts}
    place = stats.columns.positions[column]
    return column != CONSTANT and all(
        abs(part[0, place] - (wave == name) * known[wave]) <= SAME * known[wave]
        and abs(part[place, place] - (wave == name) * known[wave]) <= SAME * known[wave]
        for wave, part in stats.parts.items()
    )


def _constants(stats: CrossProducts) -> dict[Column, dict[str, float]]:
    """Value in each wave of the candidates that are constant in every wave."""
    out = {}
    for column in dict.fromkeys(c for level in stats.all_levels for c in level.candidates):
        place = stats.columns.positions[column]
        sums = {wave: (p[0, 0], p[0, place], p[place, place]) for wave, p in stats.parts.items()}
        if all(n * square - s * s <= SAME * n * max(square, 1.0) for n, s, square in sums.values()):
            out[column] = {wave: s / n for wave, (n, s, _) in sums.items()}
    return out


def _of_stratum(
    stats: CrossProducts, variable: str, category: str, columns: Sequence[Column]
) -> CrossProducts:
    """The rows of one stratum, with all groups.

    Parameters
    ----------
    stats : CrossProducts
        A sample accumulated with ``strata_columns`` and ``strata_candidates``.
    variable, category : str
        The stratum.
    columns : sequence of Column
        The columns that are needed; the sums of others are zero.

    Raises
    ------
    StatisticsError
        When a product of a column and the stratum is lacking.
    """
    known, mark = stats.columns.positions, Column(indicators=((variable, category),))
    own = np.full(len(known), -1)
    for column in columns:
        product = column.times(mark)
        if product is None:
            continue
        if product not in known:
            raise StatisticsError(
                f"column {product.name} is not in the cross-products: they do not tell the rows of "
                f"{variable} {category} apart. Accumulate the rows for a model with "
                f"diag(0 + {variable} | {RESIDUAL}), or merge the waves again."
            )
        own[known[column]] = known[product]
    used = own >= 0

    def level_of(level: Grouping):
        kept = _plain(level, columns)
        sums = np.asarray(level.sums)[kept][:, :, own] * used
        return replace(level, candidates=tuple(level.candidates[i] for i in kept), sums=sums)

    def cells(left: Grouping, right: Grouping, tables):
        return tuple(
            tuple(_cell(left, i, tables, j, mark) for j in _plain(right, columns))
            for i in _plain(left, columns)
        )

    tree = stats.levels[-1] if stats.levels else None
    return replace(
        stats,
        total=stats.total[:, own] * np.outer(used, used),
        levels=tuple(level_of(level) for level in stats.levels),
        crossing=stats.crossing.changed(tree, level_of, cells),
        parts={},
        bundles=(),
    )


def _cell(left: Grouping, i: int, tables, j: int, mark: Column):
    """Sums over the cells of two candidates over the rows of a stratum."""
    product = left.candidates[i].times(mark)
    if product is None:
        return tables[i][j] * 0.0
    return tables[left.candidates.index(product)][j]


def _plain(level: Grouping, columns: Sequence[Column]) -> list[int]:
    """Places of the candidates of a level that are among some columns."""
    return [i for i, column in enumerate(level.candidates) if column in columns]
