"""Working statistics of a model: how long they stay."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pandas as pd

from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.likelihood.making import working_statistics


def test_what_a_search_evaluates_goes_with_its_last_reader():
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(30), 5).astype(str)
    frame = pd.DataFrame({"g": group, "x": rng.normal(size=150), "y": rng.normal(size=150)})
    model = parse_formula("y ~ x + (1 + x | g)")
    working = working_statistics(model, statistics_of(model, frame))
    seen = weakref.ref(working)
    assert working.searched.structure is not None
    gc.disable()
    try:
        del working
        assert seen() is None
    finally:
        gc.enable()
