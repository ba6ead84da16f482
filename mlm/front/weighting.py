"""The front door for fits with sampling weights: their errors are those of the design."""

from __future__ import annotations

from mlm.errors import StatisticsError
from mlm.nouns.model import Model
from mlm.nouns.sampling import SamplingDesign
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import solve


def default_criterion(data, design: SamplingDesign | None) -> str:
    """ML where rows have sampling weights, else REML."""
    weighted = design is not None
    if isinstance(data, CrossProducts):
        weighted = weighted or data.sampled is not None
    return "ML" if weighted else "REML"


def check_made_with(
    data: CrossProducts, precision: str | None, design: SamplingDesign | None
) -> None:
    """Refuse cross-products that were made with other precisions or weights than those named.

    Raises
    ------
    StatisticsError
    """
    if precision not in (None, data.precision):
        raise StatisticsError(
            f"the cross-products were made with the precisions of {data.precision or 'no column'}, "
            f"not of {precision}. Accumulate the rows with precision={precision!r}."
        )
    known = None if data.sampled is None else data.sampled.design
    if design is not None and design != known:
        was = "no sampling design" if known is None else f"another sampling design ({known})"
        raise StatisticsError(
            f"the cross-products were made with {was}. Accumulate the rows with design=..."
        )


def fit_of_design(
    model: Model, stats: CrossProducts, criterion: str, start: Fit | None = None
) -> Fit:
    """A fit to a weighted sample, its errors found as the design of the sample has them.

    Parameters
    ----------
    model : Model
        The claim.
    stats : CrossProducts
        The weighted sample.
    criterion : {"ML"}
        What is optimised.
    start : Fit, optional
        A fit of a similar model.
    """
    return solve(model, stats, criterion, start).fit
