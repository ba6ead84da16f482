"""Plausible values of the samples of ``sampled_chain``, by a model that is known or estimated.

A test measures scores with an error. Scores of a school's pupils, wave after wave, are one normal
vector: means by wave, numbers and sexes, and what schools, schools in a wave, pupils and single
scores add. Its coefficients and variances are those that the population was made by, or, as
programmes of assessments have it, drawn anew for each plausible value from what the sample tells of
them: a chain draws coefficients with all effects left out, then effects and scores together, then
variances (standard deviations have flat priors).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.recovery import sampled_chain as chain

ERROR = 500.0
FIRST, APART = 30, 20  # steps of the chain before the first draw, and between draws
KINDS = ("known", "estimated")


@dataclass(frozen=True)
class Schools:
    """What was measured of schools together: each has ``waves`` scores of all its pupils.

    Attributes
    ----------
    measured : (S, T) array
        Of all its waves, pupils of a wave together.
    known : (S, T, k) array
        Columns that explain scores.
    waves : int
    lasts : bool
        Whether pupils are the same in all waves.
    """

    measured: np.ndarray
    known: np.ndarray
    waves: int
    lasts: bool

    @property
    def shapes(self) -> list[np.ndarray]:
        """What schools, schools in a wave, pupils add to which score: (T, units of one school)."""
        same, pupils = np.ones((self.waves, 1)), np.ones((chain.PUPILS, 1))
        found = [np.kron(same, pupils)]
        if self.waves > 1:
            found.append(np.kron(np.eye(self.waves), pupils))
        if self.lasts:
            found.append(np.kron(same, np.eye(chain.PUPILS)))
        return [*found, np.eye(self.waves * chain.PUPILS)]

    @property
    def variances(self) -> list[float]:
        """Those of the population, one a shape."""
        moved = [chain.SCHOOL_WAVE] if self.waves > 1 else []
        return [chain.SCHOOL, *moved, *([chain.PUPIL] if self.lasts else []), chain.REST]

    def coefficients(self, variances, random: np.random.Generator) -> np.ndarray:
        """Drawn given variances, (k,)."""
        inverse = np.linalg.inv(self._covariance(variances))
        weighed = np.einsum("uv,svk->suk", inverse, self.known)
        root = np.linalg.cholesky(np.einsum("suk,sul->kl", self.known, weighed))
        middle = np.einsum("suk,su->k", weighed, self.measured)
        return np.linalg.solve(
            root.T, np.linalg.solve(root, middle) + random.normal(size=len(root))
        )

    def drawn(self, coefficients, variances, random) -> tuple[np.ndarray, list[np.ndarray]]:
        """Scores (S, T), and effects (S, units) a shape, drawn given all that was measured."""
        mean, shapes = self.known @ coefficients, self.shapes
        parts = [
            np.sqrt(variance) * random.normal(size=(len(mean), shape.shape[1]))
            for variance, shape in zip(variances, shapes, strict=True)
        ]
        again = sum(part @ shape.T for part, shape in zip(parts, shapes, strict=True))
        again = mean + again + np.sqrt(ERROR) * random.normal(size=mean.shape)
        apart = np.linalg.solve(self._covariance(variances), (self.measured - again).T).T
        effects = [
            part + variance * apart @ shape
            for part, variance, shape in zip(parts, variances, shapes, strict=True)
        ]
        return mean + sum(e @ s.T for e, s in zip(effects, shapes, strict=True)), effects

    def _covariance(self, variances) -> np.ndarray:
        found = sum(v * s @ s.T for v, s in zip(variances, self.shapes, strict=True))
        return found + ERROR * np.eye(len(found))


def with_draws(
    design: str, waves: dict[str, pd.DataFrame], seed: int, draws: int, kind: str
) -> dict[str, pd.DataFrame]:
    """The rows of each wave with plausible values in the place of scores."""
    random, out = np.random.default_rng([seed, 16]), {}
    schools = _measured(design, waves, random)
    variances, coefficients = schools.variances, _of_population()
    for m in range(1, draws + 1):
        for _ in range(FIRST if m == 1 else APART) if kind == "estimated" else ():
            coefficients = schools.coefficients(variances, random)
            _, effects = schools.drawn(coefficients, variances, random)
            variances = [_variance(each, random) for each in effects]
        if kind == "estimated":
            coefficients = schools.coefficients(variances, random)
        scores, _ = schools.drawn(coefficients, variances, random)
        out[f"PV{m}"] = scores
    return {
        wave: frame.drop(columns="score").assign(**_of_wave(out, i, waves, schools.waves))
        for i, (wave, frame) in enumerate(waves.items())
    }


def _measured(design: str, waves: dict[str, pd.DataFrame], random) -> Schools:
    """Scores with their errors; schools of single waves stand one below the other."""
    known = [_by_school(_known(frame, i)) for i, frame in enumerate(waves.values())]
    true = [_by_school(frame["score"].to_numpy()) for frame in waves.values()]
    side = 0 if design == "new_schools" else 1
    scores = np.concatenate(true, axis=side)
    measured = scores + np.sqrt(ERROR) * random.normal(size=scores.shape)
    count = 1 if design == "new_schools" else len(waves)
    return Schools(measured, np.concatenate(known, axis=side), count, design == "same_pupils")


def _known(frame: pd.DataFrame, place: int) -> np.ndarray:
    """What explains scores (n, 4): wave, number and sex."""
    girl = (frame["sex"] == "girl").to_numpy()
    wave = np.eye(len(chain.WAVES))[np.full(len(frame), place)]
    return np.column_stack([wave, frame["ses"].to_numpy(), girl])


def _of_population() -> np.ndarray:
    """Coefficients of the columns known; schools were drawn by their effects."""
    drawn = 500.0 - chain.TILT * chain.SCHOOL
    return np.array([drawn, drawn + 8.0, 10.0, 6.0])


def _by_school(values: np.ndarray) -> np.ndarray:
    """Values (S, pupils, ...) of the rows of a wave."""
    return values.reshape(-1, chain.PUPILS, *values.shape[1:])


def _of_wave(draws: dict[str, np.ndarray], place: int, waves, together: int) -> dict:
    """The draws (n,) of one wave."""
    if together > 1:
        return {k: np.split(v, together, axis=1)[place].reshape(-1) for k, v in draws.items()}
    ends = np.cumsum([len(frame) // chain.PUPILS for frame in waves.values()])[:-1]
    return {k: np.split(v, ends)[place].reshape(-1) for k, v in draws.items()}


def _variance(effects: np.ndarray, random: np.random.Generator) -> float:
    """Drawn given effects, by a flat prior of the standard deviation."""
    return float((effects**2).sum() / random.chisquare(effects.size - 1))
