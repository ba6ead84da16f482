"""Sums of effects of the random terms: posterior means, with the errors of all sums together.

A sum has weights on the effects of any groups of any terms, in the columns that a user names: the
effect of a school in one wave, or that of a school and its county.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, kron

from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.fit import Fit, check_sample
from mlm.statistics.fitting.whole_effects import whole_effects
from mlm.statistics.likelihood.joint_errors import ALL, JointErrors, ProductErrors, Rows
from mlm.statistics.likelihood.unit_shares import SharedWeights

Weights = Sequence[csr_array | SharedWeights | None]
"""For each random term, None or weights (K, q G) of its effects, column by column."""


MANY_GROUPS = 1 << 13
"""Groups of a term beyond which sums of its effects keep their covariance, and no weights."""


@dataclass(frozen=True)
class EffectSums:
    """Posterior means of K sums of effects, in units of the response.

    Attributes
    ----------
    mean : ndarray (K,)
        Posterior means.
    conditional : ndarray (K,)
        Variances of the errors given the fixed effects.
    comparative : ndarray (K,)
        Variances of mean minus truth, the estimation of the fixed effects included.
    prior : ndarray (K,)
        Variances of the true sums.
    """

    mean: np.ndarray
    conditional: np.ndarray
    comparative: np.ndarray
    prior: np.ndarray

    @property
    def reliability(self) -> np.ndarray:
        """Share of the variance of each sum that the data reveal, (K,); 0 to 1."""
        safe = np.where(self.prior > 0.0, self.prior, 1.0)
        share = np.clip(1.0 - self.comparative / safe, 0.0, 1.0)
        return np.where(self.prior > 0.0, share, 0.0)


def effect_sums(
    evaluated: Evaluated, weights: Weights, unseen: np.ndarray | float = 0.0
) -> EffectSums:
    """Posterior means of sums of effects, each with its errors.

    Parameters
    ----------
    evaluated : Evaluated
        A fit and its sample.
    weights : sequence of csr_array (K, q G) or None
        One a random term of the fit, in its order.
    unseen : ndarray (K,), optional
        Variances of what is part of the sums and of which no row tells.

    Returns
    -------
    EffectSums

    Source
    ------
    Henderson (1975), Biometrics 31, 423-447; comparative errors: Goldstein and Healy (1995),
    J. R. Statist. Soc. A 158, 175-177.
    """
    check_sample(evaluated.fit, evaluated.stats)
    errors = errors_of_sums(evaluated, weights)
    conditional, comparative = (errors.variances(fixed) + unseen for fixed in (False, True))
    prior = prior_variances(evaluated, weights) + unseen
    return EffectSums(posterior_sums(evaluated, weights), conditional, comparative, prior)


@dataclass(frozen=True)
class SumErrors:
    """Errors of K sums of effects, posterior mean minus truth, in squared units of the response.

    Sums share the estimation of the fixed effects and of effects around them.

    Attributes
    ----------
    known : JointErrors or None
        Over sigma^2; None where the sums hold no effect.
    sigma2 : float
        Variance of the rows.
    split : ProductErrors
        What a term in the residual's place adds to the errors of its split effects.
    """

    known: JointErrors | None
    sigma2: float
    split: ProductErrors

    def covariance(self, rows: Rows = ALL, with_fixed: bool = True) -> np.ndarray:
        """Covariance (k, k) of some sums, without or with the error of the fixed effects."""
        added = self.split.covariance(rows)
        if self.known is None:
            return added
        return self.sigma2 * self.known.covariance(rows, with_fixed) + added

    def variances(self, with_fixed: bool = True) -> np.ndarray:
        """Variances (K,) of all sums, without or with the error of the fixed effects."""
        added = self.split.variances()
        return (
            added if self.known is None else self.sigma2 * self.known.variances(with_fixed) + added
        )


def errors_of_sums(evaluated: Evaluated, weights: Weights) -> SumErrors:
    """Errors of sums of effects, of which some or all may be asked.

    Parameters
    ----------
    evaluated : Evaluated
        A fit and its sample.
    weights : sequence of csr_array (K, q G) or None
        One a random term of the fit, in its order.

    Returns
    -------
    SumErrors
    """
    at, places = evaluated.at, _by_place(evaluated, weights)
    known = evaluated.working.structure.joint(at, places) if places else None
    return SumErrors(known, at.sigma2, _left_by_split(evaluated.fit, weights))


def joint_errors(evaluated: Evaluated, weights: Weights, with_fixed: bool = True) -> np.ndarray:
    """Covariance (K, K) of posterior mean minus truth of sums of effects.

    Parameters
    ----------
    evaluated : Evaluated
        A fit and its sample.
    weights : sequence of csr_array (K, q G) or None
        One a random term of the fit, in its order.
    with_fixed : bool
        Whether the error of the fixed effects is included.

    Returns
    -------
    ndarray (K, K)
        In squared units of the response.
    """
    return errors_of_sums(evaluated, weights).covariance(ALL, with_fixed)


def _left_by_split(fit: Fit, weights: Weights) -> ProductErrors:
    """What a term in the residual's place adds to the joint errors of its split effects."""
    parts = []
    for b, own in enumerate(weights):
        if own is not None and fit.in_place[b]:
            of = whole_effects(fit, b)
            apart = of.whole - of.change @ of.part @ of.change.T
            parts.append(_part(own, apart))
    return ProductErrors(tuple(parts), np.zeros((_count(weights), 0)), np.zeros((0, 0)))


def _part(own: csr_array | SharedWeights, matrix: np.ndarray) -> tuple[csr_array, csr_array]:
    """A part of the errors, from the matrix (q, q) of each group; of very many groups summed up."""
    if isinstance(own, SharedWeights):
        found = float(own.onto @ matrix @ own.onto) * own.shares.squares
        return csr_array(eye_array(own.shape[0], format="csr")), found
    size = own.shape[1] // len(matrix)
    if size <= MANY_GROUPS:
        return own, _for_groups(matrix, own)
    columns = own.tocsc()
    each = [csr_array(columns[:, a * size : (a + 1) * size]) for a in range(len(matrix))]
    products = (matrix[a, b] * (each[a] @ each[b].T) for a, b in np.ndindex(*matrix.shape))
    count = own.shape[0]
    found = sum(products, csr_array((count, count)))
    return csr_array(eye_array(count, format="csr")), csr_array(found)


def posterior_sums(evaluated: Evaluated, weights: Weights) -> np.ndarray:
    """Posterior means (K,) of sums of effects, in units of the response."""
    working, at = evaluated.working, evaluated.at
    contrast = np.zeros(working.total.shape[0])
    contrast[: working.n_fixed], contrast[-1] = -at.beta, 1.0
    by_place = _by_place(evaluated, weights)
    if not by_place:
        return np.zeros(_count(weights))
    return working.structure.sums_of_means(at, contrast, by_place)


def prior_variances(evaluated: Evaluated, weights: Weights) -> np.ndarray:
    """Variances (K,) of the true sums, in squared units of the response."""
    fit, out = evaluated.fit, np.zeros(_count(weights))
    for own, covariance in zip(weights, fit.covariances, strict=True):
        if isinstance(own, SharedWeights):
            out += float(own.onto @ covariance @ own.onto) * own.shares.squares.diagonal()
        elif own is not None:
            spread = own @ _for_groups(covariance, own)
            out += np.asarray(spread.multiply(own).sum(axis=1)).ravel()
    return out


def _count(weights: Weights) -> int:
    return next(own.shape[0] for own in weights if own is not None)


def _for_groups(matrix: np.ndarray, weights: csr_array) -> csr_array:
    """A matrix (q, r) of the effects of each group of weights (K, q G), for all groups."""
    return csr_array(kron(matrix, eye_array(weights.shape[1] // len(matrix)), format="csr"))


def _by_place(evaluated: Evaluated, weights: Weights) -> dict[int, csr_array | SharedWeights]:
    """Weights of the working effects of each place of the structure that has any."""
    working, found, alone = evaluated.working, {}, {}
    sizes, widths = working.structure.sizes, working.structure.widths
    fit = evaluated.fit
    for b, (block, own) in enumerate(zip(working.blocks, weights, strict=True)):
        if own is None:
            continue
        back = working.response[1] * np.linalg.inv(block.transform)
        back = whole_effects(fit, b).change @ back if fit.in_place[b] else back
        if isinstance(own, SharedWeights):
            own = replace(own, onto=own.onto @ back)
            if block.size == widths[block.level]:
                alone[block.level] = own
                continue
            own, back = own.whole(), np.eye(block.size)
        parts = found.setdefault(block.level, {})
        parts[block.start] = own @ _for_groups(back, own), block.size
    out: dict[int, csr_array | SharedWeights] = dict(alone)
    for place, parts in found.items():
        columns, count = [], _count(weights)
        start = 0
        for first in sorted(parts):
            placed, width = parts[first]
            columns += [csr_array((count, (first - start) * sizes[place])), placed]
            start = first + width
        columns.append(csr_array((count, (widths[place] - start) * sizes[place])))
        out[place] = csr_array(hstack(columns))
    return out
