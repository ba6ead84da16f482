"""Who is alike under a policy: covariates of policy and other units, and where the two overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.candidates import main_variables
from mlm.nouns.coding import code_terms
from mlm.nouns.model import Factor, Term
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import raw_vector, variances

PURE = 1e-6  # share of rows by which a unit may belong to another category of the policy
MIN_UNITS = 2  # units of a category below which no spread is known


@dataclass(frozen=True)
class Arms:
    """Units by category of a policy, with the means of their covariates.

    Attributes
    ----------
    level : str
        Level at which the policy is assigned, or ``row``.
    columns : tuple of str
        Raw columns of the covariates.
    variables : tuple of str
        Variable of each column.
    means : dict of str to ndarray (c,)
        Mean of each covariate by category, each unit counted once.
    spread : ndarray (c,) or dict of str to ndarray (c,)
        Standard deviation over the units of each category; over all rows for ``row``.
    units : dict of str to int
        Units of each category.
    mixed : int
        Units left out because they changed category.
    values : dict of str to ndarray (n, c)
        Covariates of the units of each category; empty for ``row``.
    """

    level: str
    columns: tuple[str, ...]
    variables: tuple[str, ...]
    means: dict[str, np.ndarray]
    spread: dict[str, np.ndarray]
    units: dict[str, int]
    mixed: int
    values: dict[str, np.ndarray]


def policy_arms(plan: Plan, stats: CrossProducts, policy: str) -> Arms | None:
    """Units of each category of a policy at the level where it is assigned.

    Parameters
    ----------
    plan : Plan
        Names the covariates: all other variables with a main effect.
    stats : CrossProducts
        The sample.
    policy : str
        A categorical variable.

    Returns
    -------
    Arms or None
        None where the policy is a number, or there is no covariate.
    """
    if policy not in plan.categories:
        return None
    names = [v for v in main_variables(plan.terms) if v != policy]
    mains = [Term((Factor(v),)) for v in names]
    coded = code_terms((Term(), *mains), plan.categories)[1:]
    if not coded:
        return None
    matrix = np.stack([raw_vector(c.column, stats) for c in coded])
    labels = tuple(c.name for c in coded), tuple(c.term.variables[0] for c in coded)
    own = code_terms((Term(), Term((Factor(policy),))), plan.categories)[1:]
    indicators = np.stack([raw_vector(c.column, stats) for c in own])
    level = plan.variable_levels[policy]
    found = [item for item in stats.all_levels if item.group[-1] == level]
    if not found:
        return _rows(plan, stats, policy, labels, matrix, indicators)
    sums = found[0].sums[0]
    share = sums @ indicators.T / sums[:, :1]
    share = np.column_stack([1.0 - share.sum(axis=1), share])
    pure = (np.abs(share - share.round()) < PURE).all(axis=1)
    member = share.argmax(axis=1)
    values = sums @ matrix.T / sums[:, :1]
    parts = {
        category: values[pure & (member == i)] for i, category in enumerate(plan.categories[policy])
    }
    filled = {c: part for c, part in parts.items() if len(part) >= MIN_UNITS}
    means = {c: part.mean(axis=0) for c, part in filled.items()}
    spread = {c: part.std(axis=0, ddof=1) for c, part in filled.items()}
    units = {c: len(part) for c, part in parts.items()}
    return Arms(level, *labels, means, spread, units, int((~pure).sum()), filled)


def _rows(plan: Plan, stats: CrossProducts, policy: str, labels, matrix, indicators) -> Arms:
    """The same for a policy of single rows: means by category, one spread for all rows."""
    constant = np.zeros(stats.total.shape[0])
    constant[0] = 1.0
    vectors = np.vstack([constant - indicators.sum(axis=0), indicators])
    counts = vectors @ stats.total[0]
    products = vectors @ stats.total @ matrix.T
    sd = np.sqrt(variances(matrix, stats))
    categories = plan.categories[policy]
    means = {c: products[i] / counts[i] for i, c in enumerate(categories) if counts[i] > 0.0}
    units = {c: round(float(counts[i])) for i, c in enumerate(categories)}
    return Arms("row", *labels, means, dict.fromkeys(means, sd), units, 0, {})


def standardised_differences(arms: Arms, category: str, reference: str) -> np.ndarray:
    """Difference of means over the pooled standard deviation, shape (c,); NaN without spread.

    Source
    ------
    Austin (2009), Statistics in Medicine 28, 3083-3107; differences beyond 0.1 are often called
    imbalance.
    """
    pooled = np.sqrt(0.5 * (arms.spread[category] ** 2 + arms.spread[reference] ** 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = (arms.means[category] - arms.means[reference]) / pooled
    return np.where(pooled > 0.0, ratio, np.nan)


def overlap(arms: Arms, category: str, reference: str) -> tuple[int, int] | None:
    """Units of two categories, and how many of them are alike some unit of the other.

    The covariates are brought to one score, the linear combination that tells the two categories
    apart best; a unit is alike when its score lies where both categories have scores.

    Returns
    -------
    units, inside : int
        None where the policy is assigned to rows, or the units are fewer than the covariates.
    """
    if category not in arms.values or reference not in arms.values:
        return None
    a, b = arms.values[category], arms.values[reference]
    if len(a) + len(b) <= a.shape[1] + 2:
        return None
    x = np.vstack([a, b])
    design = np.column_stack([np.ones(len(x)), x - x.mean(axis=0)])
    y = np.concatenate([np.ones(len(a)), np.zeros(len(b))])
    score = design @ np.linalg.lstsq(design, y, rcond=1e-10)[0]
    first, second = score[: len(a)], score[len(a) :]
    low, high = max(first.min(), second.min()), min(first.max(), second.max())
    return len(score), int(((score >= low - 1e-9) & (score <= high + 1e-9)).sum())
