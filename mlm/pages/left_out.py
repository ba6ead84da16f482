"""Rows that the models leave out, as a value is missing in them."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.results.reading import At


@dataclass(frozen=True)
class LeftOut:
    """How many rows lack a value, and of what most often.

    Attributes
    ----------
    kept, lacking, share : At
        Rows kept by cleaning; those of them that the models leave out; their share.
    variable : str
        The variable that most of them lack.
    """

    kept: At
    lacking: At
    share: At
    variable: str


def rows_left_out(context: Context, least: float) -> LeftOut | None:
    """The rows left out where their share is above the least; None where too few to tell."""
    kept = derive("sum", *(wave.rows_kept for wave in context.survey.waves))
    lacking = derive("difference", kept, context.results.n_obs)
    share = derive("ratio", lacking, kept)
    is_told = share.value > least and not context.rules.is_small(lacking.value)
    if not is_told or not context.incomplete:
        return None
    return LeftOut(kept, lacking, share, context.incomplete[0])
