"""Small made-up files with the columns of programmes of assessments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat

from mlm.configuration.programmes.catalogue import programmes_named
from mlm.configuration.programmes.programme import Programme

SCHOOLS, PUPILS = 8, 6
"""Schools of a country, and pupils or teachers of each."""

MISSING = 99.0
"""Code of missing covariates."""


def programme(title: str) -> Programme:
    """The programme of that name, cycle and grade."""
    (found,) = programmes_named(title)
    return found


def rows_of(
    known: Programme, *, countries: int = 1, further: int = 0, seed: int = 1986
) -> pd.DataFrame:
    """Rows of a file of a programme, that of schools merged; ``further`` questions besides."""
    rng = np.random.default_rng(seed)
    n = countries * SCHOOLS * PUPILS
    school = np.arange(n) // PUPILS
    weights = rng.uniform(5, 15, countries * SCHOOLS)[school]
    cells: dict[str, np.ndarray] = {}
    numbers = {
        "country": school // SCHOOLS + 1,
        "school": school + 1001,
        "class": school * 10 + 1,
        "pupil": np.arange(n) + 10_001,
        "teacher": np.arange(n) + 10_001,
    }
    cells |= {column: numbers[kind] for kind, column in known.ids.items()}
    for role, column in known.covariates.items():
        number = role in ("status", "resources", "age")
        values = rng.normal(size=n).round(3) if number else rng.integers(1, 3, n) * 1.0
        cells[column] = np.where(rng.random(n) < 0.04, MISSING, values)
    rows = weights * rng.uniform(2, 4, n)
    for kind, column in known.weights.items():
        cells[column] = rows if kind == known.rows else weights
    for factors in known.factors.values():
        cells |= {factors[0]: weights / 1.25, factors[1]: np.full(n, 1.25)}
    cells |= _replicates(known, rng, school, rows)
    for domain in known.domains:
        score = 480 + 30 * rng.normal(size=school.max() + 1)[school] + 70 * rng.normal(size=n)
        cells |= {c: (score + 30 * rng.normal(size=n)).round(3) for c in domain.draws}
    cells |= {f"Q{i:03d}": rng.integers(1, 5, n) for i in range(further)}
    return pd.DataFrame(cells)


def _replicates(
    known: Programme, rng: np.random.Generator, school: np.ndarray, rows: np.ndarray
) -> dict[str, np.ndarray]:
    """Replicate weights, or zones of two schools each."""
    way = known.replications[0]
    if not way.columns:
        return {way.zone: school // 2 + 1, way.unit: school % 2}
    halves = rng.choice([0.5, 1.5], (len(way.names), school.max() // 2 + 1))
    factors = np.stack([halves, 2.0 - halves], axis=2).reshape(len(way.names), -1)  # of pairs
    return {c: rows * own[school] for c, own in zip(way.names, factors, strict=True)}


def write(frame: pd.DataFrame, path: Path, known: Programme) -> Path:
    """A file of rows, with labels and missing codes where the format has them."""
    covariates = known.covariates
    labels = {column: f"Label of {role}" for role, column in covariates.items()}
    values = {
        column: {1: "Female", 2: "Male", MISSING: "No answer"}
        for role, column in covariates.items()
        if role == "gender" and column in frame
    }
    named = [labels.get(c, c) for c in frame]
    if path.suffix == ".sav":
        missing = {c: [MISSING] for c in covariates.values() if c in frame}
        pyreadstat.write_sav(
            frame,
            str(path),
            column_labels=named,
            variable_value_labels=values,
            missing_ranges=missing,
        )
    elif path.suffix == ".dta":
        pyreadstat.write_dta(frame, str(path), column_labels=named, variable_value_labels=values)
    else:
        frame.to_csv(path, index=False)
    return path


def made(title: str, path: Path, without: tuple[str, ...] = (), **options) -> Path:
    """A file of a programme, some of its columns left out."""
    known = programme(title)
    frame = rows_of(known, **options)
    return write(frame.drop(columns=[c for c in without if c in frame]), path, known)
