"""Models over imputations as records, and the path of their reduction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlm.nouns.plan import Plan
from mlm.results.models import Model, Step
from mlm.results.random_part import SettledModel
from mlm.results.selection import Reduction
from mlm.results.slopes import RefusedSlope, Slope
from mlm.results.test import Test
from mlm.results.variation import NullModel
from mlm.statistics.answers.imputed.pooled_records import pooled_record
from mlm.statistics.answers.imputed.rules import RULES
from mlm.statistics.answers.models import denominator_of, model_record
from mlm.statistics.answers.slopes.slope_details import slope_records
from mlm.statistics.answers.variation.decomposition import null_record
from mlm.statistics.answers.variation.settled_model import random_part_record, settled_variances
from mlm.statistics.evidence.names import term_records
from mlm.statistics.selection.imputed_reduction import ImputedReduction
from mlm.statistics.selection.imputed_settling import ImputedSettling, PooledPair


def pooled_null(plan: Plan, pair: PooledPair, left_out: Sequence[str]) -> NullModel:
    """The decomposition of the variance, pooled over the imputations that differ in it.

    Parameters
    ----------
    plan : Plan
        Levels.
    pair : tuple of PooledSolution
        The null model by ML and by REML.
    left_out : sequence of str
        Grouping factors whose variance nothing tells.
    """
    made: dict[int, NullModel] = {}
    for ml, reml in zip(*(each.solutions for each in pair), strict=True):
        if id(reml) not in made:
            both = ml.released(), reml.released()
            made[id(reml)] = null_record(plan, both, left_out)
    return pooled_record([made[id(each)] for each in pair[1].solutions], RULES)


def pooled_model(plan: Plan, pair: PooledPair) -> Model:
    """A model by ML and by REML, pooled."""
    found = [
        model_record(plan, both) for both in zip(*(each.solutions for each in pair), strict=True)
    ]
    return pooled_record(found, RULES)


def pooled_settled(plan: Plan, settling: ImputedSettling) -> SettledModel:
    """The settled model; the ends of intervals come from the imputations that were searched."""
    settled, null = settling.settled[1], settling.null[1]
    made: dict[int, SettledModel] = {}
    method = settling.intervals[id(settled.first)].method
    pairs = zip(*(each.solutions for each in settling.settled), null.solutions, strict=True)
    for ml, reml, alone in pairs:
        if id(reml) in made:
            continue
        intervals = settling.intervals[id(reml)]
        made[id(reml)] = SettledModel(
            **dict(model_record(plan, (ml, reml))),
            random_part=random_part_record(plan, reml.fit.model, settling.random),
            intervals=method,
            variances=settled_variances(plan, alone.fit, reml, intervals),
        )
    return pooled_record([made[id(each)] for each in settled.solutions], RULES)


def pooled_slopes(plan: Plan, settling: ImputedSettling) -> tuple[Slope, ...]:
    """Slopes that were tried: of those kept sizes are pooled over all imputations.

    Others are pooled over those in which they were tried.
    """
    settled = settling.settled[1]
    made: dict[int, list[Slope]] = {}
    for place, each in enumerate(settled.different):
        is_tried = place < settling.searched
        trials = settling.trials(place) if is_tried else settling.slopes
        records = slope_records(plan, trials, settling.intervals[id(each)])
        made[id(each)] = [s for s in records if is_tried or (s.kind == "tested" and s.kept)]
    found: dict[tuple, list[Slope]] = {}
    for each in settled.solutions:
        for slope in made[id(each)]:
            found.setdefault(_key(slope), []).append(slope)
    return tuple(_pooled_slope(slopes) for slopes in found.values())


def _key(slope: Slope) -> tuple:
    return slope.variable, slope.level, getattr(slope, "column", None)


def _pooled_slope(slopes: Sequence[Slope]) -> Slope:
    if any(isinstance(slope, RefusedSlope) for slope in slopes):
        return slopes[0]
    return pooled_record(slopes, RULES)


def reduction_record(plan: Plan, found: ImputedReduction) -> Reduction:
    """The path by D1, and the joint test of all that left."""
    return Reduction(
        alpha=found.alpha,
        protected=term_records(plan.protected),
        path=tuple(_steps(found)),
        joint=found.joint,
        bound=None,
        adequate=(),
        minimal=None,
        complete=False,
    )


def _steps(found: ImputedReduction) -> Iterator[Step]:
    for step in found.path:
        test = step.test if isinstance(step.test, Test) else None
        yield Step(
            dropped=term_records(step.dropped),
            terms=term_records(step.model.terms),
            n_params=step.n_params,
            deviance=None,
            aic=None,
            bic=None,
            statistic=test and test.statistic,
            df=test and test.df,
            denominator=denominator_of(test),
            p_value=test and test.p_value,
        )
