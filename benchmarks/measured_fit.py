"""One pass and one REML fit, with what they take: CPU seconds and memory."""

from __future__ import annotations

import resource
import time

import pandas as pd

import mlm
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula


def measured_fit(formula: str, frame: pd.DataFrame) -> mlm.Fit:
    """The fit of a model to rows, after printing what the pass and the fit took."""
    start = time.process_time()
    stats = statistics_of(parse_formula(formula), frame)
    passed = time.process_time()
    fit = mlm.fit(formula, stats)
    done = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(frame)} rows, groups {fit.n_groups}, converged: {fit.converged}")
    print(f"pass {passed - start:.1f} CPU s, fit {done - passed:.1f} CPU s, peak {peak:.0f} MB")
    return fit
