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
import time
from pathlib import Path

import pandas as pd

from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.results.survey.survey import RowTotals, SurveyAccount
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.simulating.simulation import simulate_survey
from mlm.statistics.answers import analysis
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.merging import merge_waves

HERE = Path(__file__).resolve().parent
SIZES = {
    "national": {"county": 200, "school": [25, 25], "pupil": [50, 50]},
    "science": {"county": 200, "school": [50, 50], "pupil": [33, 34]},
}
PARTS = {
    "sample": ("wave_samples", "separable_levels"),
    "null and full model": ("_both",),
    "null: intervals and tests": ("null_record", "level_tests"),
    "reduction": ("reduce",),
    "slopes": ("tried_slopes", "keep_slopes"),
    "slopes in detail": ("slope_details",),
    "stability": ("stability", "stability_record"),
    "units compared": ("unit_effects",),
    "adjusted means": ("adjusted_means", "adjusted_means_by"),
    "policy": ("policy_record",),
    "pupil-level part": ("pupil_level",),
    "within and between": ("within_between",),
    "inclusion": ("inclusion_record",),
    "diagnostics": ("diagnostics",),
}


class Clock:
    """CPU seconds of some functions; those that run inside another one are not counted twice."""

    def __init__(self):
        self.seconds = dict.fromkeys(PARTS, 0.0)
        self._inside = False
        for part, names in PARTS.items():
            for name in names:
                setattr(analysis, name, self._timed(part, getattr(analysis, name)))

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


def main() -> None:
    """Draw the survey, run its analysis, print the seconds of every part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("survey", nargs="?", default="national", choices=SIZES)
    parser.add_argument("--small", action="store_true", help="a twentieth of the units")
    chosen = parser.parse_args()
    plan, stats = sample(chosen.survey, chosen.small)
    clock = Clock()
    start = time.process_time()
    results, _ = analysis.analyse(plan, stats, empty_account(plan))
    total = time.process_time() - start
    sizes = ", ".join(f"{count:,} {name}" for name, count in stats.n_groups.items())
    print(f"{chosen.survey}: {stats.n_obs:,} rows; {sizes}; {len(stats.columns)} columns\n")
    print(f"settled model: {results.settled.formula}\n")
    print("| part | CPU s |\n|---|---:|")
    other = {"other": total - sum(clock.seconds.values())}
    for part, seconds in {**clock.seconds, **other, "all": total}.items():
        print(f"| {part} | {seconds:.1f} |")


if __name__ == "__main__":
    main()
