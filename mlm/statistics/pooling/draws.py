"""The fits of one model to each draw of its scores."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from mlm.errors import SingularFit
from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.inference.fit_by_design import solve_by_design


def solutions_of_draws(
    models: Sequence[Model],
    stats: CrossProducts,
    criterion: str,
    starts: Sequence[Fit] = (),
) -> list[Solution]:
    """The fit of each draw, each search begun near where it will end; one warning for all.

    Parameters
    ----------
    models : sequence of Model
        One a draw.
    stats : CrossProducts
        The sample, with the columns of all draws.
    criterion : {"ML", "REML"}
        What is optimised.
    starts : sequence of Fit
        A fit of a similar model to each draw; default: that of the draw before.
    """
    found: list[Solution] = []
    one = solve if stats.sampled is None else solve_by_design
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFit)
        for place, each in enumerate(models):
            start = starts[place] if starts else found[-1].fit if found else None
            found.append(one(each, stats, criterion, start))
    singular = sum(each.fit.is_singular for each in found)
    if singular:
        warnings.warn(
            f"{models[0].formula}: in the fits of {singular} of {len(found)} draws a variance is "
            "estimated as zero, or a correlation as plus or minus one.",
            SingularFit,
            stacklevel=4,
        )
    return found
