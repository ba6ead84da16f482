"""Posterior means of the groups' effects, with the errors that comparing them needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlm.errors import StatisticsError
from mlm.nouns.hierarchy import group_labels
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.fit import check_sample
from mlm.statistics.fitting.whole_effects import whole_effects


@dataclass(frozen=True)
class GroupEffects:
    """Effects of the groups of one random term, in raw columns and units of the response.

    Attributes
    ----------
    group : str
        Name of the grouping factor.
    keys : tuple of ndarray (G,)
        Ids of each group, one array an id column.
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
    keys: tuple[np.ndarray, ...]
    rows: np.ndarray
    terms: tuple[str, ...]
    mean: np.ndarray
    conditional: np.ndarray
    comparative: np.ndarray
    covariance: np.ndarray

    @cached_property
    def units(self) -> np.ndarray:
        """Labels (G,) of the groups, ids joined by colons, made when they are asked for."""
        return group_labels(self.keys)

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


def posterior_means(evaluated: Evaluated) -> PosteriorMeans:
    """Posterior means (best linear unbiased predictors) of the groups' effects.

    Those of a term in the residual's place are what the fixed part and all other effects leave of
    the rows of a unit; in a wave in which it has no row, what these tell of it.

    Parameters
    ----------
    evaluated : Evaluated
        A fit with the sample it was fitted to.

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
    fit, stats = evaluated.fit, evaluated.stats
    working, at = evaluated.working, evaluated.at
    check_sample(fit, stats)
    contrast = np.zeros(working.total.shape[0])
    contrast[: working.n_fixed], contrast[-1] = -at.beta, 1.0
    found = working.structure.posterior(at, contrast)
    effects = []
    for b, (block, term) in enumerate(zip(working.blocks, fit.model.random, strict=True)):
        level = stats.level(term.group)
        part = slice(block.start, block.start + block.size)
        back = working.response[1] * np.linalg.inv(block.transform)
        errors = (
            of_place[block.level][:, part, part] for of_place in (found.given, found.compared)
        )
        own = [at.sigma2 * back @ each @ back.T for each in errors]
        mean = found.means[block.level][:, part] @ back.T
        if fit.in_place[b]:
            whole = whole_effects(fit, b)
            mean, own = mean @ whole.change.T, [whole.errors(each) for each in own]
        effects.append(
            GroupEffects(
                term.name,
                level.keys,
                level.rows,
                block.names,
                mean,
                *own,
                fit.covariances[b],
            )
        )
    return PosteriorMeans(tuple(effects))
