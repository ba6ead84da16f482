"""Shares of a whole: whether they add up to it as they are printed."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.pages.language import _
from mlm.pages.rounding import Number


def adds_up(shares: Sequence[Number]) -> bool:
    """Whether shares of a whole, with the same decimals, add up to it as they are printed."""
    if not shares or any(share.value is None for share in shares):
        return True
    step = 10 ** (shares[0].decimals + 2)
    return sum(round(share.value * step) for share in shares) == step


def rounded_words(shares: Sequence[Number]) -> str:
    """``, each rounded``, behind shares that as they are printed do not add up to their whole."""
    return "" if adds_up(shares) else _(", each rounded, so that they need not add up")
