"""Time and memory of the pass over a cleaned wave: the command `accumulate` and the library's door.

    python benchmarks/one_pass.py               1.5 million rows in the order of their ids
    python benchmarks/one_pass.py --shuffled    the same rows in any order

The wave has three ids (400 counties, 60,000 schools, pupils) and six numbers; it is cleaned by the
command `clean`. The command `accumulate` makes the sums and the bundles of units, the door
`mlm.accumulate` the same sums of the same file alone. Each runs in a process of its own with one
thread, three times; the least CPU seconds are shown, with start-up, reading and writing, and the
peak of what is resident.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

HERE = Path(__file__).parent
RUNS = 3
COUNTIES, SCHOOLS = 400, 60_000
NUMBERS = ("score", "a", "b", "c", "d", "e")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

CONFIGURATION = """\
survey: large
title: A large wave
description: Made to measure time and memory.
source: made for benchmarks
design: cross_section
levels:
  - {name: county, id: county, plural: counties}
  - {name: school, id: school}
  - {name: pupil, id: pupil}
waves:
  - {name: w, time: 0, files: [w.csv]}
variables:
"""
DOOR = """\
import json, sys
import mlm
from mlm.nouns.columns import Column, Columns, closure
from mlm.nouns.hierarchy import Hierarchy

path, scales = sys.argv[1], json.load(open(sys.argv[2]))["scales"]
power = lambda *names: Column(powers=tuple((name, "identity", 1) for name in sorted(names)))
mains = [power(name) for name in "abcde"]
pairs = [power(a, b) for a in "abcde" for b in "abcde" if a < b]
squares = [Column(powers=((name, "identity", 2),)) for name in "abcde"]
columns = Columns(
    closure([*mains, *squares, *pairs, power("score")]),
    {(name, "identity"): (entry["origin"], entry["unit"]) for name, entry in scales.items()},
)
levels = [(("county",), mains), (("county", "school"), mains)]
mlm.accumulate(path, columns, Hierarchy.of(levels))
"""


def main() -> None:
    """Write and clean the wave, make the passes, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_500_000)
    parser.add_argument("--shuffled", action="store_true", help="rows in any order")
    parser.add_argument("--data", type=Path, default=HERE / "results" / "one_pass")
    chosen = parser.parse_args()
    chosen.data = chosen.data.resolve()
    chosen.data.mkdir(parents=True, exist_ok=True)
    config, wave, columns = (chosen.data / name for name in ("w.yaml", "w.parquet", "w.json"))
    apart(write, config, chosen.rows)
    command = [sys.executable, "-m", "mlm"]
    ledger = chosen.data / "ledger.json"
    run([*command, "clean", config, "w", chosen.data / "w.csv", "--out", wave, "--ledger", ledger])
    run([*command, "columns", config, wave, "--out", columns])
    if chosen.shuffled:
        apart(shuffle, wave)
    out = chosen.data / "out"
    words = [*command, "accumulate", config, "w", wave, "--columns", columns, "--out", out]
    passes = {
        "command `accumulate`": words,
        "door `mlm.accumulate`": [sys.executable, "-c", DOOR, wave, columns],
    }
    print("| pass | seconds | CPU seconds | peak MB |\n|---|---:|---:|---:|")
    for name, words in passes.items():
        found = [run(words) for _ in range(RUNS)]
        seconds, used, peak = np.min(found, axis=0)
        print(f"| {name} | {seconds:.1f} | {used:.1f} | {peak:.0f} |")
    shutil.rmtree(chosen.data)


def apart(function: Callable, *arguments: object) -> None:
    """Call a function in a process of its own: what a parent holds counts as a child's peak."""
    process = multiprocessing.get_context("spawn").Process(target=function, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{function.__name__} failed")


def write(config: Path, n: int) -> None:
    """Write configuration and rows, the rows as CSV in any order; 1 in 50 cells of one is empty."""
    rng = np.random.default_rng(n)
    pupil = rng.permutation(n)
    school = pupil * 7919 % SCHOOLS
    numbers = dict(zip(NUMBERS, rng.normal(size=(len(NUMBERS), n)), strict=True))
    numbers["score"] = 50 + 4 * (0.3 * numbers["a"] + numbers["score"] + school % 100 / 100)
    table = pa.table(
        {"county": school % COUNTIES, "school": school + 1_000_000, "pupil": pupil + 100_000_000}
        | {name: np.round(values, 3) for name, values in numbers.items()}
    )
    holes = pa.array(numbers["a"], mask=rng.random(n) < 0.02)
    table = table.set_column(table.column_names.index("a"), "a", holes)
    pa.csv.write_csv(table, config.with_name("w.csv"))
    lines = [f"  {name}: {{label: {name}, type: number, level: row}}\n" for name in NUMBERS]
    analysis = "analyses:\n  score: {outcome: score, terms: [a, b, c, d, e]}\n"
    config.write_text(CONFIGURATION + "".join(lines) + analysis, encoding="utf-8")


def shuffle(path: Path) -> None:
    """Put the rows of a Parquet file into any order."""
    table = pq.read_table(path)
    order = np.random.default_rng(0).permutation(len(table))
    pq.write_table(table.take(pa.array(order)), path, row_group_size=1 << 18)


def run(words: list) -> tuple[float, float, float]:
    """Run a command; its seconds, its CPU seconds and its peak memory in MB."""
    start = time.perf_counter()
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(HERE.parent)}
    process = subprocess.Popen(
        list(map(str, words)), env=environment, cwd=HERE.parent, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(map(str, words[:5]))} failed")
    used = usage.ru_utime + usage.ru_stime
    return time.perf_counter() - start, used, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
