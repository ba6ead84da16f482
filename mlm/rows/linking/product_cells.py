"""Cells of products of two categories: how many rows, and of how many units, have both."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.configuration.models import Configuration
from mlm.configuration.names import parse_term
from mlm.results.survey.survey import ProductCell
from mlm.rows.linking.survey_rows import SurveyRows, n_different


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
            codes = [rows.column(name, place) for name in (one, other)]
            units = unit[rows.part(place)]
            for a, category in enumerate(names[0]):
                for b, other_category in enumerate(names[1]):
                    there = (codes[0] == a) & (codes[1] == b)
                    yield ProductCell(
                        variable=one,
                        other=other,
                        category=category,
                        other_category=other_category,
                        wave=wave,
                        rows=int(there.sum()),
                        level=level,
                        units=n_different(units[there]),
                    )


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
