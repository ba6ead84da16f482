"""Parameters from which the chains start: the maximum of the likelihood, by EM."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.statistics.imputation.completed_totals import expected_total, residual_totals
from mlm.statistics.imputation.conditionals import Conditionals
from mlm.statistics.imputation.gibbs import LatentSums
from mlm.statistics.imputation.joint_model import Parameters, Recursion
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.recursive_regression import regression_of
from mlm.statistics.imputation.streams import DrawnFor, stream
from mlm.statistics.imputation.tree_effects import expected_effects, messages, no_effects

LATENT_TURNS = 20  # of latents that are drawn and one step of EM
EM_STEPS = 60  # of EM, which needs to come near only
NEAR_ENOUGH = 1e-4  # largest change of a traced parameter at which EM has come near enough
LEAST_OF_ONE_GROUP = 1e-3  # of the residual variance, that one group adds to a variance of effects
FIRST_SHARE = 0.2  # of the variance that each level begins with


def moments(table: PatternTable, recursion: Recursion | None = None) -> Parameters:
    """Parameters from the rows that have each response, one at a time, without correlations."""
    k, d = table.n_predictors, table.n_responses
    coefficients, variances = np.zeros((k, d)), np.ones(d)
    for j in range(d):
        totals = table.totals[table.observed[:, j]].sum(axis=0)
        rows = int(table.rows[table.observed[:, j]].sum())
        own = np.arange(k) if recursion is None else np.flatnonzero(recursion.explains[:, j])
        products = totals[:k, k + j]
        inner = totals[np.ix_(own, own)]
        coefficients[own, j] = np.linalg.lstsq(inner, products[own], rcond=None)[0]
        left = totals[k + j, k + j] - products @ coefficients[:, j]
        variances[j] = max(left / max(rows, 1), np.finfo(float).tiny)
    levels = len(table.parents)
    share = FIRST_SHARE / levels
    own = np.diag(variances)
    return Parameters(coefficients, own * (1.0 - share * levels), (own * share,) * levels)


def em_step(
    table: PatternTable,
    parameters: Parameters,
    recursion: Recursion | None = None,
) -> Parameters:
    """One step of EM: effects and missing values have their expectations.

    Parameters
    ----------
    table : PatternTable
        Sums of the rows.
    parameters : Parameters
        Before the step.
    recursion : Recursion, optional
        Latents of the variables with categories, and what their categories explain.

    Source
    ------
    Schafer & Yucel (2002), section 3.2; Laird & Ware (1982), Biometrics 38, 963-974.
    """
    effects = expected_effects(table, messages(table, parameters))
    conditionals = Conditionals.of(table, parameters)
    total = expected_total(table, residual_totals(table, effects), conditionals)
    rows = int(table.rows.sum())
    k = table.n_predictors
    latents = {} if recursion is None else recursion.latents
    found = regression_of(total, rows, latents, table.n_responses, ridged=k, recursion=recursion)
    least = LEAST_OF_ONE_GROUP * np.diag(np.diagonal(found.residual))
    covariances = []
    for own, spread in zip(effects.levels, effects.level_spread, strict=True):
        covariances.append((own @ own.T + spread) / own.shape[1] + least / own.shape[1])
    step = Parameters(found.coefficients, found.residual, tuple(covariances))
    return step.divided(found.scale)


def start_with_latents(
    table: PatternTable, rows: LatentSums, recursion: Recursion, seed: int
) -> Parameters:
    """Parameters from which chains with latent normal variables start.

    Parameters
    ----------
    table : PatternTable
        Sums with indicators in place of latents.
    rows : LatentSums
        The rows.
    recursion : Recursion
        Latents of the variables with categories, and what their categories explain.
    seed : int
        Of the random numbers.
    """
    d = table.n_responses
    found = Parameters(np.zeros((table.n_predictors, d)), np.eye(d), ())
    effects = no_effects(table)
    for turn in range(LATENT_TURNS):
        rng = stream(seed, 0, turn, DrawnFor.STARTS)
        own = rows.redrawn(found, effects, rng)
        found = em_step(own, found if turn else moments(own, recursion), recursion)
        effects = expected_effects(own, messages(own, found))
    return found


def with_crossed(start: Parameters, crossed: int) -> Parameters:
    """Parameters with crossed levels behind the nested ones, each with a share of the residual.

    Parameters
    ----------
    start : Parameters
        Of nested levels.
    crossed : int
        Further levels.
    """
    own = (FIRST_SHARE * start.residual,) * crossed
    return replace(start, effects=(*start.effects, *own))


def start_of(table: PatternTable, steps: int = EM_STEPS) -> Parameters:
    """Parameters near the maximum of the likelihood."""
    found = moments(table)
    before = found.traced()
    for _ in range(steps):
        found = em_step(table, found)
        after = found.traced()
        if np.abs(after - before).max() < NEAR_ENOUGH:
            break
        before = after
    return found
