"""The criterion as a function of all parameters where random terms have forms over waves.

Coordinates are those of the search, term by term, but of a correlation the angle whose cosine it
or its partial correlation is, so that one has a bound; and the logarithm of the standard deviation
that all covariances are relative to, in working units.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mlm.statistics.fitting.form_search import FormSearch
from mlm.statistics.inference.surface import CENTRAL_STEP
from mlm.statistics.likelihood.covariance import triangle
from mlm.statistics.likelihood.criterion import evaluate, gradient
from mlm.statistics.likelihood.differences import jacobian, relative_steps
from mlm.statistics.likelihood.evaluation import Criterion
from mlm.statistics.likelihood.over_waves.forms import FORMS
from mlm.statistics.likelihood.working import Block, Working

NARROWEST = 1e-7  # angle, or distance of one from its largest, that stands for the bound
NEARLY_ZERO = 1e-9  # relative sd at which quantities are measured where it is zero


@dataclass(frozen=True)
class FormSurface:
    """The criterion of one model over the coordinates.

    Attributes
    ----------
    working : Working
        Statistics of the model.
    criterion : {"ML", "REML"}
        Which criterion.
    """

    working: Working
    criterion: Criterion

    @cached_property
    def search(self) -> FormSearch:
        """The criterion as a function of the parameters of a search."""
        return FormSearch(self.working, self.criterion)

    @cached_property
    def parts(self) -> list[slice]:
        """Coordinates of each random term."""
        start = np.zeros(self.search.diagonal.size)
        sizes = [own.size for _, own in self.search.parts(start)]
        ends = np.cumsum(sizes).tolist()
        return [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]

    @cached_property
    def widest(self) -> np.ndarray:
        """Largest value of each coordinate that is an angle (m + 1,); NaN for the others."""
        out = np.full(self.search.diagonal.size + 1, np.nan)
        for block, part in zip(self.working.blocks, self.parts, strict=True):
            if block.form is None or FORMS[block.form].correlations is None:
                continue
            count = FORMS[block.form].n_correlations(block.size)
            angles = np.arange(part.stop - count, part.stop)
            out[angles] = np.arccos(_least(block)) if _least(block) is not None else np.pi
        return out

    @property
    def is_signless(self) -> np.ndarray:
        """None: quantities over waves are measured at positive standard deviations alone."""
        return np.zeros(self.widest.size, dtype=bool)

    @property
    def lowest(self) -> np.ndarray:
        """Lower bounds of the coordinates."""
        bounds = np.append(np.where(self.search.diagonal, 0.0, -np.inf), -np.inf)
        return np.where(np.isnan(self.widest), bounds, NARROWEST)

    @property
    def highest(self) -> np.ndarray:
        """Upper bounds of the coordinates."""
        return np.where(np.isnan(self.widest), np.inf, self.widest - NARROWEST)

    def coordinates(self, theta: np.ndarray) -> np.ndarray:
        """Coordinates of the parameters of a search, the scale at its best there."""
        angles, x = np.full(theta.size, np.nan), theta.copy()
        for block, part in zip(self.working.blocks, self.parts, strict=True):
            angles[part] = _angles(block, theta[part])
        own = ~np.isnan(self.widest[:-1])
        x[own] = angles[own]
        x = np.append(x, 0.0)
        x = np.clip(x, self.lowest, self.highest)
        x[-1] = 0.5 * np.log(self._evaluated(self.parameters(x))[1])
        return x

    def parameters(self, x: np.ndarray) -> np.ndarray:
        """The parameters of a search."""
        return self._linked(x)[0]

    def _linked(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The parameters of a search, and the derivative of each by its coordinate."""
        theta, change = x[:-1].copy(), np.ones(x.size - 1)
        for block, part in zip(self.working.blocks, self.parts, strict=True):
            own = np.flatnonzero(~np.isnan(self.widest[part])) + part.start
            r, turn = np.cos(x[own]), -np.sin(x[own])
            least = _least(block)
            if least is None:
                theta[own], change[own] = np.arctanh(r), turn / (1.0 - r * r)
            else:
                theta[own] = np.log((r - least) / (1.0 - r))
                change[own] = turn * (1.0 / (r - least) + 1.0 / (1.0 - r))
        return theta, change

    def _evaluated(self, theta: np.ndarray):
        """The criterion, and the square of the scale at its best, in squared working units."""
        share, omegas = self.search.share(theta), self.search.omegas(theta)
        at = evaluate(self.working.searched, omegas, self.criterion, self.search.scratch)
        return at, at.sigma2 / share

    def __call__(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """The criterion at some coordinates, and its gradient.

        The scale is a coordinate, as in :class:`mlm.statistics.inference.surface.Surface`.
        """
        theta, change = self._linked(x)
        at, best = self._evaluated(theta)
        ratio = best / float(np.exp(2.0 * x[-1]))
        held = replace(at, residual=at.residual / ratio)
        found = gradient(self.working.searched, held, self.criterion, self.search.scratch)
        slope = self.search.slopes(theta, found) * change
        value = at.deviance + at.degrees * (ratio - 1.0 - np.log(ratio))
        return float(value), np.append(slope, 2.0 * at.degrees * (1.0 - ratio))

    def hessian(self, x: np.ndarray) -> np.ndarray:
        """Second derivatives by central differences of the gradient."""
        steps = relative_steps(x, CENTRAL_STEP)
        room = np.minimum(x - self.lowest, self.highest - x)
        centre = np.where(room < steps, np.clip(x, self.lowest + steps, self.highest - steps), x)
        moved = np.where(np.isnan(self.widest), x, centre)
        out = jacobian(lambda y: self(y)[1], moved, steps)
        return 0.5 * (out + out.T)

    def covariance(self, b: int, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Covariance (q, q) of a term's raw columns over the squared scale, and its derivatives.

        These are by the coordinates of the term, (m, q, q).
        """
        part, block = self.parts[b], self.working.blocks[b]
        theta, change = self._linked(x)
        own = np.where(
            self.search.diagonal[part], np.maximum(theta[part], NEARLY_ZERO), theta[part]
        )
        if block.form is not None:
            form = FORMS[block.form]
            found = form.matrix(own, block.size, block.is_residual)
            along = form.derivatives(own, block.size, block.is_residual)
        else:
            rows, columns = triangle(block.size)
            half = np.zeros((block.size, block.size))
            half[rows, columns] = own
            half = np.linalg.solve(block.transform, half)
            back = np.linalg.inv(block.transform)
            along = back.T[rows][:, :, None] * half.T[columns][:, None, :]
            along, found = along + along.transpose(0, 2, 1), half @ half.T
        return found, along * change[part][:, None, None]


def _least(block: Block) -> float | None:
    """Least correlation of a form with the same for all pairs; None: correlations down to -1."""
    return -1.0 / (block.size - 1) if block.form in ("cs", "csh") else None


def _angles(block: Block, own: np.ndarray) -> np.ndarray:
    """Angles of parameters that stand for correlations; any numbers for the others."""
    least = _least(block)
    if least is None:
        return np.arccos(np.tanh(own))
    return np.arccos(least + (1.0 - least) / (1.0 + np.exp(-own)))


@dataclass(frozen=True)
class FormDeviation:
    """Standard deviation of column i of a random term, in working units."""

    b: int
    i: int

    bounds = (0.0, np.inf)

    def __call__(self, surface: FormSurface, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient."""
        found, along = surface.covariance(self.b, x)
        sigma, slope = np.exp(x[-1]), np.zeros(x.size)
        sd = np.sqrt(found[self.i, self.i])
        slope[surface.parts[self.b]] = sigma * along[:, self.i, self.i] / (2.0 * sd)
        slope[-1] = sigma * sd
        return float(sigma * sd), slope


@dataclass(frozen=True)
class FormCovariance:
    """Covariance of columns i and j of a random term, in squared working units."""

    b: int
    i: int
    j: int

    bounds = (-np.inf, np.inf)

    def __call__(self, surface: FormSurface, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient."""
        found, along = surface.covariance(self.b, x)
        square, slope = np.exp(2.0 * x[-1]), np.zeros(x.size)
        slope[surface.parts[self.b]] = square * along[:, self.i, self.j]
        slope[-1] = 2.0 * square * found[self.i, self.j]
        return float(square * found[self.i, self.j]), slope


@dataclass(frozen=True)
class FormAngle:
    """Angle, 0 to pi, whose cosine is the correlation of columns i and j of a random term."""

    b: int
    i: int
    j: int

    bounds = (0.0, np.pi)

    def __call__(self, surface: FormSurface, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient."""
        found, along = surface.covariance(self.b, x)
        i, j, slope = self.i, self.j, np.zeros(x.size)
        size = np.sqrt(found[i, i] * found[j, j])
        r = float(np.clip(found[i, j] / size, -1.0, 1.0))
        change = along[:, i, j] / size
        change -= 0.5 * r * (along[:, i, i] / found[i, i] + along[:, j, j] / found[j, j])
        slope[surface.parts[self.b]] = -change / max(np.sqrt(1.0 - r * r), NARROWEST)
        return float(np.arccos(r)), slope


@dataclass(frozen=True)
class FormShare:
    """Root of the share of some random terms in the variance of the response.

    Attributes
    ----------
    blocks : tuple of int
        The terms.
    moments : tuple of ndarray (q, q)
        Mean over the rows of ``z z'``, for each term; or at some values of the columns z.
    residual : float
        Residual variance over the squared scale: 1, or 0 where a term has its place.
    place : int or None
        Stratum whose residual variance counts, where they differ; None: their mean.
    """

    blocks: tuple[int, ...]
    moments: tuple[np.ndarray, ...]
    residual: float
    place: int | None = None

    bounds = (0.0, 1.0)

    def __call__(self, surface: FormSurface, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient."""
        own, total, own_slope, slope = 0.0, self.residual, np.zeros(x.size), np.zeros(x.size)
        if self.place is not None:
            total, slope = surface.residual_ratio(self.place, x)
        for b, (part, moment) in enumerate(zip(surface.parts, self.moments, strict=True)):
            found, along = surface.covariance(b, x)
            slope[part] = np.einsum("mab,ab->m", along, moment)
            total += float(np.sum(found * moment))
            if b in self.blocks:
                own += float(np.sum(found * moment))
                own_slope[part] = slope[part]
        root = np.sqrt(max(own, 1e-300) / total)
        return float(root), (own_slope - own / total * slope) / (2.0 * root * total)
