"""New responses of a fitted model, drawn as cross-products: no row is made."""

from __future__ import annotations

import numpy as np

from mlm.nouns.coding import model_columns
from mlm.nouns.columns import CONSTANT
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import raw_vector
from mlm.statistics.evidence.strata import joined_strata, strata_of
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
    if fit.ratios is not None:
        return StrataDrawing(fit, stats)
    return _drawing_of_rows(fit, stats, 1.0)


def _drawing_of_rows(fit: Fit, stats: CrossProducts, ratio: float) -> Drawing:
    """Draws where all rows have one residual variance, with its ratio to that of the fit."""
    response, mean, sigma = _stored_mean(fit, stats)
    model = DrawnModel(response, mean, sigma * float(np.sqrt(ratio)), _effect_roots(fit, stats))
    return drawing(model, stats)


class StrataDrawing:
    """Draws the response of a fit whose residual variances differ: the strata share their effects.

    Parameters
    ----------
    fit : Fit
        The model and its parameters.
    stats : CrossProducts
        The sample, which tells the strata apart; only its response is replaced.
    """

    def __init__(self, fit: Fit, stats: CrossProducts):
        parts = strata_of(stats, fit.model.residual, stats.columns.columns)
        self._stats = stats
        self._parts = {
            name: _drawing_of_rows(fit, part, fit.ratios[name]) for name, part in parts.items()
        }

    def effects(self, rng: np.random.Generator) -> list[np.ndarray]:
        """Effects (G, c) of the candidates of each level and crossed factor."""
        return next(iter(self._parts.values())).effects(rng)

    def draw(
        self, rng: np.random.Generator, effects: list[np.ndarray] | None = None
    ) -> CrossProducts:
        """The cross-products of one new response, with effects that are given or drawn."""
        effects = self.effects(rng) if effects is None else effects
        drawn = {name: part.draw(rng, effects) for name, part in self._parts.items()}
        return joined_strata(self._stats, drawn)


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
