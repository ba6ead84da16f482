"""Time and memory of one wave in many files, from these to merged sums.

    python benchmarks/many_files.py --rows 250000 --files 2000
    python benchmarks/many_files.py --rows 100000000 --files 8      4.5 GB of CSV
    python benchmarks/many_files.py --rows 10000000 --files 8 --part-mb 64 --to-report

Rows are those of `survey_side.py`, in any order over the files, which several jobs take in and
`clean` brings together; parts of the clean rows are summed by several jobs, and `accumulate` adds
them. Each job is a process of its own with one thread; what a part is tells
`workflow/file_parts.py`, or `--part-mb` in its place.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
from itertools import pairwise
from math import gcd
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from survey_side import BLOCK, CONFIGURATION, HERE, rows_of, run, table

from mlm.configuration import load_configuration

sys.path.append(str(HERE.parent / "workflow"))

import file_parts

STRIDES = (102_949, 1_000_003, 15_485_863)


def main() -> None:
    """Write the wave, take it in, clean it, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--files", type=int, default=8)
    parser.add_argument("--part-mb", type=float, help="size of the files of a job")
    parser.add_argument("--data", type=Path, default=HERE / "results" / "many_files")
    parser.add_argument("--to-report", action="store_true", help="run the commands behind too")
    chosen = parser.parse_args()
    config = write(chosen.data, chosen.rows, chosen.files)
    if chosen.part_mb is not None:
        file_parts.PART_MB = chosen.part_mb
    runs = list(measured(config))
    if chosen.to_report:
        runs += reported(config)
    print("\n".join(table(runs)))
    shutil.rmtree(chosen.data)


def write(folder: Path, n: int, n_files: int) -> Path:
    """Write files and configuration; return the path of the configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(n)
    stride = next(step for step in STRIDES if gcd(step, n) == 1)
    for i, (first, last) in enumerate(pairwise(n * k // n_files for k in range(n_files + 1))):
        with (folder / f"f{i:05d}.csv").open("wb") as file:
            for start in range(first, last, BLOCK):
                pupil = np.arange(start, min(start + BLOCK, last), dtype=np.int64) * stride % n
                options = pa.csv.WriteOptions(include_header=start == first, quoting_style="none")
                pa.csv.write_csv(rows_of(pupil, n, rng), file, options)
    waves = '  - {name: w, time: 0, files: ["f*.csv"]}\n'
    text = CONFIGURATION.format(design="cross_section", time="", waves=waves)
    (folder / "large.yaml").write_text(text, encoding="utf-8")
    return folder / "large.yaml"


def measured(config: Path) -> Iterator[dict]:
    """Seconds and peak memory of each job."""
    survey, out, given = load_configuration(config), config.parent / "results", []
    files = survey.wave_files("w")
    for number, part in enumerate(file_parts.parts_of(survey, "w")):
        folder = out / f"{number:04d}"
        own = [files[i] for i in part]
        yield run("intake", "--first", part.start, "--out", folder, "--", config, "w", *own)
        given.append(f"--part={folder}")
    table, ledger, columns = out / "w.parquet", out / "w.json", out / "columns.json"
    made = ("--out", table, "--ledger", ledger)
    yield run("clean", *given, *made, "--", config, "w", *files)
    yield run("link", config, table, f"--ledger={ledger}", "--out", out / "survey.json")
    yield run("columns", config, table, "--out", columns)
    read, given = (config, "w", table, "--columns", columns), []
    n_sums = file_parts.n_sums(survey, "w")
    for number in range(n_sums):
        folder = out / "parts" / f"{number:04d}"
        yield run("accumulate_part", *read, "--number", number, "--of", n_sums, "--out", folder)
        given.append(f"--part={folder}")
    yield run("accumulate", *read, *given, "--out", out / "sums" / "w")
    yield run("merge", config, "score", out / "sums" / "w", "--out", out / "all.npz")


def reported(config: Path) -> Iterator[dict]:
    """The same of the commands that read what those wrote, to the report."""
    out = config.parent / "results"
    sums, survey, folder = out / "all.npz", out / "survey.json", out / "score"
    results, residuals = folder / "results.json", folder / "residuals.json"
    given = ("--statistics", sums, "--survey", survey)
    yield run("analyse", config, "score", *given, "--out", folder)
    read = ("--statistics", sums, "--fits", folder / "fits")
    yield run("residuals", config, "score", out / "w.parquet", *read, "--out", residuals)
    read = ("--results", results, "--residuals", residuals, "--survey", survey)
    yield run("report", config, "score", *read, "--out", folder)


if __name__ == "__main__":
    main()
