"""Rows that lack values to sums by pattern of missing values, in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.errors import CrossedLevels, NotImputable, SurveyError
from mlm.nouns.columns import CONSTANT, Column, Columns
from mlm.nouns.hierarchy import GroupingFactor, Hierarchy
from mlm.rows.accumulating.accumulate import Accumulation
from mlm.rows.accumulating.batches import Batch, missing_rows
from mlm.rows.accumulating.complete_rows import CompleteRows
from mlm.rows.accumulating.grouping import Grouping
from mlm.rows.accumulating.nesting import Nesting, nesting_of
from mlm.rows.accumulating.row_sums import Wanted
from mlm.rows.accumulating.sources import Rows, check_columns, source_of
from mlm.statistics.evidence.pattern_sums import PatternSums

MOST_INCOMPLETE = 62  # bits of an integer that numbers the patterns


def accumulate_patterns(
    data, columns: Columns, hierarchy: Hierarchy, incomplete: Sequence[str]
) -> PatternSums:
    """Sums of the rows of each pattern of missing values.

    Parameters
    ----------
    data : DataFrame, path, or list of paths
        Rows in any order; a path is a Parquet file or a folder of them.
    columns : Columns
        The recipe of complete rows.
    hierarchy : Hierarchy
        Nested levels; their candidates are complete.
    incomplete : sequence of str
        Variables whose missing values make the patterns. Rows that lack another variable of the
        recipe are left out and counted.

    Returns
    -------
    PatternSums

    Raises
    ------
    SurveyError
        As ``accumulate`` says.
    ModelError
        When levels are not nested (``CrossedLevels``), or too many variables may be missing.
    """
    if len(incomplete) > MOST_INCOMPLETE:
        raise NotImputable(
            "many_variables",
            f"{len(incomplete)} variables that may be missing; expected "
            f"{MOST_INCOMPLETE} or fewer. "
            "Impute for fewer analyses at a time, or with fewer auxiliary variables.",
        )
    rows = source_of(data)
    found = _read(rows, columns, hierarchy, incomplete, None)
    if found is None:
        nesting = nesting_of(rows, columns, hierarchy)
        if nesting.crossed:
            names = ", ".join(level.name for level in nesting.crossed)
            raise CrossedLevels(
                f"a joint model of missing values wants nested levels, and {names} is crossed with "
                f"{nesting.nested[-1].name}. Name the levels that lie inside each other alone."
            )
        found = _read(rows, columns, hierarchy, incomplete, nesting.nested)
    return found


def _read(
    rows: Rows,
    columns: Columns,
    hierarchy: Hierarchy,
    incomplete: Sequence[str],
    order: Sequence[GroupingFactor] | None,
) -> PatternSums | None:
    """Sums from one pass; None where levels were taken in an order in which they do not nest."""
    names = list(dict.fromkeys([*columns.variables, *hierarchy.id_columns]))
    check_columns(rows, names)
    samples: dict[int, Accumulation] = {}
    done = 0
    for batch in rows.batches(names):
        done += batch.rows
        order = order or _suggested(hierarchy, batch)
        pattern = pattern_of(batch, incomplete)
        for code in np.unique(pattern).tolist():
            if code not in samples:
                part = _columns_without(columns, _lacking(code, incomplete))
                levels = tuple(_with_candidates_of(level, part) for level in order)
                wanted = Wanted(part, Hierarchy(levels))
                samples[code] = Accumulation(rows, wanted, Nesting(Grouping(), levels))
            own = pattern == code
            samples[code].add(batch if own.all() else batch.kept(own))
            if samples[code].is_contradicted:
                return None
    if not samples:
        raise SurveyError(f"{rows.where}: there are no rows.")
    taken = {code: samples[code] for code in sorted(samples) if samples[code].kept}
    if not taken:
        next(iter(samples.values())).cross_products()  # which says what is missing
    parts = {_lacking(code, incomplete): each.cross_products() for code, each in taken.items()}
    dropped: Counter[str] = Counter()
    for each in samples.values():
        dropped.update(each.dropped)
    parts = {lacking: replace(part, dropped={}) for lacking, part in parts.items()}
    first = next(iter(parts))
    parts[first] = replace(parts[first], dropped=dict(dropped))
    return PatternSums(columns, tuple(incomplete), parts)


def _suggested(hierarchy: Hierarchy, batch: Batch) -> tuple[GroupingFactor, ...]:
    """Levels from the outermost inwards, as some rows suggest."""
    found = CompleteRows(Columns((CONSTANT,)), hierarchy.id_columns).of(batch)
    if found is None:
        return tuple(sorted(hierarchy.levels, key=lambda level: len(level.group)))
    return Nesting.suggested(hierarchy.levels, found[0]).nested


def pattern_of(batch: Batch, incomplete: Sequence[str]) -> np.ndarray:
    """Number of each row's pattern (n,): a bit for each variable that is missing."""
    out = np.zeros(batch.rows, dtype=np.int64)
    for i, name in enumerate(incomplete):
        column = batch.columns[name]
        where = missing_rows(column)
        if where is not None:
            out |= where.astype(np.int64) << i
    return out


def _lacking(code: int, incomplete: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for i, name in enumerate(incomplete) if code >> i & 1)


def _with_candidates_of(level: GroupingFactor, columns: Columns) -> GroupingFactor:
    kept = tuple(column for column in level.candidates if column in columns.positions)
    return GroupingFactor(level.group, kept)


def _columns_without(columns: Columns, lacking: Sequence[str]) -> Columns:
    """The recipe of the columns that are made of none of some variables."""
    kept: list[Column] = [c for c in columns.columns if not set(c.variables) & set(lacking)]
    known = {v: c for v, c in columns.categories.items() if v not in lacking}
    return replace(columns.only(kept), categories=known)
