"""Imputations from sums by pattern of missing values: CPU seconds from rows to pooled fits.

    python benchmarks/imputation.py [ROWS] [SCHOOLS]

Pupils in schools, five incomplete covariates of which 15 % are missing at random given the outcome,
20 imputations, each fitted, and the fits pooled.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

import mlm

INCOMPLETE = 5
DRAWS = 20
FORMULA = f"y ~ {' + '.join(f'x{j}' for j in range(INCOMPLETE))} + z + (1 | school)"


def pupils(rows: int, schools: int) -> pd.DataFrame:
    """Rows with an outcome, a complete covariate and incomplete ones."""
    rng = np.random.default_rng(schools)
    school = np.sort(rng.integers(0, schools, rows))
    z = rng.normal(size=rows)
    mixed = np.linalg.cholesky(np.full((INCOMPLETE, INCOMPLETE), 0.3) + 0.7 * np.eye(INCOMPLETE))
    x = rng.normal(size=(rows, INCOMPLETE)) @ mixed.T + 0.3 * z[:, None]
    x += rng.normal(0.0, 0.5, (schools, INCOMPLETE))[school]
    y = 500.0 + 10.0 * x.sum(axis=1) + 5.0 * z
    y += rng.normal(0.0, 20.0, schools)[school] + rng.normal(0.0, 60.0, rows)
    chance = 0.15 * (1.0 + 0.5 * np.tanh((y - 500.0) / 60.0))
    lacking = rng.random((rows, INCOMPLETE)) < chance[:, None]
    frame = pd.DataFrame(np.where(lacking, np.nan, x)).add_prefix("x")
    return frame.assign(y=y, z=z, school=school)


def main(rows: int = 1_000_000, schools: int = 20_000) -> None:
    """Print the seconds of each step."""
    frame = pupils(rows, schools)
    start = time.process_time()
    drawn = mlm.impute(FORMULA, frame, DRAWS)
    imputed = time.process_time()
    fits = [mlm.fit(FORMULA, each, criterion="ML") for each in drawn]
    pooled = mlm.pool(fits)
    end = time.process_time()
    print(f"{rows:,} rows, {schools:,} schools, {INCOMPLETE} incomplete variables, {DRAWS} draws")
    print(f"impute {imputed - start:.1f} s, fit and pool {end - imputed:.1f} s CPU")
    print(f"R-hat {drawn.convergence.r_hat:.3f}", drawn.convergence.effective_draws_of)
    print(f"effective draws {drawn.convergence.effective_draws:.0f}")
    print(pooled.fixed_effects[["estimate", "std_error", "fmi"]].round(4))


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
