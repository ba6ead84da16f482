"""Simulated school surveys of several sizes, the same on every machine.

    python benchmarks/make_data.py S M L [--shuffle] [--out benchmarks/results/data]

A row is one test of one pupil in one year (``wave``, 0 to 3). In S, M, L, XL and G a pupil is
tested once; in D1 in every wave. G is written as eight files with rows in any order.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

DATA = Path(__file__).parent / "results" / "data"
GROUP_ROWS = 1_000_000  # rows of a row group
FIXED = {
    "wave": 0.1,
    "sex": 0.2,
    "x1": 0.4,
    "x2": -0.15,
    "x3": 0.25,
    "x4": 0.3,
    "x5": 0.05,
    "x6": 0.2,
    "x7": -0.1,
}


@dataclass(frozen=True)
class Survey:
    """Sizes of a survey."""

    counties: int
    schools: int
    pupils: int
    waves: int = 1  # tests of each pupil
    files: int = 1
    seed: int = 0


SURVEYS = {
    "S": Survey(8, 65, 4_059, seed=1),
    "M": Survey(131, 2_410, 31_022, seed=2),
    "L": Survey(200, 20_000, 1_000_000, seed=3),
    "XL": Survey(400, 100_000, 10_000_000, seed=4),
    "D1": Survey(100, 4_000, 200_000, waves=4, seed=5),
    "G": Survey(1_000, 200_000, 100_000_000, files=8, seed=6),
}
CSV = {"S", "M", "L", "D1"}  # for programs that read no Parquet


class Schools:
    """What is drawn for each school and county before any pupil."""

    def __init__(self, survey: Survey):
        rng = np.random.default_rng(survey.seed)
        self.county = np.sort(rng.integers(survey.counties, size=survey.schools))
        self.county_label = rng.permutation(survey.counties).astype(np.int32) + 100
        self.label = rng.permutation(survey.schools).astype(np.int32) + 1_000_000
        county_effect, self.x7 = (
            0.3 * rng.normal(size=survey.counties),
            rng.normal(size=survey.counties),
        )
        first, second = rng.normal(size=(2, survey.schools))
        self.effect = 0.5 * first + county_effect[self.county]
        self.slope = 0.15 * (0.3 * first + np.sqrt(0.91) * second)
        self.x4 = rng.normal(size=survey.schools)
        self.x6 = rng.normal(size=survey.schools) + 0.4 * self.x7[self.county]
        weights = rng.gamma(3.0, size=survey.schools)
        self.share = weights / weights.sum()


def rows_of(schools: Schools, school: np.ndarray, survey: Survey, first: int, seed) -> pa.Table:
    """Rows of some pupils, given the school of each.

    Parameters
    ----------
    school : ndarray of int (n,)
        School of each pupil.
    first : int
        Number of the first pupil.
    """
    rng = np.random.default_rng(seed)
    n = school.size
    own = {name: rng.normal(size=n) for name in ("x1", "x2", "x5", "effect", "slope")}
    own["x2"] = 0.5 * own["x1"] + np.sqrt(0.75) * own["x2"]
    own["x3"], own["sex"] = (rng.random(n) < 0.3) * 1.0, (rng.random(n) < 0.5) * 1.0
    own["pupil"] = np.arange(first, first + n, dtype=np.int32) + 10_000_000
    if survey.waves > 1:
        school = np.repeat(school, survey.waves)
        own = {name: np.repeat(values, survey.waves) for name, values in own.items()}
        wave = np.tile(np.arange(survey.waves, dtype=float), n)
        pupil = 0.8 * own["effect"] + 0.2 * own["slope"] * wave
    else:
        wave, pupil = rng.integers(4, size=n).astype(float), 0.0
    county = schools.county[school]
    own |= {"wave": wave, "x4": schools.x4[school] + 0.5 * rng.normal(size=wave.size)}
    own |= {"x6": schools.x6[school], "x7": schools.x7[county], "x8": rng.normal(size=wave.size)}
    x = {name: np.round(own[name], 4) for name in [*FIXED, "x8"]}
    y = 0.5 + sum(weight * x[name] for name, weight in FIXED.items())
    y += 0.05 * wave * x["sex"] + 0.03 * wave * x["x1"] + pupil + rng.normal(size=wave.size)
    y += schools.effect[school] + schools.slope[school] * wave
    ids = {"county": schools.county_label[county], "school": schools.label[school]}
    return pa.table({**ids, "pupil": own["pupil"], **x, "y": np.round(y, 4)})


def write(name: str, folder: Path) -> None:
    """Write one survey: ``<name>.parquet``, or a folder ``<name>`` of several files."""
    survey = SURVEYS[name]
    schools = Schools(survey)
    if survey.files == 1:
        rng = np.random.default_rng((survey.seed, 1))
        sizes = 1 + rng.multinomial(survey.pupils - survey.schools, schools.share)
        write_file(
            folder / f"{name}.parquet", survey, schools, np.repeat(np.arange(sizes.size), sizes), 0
        )
        if name in CSV:
            table = pq.read_table(folder / f"{name}.parquet")
            pyarrow.csv.write_csv(table, folder / f"{name}.csv")
        return
    (folder / name).mkdir(exist_ok=True)
    each = survey.pupils // survey.files
    for i in range(survey.files):
        rng = np.random.default_rng((survey.seed, 1, i))
        school = rng.choice(survey.schools, size=each, p=schools.share).astype(np.int32)
        write_file(folder / name / f"{i}.parquet", survey, schools, school, i * each)


def write_file(
    path: Path, survey: Survey, schools: Schools, school: np.ndarray, first: int
) -> None:
    """Write the rows of pupils whose schools are given, a row group at a time."""
    writer, step = None, GROUP_ROWS // survey.waves
    for start in range(0, school.size, step):
        part = school[start : start + step]
        table = rows_of(schools, part, survey, first + start, (survey.seed, 2, first + start))
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    writer.close()


def shuffle(name: str, folder: Path) -> None:
    """Write ``<name>-shuffled.parquet``: the rows of a survey in random order."""
    table = pq.read_table(folder / f"{name}.parquet")
    order = pa.array(np.random.default_rng(9).permutation(table.num_rows))
    path = folder / f"{name}-shuffled.parquet"
    pq.write_table(table.take(order), path, compression="zstd", row_group_size=GROUP_ROWS)


def main() -> None:
    """Write the surveys that are named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="+", choices=SURVEYS)
    parser.add_argument("--shuffle", action="store_true", help="write shuffled rows too")
    parser.add_argument("--out", type=Path, default=DATA)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name in chosen.sizes:
        write(name, chosen.out)
        if chosen.shuffle and SURVEYS[name].files == 1:
            shuffle(name, chosen.out)


if __name__ == "__main__":
    main()
