"""Lecturers rated by students: nested effects crossed with many units, against lme4.

    Rscript -e 'write.csv(lme4::InstEval, "insteval.csv", row.names = FALSE)'
    python benchmarks/insteval.py insteval.csv

73,421 ratings by 2,972 students of 1,128 lecturers in 14 departments, 3,973 lecturers by age of the
lecture. CPU seconds are those of one pass and one REML fit.
"""

from __future__ import annotations

import resource
import sys
import time

import pandas as pd

import mlm
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula

FORMULA = (
    "y ~ service * lectage + (1 | s) + (1 | dept) + (1 | dept:d) + (1 | dept:d:lectage)"  # as lme4
)
LME4 = 236729.598097  # its REML criterion, version 1.1-31


def main() -> None:
    """Print what one fit takes, and how far its criterion is from that of lme4."""
    names = ("s", "d", "studage", "lectage", "service", "dept")
    frame = pd.read_csv(sys.argv[1], dtype=dict.fromkeys(names, str))
    start = time.process_time()
    stats = statistics_of(parse_formula(FORMULA), frame)
    passed = time.process_time()
    fit = mlm.fit(FORMULA, stats)
    done = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(frame)} rows, groups {fit.n_groups}, converged: {fit.converged}")
    print(f"pass {passed - start:.1f} CPU s, fit {done - passed:.1f} CPU s, peak {peak:.0f} MB")
    print(f"REML criterion {fit.deviance:.6f}, above that of lme4 by {fit.deviance - LME4:.6f}")
    print(fit.variance_components)


if __name__ == "__main__":
    main()
