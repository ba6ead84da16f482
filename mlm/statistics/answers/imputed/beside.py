"""What stands beside pooled estimates: complete rows, and imputations that were shifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.plan import Plan
from mlm.results.imputations.pooling import (
    ComparedCoefficient,
    ComparedVariance,
    CompleteCases,
    RefusedCompleteCases,
    Shift,
    ShiftedCoefficient,
)
from mlm.results.random_part import SettledModel
from mlm.statistics.answers.variation.settled_model import settled_variances
from mlm.statistics.evidence.completed_samples import CompletedSamples
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.variance_intervals import VarianceIntervals
from mlm.statistics.pooling.pooled_solution import PooledSolution, solve_each


@dataclass(frozen=True)
class ShiftedImputations:
    """Imputations in which the imputed values of one variable were moved (delta adjustment).

    Attributes
    ----------
    variable : str
        The variable.
    by : float
        What was added, in its unit; to the log odds of a category.
    imputations : CompletedSamples
        Of the same rows.
    """

    variable: str
    by: float
    imputations: CompletedSamples


def complete_cases(
    plan: Plan, settled: PooledSolution, told: SettledModel, complete: CrossProducts | None
) -> CompleteCases | RefusedCompleteCases:
    """The settled model fitted to complete rows, beside the pooled one.

    Parameters
    ----------
    plan : Plan
        Levels and waves.
    settled : PooledSolution
        The settled model by REML.
    told : SettledModel
        Its record.
    complete : CrossProducts or None
        Of the rows without any missing value.
    """
    if complete is None:
        return RefusedCompleteCases(why="not_given")
    fit = settled.fit
    try:
        found = solve(fit.model, complete, "REML", settled.first.fit)
        shares = settled_variances(plan, None, found, VarianceIntervals(found, False))
    except MLMError:
        return RefusedCompleteCases(why="not_fitted")
    names, errors = found.fit.names, np.sqrt(np.diagonal(found.fit.covariance))
    pooled = fit.effects
    coefficients = []
    for i, (name, term) in enumerate(zip(fit.names, fit.coefficients, strict=True)):
        if name not in names:
            continue  # complete rows do not tell it
        j = names.index(name)
        estimate, other = float(pooled.estimate[i]), float(found.fit.beta[j])
        coefficients.append(
            ComparedCoefficient(
                term=term,
                estimate=estimate,
                std_error=float(pooled.std_error[i]),
                complete=other,
                complete_error=float(errors[j]),
                difference=(estimate - other) / float(errors[j]),
            )
        )
    return CompleteCases(
        rows=complete.n_obs,
        rows_imputed=fit.n_obs - complete.n_obs,
        coefficients=tuple(coefficients),
        variances=tuple(
            ComparedVariance(level=own.level, share=own.share, complete=other.share)
            for own in told.variances
            for other in shares
            if other.level == own.level
        ),
    )


def shift_records(
    plan: Plan, settled: PooledSolution, shifted: Sequence[ShiftedImputations]
) -> tuple[Shift, ...]:
    """The settled model fitted to shifted imputations, and pooled.

    Parameters
    ----------
    plan : Plan
        The level of the tests.
    settled : PooledSolution
        The settled model by REML, whose fits the searches begin with.
    shifted : sequence of ShiftedImputations
        By variable and shift.

    Source
    ------
    van Buuren (2018), Flexible Imputation of Missing Data, section 3.8 (delta adjustment).
    """
    return tuple(_shift(plan, settled, each) for each in shifted)


def _shift(plan: Plan, settled: PooledSolution, shifted: ShiftedImputations) -> Shift:
    fit = settled.first.fit
    found = solve_each(fit.model, shifted.imputations, "REML", fit)
    coefficients = []
    for i, (name, term) in enumerate(zip(fit.names, fit.coefficients, strict=True)):
        if name not in found.first.fit.names:
            continue
        j = found.first.fit.names.index(name)
        here = settled.contrast(np.eye(fit.beta.size)[i])
        there = found.contrast(np.eye(found.first.fit.beta.size)[j])
        clear = [p is not None and p < plan.alpha for p in (here.p_value, there.p_value)]
        coefficients.append(
            ShiftedCoefficient(
                term=term,
                estimate=there.estimate,
                std_error=there.std_error,
                p_value=there.p_value,
                difference=(there.estimate - here.estimate) / here.std_error,
                decided_otherwise=clear[0] != clear[1],
            )
        )
    return Shift(variable=shifted.variable, by=shifted.by, coefficients=tuple(coefficients))
