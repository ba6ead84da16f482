"""Time of the whole chain of one analysis after the pass over a million rows, part by part.

    OPENBLAS_NUM_THREADS=1 python benchmarks/after_pass.py
    OPENBLAS_NUM_THREADS=1 python benchmarks/after_pass.py science

`national` has new schools in each of four waves, `science` the same schools in both; `--small`
takes a twentieth of the units.

The example survey is drawn from its own configuration with 200 counties and 20,000 schools (or
10,000 seen twice), accumulated and merged; none of this is counted. Then its analysis runs in this
process as `mlm analyse` runs it. Seconds are CPU seconds, of one thread if so started. Parts are
functions that do not call each other; what no part covers is `other`.
"""

from __future__ import annotations

import argparse
import importlib
import time
from pathlib import Path

import pandas as pd

from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.simulating.simulation import simulate_survey
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.merging import merge_waves

HERE = Path(__file__).resolve().parent
SIZES = {
    "national": {"county": 200, "school": [25, 25], "pupil": [50, 50]},
    "science": {"county": 200, "school": [50, 50], "pupil": [33, 34]},
}
PARTS = {
    "sample": ("analysis.sample_record", "analysis.separable_levels"),
    "null and full model": ("analysis._both",),
    "null: intervals and tests": ("analysis.variance_shares", "analysis.level_tests"),
    "reduction": ("analysis.reduce",),
    "slopes": ("analysis.tried_slopes", "analysis.keep_slopes"),
    "slopes in detail": ("further.slope_details_record",),
    "stability": ("analysis.stability", "analysis.stability_details"),
    "units compared": ("analysis.compare_units",),
    "standards": ("analysis.standards_by_wave", "analysis.standards_by_group"),
    "model with slopes settled": ("analysis.settle", "analysis.over_time"),
    "policy": ("analysis.policy_record", "further.policy_details"),
    "pupil-level part": ("further.pupil_level",),
    "within and between": ("further.between_records",),
    "inclusion": ("further._inclusion",),
    "diagnostics": ("further.diagnostics_record",),
}


class Clock:
    """CPU seconds of some functions; those that run inside another one are not counted twice."""

    def __init__(self):
        self.seconds = dict.fromkeys(PARTS, 0.0)
        self._inside = False
        for part, names in PARTS.items():
            for name in names:
                module, function = name.split(".")
                home = importlib.import_module(f"mlm.statistics.{module}")
                setattr(home, function, self._timed(part, getattr(home, function)))

    def _timed(self, part: str, function):
        def timed(*arguments, **named):
            if self._inside:
                return function(*arguments, **named)
            self._inside, start = True, time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                self._inside = False
                self.seconds[part] += time.process_time() - start

        return timed


def sample(survey: str, small: bool) -> tuple:
    """Plan and merged cross-products of a drawn survey; kept in a file for the next run."""
    configuration = load_configuration(HERE.parent / "config" / f"{survey}.yaml")
    name = next(iter(configuration.analyses))
    plan = plan_of(configuration, name)
    file = HERE / "results" / f"after-pass-{survey}{'-small' if small else ''}.npz"
    if file.exists():
        return plan, CrossProducts.load(file)
    sizes = {k: v // 20 if small and k == "county" else v for k, v in SIZES[survey].items()}
    drawn, _ = simulate_survey(configuration, sizes=sizes)
    columns, waves = None, {}
    for wave in list(drawn):
        frame = typed(configuration, drawn.pop(wave))
        columns = columns or columns_of_survey(configuration, frame)
        waves[wave] = accumulate_wave(configuration, wave, frame, columns)[name]
    stats = merge_waves(plan, waves)
    file.parent.mkdir(exist_ok=True)
    stats.save(file)
    return plan, stats


def typed(configuration, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with numbers for text and empty cells missing, as cleaning leaves them."""
    out = {level.name: frame[level.id] for level in configuration.levels}
    for name, variable in configuration.variables.items():
        cells = frame[name].where(frame[name] != "")
        out[name] = pd.to_numeric(cells) if variable.type == "number" else cells
    return pd.DataFrame(out)


def main() -> None:
    """Draw the survey, run its analysis, print the seconds of every part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("survey", nargs="?", default="national", choices=SIZES)
    parser.add_argument("--small", action="store_true", help="a twentieth of the units")
    chosen = parser.parse_args()
    plan, stats = sample(chosen.survey, chosen.small)
    clock = Clock()
    from mlm.statistics.answers.analysis import analyse

    start = time.process_time()
    results, _ = analyse(plan, stats, {})
    total = time.process_time() - start
    sizes = ", ".join(f"{count:,} {name}" for name, count in stats.n_groups.items())
    print(f"{chosen.survey}: {stats.n_obs:,} rows; {sizes}; {len(stats.columns)} columns\n")
    print(f"final model: {results['final']['formula']}\n")
    print("| part | CPU s |\n|---|---:|")
    other = {"other": total - sum(clock.seconds.values())}
    for part, seconds in {**clock.seconds, **other, "all": total}.items():
        print(f"| {part} | {seconds:.1f} |")


if __name__ == "__main__":
    main()
