"""Who is compared under a policy: covariates of its units and of the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mlm.nouns.candidates import main_variables
from mlm.nouns.coding import code_terms
from mlm.nouns.levels import RESIDUAL
from mlm.nouns.model import Factor, Term
from mlm.nouns.plan import Plan
from mlm.results.coefficient import Factor as FactorRecord
from mlm.results.level import Level
from mlm.results.policy import ArmSize, Balance, Imbalance, NotCompared, RefusedBalance
from mlm.results.reason import NoCovariates, NumericPolicy, TooFewInCategory
from mlm.results.record import finite
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.moments import raw_vector, variances
from mlm.statistics.evidence.names import coefficients, level_record

PURE = 1e-6  # share of rows by which a unit may belong to another category of the policy
IMBALANCE = 0.1  # standardised difference beyond which a covariate is called unequal
MIN_UNITS = 2  # units of a category below which no spread is known


@dataclass(frozen=True)
class Arms:
    """Units by category of a policy, with the means of their covariates.

    Attributes
    ----------
    level : Level
        Level at which the policy is assigned.
    columns : tuple of Factor
        Raw columns of the covariates.
    means : dict of str to ndarray (c,)
        Mean of each covariate by category, each unit counted once.
    spread : ndarray (c,) or dict of str to ndarray (c,)
        Standard deviation over the units of each category; over all rows for a policy of rows.
    units : dict of str to int
        Units of each category.
    mixed : int
        Units left out because they changed category.
    values : dict of str to ndarray (n, c)
        Covariates of the units of each category; empty for a policy of rows.
    """

    level: Level
    columns: tuple[FactorRecord, ...]
    means: dict[str, np.ndarray]
    spread: dict[str, np.ndarray]
    units: dict[str, int]
    mixed: int
    values: dict[str, np.ndarray]

    @property
    def is_of_rows(self) -> bool:
        """Whether the policy is assigned to single rows."""
        return not self.level.ids


def policy_arms(plan: Plan, stats: CrossProducts, policy: str) -> Arms | RefusedBalance:
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
    Arms or RefusedBalance
        Refused where the policy is a number, or there is no covariate.
    """
    if policy not in plan.categories:
        return RefusedBalance(reason=NumericPolicy())
    names = [v for v in main_variables(plan.terms) if v != policy]
    mains = [Term((Factor(v),)) for v in names]
    coded = code_terms((Term(), *mains), plan.categories)[1:]
    if not coded:
        return RefusedBalance(reason=NoCovariates())
    matrix = np.stack([raw_vector(c.column, stats) for c in coded])
    columns = tuple(factor for (factor,) in coefficients(coded))
    own = code_terms((Term(), Term((Factor(policy),))), plan.categories)[1:]
    indicators = np.stack([raw_vector(c.column, stats) for c in own])
    level = plan.variable_levels[policy]
    found = [item for item in stats.all_levels if item.group[-1] == level]
    if not found:
        return _rows(plan, stats, policy, columns, matrix, indicators)
    return _units(plan, found[0], policy, columns, matrix, indicators)


def _units(plan: Plan, found: GroupSums, policy: str, columns, matrix, indicators) -> Arms:
    """Units of each category, without those whose rows are in several."""
    sums, assigned = found.sums[0], level_record(plan, found.name)
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
    return Arms(assigned, columns, means, spread, units, int((~pure).sum()), filled)


def _rows(plan: Plan, stats: CrossProducts, policy: str, columns, matrix, indicators) -> Arms:
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
    return Arms(
        level_record(plan, RESIDUAL), columns, means, dict.fromkeys(means, sd), units, 0, {}
    )


def standardised_differences(arms: Arms, category: str, reference: str) -> np.ndarray:
    """Difference of means over the pooled standard deviation, shape (c,); NaN without spread.

    Parameters
    ----------
    arms : Arms
        Units or rows of each category of a policy, with their covariates.
    category : str
        A category of the policy.
    reference : str
        The category that it is set beside.

    Source
    ------
    Austin (2009), Statistics in Medicine 28, 3083-3107; differences beyond 0.1 are often called
    imbalance.
    """
    pooled = np.sqrt(0.5 * (arms.spread[category] ** 2 + arms.spread[reference] ** 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = (arms.means[category] - arms.means[reference]) / pooled
    return np.where(pooled > 0.0, ratio, np.nan)


def too_few(plan: Plan, arms: Arms, policy: str, category: str) -> TooFewInCategory | None:
    """Why a category is not set beside the reference; None where it is.

    Parameters
    ----------
    plan : Plan
        Names the categories.
    arms : Arms
        Units or rows of each category of a policy.
    policy : str
        The policy variable.
    category : str
        A category of it.
    """
    needed = 1 if arms.is_of_rows else MIN_UNITS
    for each in (category, plan.categories[policy][0]):
        if each not in arms.means:
            return TooFewInCategory(
                variable=policy, category=each, units=arms.units[each], needed=needed
            )
    return None


def balance_record(
    plan: Plan, arms: Arms | RefusedBalance, policy: str
) -> Balance | RefusedBalance:
    """Covariates of each category beside those of the reference, before any adjustment.

    Parameters
    ----------
    plan : Plan
        The analysis.
    arms : Arms or RefusedBalance
        Units or rows of each category of a policy, with their covariates.
    policy : str
        The policy variable.
    """
    if isinstance(arms, RefusedBalance):
        return arms
    reference, *others = plan.categories[policy]
    rows: list[Imbalance] = []
    refused = []
    for category in others:
        reason = too_few(plan, arms, policy, category)
        if reason is None:
            rows += _imbalances(arms, category, reference)
        else:
            refused.append(NotCompared(category=category, reason=reason))
    return Balance(
        level=arms.level,
        units=tuple(ArmSize(category=c, n=n) for c, n in arms.units.items()),
        mixed=arms.mixed,
        threshold=IMBALANCE,
        unequal=sum(abs(row.standardised or 0.0) > IMBALANCE for row in rows),
        rows=tuple(rows),
        not_compared=tuple(refused),
    )


def _imbalances(arms: Arms, category: str, reference: str) -> Iterator[Imbalance]:
    differences = standardised_differences(arms, category, reference)
    means = (arms.means[c].tolist() for c in (category, reference))
    for column, mean, other, difference in zip(arms.columns, *means, differences, strict=True):
        yield Imbalance(
            category=category,
            column=column,
            mean=mean,
            reference_mean=other,
            standardised=finite(difference),
        )
