"""Time and memory of `mlm analyse`, each analysis in a process of its own with one thread.

    python benchmarks/after_pass.py                      national and science with a million rows
    python benchmarks/after_pass.py --small              a twentieth of their units
    python benchmarks/after_pass.py --only science
    python benchmarks/after_pass.py --results results    the analyses that a run has merged, too

`national` has new schools in each of four waves, `science` the same schools in both. They are drawn
from their own configurations with 200 counties and 20,000 schools (or 10,000 seen twice),
accumulated and merged; none of this is counted, and the merged sums are kept for the next time.
Reading them, starting Python and writing the results are counted.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from mlm.commands.made import Making, job_name
from mlm.commands.writing import write_text
from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.results.survey.survey import RowTotals, SurveyAccount
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.simulating.simulation import simulate_survey
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.merging import merge_waves

HERE = Path(__file__).resolve().parent
CONFIG = HERE.parent / "config"
SIZES = {
    "national": {"county": 200, "school": [25, 25], "pupil": [50, 50]},
    "science": {"county": 200, "school": [50, 50], "pupil": [33, 34]},
}
SMALL = 20  # times fewer counties
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def main() -> None:
    """Make what is missing, run the analyses, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", choices=SIZES, default=list(SIZES))
    parser.add_argument("--small", action="store_true", help="a twentieth of the units")
    parser.add_argument(
        "--results", type=Path, help="folder of a run, whose analyses are taken too"
    )
    parser.add_argument("--data", type=Path, default=HERE / "results" / "after_pass")
    chosen = parser.parse_args()
    print("| analysis | rows | groups | CPU s | peak MB |\n|---|---:|---|---:|---:|")
    for survey in chosen.only:
        folder = chosen.data / (f"{survey}-small" if chosen.small else survey)
        print(measured(survey, *apart(made, survey, folder, chosen.small)), flush=True)
    for file in sorted(chosen.results.glob("*/*/statistics.npz")) if chosen.results else ():
        survey = file.parent.parent
        print(measured(survey.name, file, survey / "survey.json"), flush=True)


def apart(function: Callable, *given):
    """What a function returns in a process of its own: a child's peak begins at its parent's."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(function, *given).result()


def made(survey: str, folder: Path, small: bool) -> tuple[Path, Path]:
    """The merged sums and the account of a drawn survey, with the records that `analyse` asks."""
    configuration = load_configuration(configuration_of(survey))
    name = next(iter(configuration.analyses))
    sums, account = folder / name / "statistics.npz", folder / "survey.json"
    if sums.exists() and account.exists():
        return sums, account
    plan = plan_of(configuration, name)
    sizes = {k: v // SMALL if small and k == "county" else v for k, v in SIZES[survey].items()}
    drawn, _ = simulate_survey(configuration, sizes=sizes)
    columns, waves = None, {}
    for wave in list(drawn):
        frame = typed(configuration, drawn.pop(wave))
        columns = columns or columns_of_survey(configuration, frame)
        waves[wave] = accumulate_wave(configuration, wave, frame, columns)[name]
    sums.parent.mkdir(parents=True, exist_ok=True)
    merge_waves(plan, waves).save(sums)
    Making(job_name("merge", configuration.survey, name)).record([sums])
    write_text(account, empty_account(plan).to_json())
    Making(job_name("link", configuration.survey)).record([account])
    return sums, account


def empty_account(plan) -> SurveyAccount:
    """An account of the survey without any wave."""
    rows = RowTotals(read=0, kept=0, excluded=0)
    named = {"survey": plan.survey, "design": plan.design.name, "rows": rows}
    parts = [key for key in SurveyAccount.model_fields if key not in {*named, "schema_version"}]
    return SurveyAccount(**named, **dict.fromkeys(parts, ()))


def typed(configuration, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with numbers for text and empty cells missing, as cleaning leaves them."""
    out = {level.name: frame[level.id] for level in configuration.levels}
    for name, variable in configuration.variables.items():
        cells = frame[name].where(frame[name] != "")
        out[name] = pd.to_numeric(cells) if variable.type == "number" else cells
    return pd.DataFrame(out)


def configuration_of(survey: str) -> Path:
    """The file of a survey of this repository."""
    own = CONFIG / f"{survey}.yaml"
    return own if own.exists() else CONFIG / "examples" / f"{survey}.yaml"


def measured(survey: str, sums: Path, account: Path) -> str:
    """One line of the table: an analysis, its size, and what `mlm analyse` needs for it."""
    analysis = sums.parent.name
    seconds, peak = used_by_analysis(configuration_of(survey), analysis, sums, account)
    cells = [f"{survey}, {analysis}", *apart(size_of, sums), f"{seconds:.1f}", f"{peak:,.0f}"]
    return f"| {' | '.join(cells)} |"


def size_of(sums: Path) -> tuple[str, str]:
    """Rows of a sample, and its groups by level."""
    stats = CrossProducts.load(sums)
    groups = ", ".join(f"{count:,} {name}" for name, count in stats.n_groups.items())
    return f"{stats.n_obs:,}", groups


def used_by_analysis(config: Path, analysis: str, sums: Path, account: Path) -> tuple[float, float]:
    """CPU seconds and peak memory (MB) of `mlm analyse`."""
    given = ["--statistics", sums, "--survey", account]
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(HERE.parent)}
    with tempfile.TemporaryDirectory() as out:
        words = [
            sys.executable,
            "-m",
            "mlm",
            "analyse",
            *given,
            "--out",
            out,
            "--",
            config,
            analysis,
        ]
        process = subprocess.Popen([str(word) for word in words], env=environment)
        _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"the analysis {analysis} of {config} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
