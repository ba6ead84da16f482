"""Analyses with few draws: for tests of what an analysis says, not of how exactly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from unittest.mock import patch

from mlm.statistics.answers import analysis
from mlm.statistics.answers.variables import reduction
from mlm.statistics.inference import reference
from mlm.statistics.selection.settle import settle

BOUND = 6  # draws of a simultaneous bound, in a first round
REPLICATES = 8  # of a reduction
PROJECTIONS = 400  # that stand for a distribution without weights


@contextmanager
def few_draws() -> Iterator[None]:
    """Let analyses draw bounds, reductions and projections a few times: most of their time."""
    often = {
        name: partial(getattr(reduction, name), replicates=REPLICATES)
        for name in ("inclusion", "resampled")
    }
    with (
        patch.object(analysis, "settle", partial(settle, draws=BOUND)),
        patch.multiple(reduction, **often),
        patch.object(reference, "PROJECTIONS", PROJECTIONS),
    ):
        yield
