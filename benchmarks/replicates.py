"""Plausible values and replicates: CPU seconds of pooled fits, and of fits to every replicate.

    python benchmarks/replicates.py [FOLDER]

FOLDER holds ``pisa2003_nld.csv.gz`` (5 plausible values, 80 replicates, 405 fits), for which
BIFIEsurvey 3.6-6 took 0.84 seconds at its own tolerance and 2.61 at 1e-10 on a machine of the same
kind. A simulated survey of 600,000 pupils in 21,000 schools, 20 covariates, 10 plausible values and
80 replicates is read from Parquet.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import mlm
from mlm.front.pooling import sample_again

SCHOOLS, PUPILS, COVARIATES, DRAWS, REPLICATES = 21_000, 600_000, 20, 10, 80


def netherlands(folder: Path):
    """PISA 2003: rows, formula, score and design."""
    rows = pd.read_csv(folder / "pisa2003_nld.csv.gz", dtype={"SCHOOLID": str})
    rows = rows.dropna(subset=["ESCS", "ST03Q01"])
    mean = rows.groupby("SCHOOLID")["ESCS"].transform("mean").rename("mean")
    rows = pd.concat([rows, (rows["ST03Q01"] == 2).astype(float).rename("male"), mean], axis=1)
    design = mlm.SamplingDesign(
        {"row": "W_FSTUWT"},
        mean_weights=("SCHOOLID",),
        scaling="size",
        replicates=mlm.fay(f"W_FSTR{{1..{REPLICATES}}}"),
    )
    score = mlm.PlausibleValues("math", [f"PV{m}MATH" for m in range(1, 6)])
    return rows, "math ~ male + ESCS + mean + (1 | SCHOOLID)", score, design


def simulated(folder: Path):
    """A file of pupils in schools that were drawn with unequal probabilities."""
    rng = np.random.default_rng(1)
    school = np.sort(rng.integers(0, SCHOOLS, PUPILS))
    x = rng.normal(size=(PUPILS, COVARIATES)).astype(np.float32)
    truth = 500.0 + 8.0 * x[:, :5].sum(axis=1) + 40.0 * rng.normal(size=SCHOOLS)[school]
    truth += 70.0 * rng.normal(size=PUPILS)
    columns = {"school": school, **{f"x{j}": x[:, j] for j in range(COVARIATES)}}
    score = mlm.PlausibleValues("math", [f"PV{m}" for m in range(1, DRAWS + 1)])
    columns |= {name: truth + 25.0 * rng.normal(size=PUPILS) for name in score.columns}
    of_school = rng.gamma(6.0, 2.0, SCHOOLS)[school]
    weight = of_school * (1.0 + rng.gamma(4.0, 0.5, PUPILS))
    factors = 1.0 + 0.5 * rng.choice([-1.0, 1.0], (SCHOOLS, REPLICATES))
    columns |= {"ws": of_school, "w": weight}
    columns |= {f"r{r + 1}": weight * factors[school, r] for r in range(REPLICATES)}
    pd.DataFrame(columns).to_parquet(folder / "rows.parquet")
    design = mlm.SamplingDesign(
        {"row": "w", "school": "ws"}, replicates=mlm.fay(f"r{{1..{REPLICATES}}}")
    )
    formula = "math ~ " + " + ".join(f"x{j}" for j in range(COVARIATES)) + " + (1 | school)"
    return folder / "rows.parquet", formula, score, design


def measured(name: str, data, formula: str, score, design) -> str:
    """A line of the table: reading and pooled fit, then refits of all replicates."""
    start = time.process_time()
    fit = mlm.fit(formula, data, plausible_values=score, design=design)
    fitted = time.process_time() - start
    sample = sample_again(fit, data)
    start = time.process_time()
    found = mlm.replicate(fit, sample)
    refitted = time.process_time() - start
    ratio = found.ratio.to_numpy()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    apart = f"{ratio.min():.3f} to {ratio.max():.3f}"
    return f"| {name} | {fitted:.3f} | {refitted:.3f} | {apart} | {peak:.1f} |"


def main(arguments: list[str]) -> None:
    """Print a table."""
    warnings.simplefilter("ignore")
    print("| case | read, fit, errors | refits | refitted over linearised | peak GB |")
    print("|---|---:|---:|---|---:|")
    if arguments:
        case = netherlands(Path(arguments[0]))
        measured("", *case)  # what is loaded once is not measured
        print(measured("PISA 2003 NLD, 405 fits", *case))
    with tempfile.TemporaryDirectory() as folder:
        made = simulated(Path(folder))
        print(measured(f"{PUPILS:,} pupils, {DRAWS * (REPLICATES + 1)} fits", *made))


if __name__ == "__main__":
    main(sys.argv[1:])
