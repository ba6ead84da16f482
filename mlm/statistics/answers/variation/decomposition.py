"""How the variance is divided over the levels in the model of time alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mlm.nouns.plan import Plan
from mlm.results.record import finite
from mlm.results.variation import (
    LevelTest,
    NullModel,
    NullShare,
    RowCorrelation,
    Share,
    UnitCorrelation,
)
from mlm.statistics.answers.models import model_record
from mlm.statistics.answers.variation.shares import (
    ShareOfLevel,
    level_tests,
    row_correlations,
    variance_shares,
)
from mlm.statistics.evidence.names import level_record
from mlm.statistics.fitting.solution import Solution

_UNKNOWN = dict.fromkeys(("variance", "sd", "share", "lower", "upper", "variance_ml", "share_ml"))


def null_record(
    plan: Plan, pair: tuple[Solution, Solution], left_out: Sequence[str] = ()
) -> NullModel:
    """The decomposition: shares and correlations with intervals, and a test of each level.

    Parameters
    ----------
    plan : Plan
        The analysis.
    pair : tuple of Solution
        The null model by ML and REML.
    left_out : sequence of str
        Grouping factors whose variance nothing tells, which stand first without numbers.
    """
    ml, reml = pair
    shares = variance_shares(reml)
    by_ml = {s.group: ml.fit.variance(s.group) for s in shares}
    total = sum(by_ml.values())
    return NullModel(
        **dict(model_record(plan, pair)),
        total_variance=sum(s.variance for s in shares),
        shares=(
            *(NullShare(level=level_record(plan, group), **_UNKNOWN) for group in left_out),
            *(
                NullShare(
                    **dict(_share(plan, s)),
                    variance_ml=by_ml[s.group],
                    share_ml=by_ml[s.group] / total,
                )
                for s in shares
            ),
        ),
        correlations=_row_correlations(plan, shares, reml),
        unit_correlations=_unit_correlations(plan, shares),
        tests=tuple(
            LevelTest(level=level_record(plan, group), test=test)
            for group, test in level_tests(reml).items()
        ),
    )


def _share(plan: Plan, share: ShareOfLevel) -> Share:
    return Share(
        level=level_record(plan, share.group),
        variance=share.variance,
        sd=math.sqrt(share.variance),
        share=share.share,
        lower=finite(share.lower),
        upper=finite(share.upper),
    )


def _row_correlations(
    plan: Plan, shares: Sequence[ShareOfLevel], reml: Solution
) -> tuple[RowCorrelation, ...]:
    """Intraclass correlation of two rows that share the groups down to each level."""
    beside = {level.key for level in plan.levels if level.beside}
    found = row_correlations(reml, shares, beside)
    return tuple(
        RowCorrelation(
            level=level_record(plan, share.group),
            value=ends.value,
            lower=finite(ends.lower),
            upper=finite(ends.upper),
        )
        for share, ends in zip(shares[:-1], found, strict=True)
    )


def _unit_correlations(plan: Plan, shares: Sequence[ShareOfLevel]) -> tuple[UnitCorrelation, ...]:
    """Correlation of the true means of two units of one unit: two schools of one county.

    Of a unit in two waves, where these are a level of their own; of two crossed units, if both stay
    in that unit. None where neither level varies.
    """
    out = []
    for place, inner in enumerate(shares[:-1]):
        around = _around(plan, shares[:place], inner)
        if not around:
            continue
        together = sum(share.variance for share in around)
        whole = together + inner.variance
        value = together / whole if whole > 0.0 else None
        level, within = level_record(plan, inner.group), level_record(plan, around[-1].group)
        out.append(UnitCorrelation(level=level, within=within, value=value))
    return tuple(out)


def _around(plan: Plan, before: Sequence[ShareOfLevel], inner: ShareOfLevel) -> list[ShareOfLevel]:
    """Levels around another one, of those before it: classes are not around pupils."""
    if plan.level_of(inner.group).beside:
        return list(before)
    return [share for share in before if not plan.level_of(share.group).beside]
