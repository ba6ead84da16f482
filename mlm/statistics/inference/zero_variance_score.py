"""Score test that a variance is zero, of rows with sampling weights too: nothing is fitted with it.

Along a direction of the covariances, from the fit without the variance, the score U is half the
fall of the deviance. Its nuisance parameters are the other (co)variances and the residual variance,
on which it is projected by the expected information I. With weights W of the outermost groups its
variance is not I but J, the information with squared weights: groups are drawn once, however much
they weigh.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import ordered_model
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.likelihood.covariance import level_matrices, working_theta
from mlm.statistics.likelihood.curvature.information import expected_information
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.likelihood.working import Block, Working

AT_ZERO = 1e-10  # relative variance of the fit without it that counts as zero: no nuisance


@dataclass(frozen=True)
class VarianceScore:
    """What the score says of a variance that is held at zero.

    Attributes
    ----------
    estimate : float
        Score over its information: where one step would lead, in squared units of the response.
    variance : float
        Of that, if the variance is zero.
    """

    estimate: float
    variance: float


def variance_score(null: Fit, model: Model, stats: CrossProducts) -> VarianceScore | None:
    """The score of the variances that a model has and a fit lacks, all of them being one.

    Parameters
    ----------
    null : Fit
        The fit without them, by ML.
    model : Model
        The same with further columns in its random terms.
    stats : CrossProducts
        The sample, with all columns.

    Returns
    -------
    VarianceScore or None
        None where the sample tells nothing of them.

    Source
    ------
    Verbeke and Molenberghs (2003), Biometrics 59, 254-262 (score tests of variances, one-sided);
    Rabe-Hesketh and Skrondal (2006), J. R. Statist. Soc. A 169, 805-827 (pseudo-likelihood).
    """
    working = working_statistics(ordered_model(model, stats), stats, False)
    terms = zip(working.model.random, working.blocks, strict=True)
    known = [_held(null, term.name, block) for term, block in terms]
    theta = working_theta([omega for omega, _ in known], working.blocks)
    search = search_of(working, "ML")
    point = search.point(theta)
    directions = [
        block.transform @ np.diag(new) @ block.transform.T
        for block, (_, new) in zip(working.blocks, known, strict=True)
    ]
    slope = sum(float(np.sum(d * g)) for d, g in zip(directions, point.derivatives, strict=True))
    omegas = level_matrices(theta, working)
    entries, information = expected_information(working, omegas, "ML")
    own = np.r_[_along(entries, directions), 0.0]
    others = _nuisances(entries, working.blocks, known)
    inner = others.T @ information @ others
    onto = np.linalg.lstsq(inner, others.T @ information @ own, rcond=None)[0]
    left = own - others @ onto
    known_of = float(own @ information @ left)
    if not known_of > 0.0:
        return None
    spread = _squared(working, stats, omegas, information)
    variance = float(left @ spread @ left) / known_of**2
    return VarianceScore(-0.5 * slope / known_of * null.sigma2, variance * null.sigma2**2)


def _held(null: Fit, group: str, block: Block) -> tuple[np.ndarray, np.ndarray]:
    """Relative covariance (q, q) of a random term, new columns at zero, and which are new (q,)."""
    omega, new = np.zeros((block.size, block.size)), np.ones(block.size)
    pairs = zip(null.model.random, null.random_names, null.omegas, strict=True)
    for term, names, own in pairs:
        if term.name == group:
            at = [block.names.index(name) for name in names]
            omega[np.ix_(at, at)], new[at] = own, 0.0
    return omega, new


def _along(entries, directions: list[np.ndarray]) -> np.ndarray:
    """A direction of the covariances (t,) by their entries."""
    return np.array([directions[b][row, column] for b, row, column in entries])


def _nuisances(entries, blocks: list[Block], known) -> np.ndarray:
    """Directions (t + 1, k) of the (co)variances that are not zero, and of the residual's."""
    out = []
    for place, (block, (omega, new)) in enumerate(zip(blocks, known, strict=True)):
        free = np.flatnonzero((new == 0.0) & (np.diagonal(omega) > AT_ZERO))
        for i in free.tolist():
            for j in free[free <= i].tolist():
                raw = np.zeros(omega.shape)
                raw[i, j] = raw[j, i] = 1.0
                parts = [np.zeros((b.size, b.size)) for b in blocks]
                parts[place] = block.transform @ raw @ block.transform.T
                out.append(np.r_[_along(entries, parts), 0.0])
    out.append(np.r_[np.zeros(len(entries)), 1.0])
    return np.array(out).T


def _squared(
    working: Working, stats: CrossProducts, omegas: list[np.ndarray], information: np.ndarray
) -> np.ndarray:
    """The information with the weights of the outermost groups squared."""
    group = working.structure.groups[0] if working.structure.groups else None
    level = None if group is None else stats.level(group)
    if level is None or level.weights is None:
        return information
    rows = level.sums[0, :, 0]
    again = replace(
        working,
        structure=working.structure.reweighed(level.weights),
        n_obs=float(level.weights**2 @ rows),
    )
    return expected_information(again, omegas, "ML")[1]
