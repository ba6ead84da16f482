"""Weighted fits with errors by clusters: CPU seconds of this package, beside those known of WeMix.

    python benchmarks/weighted.py [FOLDER]

FOLDER holds ``pisa2012_usa.csv.gz`` and ``sim3.csv.gz``; without them the simulated surveys alone
are measured. WeMix 4.0.3 under R 4.2.2 took the seconds given on a machine of the same kind, on
one thread; they are not measured here.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import mlm
from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.model_statistics import statistics_of

REPEATS = 7
WEMIX = {
    "PISA 2012 USA, one plausible value": 6.3,
    "3 levels, 12,000 rows": 102.0,
    "18,000 rows, 600 schools": 20.5,
}
Case = tuple[str, str, pd.DataFrame, mlm.SamplingDesign]


def simulated(schools: int, pupils: int, covariates: int) -> pd.DataFrame:
    """Pupils in schools that were drawn with unequal probabilities."""
    rng = np.random.default_rng(schools)
    school = np.repeat(np.arange(schools), pupils)
    x = rng.normal(size=(school.size, covariates))
    y = 500.0 + x.sum(axis=1) + rng.normal(0, 30, schools)[school]
    y += rng.normal(0, 70, school.size)
    weight = rng.uniform(1, 40, schools)[school]
    columns = {f"x{i}": x[:, i] for i in range(covariates)}
    own = weight * rng.uniform(5, 20, school.size)
    return pd.DataFrame({"y": y, "school": school, "ws": weight, "w": own, **columns})


def cases(folder: Path | None) -> list[Case]:
    """What is fitted: name, formula, rows, design."""
    design = mlm.SamplingDesign({"row": "w", "school": "ws"})
    many = "y ~ " + " + ".join(f"x{i}" for i in range(20)) + " + (1 | school)"
    found = [
        (
            "18,000 rows, 600 schools",
            "y ~ x0 + x1 + x2 + (1 | school)",
            simulated(600, 30, 3),
            design,
        ),
        ("600,000 rows, 21,000 schools", many, simulated(21_000, 29, 20), design),
    ]
    if folder is None:
        return found
    rows = pd.read_csv(folder / "pisa2012_usa.csv.gz", dtype={"schoolid": str})
    text = "pv1math ~ st29q03 + sc14q02 + st04q01 + escs + (1 | schoolid)"
    weights = {"row": "w_fstuwt", "schoolid": "w_fschwt"}
    of_2012 = (text, rows, mlm.SamplingDesign(weights, scaling="none"))
    levels = mlm.SamplingDesign({"pid": "w1", "id": "w2"}, scaling="none")
    nested = ("y ~ t + x1 + z + (1 | id/pid)", pd.read_csv(folder / "sim3.csv.gz"), levels)
    return [
        ("PISA 2012 USA, one plausible value", *of_2012),
        ("3 levels, 12,000 rows", *nested),
        *found,
    ]


def least(work: Callable[[], object]) -> float:
    """CPU seconds of the fastest of some repeats."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main(arguments: list[str]) -> None:
    """Print a table: reading, fit with the sandwich, and the ratio to WeMix."""
    folder = Path(arguments[0]) if arguments else None
    print("| case | read | fit and errors | WeMix | ratio |\n|---|---:|---:|---:|---:|")
    for name, text, rows, design in cases(folder):
        model = parse_formula(text)
        read = least(lambda m=model, r=rows, d=design: statistics_of(m, r, design=d))
        samples = iter([statistics_of(model, rows, design=design) for _ in range(REPEATS)])
        fit = least(lambda t=text, s=samples: mlm.fit(t, next(s)))
        known = WEMIX.get(name)
        ratio = "" if known is None else f"{known / (read + fit):.0f}"
        print(f"| {name} | {read:.4f} | {fit:.4f} | {known or ''} | {ratio} |")


if __name__ == "__main__":
    main(sys.argv[1:])
