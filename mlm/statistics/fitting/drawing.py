"""New responses of a fitted model, drawn as cross-products: no row is made."""

from __future__ import annotations

import numpy as np

from mlm.nouns.coding import model_columns
from mlm.nouns.columns import CONSTANT
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import raw_vector
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.likelihood.drawing import DrawnModel, places_of
from mlm.statistics.likelihood.making import drawing
from mlm.statistics.likelihood.structure import Drawing
from mlm.statistics.likelihood.symmetric_root import symmetric_root


def drawing_of(fit: Fit, stats: CrossProducts) -> Drawing:
    """Draws of the response of a fit.

    Parameters
    ----------
    fit : Fit
        The model and its parameters.
    stats : CrossProducts
        A sample with its levels; only the response is replaced.
    """
    response, mean, sigma = _stored_mean(fit, stats)
    return drawing(DrawnModel(response, mean, sigma, _effect_roots(fit, stats)), stats)


def _stored_mean(fit: Fit, stats: CrossProducts) -> tuple[int, np.ndarray, float]:
    """Place of the response, and the fixed part and residual sd of the stored response.

    The fixed part is a combination (k,) of the stored columns.
    """
    recipe = stats.columns
    fixed, _, response = model_columns(fit.model, recipe.categories)
    origin, unit = recipe.scales[response.column.powers[0][:2]]
    beta = dict(zip(fit.names, fit.beta, strict=True))
    mean = sum(beta[c.name] * raw_vector(c.column, stats) for c in fixed if c.name in beta)
    mean = mean + np.zeros(len(recipe))
    mean[recipe.positions[CONSTANT]] -= origin
    return recipe.positions[response.column], mean / unit, float(np.sqrt(fit.sigma2)) / unit


def _effect_roots(fit: Fit, stats: CrossProducts) -> list[np.ndarray]:
    """For each level or factor, a root (c, r) of the covariance of effects on the candidates."""
    _, random, response = model_columns(fit.model, stats.columns.categories)
    unit = stats.columns.scales[response.column.powers[0][:2]][1]
    levels = stats.all_levels
    groups = [level.group for level in levels]
    out: list[list[np.ndarray]] = [[np.zeros((len(level.candidates), 0))] for level in levels]
    for term, coded, omega in zip(fit.model.random, random, fit.omegas, strict=True):
        places = places_of(levels[groups.index(term.group)], stats)
        weights = np.stack([raw_vector(c.column, stats)[places] for c in coded])
        root = symmetric_root(omega * fit.sigma2) / unit
        out[groups.index(term.group)].append(weights.T @ root)
    return [np.hstack(part) for part in out]
