"""Measure this package beside the programs that are installed, one after the other.

    python benchmarks/run.py                 S, M and L: a few minutes
    python benchmarks/run.py XL D1 G         what takes longer
    python benchmarks/run.py L --only mlm    this package alone

Each program runs in a process of its own with one thread; surveys are made when they are missing.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from fit_one import columns, formula
from make_data import DATA, SURVEYS, shuffle, write
from models import BOUNDS, CASES, CLAIMS, Case

HERE = Path(__file__).parent
PEERS = HERE / "results" / "peers"  # <program>/bin/python, where a program has its own environment
IN_R = ("lme4", "nlme")
MODULES = {"lme-python": "lme_python", "mlm-reduce": "mlm", "statsmodels": "statsmodels"}
RIGHT = 0.05  # deviance above the smallest from which a fit counts as wrong
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "POLARS_MAX_THREADS")
IMPORTS = 5  # starts of Python to take the least of


def main() -> None:
    """Run the cases of the surveys that are named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("surveys", nargs="*", default=["S", "M", "L"], metavar="SURVEY")
    parser.add_argument("--only", nargs="+", help="programs to run")
    parser.add_argument("--models", nargs="+", help="models to run")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds for each process")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--peers", type=Path, default=PEERS, help="environments of the programs")
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.surveys) - set(SURVEYS))
    if unknown:
        parser.error(f"no survey {', '.join(unknown)}; there are {', '.join(SURVEYS)}")
    results = []
    for case in CASES:
        wanted = case.survey.partition("-")[0] in chosen.surveys
        if wanted and (chosen.models is None or case.name in chosen.models):
            results += list(measured(case, chosen))
    print(f"import mlm: {seconds_of_import():.2f} CPU s (bound 0.5)\n")
    print("\n".join(table(results)), "\n", "\n".join(verdicts(results)), sep="\n")
    out = HERE / "results" / "results.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(results, indent=1), encoding="utf-8")


def measured(case: Case, chosen: argparse.Namespace) -> Iterator[dict]:
    """What each program that is installed needs for a case."""
    path = prepared(case.survey, chosen.data)
    for program in case.programs:
        if chosen.only and program not in chosen.only:
            continue
        command = command_of(program, case, path, chosen)
        if command is None:
            print(f"{program} is not installed", file=sys.stderr)
            continue
        print(f"{case.survey} {case.name} {program}", end=" ", file=sys.stderr, flush=True)
        found = run(command, chosen.limit)
        print(found.get("error") or f"{found['both']:.3f} s", file=sys.stderr)
        yield {**found, "program": program, "survey": case.survey, "model": case.name}


def prepared(name: str, folder: Path) -> Path:
    """The file or folder of a survey, made when it is missing."""
    survey, _, shuffled = name.partition("-")
    folder.mkdir(parents=True, exist_ok=True)
    many = SURVEYS[survey].files > 1
    path = folder / (survey if many else f"{survey}.parquet")
    if not path.exists():
        print(f"making {survey}", file=sys.stderr)
        write(survey, folder)
    if shuffled and not (folder / f"{name}.parquet").exists():
        shuffle(survey, folder)
    return folder / f"{name}.parquet" if shuffled else path


def command_of(program: str, case: Case, path: Path, chosen) -> list[str] | None:
    """The command that runs a program on a case, or None where it is not installed."""
    model = {"fixed": case.fixed, "random": case.random}
    if program in IN_R:
        if not has_r_package(program):
            return None
        text = formula(model, random=program == "lme4")
        random = ";".join(f"{g}={s[0]}" if s else g for g, s in case.random.items())
        script = str(HERE / "fit_one.R")
        names = ",".join(columns(model))
        return ["Rscript", script, program, str(path.with_suffix(".csv")), text, names, random]
    python = chosen.peers / program / "bin" / "python"
    python = str(python) if python.exists() else sys.executable
    if not has_module(python, MODULES.get(program, program)):
        return None
    script = str(HERE / "fit_one.py")
    return [python, script, program, str(path), json.dumps(model), str(min(20.0, chosen.limit))]


@functools.cache
def has_r_package(name: str) -> bool:
    """Whether R and a package of it are installed."""
    if shutil.which("Rscript") is None:
        return False
    test = f"quit(status = !requireNamespace('{name}', quietly = TRUE))"
    return subprocess.run(["Rscript", "-e", test], capture_output=True).returncode == 0


@functools.cache
def has_module(python: str, name: str) -> bool:
    """Whether an interpreter finds a module."""
    test = f"import importlib.util, sys; sys.exit(importlib.util.find_spec('{name}') is None)"
    return subprocess.run([python, "-c", test], env=environment()).returncode == 0


def environment() -> dict[str, str]:
    """One thread for everybody; the package of this checkout."""
    one = dict.fromkeys(THREADS, "1")
    return {**os.environ, **one, "PYTHONPATH": str(HERE.parent)}


def run(command: list[str], limit: float) -> dict:
    """The result that a process prints on its last line."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=limit, env=environment()
        )
    except subprocess.TimeoutExpired:
        return {"error": f"stopped after {limit:.0f} s"}
    lines = done.stdout.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        return {"error": f"ended with code {done.returncode}: {done.stderr.strip()[-200:]}"}
    return json.loads(lines[-1])


def seconds_of_import() -> float:
    """CPU seconds of ``import mlm`` in a new process, the start of Python included."""
    code = (
        "import mlm, resource as r; u = r.getrusage(r.RUSAGE_SELF); print(u.ru_utime + u.ru_stime)"
    )
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, capture_output=True, env=environment()) for _ in range(IMPORTS)]
    return min(float(done.stdout) for done in runs)


def table(results: list[dict]) -> list[str]:
    """All measurements as a Markdown table."""
    lines = [
        "| survey | model | program | read | fit | both | ratio | peak MB | deviance above least |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for r in results:
        start = f"| {r['survey']} | {r['model']} | {r['program']} {r.get('version', '')} |"
        if "error" in r:
            lines.append(f"{start} {r['error']} | | | | | |")
            continue
        ours = found(results, r["survey"], r["model"], "mlm")
        ratio = f"{cost(r) / cost(ours):.1f}" if ours else ""
        above = "" if r["model"] == "reduce" else f"{r['value'] - least(results, r):.6f}"
        lines.append(
            f"{start} {r['read']:.3f} | {r['fit']:.4f} | {r['both']:.3f} | {ratio} | "
            f"{r['peak']:.0f} | {above} |"
        )
    return lines


def cost(result: dict) -> float:
    """CPU seconds that count: reading and fitting; in R the fit alone, as it has to read CSV."""
    return result["fit"] if result["program"] in IN_R else result["both"]


def least(results: list[dict], like: dict) -> float:
    """The smallest deviance of a case."""
    same = [r for r in results if (r["survey"], r["model"]) == (like["survey"], like["model"])]
    return min(r["value"] for r in same if "value" in r)


def found(results: list[dict], survey: str, model: str, program: str) -> dict | None:
    """A result, where it was measured; ``fastest`` is the fastest other program that is right."""
    known = [
        r for r in results if (r["survey"], r["model"]) == (survey, model) and "error" not in r
    ]
    if program == "fastest":
        others = [r for r in known if not r["program"].startswith("mlm")]
        right = [r for r in others if r["value"] - least(results, r) < RIGHT]
        return min(right, key=cost, default=None)
    return next((r for r in known if r["program"] == program), None)


def verdicts(results: list[dict]) -> Iterator[str]:
    """What was claimed, what was measured, and whether it holds."""
    yield "| claim | measured | holds |"
    yield "|---|---:|---|"
    for survey, model, program, bound in CLAIMS:
        ours, other = (found(results, survey, model, p) for p in ("mlm", program))
        if ours and other:
            ratio = cost(other) / cost(ours)
            name = f"{program} ({other['program']})" if program == "fastest" else program
            text = f"{survey} {model}: {bound:.3g} times faster than {name}"
            yield f"| {text} | {ratio:.2f} | {'yes' if ratio >= bound else 'NO'} |"
    for survey, model, what, bound in BOUNDS:
        ours = found(results, survey, model, "mlm-reduce" if model == "reduce" else "mlm")
        if ours:
            unit = "MB" if what == "peak" else "CPU s"
            text = f"{survey} {model}: {what} at most {bound:g} {unit}"
            yield f"| {text} | {ours[what]:.3f} | {'yes' if ours[what] <= bound else 'NO'} |"


if __name__ == "__main__":
    main()
