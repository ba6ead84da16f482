"""A simpler form of one level, tried from where the larger model has its optimum.

The criterion near that optimum is a quadratic in the parameters of the larger model. Its least
point among those that the simpler form can reach is a start, its curvature there the first of a
descent: a few evaluations tell what the simpler form loses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import FitError, ModelError
from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.descent import descend
from mlm.statistics.fitting.leaving_bounds import beyond_bounds
from mlm.statistics.fitting.over_covariances.descent import descend_over_covariances
from mlm.statistics.fitting.over_covariances.quadratic import entries_of
from mlm.statistics.fitting.search import Search
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.fitting.starts import Start
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.likelihood.covariance import raw_omega, relative_to, triangle
from mlm.statistics.likelihood.differences import jacobian, relative_steps
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.likelihood.threads import threads_for
from mlm.statistics.selection.random_part.crossover import Crossover

GAIN = 1e-5  # deviance that a further step could gain, at which a trial ends
STEP = 1e-6  # relative, of derivatives of parameters by parameters
RAISED = 0.03  # relative standard deviation from which zero is left: there every slope is level
UNSEEN = 1e-3  # of the typical curvature, below which it is not known
MOST_ON_QUADRATIC = 15  # on the quadratic
SHORTEST_ON_QUADRATIC = 1e-3  # share of such a step


@dataclass(frozen=True)
class TriedModel:
    """What a simpler form loses.

    Attributes
    ----------
    model : Model
        The model with the simpler form, its random terms in the order of the start.
    deviance : float
        Of this model, to about ``GAIN``.
    start : Start
        Where a fit of it is to begin.
    """

    model: Model
    deviance: float
    start: Start


def tried(
    large: Solution, model: Model, down: Crossover, up: Crossover, stats: CrossProducts
) -> TriedModel:
    """The criterion of a model within another one.

    Parameters
    ----------
    large : Solution
        The larger model at its optimum.
    model : Model
        The smaller one, its random terms ordered.
    down, up : Crossover
        From the larger to the smaller, and back.
    stats : CrossProducts
        The sample.

    Raises
    ------
    FitError
        When the criterion cannot be evaluated.
    """
    search = search_of(working_statistics(model, stats), large.fit.criterion)
    outer = search_of(large.working, large.fit.criterion)
    given = down.start(_start_at(outer, large.best.theta))
    first = given.parameters(search.working)

    def in_large(theta: np.ndarray) -> np.ndarray:
        return up.start(_start_at(search, theta)).parameters(large.working)

    theta, hessian = _nearest(in_large, first, large, search.diagonal)
    bend = None
    with threads_for(search.working.structure.n_dense):
        if search.is_long:
            bend = _bend_of(large, outer, search, up, theta)
            point, near = descend_over_covariances(search, theta, GAIN, bend)
            bend = near.bend
        else:
            theta = np.where(search.diagonal, np.maximum(theta, RAISED), theta)
            point = descend(search, theta, hessian, GAIN)
        point = beyond_bounds(search, point, hessian, GAIN)
    start = replace(_start_at(search, point.theta), hessian=hessian, bend=bend)
    return TriedModel(model, point.at.deviance, start)


def certified(
    model: Model, stats: CrossProducts, near: Solution | None = None, degrees: bool = True
) -> Solution | None:
    """A model by REML; None where it is refused or has no certificate.

    Parameters
    ----------
    model : Model
        The model.
    stats : CrossProducts
        The sample.
    near : Solution or None
        A model whose parameters the search begins with.
    degrees : bool
        As for ``solve``.
    """
    try:
        start = None if near is None else near.fit
        found = solve(model, stats, "REML", start, degrees=degrees)
    except (FitError, ModelError):
        return None
    return found if found.fit.converged else None


def _bend_of(
    large: Solution, outer: Search, search: Search, up: Crossover, theta: np.ndarray
) -> np.ndarray | None:
    """Curvature by the covariances of a smaller model, from that of the larger one they lie in."""
    if large.best.bend is None:
        return None
    raw = search.covariances(theta)

    def entries(covariances: list[np.ndarray]) -> np.ndarray:
        found = up.start(Start(tuple(covariances), 1.0)).covariances
        return entries_of(relative_to(found, outer.working.blocks))

    here, rows = entries(raw), []
    for i, (block, own) in enumerate(zip(search.working.blocks, raw, strict=True)):
        for r, c in zip(*triangle(len(own)), strict=True):
            unit = np.zeros((len(own),) * 2)
            unit[r, c] = unit[c, r] = STEP
            moved = own + (unit if block.form is not None else raw_omega(unit, block))
            rows.append((entries([*raw[:i], moved, *raw[i + 1 :]]) - here) / STEP)
    ways = np.array(rows)
    return ways @ large.best.bend @ ways.T


def _start_at(search: Search, theta: np.ndarray) -> Start:
    return Start(tuple(search.covariances(theta)), 1.0)


def _nearest(
    in_large: Callable[[np.ndarray], np.ndarray],
    theta: np.ndarray,
    large: Solution,
    bounded: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The least point of the quadratic that the smaller model reaches, and its curvature there."""
    bend, at = large.best.hessian, large.best.theta

    def loss(theta: np.ndarray) -> float:
        moved = in_large(theta) - at
        return float(0.5 * moved @ bend @ moved)

    before, slope = loss(theta), _slope(in_large, theta)
    for _ in range(MOST_ON_QUADRATIC):
        moved = bend @ (in_large(theta) - at)
        step = -np.linalg.lstsq(slope @ bend @ slope.T, slope @ moved, rcond=1e-10)[0]
        share = 1.0
        while share >= SHORTEST_ON_QUADRATIC:
            trial = theta + share * step
            trial = np.where(bounded, np.maximum(trial, 0.0), trial)
            after = loss(trial)
            if after < before:
                break
            share *= 0.5
        if share < SHORTEST_ON_QUADRATIC:
            break
        gain, before, theta = before - after, after, trial
        slope = _slope(in_large, theta)
        if gain < GAIN:
            break
    return theta, _seen(slope @ bend @ slope.T)


def _seen(hessian: np.ndarray) -> np.ndarray:
    """Curvature in which what the larger model does not tell bends as other parameters do."""
    bends = np.diagonal(hessian)
    typical = float(np.median(bends)) or float(bends.max(initial=0.0)) or 1.0
    scale = np.sqrt(np.where(bends > UNSEEN * typical, bends, typical))
    values, vectors = np.linalg.eigh(hessian / np.outer(scale, scale))
    whole = (vectors * np.where(values > UNSEEN, values, 1.0)) @ vectors.T
    return whole * np.outer(scale, scale)


def _slope(function, theta: np.ndarray) -> np.ndarray:
    """Derivatives (small, large) of the larger model's parameters."""
    return jacobian(function, theta, relative_steps(theta, STEP))
