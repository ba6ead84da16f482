"""Cells of products of two categories: how many rows, and of how many units, have both."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlm.configuration.models import Configuration
from mlm.configuration.names import parse_term
from mlm.results.survey.survey import ProductCell
from mlm.rows.linking.survey_rows import SurveyRows


def product_cells(configuration: Configuration, rows: SurveyRows) -> Iterator[ProductCell]:
    """The cells of each product of categories that an analysis has among its terms, by wave.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    rows : SurveyRows
        Cleaned rows of all waves.

    Yields
    ------
    ProductCell
        Those that are empty too.
    """
    for one, other in _products(configuration):
        level = _level_of_support(configuration, one, other)
        unit = rows.unit(configuration.unit_path(level))
        names = [configuration.variables[name].categories for name in (one, other)]
        for place, wave in enumerate(rows.waves):
            n_rows, has = _cells(rows, unit, (one, other), tuple(map(len, names)), place)
            for a, category in enumerate(names[0]):
                for b, other_category in enumerate(names[1]):
                    yield ProductCell(
                        variable=one,
                        other=other,
                        category=category,
                        other_category=other_category,
                        wave=wave,
                        rows=int(n_rows[a, b]),
                        level=level,
                        units=int(np.count_nonzero(has[a, b])),
                    )


def _cells(
    rows: SurveyRows, unit: np.ndarray, names: tuple[str, str], size: tuple[int, int], wave: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a wave in each cell (A, B), and whether each unit has one there (A, B, G)."""
    n_rows = np.zeros(size[0] * size[1], dtype=np.int64)
    has = np.zeros((len(n_rows), int(unit.max()) + 1), dtype=bool)
    stored = rows.stored(wave, _question(*names))
    if stored is not None:
        has[stored["cell"], unit[rows.part(wave)][stored["entry"]]] = True
        return stored["rows"], has.reshape(*size, -1)
    for entry, codes in rows.entry_blocks(names, wave):
        both = np.flatnonzero((codes[0] >= 0) & (codes[1] >= 0))
        cell = codes[0][both].astype(np.int64) * size[1] + codes[1][both]
        n_rows += np.bincount(cell, minlength=len(n_rows))
        has[cell, unit[entry[both]]] = True
    return n_rows.reshape(size), has.reshape(*size, -1)


def answers_of_products(
    configuration: Configuration, rows: SurveyRows
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """What a wave read by itself answers for each product of categories."""
    for pair in _products(configuration):
        one, other = (len(configuration.variables[name].categories) for name in pair)
        n_rows, has = _cells(rows, np.arange(len(rows.rows)), pair, (one, other), 0)
        cell, entry = np.nonzero(has.reshape(one * other, -1))
        yield _question(*pair), {"rows": n_rows, "cell": cell, "entry": entry}


def _question(one: str, other: str) -> str:
    return f"products/{one}:{other}"


def _level_of_support(configuration: Configuration, *names: str) -> str:
    """The level whose units stand behind a coefficient.

    The highest of those that the variables describe, or the one above persons.
    """
    above = configuration.level_names[:-1]
    depths = [configuration.depth(configuration.variables[name].level) for name in names]
    return above[min(*depths, len(above) - 1)]


def _products(configuration: Configuration) -> Iterator[tuple[str, str]]:
    texts = (text for analysis in configuration.analyses.values() for text in analysis.terms)
    pairs = (parse_term(text).variables for text in texts)
    for pair in dict.fromkeys(tuple(sorted(pair)) for pair in pairs if len(pair) == 2):
        if all(configuration.variables[name].is_category for name in pair):
            yield pair
