"""Fits whose warnings are known."""

from __future__ import annotations

import warnings

import mlm


def quiet(text, stats, criterion="REML"):
    """The fit of a formula, whatever it would warn of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mlm.fit(text, stats, criterion=criterion)
