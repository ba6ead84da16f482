"""Who is compared under a policy: covariates of the units assigned to each of its categories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mlm.nouns.candidates import main_variables
from mlm.nouns.coding import code_terms
from mlm.nouns.columns import CONSTANT
from mlm.nouns.levels import RESIDUAL, ROW
from mlm.nouns.model import Factor, Term
from mlm.nouns.plan import Plan
from mlm.results.coefficient import Factor as FactorRecord
from mlm.results.level import Level
from mlm.results.policy import ArmSize, Balance, Imbalance, NotCompared, RefusedBalance
from mlm.results.reason import NoCovariates, NumericPolicy, TooFewInCategory
from mlm.results.record import finite
from mlm.statistics.answers.policy.random_allocation import (
    IMBALANCE,
    joint_balance,
    random_difference,
)
from mlm.statistics.evidence.by_wave import has_waves_apart, wave_sums
from mlm.statistics.evidence.crossing import CrossedFactor
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.moments import raw_vector
from mlm.statistics.evidence.names import coefficients, level_record
from mlm.statistics.evidence.tree import PRESENT

PURE = 1e-6  # share of rows by which a unit may belong to another category of the policy
MIN_UNITS = 2  # units of a category below which no spread is known


@dataclass(frozen=True)
class Arms:
    """Units by category of a policy, with the means of their covariates.

    Attributes
    ----------
    level : Level
        Level at which the policy is assigned.
    wave : str or None
        Wave of assignment; None: all waves.
    columns : tuple of Factor
        Raw columns of the covariates.
    means : dict of str to ndarray (c,)
        Mean of each covariate by category, each unit counted once.
    spread : ndarray (c,) or dict of str to ndarray (c,)
        Standard deviation over the units of each category; over all rows for a policy of rows.
    units : dict of str to int
        Units of each category.
    mixed : int
        Units left out because their rows are in several categories.
    values : dict of str to ndarray (n, c)
        Covariates of the units of each category; empty for a policy of rows.
    total : ndarray (c, c)
        Sums of squares and products of the covariates around their means, over all units or rows.
    """

    level: Level
    wave: str | None
    columns: tuple[FactorRecord, ...]
    means: dict[str, np.ndarray]
    spread: dict[str, np.ndarray]
    units: dict[str, int]
    mixed: int
    values: dict[str, np.ndarray]
    total: np.ndarray

    @property
    def is_of_rows(self) -> bool:
        """Whether the policy is assigned to single rows."""
        return not self.level.ids


def assigned_unit(plan: Plan, policy: str) -> str:
    """Name of the level whose units a policy is assigned to; where it is not said, its variable's.

    Rows of pupils who are followed are assigned with them.

    Parameters
    ----------
    plan : Plan
        The analysis.
    policy : str
        The policy variable.
    """
    level = plan.assignment(policy).level or plan.variable_levels[policy]
    if level == ROW and plan.design.follows_lowest and plan.assignment(policy).level:
        return plan.groups[-1][-1]
    return level


def policy_arms(
    plan: Plan, stats: CrossProducts, policy: str, of_rows: bool = False
) -> Arms | RefusedBalance:
    """Units of each category of a policy at the level and in the wave of its assignment.

    Parameters
    ----------
    plan : Plan
        Names the covariates: all other variables with a main effect.
    stats : CrossProducts
        The sample.
    policy : str
        A categorical variable.
    of_rows : bool
        Whether rows are counted, whatever the level.

    Returns
    -------
    Arms or RefusedBalance
        Over all waves where the wave of assignment is not said, or the waves are not kept apart.
        Refused where the policy is a number, or there is no covariate.
    """
    if policy not in plan.categories:
        return RefusedBalance(reason=NumericPolicy())
    names = [v for v in main_variables(plan.terms) if v != policy]
    mains = [Term((Factor(v),)) for v in names]
    coded = code_terms((Term(), *mains), plan.categories)[1:]
    if not coded:
        return RefusedBalance(reason=NoCovariates())
    wave = plan.assignment(policy).wave
    compared = _Compared(
        np.stack([raw_vector(c.column, stats) for c in coded]),
        _groups(plan, stats, policy),
        tuple(factor for (factor,) in coefficients(coded)),
        plan.categories[policy],
        wave if wave is not None and has_waves_apart(plan, stats) else None,
    )
    level = assigned_unit(plan, policy)
    found = [] if of_rows else [item for item in stats.all_levels if item.group[-1] == level]
    if not found:
        return _rows(plan, stats, compared)
    return _units(plan, found[0], compared)


def _groups(plan: Plan, stats: CrossProducts, policy: str) -> np.ndarray:
    """Indicators of the categories, the reference first, as combinations of stored columns."""
    own = code_terms((Term(), Term((Factor(policy),))), plan.categories)[1:]
    others = np.stack([raw_vector(c.column, stats) for c in own])
    return np.vstack([raw_vector(CONSTANT, stats) - others.sum(axis=0), others])


@dataclass(frozen=True)
class _Compared:
    """What is compared: covariates (c, k) by groups (g, k), in a wave or in all (None)."""

    matrix: np.ndarray
    groups: np.ndarray
    columns: tuple[FactorRecord, ...]
    categories: tuple[str, ...]
    wave: str | None


def _units(plan: Plan, found: GroupSums | CrossedFactor, compared: _Compared) -> Arms:
    """Units of each category, without those whose rows are in several."""
    wave = compared.wave
    sums = found.sums[0] if wave is None else wave_sums(plan, found, wave)
    sums = sums[sums[:, 0] > PRESENT]
    share = sums @ compared.groups.T / sums[:, :1]
    pure = (np.abs(share - share.round()) < PURE).all(axis=1)
    member = share.argmax(axis=1)
    values = sums @ compared.matrix.T / sums[:, :1]
    parts = {
        category: values[pure & (member == i)] for i, category in enumerate(compared.categories)
    }
    filled = {c: part for c, part in parts.items() if len(part) >= MIN_UNITS}
    every = np.vstack(list(parts.values()))
    around = every - every.mean(axis=0)
    return Arms(
        level=level_record(plan, found.name),
        wave=wave,
        columns=compared.columns,
        means={c: part.mean(axis=0) for c, part in filled.items()},
        spread={c: part.std(axis=0, ddof=1) for c, part in filled.items()},
        units={c: len(part) for c, part in parts.items()},
        mixed=int((~pure).sum()),
        values=filled,
        total=around.T @ around,
    )


def _rows(plan: Plan, stats: CrossProducts, compared: _Compared) -> Arms:
    """The same for a policy of single rows: means by category, one spread for all rows."""
    total = stats.total if compared.wave is None else stats.parts[compared.wave]
    matrix, n = compared.matrix, total[0, 0]
    counts = compared.groups @ total[0]
    products = compared.groups @ total @ matrix.T
    centre = matrix @ total[0] / n
    squares = matrix @ total @ matrix.T - n * np.outer(centre, centre)
    sd = np.sqrt(np.maximum(np.diagonal(squares) / n, 0.0))
    means = {
        c: products[i] / counts[i] for i, c in enumerate(compared.categories) if counts[i] > 0.5
    }
    return Arms(
        level=level_record(plan, RESIDUAL),
        wave=compared.wave,
        columns=compared.columns,
        means=means,
        spread=dict.fromkeys(means, sd),
        units={c: round(float(counts[i])) for i, c in enumerate(compared.categories)},
        mixed=0,
        values={},
        total=squares,
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
    plan: Plan, arms: Arms | RefusedBalance, people: Arms | RefusedBalance, policy: str
) -> Balance | RefusedBalance:
    """Covariates of each category beside those of the reference, before any adjustment.

    Parameters
    ----------
    plan : Plan
        The analysis.
    arms : Arms or RefusedBalance
        Assigned units, or rows, of each category of a policy, with their covariates.
    people : Arms or RefusedBalance
        The same over rows.
    policy : str
        The policy variable.
    """
    if isinstance(arms, RefusedBalance) or isinstance(people, RefusedBalance):
        return arms if isinstance(arms, RefusedBalance) else people
    reference, *others = plan.categories[policy]
    rows: list[Imbalance] = []
    refused = []
    for category in others:
        reason = too_few(plan, arms, policy, category)
        if reason is None:
            rows += _imbalances(arms, people, category, reference)
        else:
            refused.append(NotCompared(category=category, reason=reason))
    return Balance(
        level=arms.level,
        wave=arms.wave,
        units=tuple(ArmSize(category=c, n=n) for c, n in arms.units.items()),
        mixed=arms.mixed,
        threshold=IMBALANCE,
        unequal=sum(abs(row.standardised or 0.0) > IMBALANCE for row in rows),
        expected=sum(row.chance or 0.0 for row in rows),
        joint=joint_balance(arms),
        rows=tuple(rows),
        not_compared=tuple(refused),
    )


def _imbalances(arms: Arms, people: Arms, category: str, reference: str) -> Iterator[Imbalance]:
    differences = standardised_differences(arms, category, reference)
    beside = standardised_differences(people, category, reference)
    error, chance = random_difference(arms.units[category], arms.units[reference])
    means = (arms.means[c].tolist() for c in (category, reference))
    for column, mean, other, difference, of_rows in zip(
        arms.columns, *means, differences, beside, strict=True
    ):
        known = bool(np.isfinite(difference))
        yield Imbalance(
            category=category,
            column=column,
            mean=mean,
            reference_mean=other,
            standardised=finite(difference),
            std_error=error if known else None,
            chance=chance if known else None,
            standardised_rows=finite(of_rows),
        )
