"""Records of what random slopes mean: shares along their variables, and what explains them."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.nouns.plan import Plan
from mlm.statistics.answers.records import comparison_record, plain, term_text
from mlm.statistics.answers.slopes.cross_level import SharesAlong, explanations, shares_along
from mlm.statistics.answers.slopes.slopes import Slope
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.inference.holm import holm


def slope_details_record(
    plan: Plan, slopes: Sequence[Slope], stats: CrossProducts, alpha: float
) -> dict:
    """Details of the slopes whose test is below alpha.

    Returns
    -------
    dict
        ``searched``: one entry a slope with ``variable``, ``level``, ``group``; ``along``: shares
        of the variance by value of the variable; ``explained``: one entry a cross-level product
        with ``variance_before``, ``variance_after``, ``share``, the F test, ``p_holm`` over all
        products of the search, and ``configured``. ``left_out``: products that were too many.
    """
    clear = [s for s in slopes if s.test is not None and s.test.is_valid and s.test.p_value < alpha]
    found = [explanations(plan, slope, stats, clear) for slope in clear]
    adjusted = iter(holm([item.test.p_value for items in found for item in items]))
    searched = []
    for slope, items in zip(clear, found, strict=True):
        explained = [
            {
                "term": term_text(item.term),
                "variable": item.term.factors[0].variable,
                "variance_before": item.before,
                "variance_after": item.after,
                "share": item.share,
                "configured": item.is_configured,
                **comparison_record(item.test),
                "p_holm": next(adjusted),
            }
            for item in items
        ]
        searched.append(
            {
                "variable": slope.variable,
                "level": plan.level_of(slope.group).name,
                "group": slope.group,
                "along": _along_record(plan, shares_along(plan, slope, stats)),
                "explained": explained,
            }
        )
    left_out = [term_text(term) for term in plan.cross_level_candidates[1]]
    return plain({"searched": searched, "left_out": left_out})


def _along_record(plan: Plan, along: SharesAlong) -> dict:
    return {
        "values": along.values,
        "labels": list(along.labels),
        "levels": [plan.level_of(group).name for group in along.groups],
        "groups": list(along.groups),
        "shares": along.shares,
        "total_variance": along.total,
    }
