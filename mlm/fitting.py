"""The front door for one model: a formula and data (rows or cross-products) to a fit."""

from __future__ import annotations

from dataclasses import replace

from mlm.columns import columns_of, model_columns, scales_of
from mlm.errors import ModelError
from mlm.formula import parse_formula
from mlm.hierarchy import Hierarchy
from mlm.model import Model
from mlm.statistics import effects
from mlm.statistics.crossproducts import CrossProducts
from mlm.statistics.effects import PosteriorMeans
from mlm.statistics.fit import Fit
from mlm.statistics.solution import fit_model


def fit(formula: str | Model, data, criterion: str = "REML") -> Fit:
    """Fit a multilevel linear model.

    Parameters
    ----------
    formula : str or Model
        lme4 formula, for example ``"math ~ year * sex + (1 + year | school/pupil)"``.
    data : DataFrame or CrossProducts
        Rows, which are read once, or the cross-products of an earlier pass.
    criterion : {"REML", "ML"}
        What is optimised.

    Returns
    -------
    Fit

    Raises
    ------
    ModelError
        When the formula is malformed or the model cannot be identified.
    SurveyError
        When the data lack a column or hold a missing id.
    FitError
        When the criterion has no optimum.

    Examples
    --------
    >>> import mlm, pandas as pd
    >>> rows = pd.DataFrame({"g": list("aabbccdd"), "y": [1.0, 2, 4, 5, 2, 3, 7, 8]})
    >>> round(mlm.fit("y ~ 1 + (1 | g)", rows).sigma2, 6)
    0.5
    """
    model = parse_formula(formula) if isinstance(formula, str) else formula
    stats = data if isinstance(data, CrossProducts) else statistics_of(model, data)
    return fit_model(model, stats, criterion)


def posterior_means(fit: Fit, data) -> PosteriorMeans:
    """Posterior means of the groups' effects, from rows or cross-products.

    Parameters
    ----------
    fit : Fit
        A fit.
    data : DataFrame or CrossProducts
        The sample it was fitted to.

    Returns
    -------
    PosteriorMeans
        ``.table`` has per group and term the estimate, its conditional and comparative standard
        error and its reliability.
    """
    stats = data if isinstance(data, CrossProducts) else statistics_of(fit.model, data)
    return effects.posterior_means(fit, stats)


def predict(fit: Fit, frame, level: str | None = None, data=None):
    """Predicted response of the rows of a frame.

    Parameters
    ----------
    fit : Fit
        A fit.
    frame : DataFrame of n rows
        Holds the variables of the model, and the ids of the levels that are used.
    level : str, optional
        Innermost grouping factor whose effects are added, such as ``"school"``; default: fixed
        effects alone. Groups unknown to the fit get an effect of zero.
    data : DataFrame or CrossProducts, optional
        The sample of the fit, needed with ``level``.

    Returns
    -------
    ndarray (n,)
        In units of the response; NaN where a variable is missing.

    Raises
    ------
    ModelError
        When ``level`` is given without ``data``, or is no level of the fit.
    """
    from mlm.prediction import predicted

    if level is None:
        return predicted(fit, frame, None)
    if data is None:
        raise ModelError("predict with a level needs data=, the sample the model was fitted to.")
    return predicted(fit, frame, posterior_means(fit, data), level)


def statistics_of(model: Model, frame) -> CrossProducts:
    """Cross-products of the rows of a frame for one model.

    Variables of text, category or truth value are categories, sorted unless the frame orders
    them; all others are numbers. Origins and units are taken from the first rows.

    Raises
    ------
    SurveyError
        When a column is missing from the frame or no row is complete.
    """
    from mlm.rows.accumulate import accumulate, check_columns, complete_rows
    from mlm.rows.crossing import split_levels, with_crossed

    variables = [v for t in model.terms for v in t.variables]
    variables += [v for r in model.random for t in r.terms for v in t.variables]
    variables = list(dict.fromkeys([model.response, *variables]))
    groups = [name for term in model.random for name in term.group]
    check_columns(frame, [*variables, *groups])
    kept, dropped = complete_rows(frame, variables)
    categories = {v: _categories(kept[v]) for v in variables if not _is_number(kept[v])}
    for variable, values in categories.items():
        if len(values) < 2:
            raise ModelError(
                f"{variable} has one category only ({values[0]}): it explains nothing."
            )
    fixed, random, response = model_columns(model, categories)
    coded = [*fixed, *(c for term in random for c in term), response]
    powers = {(v, f) for c in coded for v, f, _ in c.column.powers}
    columns = columns_of(coded, scales_of(kept, sorted(powers)), categories)
    groups = [
        (term.group, [s for c in part for s in columns.expansion(c.column)])
        for term, part in zip(model.random, random, strict=True)
    ]
    tree, crossed = split_levels(kept, Hierarchy.of(groups))
    stats = replace(accumulate(kept, columns, tree), dropped=dropped)
    return with_crossed(stats, kept, columns, crossed) if crossed else stats


def _is_number(values) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return is_numeric_dtype(values) and not is_bool_dtype(values)


def _categories(values) -> tuple[str, ...]:
    import pandas as pd

    present = values.dropna().unique()
    if isinstance(values.dtype, pd.CategoricalDtype):
        return tuple(str(c) for c in values.cat.categories if c in set(present))
    return tuple(str(c) for c in sorted(present))
