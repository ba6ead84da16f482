"""Who leaves between one wave and the next, by the categories known of them before."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from mlm.configuration.models import Configuration
from mlm.results.survey.survey import FlowByCategory, PersonsWhoStay, UnitsThatLeft
from mlm.rows.linking.survey_rows import SurveyRows
from mlm.rows.linking.tracks import Track, units_of_entries

LISTED_UNITS = 200
"""Units that a list of names holds."""


def attrition_by_category(
    configuration: Configuration, rows: SurveyRows, levels: Sequence[Track]
) -> Iterator[FlowByCategory]:
    """Units of recurring levels that stay or leave, by category of each variable.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    rows : SurveyRows
        Cleaned rows of all waves.
    levels : sequence of Track
        The levels.

    Yields
    ------
    FlowByCategory
        Categories are those of the wave before; the sums over the categories are the flows of the
        level, to the unit.
    """
    for units in levels:
        yield from _by_category(configuration, rows, units)


def _by_category(
    configuration: Configuration, rows: SurveyRows, units: Track
) -> Iterator[FlowByCategory]:
    number = units_of_entries(configuration, rows, units)
    found = units.found
    for wave, (before, after) in enumerate(itertools.pairwise(rows.waves)):
        there = rows.first_entries(number, wave)
        stays = found[number[there], wave + 1]
        place = there - rows.part(wave).start
        for name in _variables(configuration, units.level):
            categories = [*configuration.variables[name].categories, None]
            codes = rows.first_values(name, wave)[place]
            cells, size = 2 * codes + 2 + stays, 2 * len(categories)
            leave, stay = _missing_last(np.bincount(cells, minlength=size))
            people = np.bincount(cells, units.persons[number[there]], size).astype(int)
            leaving, staying = _missing_last(people)
            for i, category in enumerate(categories):
                if stay[i] or leave[i]:
                    yield FlowByCategory(
                        level=units.level,
                        wave=before,
                        other=after,
                        variable=name,
                        category=category,
                        stay=stay[i],
                        leave=leave[i],
                        persons=PersonsWhoStay(stay=staying[i], leave=leaving[i]),
                    )


def _missing_last(counts: np.ndarray) -> list[list[int]]:
    """Numbers of those who leave and stay by category; missing ones, counted first, come last."""
    return np.roll(counts.reshape(-1, 2), -1, axis=0).T.tolist()


def units_that_left(
    configuration: Configuration, rows: SurveyRows, units: Track
) -> Iterator[UnitsThatLeft]:
    """Units of a level that one wave has and the next one lacks, by their ids.

    Yields
    ------
    UnitsThatLeft
        With the first ``LISTED_UNITS`` of them. These name units: they are for those who own the
        data, not for a report.
    """
    path = configuration.unit_path(units.level)
    number = rows.ids(units.level).codes if units.by_id else rows.unit(path)
    found = units.found
    for wave, (before, after) in enumerate(itertools.pairwise(rows.waves)):
        there = rows.first_entries(number, wave)
        gone = np.sort(there[~found[number[there], wave + 1]])
        if len(gone):
            ids = [rows.ids(level) for level in path]
            texts = [known.texts.take(pa.array(known.codes[gone[:LISTED_UNITS]])) for known in ids]
            yield UnitsThatLeft(
                level=units.level,
                wave=before,
                other=after,
                count=len(gone),
                units=tuple(zip(*(text.to_pylist() for text in texts), strict=True)),
            )


def _variables(configuration: Configuration, level: str) -> list[str]:
    """Categories that describe a unit of the level in a wave: its own, and those above it."""
    depth = configuration.depth(level)
    rows_are_units = configuration.design.follows_lowest and level == configuration.level_names[-1]
    return [
        name
        for name, variable in configuration.variables.items()
        if variable.is_category and (configuration.depth(variable.level) <= depth or rows_are_units)
    ]
