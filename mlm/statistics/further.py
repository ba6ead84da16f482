"""What an analysis tells beside the five answers, from the same fits and cross-products."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.plan import Plan
from mlm.statistics.between import between_records
from mlm.statistics.crossproducts import CrossProducts
from mlm.statistics.pupil_level import pupil_level, pupil_level_record
from mlm.statistics.slope_records import slope_details_record
from mlm.statistics.slopes import Slope
from mlm.statistics.solution import Solution


def further_records(
    plan: Plan,
    full: tuple[Solution, Solution],
    final: tuple[Solution, Solution],
    slopes: Sequence[Slope],
    stats: CrossProducts,
) -> dict:
    """Additional parts of the results.

    Parameters
    ----------
    plan : Plan
        What is to be answered.
    full, final : tuple of Solution
        Models by ML and by REML.
    slopes : sequence of Slope
        Slopes that were tried on the final model.
    stats : CrossProducts
        The sample.

    Returns
    -------
    dict
        ``pupil_level``, ``between``, ``slope_details``; each is described where it is made.
    """
    examined = pupil_level(plan, (full[0].fit, full[1].fit), stats)
    models = [("full", full[1]), ("final", final[1])]
    return {
        "pupil_level": pupil_level_record(plan, examined),
        "between": between_records(plan, models),
        "slope_details": slope_details_record(plan, slopes, stats, plan.alpha),
    }
