"""Rows to the cross-products that one model needs: its recipe is made here too."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from mlm.errors import ModelError, SurveyError
from mlm.nouns.coding import columns_of, model_columns
from mlm.nouns.columns import CONSTANT, Column, Columns, scales_of
from mlm.nouns.hierarchy import Hierarchy
from mlm.nouns.levels import RESIDUAL
from mlm.nouns.model import Model
from mlm.nouns.sampling import SamplingDesign
from mlm.nouns.strata import strata_columns, stratified
from mlm.rows.accumulating.accumulate import accumulate_together
from mlm.rows.accumulating.row_sums import Wanted
from mlm.rows.accumulating.sampling.faults import refuse_unknown_levels
from mlm.rows.accumulating.sources import Source, check_columns, source_of
from mlm.statistics.evidence.crossproducts import CrossProducts

# mean of a column, in standard deviations from its origin, that costs 4 of 16 digits
FAR_FROM_ORIGIN = 100.0


def statistics_of(
    model: Model, data, precision: str | None = None, design: SamplingDesign | None = None
) -> CrossProducts:
    """Cross-products of some rows for one model.

    Variables of text or category are categories, sorted unless the data order them; numbers of
    any type and truth values are numbers; dates, and numbers mixed with text, are refused. Origins
    and units are taken from some of the rows; where the first rows of a file turn out to be far
    from the others, or a category to be without a complete row, the rows are read again with a
    better recipe.

    Parameters
    ----------
    model : Model
        The claim.
    data : DataFrame, path, or list of paths
        Rows in any order; a path is a Parquet file or a folder of them.
    precision : str, optional
        Column of known precisions: a row's residual variance is sigma^2 over its precision.
    design : SamplingDesign, optional
        Sampling weights of rows and units.

    Raises
    ------
    SurveyError
        When a column is missing, a precision is not positive, or no row is complete.
    ModelError
        When a category explains nothing.
    """
    return statistics_of_models([model], data, precision, design=design)


def statistics_of_models(
    models: Sequence[Model],
    data,
    precision: str | None = None,
    alike: Sequence[Sequence[str]] = (),
    design: SamplingDesign | None = None,
) -> CrossProducts:
    """Cross-products of some rows for several models, in one pass; the same rows serve all.

    Parameters
    ----------
    models : sequence of Model
        The claims, whose residual variances differ by the same variable if at all.
    data, precision
        As ``statistics_of`` takes them.
    alike : sequence of sequence of str
        Numeric variables that get the same origin and unit, such as the draws of one score.
    design : SamplingDesign, optional
        Sampling weights of rows and units.

    Raises
    ------
    SurveyError, ModelError
        As ``statistics_of``.
    """
    source = source_of(data)
    variables = list(dict.fromkeys(v for model in models for v in variables_of(model)))
    known = [precision] if precision else []
    known += [*design.columns, *design.ids] if design else []
    ids = [name for model in models for term in model.random for name in term.group]
    check_columns(source, [*variables, *ids, *known])
    if design:
        refuse_unknown_levels(design, source.names)
    texts = categorical(source, variables)
    categories = {v: tuple(map(str, c)) for v, c in source.distinct(texts).items()}
    scales: Mapping[tuple[str, str], tuple[float, float]] = {}
    while True:
        columns, hierarchy = recipe_of_models(models, categories, source, scales, alike)
        wanted = Wanted(columns, hierarchy, precision, design=design)
        (found,) = accumulate_together(source, [wanted])
        stats = found.cross_products()
        present = {
            v: tuple(c for c, n in zip(columns.categories[v], rows, strict=True) if n)
            for v, rows in found.counts.items()
        }
        better = _better_scales(stats)
        if present == {v: columns.categories[v] for v in present} and not better:
            return stats
        categories, scales = {**categories, **present}, {**columns.scales, **better}


def categorical(source: Source, variables: Sequence[str]) -> list[str]:
    """Variables that are categories; all columns that cannot be used are told at once."""
    texts, problems = [], []
    for variable in variables:
        try:
            texts += [] if source.is_number(variable) else [variable]
        except SurveyError as error:
            problems += error.problems
    if problems:
        raise SurveyError(problems)
    return texts


def variables_of(model: Model) -> list[str]:
    """Variables of a model, the response first."""
    found = [v for t in model.terms for v in t.variables]
    found += [v for r in model.random for t in r.terms for v in t.variables]
    rows = [] if model.residual is None else [model.residual]
    return list(dict.fromkeys([model.response, *found, *rows]))


def recipe_of_models(
    models: Sequence[Model],
    categories: Mapping[str, Sequence[str]],
    source: Source,
    scales: Mapping,
    alike: Sequence[Sequence[str]] = (),
) -> tuple[Columns, Hierarchy]:
    """Recipe and hierarchy of models; origins and units that are not known are taken from rows.

    Parameters
    ----------
    models : sequence of Model
        The claims.
    categories : mapping of str to sequence of str
        Categories of the variables that have them.
    source : Source
        The rows.
    scales : mapping of (variable, function) to (origin, unit)
        Those that are known.
    alike : sequence of sequence of str
        Numeric variables that get the same origin and unit.

    Raises
    ------
    ModelError
        When a category explains nothing.
    """
    for variable, values in categories.items():
        if len(values) < 2:
            shown = f" ({values[0]})" if values else ""
            raise ModelError(f"{variable} has one category only{shown}: it explains nothing.")
    coded, parts = [], []
    for model in models:
        fixed, random, response = model_columns(model, categories)
        coded += [*fixed, *(c for term in random for c in term), response]
        parts += zip(model.random, random, strict=True)
    powers = {(v, f) for c in coded for v, f, _ in c.column.powers} - set(scales)
    read = list(dict.fromkeys(name for model in models for name in _names_read(model)))
    rows = source.sample(sorted({v for v, _ in powers}), read) if powers else {}
    known = _made_alike({**scales, **scales_of(rows, powers)}, alike)
    columns = columns_of(coded, known, categories)
    groups = [
        (term.group, [s for c in part for s in columns.expansion(c.column)]) for term, part in parts
    ]
    residual = models[0].residual
    if residual is None:
        return columns, Hierarchy.of(groups)
    return _with_strata(residual, categories, columns, groups)


def _names_read(model: Model) -> list[str]:
    return [*variables_of(model), *(name for term in model.random for name in term.group)]


def _made_alike(scales: Mapping, alike: Sequence[Sequence[str]]) -> dict:
    """Origins and units, those of variables that are to have the same being those of the first."""
    first = {variable: same[0] for same in alike for variable in same}
    return {(v, f): scales.get((first.get(v, v), f), scales[v, f]) for v, f in scales}


def _with_strata(
    variable: str, categories: Mapping[str, Sequence[str]], columns: Columns, groups: list
) -> tuple[Columns, Hierarchy]:
    """Recipe and hierarchy from which the rows of each category can be told."""
    if variable not in categories:
        raise ModelError(
            f"diag(0 + {variable} | {RESIDUAL}): {variable} is a number; expected the categories "
            "of a variable, each with a residual variance: make it a text or a category."
        )
    known = tuple(map(str, categories[variable]))
    split = strata_columns(columns, variable, known)
    ids = sorted(dict.fromkeys(group for group, _ in groups), key=len)
    if any(outer != inner[: len(outer)] for outer, inner in zip(ids, ids[1:], strict=False)):
        groups = [
            (group, [*own, *stratified([CONSTANT, *own], variable, known)]) for group, own in groups
        ]
    return split, Hierarchy.of(groups)


def _better_scales(stats: CrossProducts) -> dict[tuple[str, str], tuple[float, float]]:
    """Origins and units, from the sums, of variables whose origin is far from their mean."""
    better = {}
    n, positions = stats.total[0, 0], stats.columns.positions
    for (variable, function), (origin, unit) in stats.columns.scales.items():
        place = positions.get(Column(powers=((variable, function, 1),)))
        if place is None:
            continue
        mean = stats.total[place, 0] / n
        variance = max(stats.total[place, place] / n - mean**2, 0.0)
        if mean**2 > FAR_FROM_ORIGIN**2 * variance and abs(mean) > 1e-12 * (
            1.0 + abs(origin) / unit
        ):
            spread = unit * math.sqrt(variance)
            nearest = 2.0 ** round(math.log2(spread)) if spread > 1e-300 else unit
            better[variable, function] = float(origin + unit * mean), nearest
    return better
