"""Posterior means of the groups' effects, with the errors that comparing them needs.

From the outermost level inwards, given all effects u_m of the levels around a group,

    u_g = Q_g (Z_g' V^-1 (y - X b) - sum over m of Z_g' V^-1 Z_m u_m) + e_g,
    var(e_g) = sigma^2 Q_g,

so errors of outer effects (and, for comparative errors, of the fixed effects) pass inwards through
``Q_g Z_g' V^-1 [X Z_m]``. Only the sums that the likelihood left behind are used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.errors import StatisticsError
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit, check_sample
from mlm.statistics.fitting.solution import evaluation_of
from mlm.statistics.likelihood.criterion import Evaluation, fixed_covariance
from mlm.statistics.likelihood.crossed.effects import (
    crossed_covariances,
    crossed_joint,
    crossed_means,
)
from mlm.statistics.likelihood.working import Working

MAX_JOINT_GROUPS = 3000  # groups for which a joint covariance matrix is formed


@dataclass(frozen=True)
class GroupEffects:
    """Effects of the groups of one random term, in raw columns and units of the response.

    Attributes
    ----------
    group : str
        Name of the grouping factor.
    units : ndarray of str (G,)
        Labels of the groups, ids joined by colons.
    rows : ndarray (G,)
        Rows in each group; where rows have known precisions, the sum of these.
    terms : tuple of str
        Columns that the effects multiply, q of them.
    mean : ndarray (G, q)
        Posterior means.
    conditional : ndarray (G, q, q)
        Covariance given the parameters: lme4's condVar.
    comparative : ndarray (G, q, q)
        Covariance of mean minus truth, the estimation of the fixed effects included.
    covariance : ndarray (q, q)
        Covariance of the effects over the groups.
    """

    group: str
    units: np.ndarray
    rows: np.ndarray
    terms: tuple[str, ...]
    mean: np.ndarray
    conditional: np.ndarray
    comparative: np.ndarray
    covariance: np.ndarray

    @property
    def reliability(self) -> np.ndarray:
        """Share of the variance of each effect that the data reveal, shape (G, q); 0 to 1."""
        variance = np.diagonal(self.covariance)
        left = np.diagonal(self.comparative, axis1=1, axis2=2)
        safe = np.where(variance > 0.0, variance, 1.0)
        return np.where(variance > 0.0, np.clip(1.0 - left / safe, 0.0, 1.0), 0.0)

    @property
    def table(self):
        """DataFrame: group, unit, term, estimate, std_error, comparative_se, reliability, rows."""
        import pandas as pd

        n_units, q = self.mean.shape
        return pd.DataFrame(
            {
                "group": self.group,
                "unit": np.repeat(self.units, q),
                "term": np.tile(np.array(self.terms, dtype=object), n_units),
                "estimate": self.mean.ravel(),
                "std_error": np.sqrt(np.diagonal(self.conditional, axis1=1, axis2=2)).ravel(),
                "comparative_se": np.sqrt(np.diagonal(self.comparative, axis1=1, axis2=2)).ravel(),
                "reliability": self.reliability.ravel(),
                "rows": np.repeat(self.rows, q),
            }
        )


@dataclass(frozen=True)
class PosteriorMeans:
    """Posterior means of all random terms of a fit, one ``GroupEffects`` each, as in the model."""

    effects: tuple[GroupEffects, ...]

    def of(self, group: str) -> GroupEffects:
        """Effects of the first random term over a grouping factor.

        Raises
        ------
        StatisticsError
            When the fit has no random term over these groups.
        """
        for effects in self.effects:
            if effects.group == group:
                return effects
        known = ", ".join(effects.group for effects in self.effects)
        raise StatisticsError(f"no random effects over {group}; the fit has {known}.")

    @property
    def table(self):
        """DataFrame of all effects; one row a group and term."""
        import pandas as pd

        return pd.concat([effects.table for effects in self.effects], ignore_index=True)


def posterior_means(fit: Fit, stats: CrossProducts) -> PosteriorMeans:
    """Posterior means (best linear unbiased predictors) of the groups' effects.

    Parameters
    ----------
    fit : Fit
        A fit.
    stats : CrossProducts
        The sample it was fitted to.

    Returns
    -------
    PosteriorMeans

    Raises
    ------
    StatisticsError
        When the sample is not the one of the fit.

    Source
    ------
    Henderson (1975), Biometrics 31, 423-447; comparative errors: Goldstein and Healy (1995),
    J. R. Statist. Soc. A 158, 175-177.
    """
    check_sample(fit, stats)
    working, at = evaluation_of(fit, stats)
    contrast = np.zeros(working.total.shape[0])
    contrast[: working.n_fixed], contrast[-1] = -at.beta, 1.0
    if working.crossing is not None:
        means = crossed_means(working, at, contrast)
        conditional = crossed_covariances(working, at, with_fixed=False)
        comparative = crossed_covariances(working, at, with_fixed=True)
    else:
        means = _means(working, at, contrast)
        conditional = _covariances(working, at, None)
        comparative = _covariances(working, at, fixed_covariance(at))
    effects = []
    for block, term in zip(working.blocks, fit.model.random, strict=True):
        level = stats.level(term.group)
        part = slice(block.start, block.start + block.size)
        back = working.response[1] * np.linalg.inv(block.transform)
        outer = at.sigma2 * back
        omega = fit.omegas[working.blocks.index(block)] * fit.sigma2
        effects.append(
            GroupEffects(
                term.name,
                level.labels,
                level.rows,
                block.names,
                means[block.level][:, part] @ back.T,
                outer @ conditional[block.level][:, part, part] @ back.T,
                outer @ comparative[block.level][:, part, part] @ back.T,
                omega,
            )
        )
    return PosteriorMeans(tuple(effects))


def _means(working: Working, at: Evaluation, contrast: np.ndarray) -> list[np.ndarray]:
    """Working effects (G, q) of each level, outermost first."""
    means: list[np.ndarray] = []
    for i, done in enumerate(at.eliminations):
        left = (done.sums @ contrast).T
        for m, parent in enumerate(working.parents[i]):
            cross = done.sums[:, :, working.levels[m].columns]
            left = left - np.einsum("igj,gj->gi", cross, means[m][parent])
        means.append(np.einsum("ijg,gj->gi", done.gain, left))
    return means


def _covariances(working: Working, at: Evaluation, fixed: np.ndarray | None) -> list[np.ndarray]:
    """Covariance (G, q, q) over sigma^2 of each level's effects, outermost first.

    With ``fixed`` (p, p) the error of the fixed effects is included.
    """
    start = np.zeros((0, 0)) if fixed is None else fixed
    path = [np.broadcast_to(start, (1, *start.shape))]  # joint covariance along the path to a group
    out: list[np.ndarray] = []
    for i, done in enumerate(at.eliminations):
        parent = working.levels[i].parent if i else np.zeros(done.gain.shape[2], dtype=np.intp)
        columns = _path_columns(working, i, fixed is not None)
        pass_on = done.product[:, :, columns].transpose(1, 0, 2)
        around = path[-1][parent]
        shared = -pass_on @ around
        own = done.gain.transpose(2, 0, 1) - shared @ pass_on.transpose(0, 2, 1)
        out.append(own)
        if i + 1 < len(at.eliminations):
            side = shared.transpose(0, 2, 1)
            path.append(np.block([[around, side], [shared, own]]))
    return out


def _path_columns(working: Working, i: int, with_fixed: bool) -> np.ndarray:
    """Working columns of the fixed effects (if wanted) and of the levels around level i."""
    parts = [np.arange(working.n_fixed if with_fixed else 0)]
    parts += [working.levels[m].columns for m in range(i)]
    return np.concatenate(parts)


def joint_covariance(
    fit: Fit, stats: CrossProducts, group: str, contrast: np.ndarray | None = None
) -> np.ndarray:
    """Comparative covariance matrix of one effect of all groups of one level, together.

    Parameters
    ----------
    fit, stats
        A fit and its sample.
    group : str
        Name of the grouping factor; at most 3000 groups.
    contrast : ndarray (q,), optional
        Combination of the effects of the level's first random term; default: the intercept.

    Returns
    -------
    ndarray (G, G)
        Covariance of posterior mean minus truth, in squared units of the response. Groups share the
        estimation of the fixed effects and of the effects of the levels around them.

    Raises
    ------
    StatisticsError
        When there are too many groups, or none of this name.
    """
    working, at = evaluation_of(fit, stats)
    names = working.names
    if group not in names:
        raise StatisticsError(f"no random effects over {group}; the fit has {', '.join(names)}.")
    i = names.index(group)
    if working.group_sizes[i] > MAX_JOINT_GROUPS:
        raise StatisticsError(
            f"{group} has more than {MAX_JOINT_GROUPS} groups: compare a sample of them."
        )
    block = next(b for b in working.blocks if b.level == i)
    chosen = np.eye(block.size)[0] if contrast is None else contrast
    back = working.response[1] * (chosen @ np.linalg.inv(block.transform))
    q = working.widths[i]
    weights = np.zeros(q)
    weights[block.start : block.start + block.size] = back
    if working.crossing:
        return at.sigma2 * crossed_joint(working, at, i, weights)
    joint = fixed_covariance(at)
    offsets = [0]
    for m in range(i + 1):
        joint, own = _joint_level(working, at, m, joint, offsets)
    shaped = joint[own:, own:].reshape(-1, q, joint.shape[0] - own)
    rows = np.tensordot(shaped, weights, axes=([1], [0]))
    return at.sigma2 * np.tensordot(rows.reshape(rows.shape[0], -1, q), weights, axes=([2], [0]))


def _joint_level(working: Working, at: Evaluation, m: int, joint: np.ndarray, offsets: list[int]):
    """Extend a joint covariance of fixed and outer effects by all effects of level m."""
    done = at.eliminations[m]
    q, n_groups = done.gain.shape[1:]
    if m == 0:
        offsets[:] = [working.n_fixed]
    pass_on = np.zeros((n_groups, q, joint.shape[0]))
    pass_on[:, :, : working.n_fixed] = done.product[:, :, : working.n_fixed].transpose(1, 0, 2)
    for outer, parent in enumerate(working.parents[m]):
        columns = working.levels[outer].columns
        where = offsets[outer] + parent[:, None] * columns.size + np.arange(columns.size)
        block = done.product[:, :, columns].transpose(1, 0, 2)
        for a in range(q):
            pass_on[np.arange(n_groups)[:, None], a, where] = block[:, a]
    flat = pass_on.reshape(n_groups * q, -1)
    shared = -flat @ joint
    own = -shared @ flat.T
    for g in range(n_groups):
        part = slice(g * q, (g + 1) * q)
        own[part, part] += done.gain[:, :, g]
    size = joint.shape[0]
    offsets.append(size + own.shape[0])
    return np.block([[joint, shared.T], [shared, own]]), size
