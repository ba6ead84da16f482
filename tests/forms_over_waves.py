"""Small surveys whose random terms have forms over waves, and their models written out densely."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product

import numpy as np
import pandas as pd
import pytest

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution, solve
from tests.dense_rows import Dense, dense

FORMS = ("us", "cs", "csh", "ar1", "ar1h", "toeph", "adh", "diag")
SCHOOLS, PUPILS, WAVES = 8, 6, 3

MODELS = {
    "place": "y ~ x + wave + (1 | school) + {form}(0 + wave | pupil)",
    "beside": "y ~ x + {form}(0 + wave | school) + (1 | pupil)",
    "two terms": "y ~ x + {form}(0 + wave | school) + (0 + x | school) + csh(0 + wave | pupil)",
}


def survey(moves: bool, seed: int = 12) -> pd.DataFrame:
    """Pupils of schools over waves, some rows missing; where ``moves``, some change school."""
    rng = np.random.default_rng(seed)
    pupil = np.repeat(np.arange(SCHOOLS * PUPILS), WAVES)
    wave = np.tile(np.arange(WAVES), SCHOOLS * PUPILS)
    school = pupil // PUPILS
    if moves:
        leaves = (rng.random(pupil.size) < 0.3) & (wave > 0)
        school = np.where(leaves, (school + 1) % SCHOOLS, school)
    mixed = np.array([[1.0, 0.0, 0.0], [0.6, 0.9, 0.0], [0.4, 0.6, 1.1]])
    schools = 2.2 * (rng.normal(size=(SCHOOLS, WAVES)) @ mixed.T)[school, wave]
    pupils = (rng.normal(size=(SCHOOLS * PUPILS, WAVES)) @ (1.4 * mixed.T))[pupil, wave]
    x = rng.normal(size=pupil.size)
    slopes = 0.7 * rng.normal(size=SCHOOLS)[school]
    y = 1.0 + x * (0.5 + slopes) + schools + pupils + 0.6 * rng.normal(size=pupil.size)
    ids = {"school": school, "pupil": pupil, "wave": wave}
    rows = pd.DataFrame({name: [f"{name[0]}{i:02d}" for i in v] for name, v in ids.items()})
    rows = rows.assign(x=x, y=y)
    return rows[rng.random(len(rows)) > 0.15].reset_index(drop=True)


DIGITS = 1e-8  # relative; dense inverses of the rows' covariance
AT_ONCE = {("place", "us", True), ("beside", "csh", False), ("two terms", "ar1h", True)}
EVERY = pytest.mark.parametrize(
    "kind,form,moves",
    [
        pytest.param(*one, marks=() if one in AT_ONCE else pytest.mark.study)
        for one in product(MODELS, FORMS, (False, True))
    ],
)


def close(found, expected) -> None:
    """Hold what is found to what is expected, relative to the largest of it."""
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=DIGITS, atol=DIGITS * scale)


@dataclass(frozen=True)
class Case:
    """A fit of a small survey, and its matrices."""

    rows: pd.DataFrame
    solution: Solution
    matrices: Dense

    @property
    def fit(self) -> Fit:
        return self.solution.fit

    @cached_property
    def v(self) -> np.ndarray:
        """Covariance (n, n) of the rows at the estimates."""
        return self.matrices.covariance(list(self.fit.covariances), self.fit.residual_variance)

    def deviance(self, v: np.ndarray) -> float:
        """The criterion at a covariance of the rows, sigma not profiled out."""
        x, y = self.matrices.x, self.matrices.y
        inverse = np.linalg.inv(v)
        fixed = x.T @ inverse @ x
        beta = np.linalg.solve(fixed, x.T @ inverse @ y)
        left = y - x @ beta
        n = y.size - (x.shape[1] if self.fit.is_reml else 0)
        out = n * np.log(2.0 * np.pi) + np.linalg.slogdet(v)[1] + left @ inverse @ left
        return float(out + (np.linalg.slogdet(fixed)[1] if self.fit.is_reml else 0.0))

    @cached_property
    def beta_covariance(self) -> np.ndarray:
        """``(X' V^-1 X)^-1``."""
        return np.linalg.inv(self.matrices.x.T @ np.linalg.solve(self.v, self.matrices.x))

    @cached_property
    def p(self) -> np.ndarray:
        """``P``, with ``P y = V^-1 (y - X b)``."""
        inverse = np.linalg.inv(self.v)
        reach = inverse @ self.matrices.x
        return inverse - reach @ self.beta_covariance @ reach.T

    def design(self, b: int) -> np.ndarray:
        """Design (n, q G) of a random term, column by column."""
        return np.hstack(self.matrices.z[b])


@cache
def case(kind: str, form: str, moves: bool, criterion: str = "REML") -> Case:
    """One of the models, fitted."""
    model = parse_formula(MODELS[kind].format(form=form))
    rows = survey(moves)
    solution = solve(model, statistics_of(model, rows), criterion)
    return Case(rows, solution, dense(solution.fit.model, rows))
