"""Lecturers rated by students: nested effects crossed with many units, against lme4.

    Rscript -e 'write.csv(lme4::InstEval, "insteval.csv", row.names = FALSE)'
    python benchmarks/insteval.py insteval.csv

73,421 ratings by 2,972 students of 1,128 lecturers in 14 departments, 3,973 lecturers by age of the
lecture. CPU seconds are those of one pass and one REML fit.
"""

from __future__ import annotations

import sys

import pandas as pd
from measured_fit import measured_fit

FORMULA = (
    "y ~ service * lectage + (1 | s) + (1 | dept) + (1 | dept:d) + (1 | dept:d:lectage)"  # as lme4
)
LME4 = 236729.598097  # its REML criterion, version 1.1-31


def main() -> None:
    """Print what one fit takes, and how far its criterion is from that of lme4."""
    names = ("s", "d", "studage", "lectage", "service", "dept")
    frame = pd.read_csv(sys.argv[1], dtype=dict.fromkeys(names, str))
    fit = measured_fit(FORMULA, frame)
    print(f"REML criterion {fit.deviance:.6f}, above that of lme4 by {fit.deviance - LME4:.6f}")
    print(fit.variance_components)


if __name__ == "__main__":
    main()
