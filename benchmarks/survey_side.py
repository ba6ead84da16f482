"""Time and memory of the survey side: wave files in, cross-products out, each command by itself.

    python benchmarks/survey_side.py                        10 million pupils, new ones in 4 waves
    python benchmarks/survey_side.py --design same_pupils   the same pupils in 4 waves
    python benchmarks/survey_side.py --waves 1              in one file
    python benchmarks/survey_side.py --rows 1000000 --analyse   the analysis of the sums too
    python benchmarks/survey_side.py --to-report            the commands behind too, to the report
    python benchmarks/survey_side.py --forked               jobs forked, as in a run on one machine

Waves are written as CSV with their rows in any order; pupils have unique ids, 1 in 50 cells is
empty. Pupils who are followed leave at a rate of a tenth a wave. Every command runs in a process of
its own with one thread; seconds are of the wall clock, reading and writing included, memory is
the peak of what is resident, of the largest wave where a command runs once a wave; it is not known
of jobs that are forked.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from mlm.configuration import load_configuration

HERE = Path(__file__).parent
BLOCK = 500_000  # rows that are written at a time
COUNTIES, PUPILS_OF_SCHOOL = 400, 25
LEAVE = 0.1
EMPTY = 0.02
SERVER: list[int] = []
"""Number of the process that forks, while there is one."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

CONFIGURATION = """\
survey: large
title: A large survey
description: Made to measure time and memory.
source: made for benchmarks
design: {design}
levels:
  - {{name: county, id: county, plural: counties}}
  - {{name: school, id: school}}
  - {{name: pupil, id: pupil}}
{time}waves:
{waves}variables:
  score: {{label: Score, type: number, level: row, range: [-20, 20]}}
  ses: {{label: Home, type: number, level: row}}
  age: {{label: Age, type: number, level: row, range: [0, 30]}}
  sex: {{label: Sex, type: category, level: pupil, categories: {{g: Girl, b: Boy}}}}
  kind: {{label: Kind, type: category, level: school, categories: {{x: X, y: Y, z: Z}}}}
analyses:
  score: {{outcome: score, terms: [ses, age, sex, kind, "sex:ses"]}}
"""


def main() -> None:
    """Write the survey where it is missing, run the commands, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows of all waves together")
    parser.add_argument("--waves", type=int, default=4)
    parser.add_argument("--design", choices=("same_schools", "same_pupils"), default="same_schools")
    parser.add_argument("--data", type=Path, default=HERE / "results" / "survey_side")
    parser.add_argument("--to-report", action="store_true", help="run all commands of a survey")
    parser.add_argument("--analyse", action="store_true", help="run the analysis too")
    parser.add_argument("--forked", action="store_true", help="fork jobs from one process")
    parser.add_argument("--keep", action="store_true", help="keep the files that were made")
    chosen = parser.parse_args()
    design = chosen.design if chosen.waves > 1 else "cross_section"
    folder = chosen.data / f"{design}-{chosen.rows}-{chosen.waves}"
    config = write(folder, chosen.rows, chosen.waves, design)
    with server() if chosen.forked else nullcontext():
        runs = list(measured(config, chosen.waves, chosen.analyse or chosen.to_report))
        if chosen.to_report:
            runs += reported(config, chosen.waves)
    print("\n".join(table(runs)))
    if not chosen.keep:
        shutil.rmtree(folder)


def write(folder: Path, rows: int, waves: int, design: str) -> Path:
    """Write waves and configuration; return the path of the configuration."""
    new = LEAVE if design == "same_pupils" else 1.0
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"w{i}" for i in range(waves)]
    for i, name in enumerate(names):
        if not (folder / f"{name}.csv").exists():
            write_wave(folder / f"{name}.csv", rows // waves, i, new)
    entries = [f"  - {{name: {n}, time: {i}, files: [{n}.csv]}}\n" for i, n in enumerate(names)]
    text = CONFIGURATION.format(
        design=design,
        time="time: {name: year, label: Year}\n" if waves > 1 else "",
        waves="".join(entries),
    )
    (folder / "large.yaml").write_text(text, encoding="utf-8")
    return folder / "large.yaml"


def write_wave(path: Path, n: int, wave: int, new: float) -> None:
    """Write one wave of n pupils: those of the wave before, but for a share who are new."""
    rng = np.random.default_rng([n, wave])
    pupil = rng.permutation(n) + int(wave * new * n)
    with path.open("wb") as file:
        for start in range(0, n, BLOCK):
            block = rows_of(pupil[start : start + BLOCK], n, rng)
            options = pa.csv.WriteOptions(include_header=start == 0, quoting_style="none")
            pa.csv.write_csv(block, file, options)


def rows_of(pupil: np.ndarray, n: int, rng: np.random.Generator) -> pa.Table:
    """Rows of some pupils; school, county, sex and kind follow from the pupil's number."""
    schools = max(n // PUPILS_OF_SCHOOL, 1)
    school = pupil * 7919 % schools
    ses, noise = rng.normal(size=(2, len(pupil)))
    numbers = {
        "score": 0.3 * ses + noise + (school % 100) / 100,
        "ses": ses,
        "age": 10 + rng.random(len(pupil)),
    }
    empty = {name: rng.random(len(pupil)) < EMPTY for name in numbers}
    columns = {
        "county": pa.array(school % COUNTIES),
        "school": pa.array(school + 1_000_000),
        "pupil": pa.array(pupil + 100_000_000),
    }
    for name, values in numbers.items():
        columns[name] = pa.array(np.round(values, 3), mask=empty[name])
    columns["sex"] = pa.array(np.array(["g", "b"])[pupil // 3 % 2])
    columns["kind"] = pa.array(np.array(["x", "y", "z"])[school // 7 % 3])
    return pa.table(columns)


def measured(config: Path, waves: int, analyse: bool) -> Iterator[dict]:
    """Seconds and peak memory of each command, in the order of the workflow."""
    out = config.parent / "results"
    names = [f"w{i}" for i in range(waves)]
    clean = {name: out / f"{name}.parquet" for name in names}
    columns = out / "columns.json"
    ledgers = {name: clean[name].with_suffix(".json") for name in names}
    for name in names:
        files = load_configuration(config).wave_files(name)
        yield run("clean", config, name, *files, "--out", clean[name], "--ledger", ledgers[name])
    given = [f"--ledger={ledger}" for ledger in ledgers.values()]
    yield run("link", config, *clean.values(), *given, "--out", out / "survey.json")
    yield run("columns", config, clean["w0"], "--out", columns)
    sums = [out / "statistics" / name for name in names]
    for name, folder in zip(names, sums, strict=True):
        read = (config, name, clean[name], "--columns", columns)
        yield run("accumulate", *read, "--out", folder)
    yield run("merge", config, "score", *sums, "--out", out / "all.npz")
    if analyse:
        given = ("--statistics", out / "all.npz", "--survey", out / "survey.json")
        yield run("analyse", config, "score", *given, "--out", out / "score")


def reported(config: Path, waves: int) -> Iterator[dict]:
    """The same of the commands that read what those wrote."""
    out = config.parent / "results"
    survey, folder = out / "survey.json", out / "score"
    results, residuals = folder / "results.json", folder / "residuals.json"
    tables = [out / f"w{i}.parquet" for i in range(waves)]
    read = ["--statistics", out / "all.npz", "--fits", folder / "fits"]
    yield run("ledger", config, "--survey", survey, "--out", out / "ledger.csv")
    yield run("residuals", config, "score", *tables, *read, "--out", residuals)
    read = ["--results", results, "--residuals", residuals, "--survey", survey]
    yield run("report", config, "score", *read, "--out", folder)


@contextmanager
def server() -> Iterator[None]:
    """The process from which the jobs of a run are forked, as the workflow starts it."""
    sys.path.append(str(HERE.parent / "workflow"))
    import ready_process

    process = ready_process.started()
    SERVER.append(process.pid)
    yield
    SERVER.clear()


def used_by_server() -> float:
    """CPU seconds of the process that forks and of the jobs that it has forked."""
    if not SERVER:
        return 0.0
    fields = Path(f"/proc/{SERVER[0]}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def run(command: str, *arguments: object) -> dict:
    """Run one command of the package; its seconds and its peak memory in MB."""
    start, before = time.perf_counter(), used_by_server()
    words = [sys.executable, "-m", "mlm", command, *map(str, arguments)]
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(HERE.parent)}
    process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{command} failed")
    seconds = time.perf_counter() - start
    used = usage.ru_utime + usage.ru_stime + used_by_server() - before
    peak = 0.0 if SERVER else usage.ru_maxrss / 1024
    print(f"{command}: {seconds:.1f} s, {peak:.0f} MB", file=sys.stderr)
    return {"command": command, "s": seconds, "cpu": used, "mb": peak}


def table(runs: list[dict]) -> Iterator[str]:
    """Lines of a Markdown table: runs of one command added up, the largest memory among them."""
    yield "| command | runs | seconds | CPU seconds | peak MB |"
    yield "|---|---:|---:|---:|---:|"
    for command in dict.fromkeys(entry["command"] for entry in runs):
        same = [entry for entry in runs if entry["command"] == command]
        seconds, used = sum(e["s"] for e in same), sum(e["cpu"] for e in same)
        peak = max(e["mb"] for e in same)
        yield f"| {command} | {len(same)} | {seconds:.1f} | {used:.1f} | {peak:.0f} |"


if __name__ == "__main__":
    main()
