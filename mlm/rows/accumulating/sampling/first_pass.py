"""The first pass over rows that have sampling weights: ids and weights of the complete ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlm.errors import SamplingError, SamplingFault, listed
from mlm.rows.accumulating.complete_rows import CompleteRows
from mlm.rows.accumulating.nesting import Nesting, nesting_of
from mlm.rows.accumulating.sampling.faults import refuse_levels
from mlm.rows.accumulating.sampling.group_weights import GroupWeights
from mlm.rows.accumulating.sampling.row_weights import RowWeights, row_weights
from mlm.rows.accumulating.sources import Rows, check_columns

if TYPE_CHECKING:
    from mlm.rows.accumulating.row_sums import Wanted


def weighed(rows: Rows, wanted: Wanted) -> RowWeights:
    """How rows and units are weighed, from one pass over the rows that makes no sums.

    Raises
    ------
    SurveyError
        When the rows are unfit; ``SamplingError`` when they are not those of the design.
    """
    if wanted.precision or wanted.bundled:
        raise SamplingError(
            SamplingFault(
                "beside_precision",
                f"sampling weights beside the known precisions of {wanted.precision}: these divide "
                "the residual variance, those repeat rows, and no model uses both. Leave one out.",
            )
        )
    coded = [name for name in wanted.weights if name in wanted.columns.categories]
    if coded:
        raise SamplingError(
            SamplingFault(
                "weight_is_category",
                f"{listed(coded)} is a category of the model and a sampling weight; a weight is a "
                "number. Leave it out of the formula, or make a copy of it as numbers.",
            )
        )
    nesting = wanted.hierarchy.crossed and Nesting.crossed_with_last(wanted.hierarchy.levels)
    found = _seen(rows, wanted, nesting or None)
    if found is None:
        nesting = nesting_of(rows, wanted.columns, wanted.hierarchy)
        refuse_levels(wanted.design, nesting)
        found = _seen(rows, wanted, nesting)
    return row_weights(found)


def _seen(rows: Rows, wanted: Wanted, nesting: Nesting | None) -> GroupWeights | None:
    """What the rows show of the weights; None where levels are not nested as they seemed to be."""
    complete = CompleteRows(wanted.columns, wanted.ids, None, wanted.weights)
    names = list(dict.fromkeys([*complete.variables, *wanted.ids]))
    check_columns(rows, names)
    seen: GroupWeights | None = None
    for batch in rows.batches(names):
        found = complete.of(batch.only(names))
        if found is None:
            continue
        if seen is None:
            nesting = nesting or Nesting.suggested(wanted.hierarchy.levels, found[0])
            refuse_levels(wanted.design, nesting)
            seen = GroupWeights(wanted.design, nesting)
        if not seen.add(*found):
            return None
    complete.check(rows)
    return seen
