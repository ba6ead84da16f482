"""Reference distributions: their tails, and those of tests of several variances.

Under the smaller model the estimates of the tested (co)variances are the projection of a normal
vector on the cone in which they must lie, in the metric of their information; the statistic is the
squared length of the projection. Expected information is computed at the smaller model's estimates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mlm.errors import StatisticsError
from mlm.nouns.distributions import chi_squared_tail, f_tail
from mlm.nouns.model import RandomTerm
from mlm.results.record import finite
from mlm.results.reference import (
    ChiSquared,
    ChiSquaredPart,
    FDistribution,
    Mixture,
    Reference,
    Simulated,
)
from mlm.results.test import Test
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.evaluated import working_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.inference.cones import Cone, Projections, cone_weights
from mlm.statistics.likelihood.covariance import level_matrices, working_theta
from mlm.statistics.likelihood.curvature.information import expected_information
from mlm.statistics.likelihood.over_waves.chain import chain_of
from mlm.statistics.likelihood.working import TAKES_LONG

PROJECTIONS = 5_000  # projections simulated where no weights are known
PROJECTION_SEED = 20240229
SMALLEST_EIGENVALUE = 1e-6  # smallest eigenvalue of a correlation matrix that is not on its bound


def tail(reference: Reference, statistic: float, draws: np.ndarray | None = None) -> float:
    """Probability of a statistic as large under its reference distribution.

    Parameters
    ----------
    reference : Reference
        The distribution.
    statistic : float
        Of a chi-squared distribution or a mixture, or an F statistic; at or below zero: 1.
    draws : ndarray, optional
        The draws of a simulated distribution.

    Source
    ------
    Draws: Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9, 39.
    """
    if statistic <= 0.0:
        return 1.0
    if isinstance(reference, Simulated):
        if draws is None or draws.size != reference.draws:
            raise StatisticsError("the tail of a simulated distribution needs its draws.")
        return float((1 + np.sum(draws >= statistic)) / (1 + draws.size))
    if isinstance(reference, FDistribution):
        if reference.denominator is None:
            return float(chi_squared_tail(reference.df * statistic, reference.df))
        return float(f_tail(statistic, reference.df, reference.denominator))
    if isinstance(reference, ChiSquared):
        at = statistic / reference.factor
        return float(chi_squared_tail(at, reference.df)) if reference.df else 1.0
    parts = ((part.weight, part.df) for part in reference.parts)
    return float(sum(w * (chi_squared_tail(statistic, df) if df else 0.0) for w, df in parts))


def tested(statistic: float, df: int, reference: Reference) -> Test:
    """A test of a statistic by its reference distribution.

    Parameters
    ----------
    statistic : float
        The statistic.
    df : int
        Parameters that are tested.
    reference : Reference
        Its distribution.
    """
    p_value = tail(reference, statistic)
    return Test(statistic=statistic, df=df, reference=reference, p_value=p_value)


def weighted(weights: Mapping[int, float]) -> ChiSquared | Mixture:
    """The mixture of chi-squared distributions with some weights by degrees of freedom."""
    parts = [ChiSquaredPart(df=df, weight=w) for df, w in sorted(weights.items()) if w > 0.0]
    return ChiSquared(df=parts[0].df) if len(parts) == 1 else Mixture(parts=tuple(parts))


def f_distribution(df: int, denominator: float) -> FDistribution:
    """An F distribution; with an infinite denominator that of a Wald test."""
    return FDistribution(df=df, denominator=finite(denominator))


@dataclass(frozen=True)
class NullDistribution:
    """Distribution of a test's statistic under the smaller model, with its draws at hand.

    Attributes
    ----------
    reference : Reference
        As it is told.
    drawn : Projections or None
        Statistics drawn under the smaller model, where no weights are known.
    """

    reference: Reference
    drawn: Projections | None = None

    def tail(self, statistic: float) -> float:
        """Probability of a statistic as large; 1 at zero."""
        draws = None if self.drawn is None else self.drawn.squared_lengths(statistic)
        return tail(self.reference, statistic, draws)

    def tested(self, statistic: float, df: int) -> Test:
        """The test of a statistic."""
        p_value = self.tail(statistic)
        return Test(statistic=statistic, df=df, reference=self.reference, p_value=p_value)


def mixture(small: Fit, large: Fit, stats: CrossProducts) -> NullDistribution:
    """Reference distribution of a likelihood-ratio test that adds random effects.

    Parameters
    ----------
    small, large : Fit
        Nested fits to one sample; ``large`` has further random effects.
    stats : CrossProducts
        The sample.

    Returns
    -------
    NullDistribution
        With weights where the tested (co)variances are signs-free covariances and single
        variances, or one 2 x 2 covariance matrix; simulated in other cases (fixed seed).

    Raises
    ------
    StatisticsError
        When a variance of the smaller model is itself zero. A parametric bootstrap holds then.

    Source
    ------
    Self and Liang (1987), J. Am. Statist. Ass. 82, 605-610, theorem 3 and case 7; Shapiro (1988),
    Int. Statist. Rev. 56, 49-62.
    """
    cone = tested_cone(small, large, stats)
    extra = large.beta.size - small.beta.size + cone.n_free
    extra += len(large.ratios or (0,)) - len(small.ratios or (0,))
    rng = np.random.default_rng(PROJECTION_SEED)
    weights = cone_weights(cone, rng)
    if weights is not None:
        return NullDistribution(weighted({extra + df: w for df, w in weights.items()}))
    drawn = Projections.drawn(cone, rng, PROJECTIONS, extra)
    return NullDistribution(Simulated(draws=PROJECTIONS, of="projections"), drawn)


def tested_cone(small: Fit, large: Fit, stats: CrossProducts) -> Cone:
    """The cone of the (co)variances that only the larger model has, and their information.

    Parameters
    ----------
    small : Fit
        The smaller model.
    large : Fit
        The larger model, fitted to the same rows.
    stats : CrossProducts
        Their sample.
    """
    groups = sum(stats.n_groups[name] for name in {term.name for term in large.model.random})
    working = working_of(large, stats, pooled=groups >= TAKES_LONG)
    raw, old = _null_point(small, large)
    theta = working_theta(raw, working.blocks)
    found = expected_information(working, level_matrices(theta, working), large.criterion)[1]
    whole = [o + own * np.eye(len(o)) for o, own in zip(raw, large.in_place, strict=True)]
    chain = chain_of(working, whole, raw=True)
    information = chain.information(found)
    free, sizes, positions = [], [], []
    for b, known in enumerate(old):
        if large.model.random[b].form is not None:
            continue
        inside = [k for k, block in enumerate(chain.blocks) if block == b]
        entries = zip(*np.tril_indices(len(raw[b])), strict=True)
        rows = dict(zip(inside, entries, strict=True))
        own = [k for k in inside if not known & set(rows[k])]
        free += [k for k in inside if len(known & set(rows[k])) == 1 and len(set(rows[k])) == 2]
        if own:
            sizes.append(sum(rows[k][0] == rows[k][1] for k in own))
            positions += own
    rest = [k for k in range(len(information)) if k not in positions]
    return Cone(tuple(sizes), len(free), _effective(information, positions, rest))


def _effective(information: np.ndarray, own: list[int], rest: list[int]) -> np.ndarray:
    """Information on some parameters with the rest estimated."""
    scale = 1.0 / np.sqrt(np.diagonal(information))
    inner = information * np.outer(scale, scale)
    cross = inner[np.ix_(own, rest)]
    left = (
        inner[np.ix_(own, own)]
        - cross @ np.linalg.pinv(inner[np.ix_(rest, rest)], rcond=1e-11, hermitian=True) @ cross.T
    )
    return 0.5 * (left + left.T) / np.outer(scale[own], scale[own])


def _null_point(small: Fit, large: Fit) -> tuple[list[np.ndarray], list[set[int]]]:
    """Raw Omegas of the larger model with its new effects at zero; columns known before."""
    omegas, old, used = [], [], set()
    for term, names in zip(large.model.random, large.random_names, strict=True):
        omega = np.zeros((len(names), len(names)))
        known: list[int] = []
        match = _same_term(small, term, names, used)
        if match is not None:
            used.add(match)
            known = [names.index(name) for name in small.random_names[match]]
            omega[np.ix_(known, known)] = small.omegas[match]
            _check_interior(term.name, small.omegas[match])
        omegas.append(omega)
        old.append(set(known))
    return omegas, old


def _same_term(small: Fit, term: RandomTerm, names: tuple[str, ...], used: set[int]) -> int | None:
    """The smaller model's term over these groups with this form and the most of these columns."""
    fitting = [
        (len(mine), -k)
        for k, (other, mine) in enumerate(zip(small.model.random, small.random_names, strict=True))
        if k not in used
        and (other.name, other.form) == (term.name, term.form)
        and set(mine) <= set(names)
    ]
    return -max(fitting)[1] if fitting else None


def _check_interior(group: str, omega: np.ndarray) -> None:
    variances = np.diagonal(omega)
    scale = np.sqrt(np.where(variances > 0.0, variances, 1.0))
    if np.linalg.eigvalsh(omega / np.outer(scale, scale)).min() < SMALLEST_EIGENVALUE:
        raise StatisticsError(
            f"a variance of {group} is zero, or a correlation one, in the smaller model too: no "
            "mixture of chi-squared distributions is known. Use a parametric bootstrap."
        )
