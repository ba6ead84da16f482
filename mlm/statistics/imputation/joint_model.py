"""The joint model of what is incomplete: which columns answer, which explain, over which levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mlm.nouns.columns import Column

WIDEST_LATENT = 2.5  # scale of the prior of standard deviations of effects on latent variables
FURTHER_DEGREES = 2  # of a covariance's prior, at which its expectation is its scale


@dataclass(frozen=True)
class JointModel:
    """A multivariate normal model with random effects: x = B'q + sum of effects + e.

    Attributes
    ----------
    responses : tuple of Column
        Stored columns that the model explains together; some of them are incomplete.
        An indicator stands for the latent normal variable of its category.
    predictors : tuple of Column
        Complete stored columns q that explain them, the constant first. The categories of a
        variable with latents explain the latents of those after it, and all numbers.

    Source
    ------
    Schafer & Yucel (2002), J. Comput. Graph. Stat. 11, 437-457; Quartagno & Carpenter (2016),
    Stat. Med. 35, 2938-2954.
    """

    responses: tuple[Column, ...]
    predictors: tuple[Column, ...]

    @property
    def size(self) -> int:
        """Number of responses d."""
        return len(self.responses)

    @property
    def latents(self) -> dict[str, list[int]]:
        """Places of the latents of each variable that has categories."""
        found: dict[str, list[int]] = {}
        for place, column in enumerate(self.responses):
            if column.indicators:
                found.setdefault(column.indicators[0][0], []).append(place)
        return found

    @property
    def shown(self) -> tuple[Column, ...]:
        """Indicators of the categories behind latents, variable by variable."""
        return tuple(self.responses[place] for own in self.latents.values() for place in own)

    @property
    def recursion(self) -> Recursion:
        """Which of them explains what."""
        return Recursion.of(self.latents, len(self.predictors), self.size)


@dataclass(frozen=True)
class Recursion:
    """Categories explain latents of the variables after them, and all numbers.

    Attributes
    ----------
    latents : dict of str to list of int
        By variable the places of its latents among the responses.
    shown : dict of str to list of int
        By variable the places of its indicators among all predictors.
    explains : ndarray of bool (k + s, d)
        Which of the k predictors and s indicators explain which of the d responses.
    """

    latents: dict[str, list[int]]
    shown: dict[str, list[int]]
    explains: np.ndarray

    @classmethod
    def of(cls, latents: dict[str, list[int]], predictors: int, responses: int) -> Recursion:
        """That of some latents.

        Parameters
        ----------
        latents : dict of str to list of int
            Places of the latents among the responses.
        predictors, responses : int
            k and d.
        """
        shown, first = {}, predictors
        for name, places in latents.items():
            shown[name] = list(range(first, first + len(places)))
            first += len(places)
        explains = np.ones((first, responses), dtype=bool)
        names = list(latents)
        for i, name in enumerate(names):
            for own in names[: i + 1]:
                explains[np.ix_(shown[name], latents[own])] = False
        return cls(latents, shown, explains)

    @property
    def behind(self) -> list[int]:
        """Places of all latents among the responses, in the order of their indicators."""
        return [place for places in self.latents.values() for place in places]

    @property
    def complete(self) -> int:
        """Predictors k that are no indicators of incomplete variables."""
        return len(self.explains) - self.indicators

    @property
    def indicators(self) -> int:
        """Indicators s."""
        return sum(map(len, self.shown.values()))

    @property
    def numbers(self) -> list[int]:
        """Places of the numbers among the responses."""
        taken = set(self.behind)
        return [place for place in range(self.explains.shape[1]) if place not in taken]


@dataclass(frozen=True)
class Parameters:
    """Parameters of a joint model, in stored columns.

    Attributes
    ----------
    coefficients : ndarray (k + s, d)
        B, of the predictors and of indicators of incomplete categories.
    residual : ndarray (d, d)
        Covariance of the rows' residuals.
    effects : tuple of ndarray (D, D)
        Covariance of the effects of each level, outermost first: on the d responses of rows, then
        on the incomplete variables of units further in, the innermost first.
    slopes : ndarray (m, d)
        Coefficients of the incomplete variables of units.
    recursion : Recursion, optional
        Which coefficients are zero by the model, and which residual covariances are set; None:
        none.
    """

    coefficients: np.ndarray
    residual: np.ndarray
    effects: tuple[np.ndarray, ...]
    slopes: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    recursion: Recursion | None = None

    @property
    def all_coefficients(self) -> np.ndarray:
        """Coefficients (k + m, d) of predictors, then of variables of units."""
        if not self.slopes.size:
            return self.coefficients
        return np.vstack([self.coefficients, self.slopes])

    def divided(self, scale: np.ndarray) -> Parameters:
        """The same with responses of rows in units of ``scale`` (d,)."""
        effects = tuple(
            matrix / np.outer(own, own)
            for matrix in self.effects
            for own in [np.append(scale, np.ones(len(matrix) - scale.size))]
        )
        return replace(
            self,
            coefficients=self.coefficients / scale,
            residual=self.residual / np.outer(scale, scale),
            effects=effects,
            slopes=self.slopes / scale if self.slopes.size else self.slopes,
        )

    def traced(self) -> np.ndarray:
        """The numbers whose convergence is looked at.

        Returns
        -------
        ndarray (t,)
            Coefficients, then of each covariance matrix, the residual's first, the standard
            deviations and the correlations, as ``traced_covariance`` gives them.
        """
        b, residual, told = self.coefficients, self.residual, self.recursion
        if told is not None:
            b, residual = b[told.explains], residual[np.ix_(told.numbers, told.numbers)]
        parts = [b.ravel(), self.slopes.ravel(), traced_covariance(residual)]
        return np.concatenate([*parts, *(traced_covariance(matrix) for matrix in self.effects)])


def traced_covariance(matrix: np.ndarray) -> np.ndarray:
    """Standard deviations, then the correlations."""
    sd = np.sqrt(np.diagonal(matrix))
    rows, columns = np.tril_indices(len(matrix), -1)
    return np.concatenate([sd, (matrix / np.outer(sd, sd))[rows, columns]])


@dataclass(frozen=True)
class Prior:
    """Priors of covariances.

    Attributes
    ----------
    degrees : int
        Degrees of freedom of the inverse Wishart prior of the residual covariance.
    residual : ndarray (d, d)
        Its scale, which is its expectation.
    widths : ndarray (d,)
        Scale of the half-t prior of the standard deviation of effects on each response.
    """

    degrees: int
    residual: np.ndarray
    widths: np.ndarray

    @classmethod
    def around(cls, start: Parameters, latents: Sequence[int] = ()) -> Prior:
        """Priors that are worth little: of the size of the estimates that the chains start from.

        The expected residual covariance is that of the start, worth one row. The prior of the
        standard deviation of effects is as wide as that of the response; of latent variables,
        whose residual has the variance 1, it is 2.5.

        Parameters
        ----------
        start : Parameters
            Estimates.
        latents : sequence of int
            Places of latent variables among the responses.
        """
        d = len(start.residual)
        spread = sum((np.diagonal(matrix)[:d] for matrix in start.effects), np.zeros(d))
        widths = np.sqrt(np.diagonal(start.residual) + spread)
        widths[list(latents)] = WIDEST_LATENT
        return cls(d + FURTHER_DEGREES, start.residual, widths)
