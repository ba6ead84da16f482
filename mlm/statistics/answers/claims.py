"""What sums of rows and units say of the models of an analysis before any of them is fitted."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import EffectsLeftOut, ModelError
from mlm.nouns.columns import CONSTANT
from mlm.nouns.plan import Plan
from mlm.results.coefficient import Term
from mlm.statistics.answers.data.identified_levels import identified_levels
from mlm.statistics.evidence.crossing import Crossing
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import coefficients
from mlm.statistics.evidence.separable import LeftOutLevel, MergedLevel
from mlm.statistics.likelihood.basis import combined_sums
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.likelihood.working import Working

NOTHING_LEFT = 1e-12
"""Share of the variation of the outcome within units, below which the rest is rounding."""

UNITS_MULTIPLIED = 1 << 16
"""Units whose sums are multiplied at a time."""

NO_VARIATION = 1e-10
"""Share of a column's square that lies within units by rounding alone."""


@dataclass(frozen=True)
class Claims:
    """What the models of an analysis will be without.

    Attributes
    ----------
    aliased : tuple of Term
        Coefficients of the full model that the others determine.
    changes : tuple of MergedLevel or LeftOutLevel
        Levels that the data cannot tell apart, and those of one group.
    stats : CrossProducts
        The sample with the levels that are left.
    """

    aliased: tuple[Term, ...]
    changes: tuple[MergedLevel | LeftOutLevel, ...]
    stats: CrossProducts


def check_claims(plan: Plan, stats: CrossProducts) -> Claims:
    """What the models of an analysis will be without, because the data cannot tell it.

    The other models of an analysis have some of its fixed effects. Units are looked at where the
    sample has their sums.

    Parameters
    ----------
    plan : Plan
        The analysis.
    stats : CrossProducts
        The merged sample of all waves.

    Returns
    -------
    Claims

    Raises
    ------
    ModelError
        When the rows are too few for the fixed effects of the full model, these determine the
        outcome, alone or together with the units, or all differences between units, or units cannot
        be told from their rows.
    """
    rows = replace(stats, levels=(), crossing=Crossing())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", EffectsLeftOut)
            working = working_statistics(plan.full_model().with_random(()), rows)
            _check_tried(plan, rows)
        left, changes = identified_levels(plan, stats)
        _check_within(plan, working, left)
    except ModelError as error:
        raise ModelError(f"analysis {plan.analysis}: {error}") from error
    return Claims(coefficients(working.aliased), tuple(changes), left)


def _check_tried(plan: Plan, rows: CrossProducts) -> None:
    """Refuse an outcome that is a product or square which would be tried beside the terms."""
    model, (tried, _) = plan.full_model().with_random(()), plan.pupil_candidates
    if rows.n_obs > len(rows.columns):
        working_statistics(model.with_terms([*model.terms, *tried]), rows)


def _check_within(plan: Plan, working: Working, stats: CrossProducts) -> None:
    """Refuse an outcome that the innermost units and the fixed effects determine together."""
    if not stats.levels:
        return
    level, matrix = stats.levels[-1], working.matrix
    first = np.zeros(len(level.candidates))
    first[level.candidates.index(CONSTANT)] = 1.0
    products = np.zeros(working.total.shape)
    scale = np.sqrt(np.maximum(np.diagonal(working.total), 1e-300))
    total = working.total / np.outer(scale, scale)
    for start in range(0, level.size, UNITS_MULTIPLIED):
        some = slice(start, min(start + UNITS_MULTIPLIED, level.size))
        sums = combined_sums(level.sums, first[None, :], matrix, some)[0] / scale
        products += sums.T @ (sums / level.rows[some, None])
    within = total - products
    mean = working.total[0, -1] ** 2 / working.total[0, 0] / scale[-1] ** 2
    varying = np.flatnonzero(np.diagonal(within)[:-1] > NO_VARIATION)
    own = within[np.ix_(varying, varying)]
    effects = np.linalg.lstsq(own, within[varying, -1], rcond=NO_VARIATION)[0]
    left = within[-1, -1] - effects @ within[varying, -1]
    if left > NOTHING_LEFT * (1.0 - mean):
        return
    taking = [working.fixed[i].name for i, b in zip(varying, effects, strict=True) if abs(b) > 1e-6]
    unit = plan.level_of(level.name).unit
    raise ModelError(
        f"{plan.outcome} is determined exactly by the {unit}{''.join(f', {n}' for n in taking)}: "
        f"nothing is left to explain between the rows of one {unit}. Leave out the terms that "
        f"it was computed from, or take one row for each {unit} where the outcome is one of the "
        f"{unit}."
    )
