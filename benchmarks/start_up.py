"""What starting takes of a run: CPU seconds of each stage, and of what it imports.

    python benchmarks/start_up.py FOLDER [snakemake options]

runs the workflow in a folder with ``config/`` and ``data/`` (results are made anew), notes which
modules the command of each job has loaded at its end, and imports just these in a process of their
own, three times. The least of the three is the start-up of the job. Of jobs that are forked it is
what takes to hand them over; what the fork server loads is start-up too.

    MLM_FORK_SERVER= python benchmarks/start_up.py FOLDER

has every job start by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
STAGES = [  # fmt: skip
    "simulate",
    "clean",
    "link",
    "ledger",
    "columns",
    "accumulate",
    "impute",
    "merge",
    "analyse",
    "residuals",
    "report",
    "units",
    "index",
]
NOTE = """
import atexit, json, os, resource, sys
def _note():
    name = sys.argv[0] if sys.argv else ""
    if name.endswith(("mlm", "mlm/__main__.py", "fork_server.py")):
        used = resource.getrusage(resource.RUSAGE_SELF)
        stage = next((word for word in sys.argv[1:] if word in STAGES), "fork server")
        kind = ("server" if stage == "fork server" else "forked" if name == "mlm" else
                "alone" if "mlm.commands.program" in sys.modules else "handed over")
        content = {"stage": stage, "seconds": used.ru_utime + used.ru_stime, "kind": kind,
                   "modules": [m for m in sys.modules if m != "__main__"]}
        with open(os.path.join(os.environ["START_UP_NOTES"], f"{os.getpid()}.json"), "w") as file:
            json.dump(content, file)
atexit.register(_note)
STAGES = {stages!r}
"""
IMPORTS = """
import importlib, json, resource, sys
for name in json.load(open(sys.argv[1])):
    try:
        importlib.import_module(name)
    except Exception:
        pass
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime)
"""


def main() -> None:
    """Run the workflow and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    chosen, options = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as scratch:
        notes = Path(scratch, "notes")
        notes.mkdir()
        Path(scratch, "sitecustomize.py").write_text(
            NOTE.replace("{stages!r}", repr(STAGES)), encoding="utf-8"
        )
        environment = {**os.environ, "PYTHONPATH": scratch, "START_UP_NOTES": str(notes)}
        command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--forceall",
                   "-d", str(chosen.folder), "--cores", "1", "--quiet", *options]  # fmt: skip
        before = _children()
        subprocess.run(command, env=environment, check=True)
        whole = _children() - before
        jobs = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(notes.iterdir())]
        _print(jobs, whole, Path(scratch))


def _print(jobs: list[dict], whole: float, scratch: Path) -> None:
    stages = defaultdict(list)
    for job in jobs:
        stages[job["stage"]].append(job)
    print("| stage | jobs | CPU s | of which start-up |\n|---|---:|---:|---:|")
    sums = [0.0, 0.0]
    for stage, found in stages.items():
        alone = [job for job in found if job["kind"] == "alone"]
        start = sum(job["seconds"] for job in found if job["kind"] in ("server", "handed over"))
        if alone:
            start += _least_import(alone[0]["modules"], scratch) * len(alone)
        seconds = sum(job["seconds"] for job in found)
        sums = [sums[0] + seconds, sums[1] + start]
        n = sum(job["kind"] != "handed over" for job in found)
        print(f"| {stage} | {n} | {seconds:.2f} | {start:.2f} |")
    n = sum(job["kind"] in ("alone", "forked") for job in jobs)
    print(f"| all commands | {n} | {sums[0]:.2f} | {sums[1]:.2f} |")
    print(f"| with Snakemake | | {whole:.2f} | {sums[1] / whole:.1%} |")


def _least_import(modules: list[str], scratch: Path) -> float:
    names = scratch / "modules.json"
    names.write_text(json.dumps(modules), encoding="utf-8")
    command = [sys.executable, "-c", IMPORTS, str(names)]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(3)]
    return min(float(run.stdout) for run in runs)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
