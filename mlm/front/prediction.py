"""Predicted responses of rows, from fixed effects and the effects of their groups."""

from __future__ import annotations

import warnings

import numpy as np

from mlm.errors import FIRST_CASES, ModelError, SpelledOtherwiseInFit, SurveyError
from mlm.nouns.characters import nfc
from mlm.nouns.coding import code_terms, columns_of
from mlm.nouns.columns import Columns
from mlm.nouns.hierarchy import group_labels
from mlm.nouns.ids.spelling import folded
from mlm.nouns.model import Model
from mlm.rows.accumulating.frame_source import FrameSource, in_normal_form
from mlm.rows.accumulating.id_columns import id_texts
from mlm.rows.accumulating.sources import check_columns, source_of
from mlm.statistics.fitting.effects import PosteriorMeans
from mlm.statistics.fitting.fit import Fit


def predicted(
    fit: Fit, frame, means: PosteriorMeans | None, level: str | None = None
) -> np.ndarray:
    """Fixed part of the rows of a frame, with the effects of their groups down to a level.

    Parameters
    ----------
    fit : Fit
        A fit.
    frame : DataFrame of n rows
        Variables of the model and, with ``level``, the ids of the groups.
    means : PosteriorMeans or None
        Effects to add; None for the fixed part alone.
    level : str, optional
        Innermost grouping factor whose effects are added; outer ones are added too.

    Returns
    -------
    ndarray (n,)
        In units of the response; NaN where a variable is missing.

    Raises
    ------
    ModelError
        When ``level`` is no grouping factor of the fit.
    SurveyError
        When the frame lacks a column, holds a category unknown to the fit, or an id is missing.
    """
    frame, level = in_normal_form(frame, fit.categories), level and nfc(level)
    out = _columns(fit, frame, fit.names, fit.model) @ fit.beta
    if means is None:
        return out
    known = [effects.group for effects in means.effects]
    if level not in known:
        raise ModelError(
            f"{level} is no level of the fit; it has {', '.join(dict.fromkeys(known))}."
        )
    reach, rows = fit.n_groups[level], source_of(frame)
    for effects in means.effects:
        if fit.n_groups[effects.group] > reach:
            continue
        group = next(r.group for r in fit.model.random if r.name == effects.group)
        check_columns(rows, group)
        labels = group_labels([id_texts(name, rows.column(name)) for name in group])
        position = {unit: i for i, unit in enumerate(effects.units)}
        places = np.array([position.get(label, -1) for label in labels], dtype=np.intp)
        _warn_of_spellings(effects.group, set(labels[places < 0].tolist()), effects.units.tolist())
        found = np.where(places[:, None] >= 0, effects.mean[places], 0.0)
        out = out + np.einsum("nq,nq->n", _columns(fit, frame, effects.terms, fit.model), found)
    return out


def _warn_of_spellings(name: str, unknown: set[str], units: list[str]) -> None:
    """Tell of groups unknown to a fit that has them in another spelling."""
    if not unknown:
        return
    known = {folded(unit): unit for unit in units}
    pairs = [(label, known[folded(label)]) for label in sorted(unknown) if folded(label) in known]
    if pairs:
        shown = ", ".join(f"{label!r} for {unit!r}" for label, unit in pairs[:FIRST_CASES])
        warnings.warn(
            f"{len(pairs)} of {len(unknown)} groups of {name} that the fit does not know are known "
            f"to it in another spelling ({shown}); their effects are taken as zero. Write the ids "
            "as in the data of the fit.",
            SpelledOtherwiseInFit,
            stacklevel=4,
        )


def _columns(fit: Fit, frame, names: tuple[str, ...], model: Model) -> np.ndarray:
    """Raw columns (n, len(names)) of a frame, by their names in the fit."""
    terms = dict.fromkeys([*model.terms, *(t for r in model.random for t in r.terms)])
    categories = fit.categories
    variables = sorted({v for term in terms for v in term.variables})
    lacking = [v for v in variables if v not in frame.columns]
    if lacking:
        raise SurveyError([f"column {v} is not in the frame to predict for." for v in lacking])
    complete = ~frame[variables].isna().any(axis=1).to_numpy()
    _check_categories(frame[complete], categories)
    coded = {c.name: c.column for c in _all_codings(tuple(terms), categories)}
    wanted = [coded[name] for name in names]
    scales = {(v, f): (0.0, 1.0) for column in wanted for v, f, _ in column.powers}
    recipe = columns_of(
        [c for c in _all_codings(tuple(terms), categories) if c.name in names], scales, categories
    )
    if recipe.variables:
        matrix = recipe.matrix(recipe.read(_values(frame[complete], recipe)))
    else:  # intercepts alone
        matrix = np.ones((len(recipe), int(complete.sum())))
    out = np.full((len(frame), len(names)), np.nan)
    out[complete] = matrix[[recipe.positions[column] for column in wanted]].T
    return out


def _values(frame, recipe: Columns) -> dict[str, object]:
    """Variables of a recipe: numbers as arrays (n,), categories as columns of the frame."""
    source, problems, values = FrameSource(frame), [], {}
    for variable in recipe.variables:
        if variable in recipe.categories:
            values[variable] = frame[variable]
            continue
        try:
            values[variable] = source.numbers(variable)
        except SurveyError as error:
            problems += error.problems
    if problems:
        raise SurveyError(problems)
    return values


def _all_codings(terms, categories):
    treatment = code_terms(terms, categories)
    full = [c for term in terms for c in code_terms((term,), categories)]
    return [*treatment, *full]


def _check_categories(frame, categories) -> None:
    problems = []
    for variable, known in categories.items():
        if variable not in frame.columns:
            continue
        unknown = sorted(set(frame[variable].astype(str)) - set(known))
        if unknown:
            problems.append(
                f"{variable}: {len(unknown)} categories are unknown to the fit ({unknown[0]}); "
                f"expected one of {', '.join(known)}."
            )
    if problems:
        raise SurveyError(problems)
