"""Forms of the covariance over waves, fitted in one frame so that their criteria are comparable.

The frame is a model with random effects of each wave; a form says what their covariance may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import FitError
from mlm.statistics.answers.over_time.covariance_forms import FORMS, Form
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.likelihood.covariance import (
    block_parts,
    level_matrices,
    raw_derivative,
    semidefinite_root,
    triangle,
    working_theta,
)
from mlm.statistics.likelihood.criterion import evaluate, gradient
from mlm.statistics.likelihood.differences import changes, jacobian, relative_steps
from mlm.statistics.likelihood.identification import tells_apart
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.threads import threads_for

PARAMETER_STEP = 1e-6  # of the derivative of a form by its parameters
CURVATURE_STEP = 1e-4  # relative, of the curvature of the criterion
FIRST_CORRELATIONS = (0.8, 0.3)  # correlations of the first trials


@dataclass(frozen=True)
class FormFit:
    """A form fitted.

    Attributes
    ----------
    form : Form
    times : ndarray (T,)
        From 0, in multiples of the shortest step between waves.
    scale : tuple of float
        Time of the first wave, and the shortest step.
    parameters : ndarray (m,)
        Of the form, relative to the residual standard deviation.
    others : ndarray (o,)
        Relative standard deviations of the other levels.
    fit : Fit
        Random effects of each wave, with the covariance matrices of the form put in.
    n_params : int
        Fixed effects and all parameters of the covariance.
    covariance : ndarray (m, m) or None
        Of the parameters; None where the criterion is not curved in all of them.
    """

    form: Form
    times: np.ndarray
    scale: tuple[float, float]
    parameters: np.ndarray
    others: np.ndarray
    fit: Fit
    n_params: int
    covariance: np.ndarray | None

    @property
    def aic(self) -> float:
        """Criterion plus twice the number of parameters."""
        return self.fit.deviance + 2.0 * self.n_params

    @property
    def matrix(self) -> np.ndarray:
        """Covariance (T, T) of the effects in squared units of the response."""
        return self.fit.sigma2 * self.form.matrix(self.parameters, self.times)

    def matrix_with(self, time: float) -> np.ndarray:
        """Covariance (T + 1, T + 1) of the effects with those at a further time."""
        origin, step = self.scale
        times = np.append(self.times, (time - origin) / step)
        return self.fit.sigma2 * self.form.matrix(self.parameters, times)


class Frame:
    """A model with random effects of each wave, and the criterion over forms of their covariance.

    Parameters
    ----------
    solution : Solution
        The model with the unstructured term, solved. Intercepts of its other levels move with the
        form; other covariances (effects of inner units in each wave) are held where it has them.
    group : str
        Grouping factor of the units.
    times : sequence of float
        Time of each wave, rising.
    """

    def __init__(self, solution: Solution, group: str, times: Sequence[float]):
        raw = np.array(times, dtype=float)
        step = float(np.diff(raw).min()) if raw.size > 1 else 1.0
        self.solution, self.scale = solution, (float(raw[0]), step)
        self.times = (raw - raw[0]) / step
        self.place = [r.name for r in solution.fit.model.random].index(group)
        self.criterion = solution.fit.criterion
        self._scratch = Scratch()
        sizes = {i: b.size for i, b in enumerate(solution.working.blocks) if i != self.place}
        self.others = [i for i, size in sizes.items() if size == 1]
        self.n_others = len(self.others)
        self.n_held = sum(size * (size + 1) // 2 for size in sizes.values() if size > 1)

    def _omegas(self, form: Form, x: np.ndarray) -> list[np.ndarray]:
        out = list(self.solution.fit.omegas)
        for i, v in zip(self.others, x[: self.n_others], strict=True):
            out[i] = np.array([[v**2]])
        out[self.place] = form.matrix(x[self.n_others :], self.times)
        return out

    def _levels(self, x: np.ndarray) -> np.ndarray:
        """Level of each coordinate, outermost first."""
        levels = [block.level for block in self.solution.working.blocks]
        own = levels.pop(self.place)
        return np.array(levels + [own] * (x.size - self.n_others))

    def value(self, form: Form, x: np.ndarray) -> tuple[float, np.ndarray]:
        """The criterion at other standard deviations and parameters of the form; its gradient."""
        working, blocks = self.solution.working, self.solution.working.blocks
        omegas = self._omegas(form, x)
        matrices = level_matrices(working_theta(omegas, blocks), working)
        with threads_for(working.structure.n_dense):
            at = evaluate(working, matrices, self.criterion, self._scratch)
            parts = block_parts(gradient(working, at, self.criterion, self._scratch), blocks)
        raw = [raw_derivative(d, b) for d, b in zip(parts, blocks, strict=True)]
        own, shared = raw[self.place], zip(self.others, x[: self.n_others], strict=True)
        slope = [2.0 * v * float(raw[i][0, 0]) for i, v in shared]
        p = x[self.n_others :]
        steps = np.full(p.size, PARAMETER_STEP)
        moved = changes(lambda q: form.matrix(q, self.times), p, steps)
        slope += [float(np.sum(own * change)) / (2.0 * PARAMETER_STEP) for change in moved]
        return at.deviance, np.array(slope)

    def tells(self, name: str) -> bool:
        """Whether the data tell the parameters of a form from each other and from the residual."""
        form, blocks = FORMS[name], self.solution.working.blocks
        start = form.starts(1.0, FIRST_CORRELATIONS[1], self.times)
        steps = np.full(start.size, PARAMETER_STEP)
        own = changes(lambda q: form.matrix(q, self.times), start, steps)

        def entries(place: int, change: np.ndarray, residual: float = 0.0) -> np.ndarray:
            parts = [np.zeros(block.size * (block.size + 1) // 2) for block in blocks]
            transform = blocks[place].transform
            moved = transform @ change @ transform.T
            parts[place] = moved[triangle(len(moved))]
            return np.append(np.concatenate(parts), residual)

        rows = [entries(i, np.eye(1)) for i in self.others]
        rows += [entries(self.place, change / (2.0 * PARAMETER_STEP)) for change in own]
        rows.append(entries(self.place, form.matrix(start, self.times), 1.0))
        return tells_apart(self.solution.working, np.array(rows))

    def fitted(self, name: str) -> FormFit:
        """One form at its optimum.

        Raises
        ------
        FitError
            When no start leads to an optimum.
        """
        form = FORMS[name]
        return self._made(form, self.lowest(form).x, self._bounds(form))

    def lowest(self, form: Form):
        """Optimum over the other standard deviations and the parameters of a form.

        Returns
        -------
        OptimizeResult
            ``x`` as in ``value``, ``fun``: the criterion. Errors as for ``fitted``.
        """
        from scipy.optimize import minimize

        fit, best = self.solution.fit, None
        others = [np.sqrt(max(fit.omegas[i][0, 0], 1e-4)) for i in self.others]
        variance = max(float(np.trace(fit.omegas[self.place])) / self.times.size, 1e-4)
        starts = [tuple(form.starts(variance, r, self.times).tolist()) for r in FIRST_CORRELATIONS]
        for own in dict.fromkeys(starts):  # a form without correlation has one start
            start = np.concatenate([others, own])
            found = minimize(
                lambda x: self.value(form, x),
                start,
                jac=True,
                method="L-BFGS-B",
                bounds=self._bounds(form),
            )
            if best is None or found.fun < best.fun:
                best = found
        if best is None or not np.isfinite(best.fun):
            raise FitError(f"the covariance over waves of form {form.name} could not be fitted.")
        return best

    def _bounds(self, form: Form) -> list[tuple[float | None, float | None]]:
        return [(0.0, None)] * self.n_others + form.bounds(self.times.size)

    def unstructured(self) -> FormFit:
        """The unstructured form at the optimum that the solution holds."""
        form, fit = FORMS["unstructured"], self.solution.fit
        others = [np.sqrt(fit.omegas[i][0, 0]) for i in self.others]
        root = semidefinite_root(fit.omegas[self.place])[triangle(self.times.size)]
        return self._made(form, np.concatenate([others, root]), self._bounds(form))

    def _made(self, form: Form, x: np.ndarray, bounds) -> FormFit:
        working, fit = self.solution.working, self.solution.fit
        omegas = self._omegas(form, x)
        theta = working_theta(omegas, working.blocks)
        at = evaluate(working, level_matrices(theta, working), self.criterion)
        sigma2 = at.sigma2 * working.response[1] ** 2
        held = replace(fit, omegas=tuple(omegas), sigma2=sigma2, deviance=at.deviance)
        n_params = fit.beta.size + x.size + self.n_held + 1
        spread = self._spread(form, x, bounds)
        n = self.n_others
        return FormFit(form, self.times, self.scale, x[n:], x[:n], held, n_params, spread)

    def _spread(self, form: Form, x: np.ndarray, bounds) -> np.ndarray | None:
        """Covariance of the parameters from the curvature; those on a bound are held."""
        low = np.array([-np.inf if b[0] is None else b[0] for b in bounds])
        high = np.array([np.inf if b[1] is None else b[1] for b in bounds])
        free = np.flatnonzero((x - low > 10.0 * CURVATURE_STEP) & (high - x > CURVATURE_STEP))

        def slope(y: np.ndarray) -> np.ndarray:
            whole = x.copy()
            whole[free] = y
            return self.value(form, whole)[1][free]

        order = np.argsort(self._levels(x)[free], kind="stable")  # they share what lies inside
        bend = jacobian(slope, x[free], relative_steps(x[free], CURVATURE_STEP), order.tolist())
        bend = 0.5 * (bend + bend.T).reshape(free.size, free.size)
        if free.size == 0 or np.linalg.eigvalsh(bend).min() <= 0.0:
            return None
        out = np.zeros((x.size, x.size))
        out[np.ix_(free, free)] = 2.0 * np.linalg.inv(bend)
        return out[self.n_others :, self.n_others :]
