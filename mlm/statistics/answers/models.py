"""Fits and models as records."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mlm.nouns.levels import RESIDUAL
from mlm.nouns.plan import Plan
from mlm.results.coefficient import Coefficient
from mlm.results.models import Fit as FitRecord
from mlm.results.models import Model, Step, VarianceComponent
from mlm.results.record import finite
from mlm.results.reference import FDistribution
from mlm.results.test import Test
from mlm.statistics.evidence.names import level_record, term_records
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.selection.backward import BackwardStep


def fit_record(plan: Plan, fit: Fit) -> FitRecord:
    """One fit: its criterion, coefficients with tests, variance components."""
    return FitRecord(
        criterion=fit.criterion,
        deviance=fit.deviance,
        aic=fit.aic,
        bic=fit.bic,
        n_params=fit.n_params,
        n_obs=fit.n_obs,
        converged=fit.converged,
        is_singular=fit.is_singular,
        sigma2=fit.sigma2,
        max_scaled_gradient=finite(fit.certificate.max_scaled_gradient),
        fixed=_fixed(fit),
        variance_components=_components(plan, fit),
    )


def _fixed(fit: Fit) -> tuple[Coefficient, ...]:
    columns = fit.fixed_columns()
    columns["t"] = columns.pop("z")
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return tuple(
        Coefficient(term=term, **dict(zip(columns, map(finite, row), strict=True)))
        for term, row in zip(fit.coefficients, rows, strict=True)
    )


def _components(plan: Plan, fit: Fit) -> tuple[VarianceComponent, ...]:
    """Variances and covariances of each random term, the residual variance last."""
    out = []
    parts = zip(fit.model.random, fit.random_coefficients, fit.covariances, strict=True)
    for random, terms, covariance in parts:
        level = level_record(plan, random.name)
        sd = np.sqrt(np.diagonal(covariance)).tolist()
        for i, term in enumerate(terms):
            variance = float(covariance[i, i])
            out.append(VarianceComponent(level=level, term1=term, variance=variance, sd=sd[i]))
        for j, first in enumerate(terms):
            for i in range(j + 1, len(terms)):
                product, value = sd[i] * sd[j], float(covariance[i, j])
                correlation = value / product if product > 0.0 else None
                pair = {"term1": first, "term2": terms[i]}
                out.append(VarianceComponent(level=level, **pair, variance=value, sd=correlation))
    if fit.residual is None:
        rows, own = level_record(plan, RESIDUAL), fit.sigma2
        out.append(VarianceComponent(level=rows, term1=(), variance=own, sd=math.sqrt(own)))
    return tuple(out)


def model_record(plan: Plan, pair: tuple[Solution, Solution]) -> Model:
    """A model by ML and REML."""
    ml, reml = pair
    return Model(
        formula=reml.fit.formula,
        terms=term_records(reml.fit.model.terms),
        ml=fit_record(plan, ml.fit),
        reml=fit_record(plan, reml.fit),
    )


def path_record(path: Sequence[BackwardStep]) -> tuple[Step, ...]:
    """The models of an elimination, from the first to the last."""
    return tuple(_step(step) for step in path)


def _step(step: BackwardStep) -> Step:
    test = step.test if isinstance(step.test, Test) else None
    return Step(
        dropped=term_records(step.dropped),
        terms=term_records(step.fit.model.terms),
        n_params=step.fit.n_params,
        deviance=step.fit.deviance,
        aic=step.fit.aic,
        bic=step.fit.bic,
        statistic=test and test.statistic,
        df=test and test.df,
        denominator=denominator_of(test),
        p_value=test and test.p_value,
    )


def denominator_of(test: Test | None) -> float | None:
    """Of an F test; None where it is infinite or there is no such test."""
    is_f = test is not None and isinstance(test.reference, FDistribution)
    return finite(test.reference.denominator) if is_f else None
