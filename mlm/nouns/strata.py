"""Columns from which the rows of each stratum can be told: every column times its indicators.

Layer: nouns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlm.nouns.columns import Column, Columns


def strata_columns(columns: Columns, variable: str, categories: tuple[str, ...]) -> Columns:
    """The recipe with every column also times the indicator of each stratum.

    Parameters
    ----------
    columns : Columns
        The recipe of the columns.
    variable : str
        The variable that makes the strata.
    categories : tuple of str
        Its categories.
    """
    known = {**columns.categories, variable: tuple(categories)}
    extra = stratified(columns.columns, variable, categories)
    return Columns(columns.columns, columns.scales, known).extended(extra)


def stratified(columns: Iterable[Column], variable: str, categories: Sequence[str]) -> list[Column]:
    """Columns times the indicator of each category of a variable, where not zero.

    Parameters
    ----------
    columns : iterable of Column
    variable : str
    categories : sequence of str
    """
    marks = [Column(indicators=((variable, category),)) for category in categories]
    made = (column.times(mark) for column in columns for mark in marks)
    return [product for product in made if product is not None]
