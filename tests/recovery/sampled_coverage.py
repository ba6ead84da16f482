"""How often intervals of samples of 30 and 150 schools hold the truth, in three designs.

Samples as in ``sampled_chain``, of a population of 4,000 schools, read as frames and answered by
the parts of an analysis that the quantities come from. Scores are known, or by five plausible
values of a conditioning model (``plausible_draws``). Schools were drawn with chances that fall with
the exponential of their effects, so that those of a sample are normal with another mean, and the
model holds for samples.

    python -m tests.recovery.sampled_coverage draw same_pupils 30 seen 0 1000 FILE.csv
    python -m tests.recovery.sampled_coverage tell FILE.csv ...

draws samples 0 to 999 with 30 schools and no draws of scores, and tells rates and biases; with
``known`` or ``estimated`` in the place of ``seen``, plausible values of such a model.
"""

from __future__ import annotations

import sys
import warnings
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import yaml

from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.front.sampled_analysis import evidence_of
from mlm.nouns.plan import Plan
from mlm.rows.accumulating.frame_source import FrameSource
from mlm.statistics.answers.sampled.drawn_fits import fit_draws
from mlm.statistics.answers.sampled.groups_of_rows import outcome_means, shares_at_cuts
from mlm.statistics.answers.sampled.model_records import model_record
from mlm.statistics.answers.sampled.over_time import stability
from tests.bands import binomial_band
from tests.recovery import sampled_chain as chain
from tests.recovery.plausible_draws import with_draws

SCHOOLS = 4000
COLUMNS = ["design", "schools", "scores", "sample", "quantity", "error", "held", "std_error"]
DRAWS, SEEN = 5, "seen"
BAND = 0.01  # probability that one rate of a right program lies outside its band


@cache
def plan_for(design: str, draws: int, folder: Path) -> Plan:
    """The analysis; its configuration is written to a folder."""
    path = folder / f"{design}.{draws}.yaml"
    path.write_text(yaml.safe_dump(chain.configuration_of(design, draws)), encoding="utf-8")
    return plan_of(load_configuration(path), "score")


def told(plan: Plan, waves: dict[str, pd.DataFrame]) -> dict[str, object]:
    """Estimates with intervals, by what they are of."""
    rows = {wave: FrameSource(frame) for wave, frame in waves.items()}
    evidence = evidence_of(plan, rows)
    full = fit_draws(plan, plan.full_model(), evidence.stats)
    means = outcome_means(plan, evidence.totals, evidence.errors)
    (at_cut,) = shares_at_cuts(plan, evidence.totals, evidence.errors)
    found = chain.quantities(means, at_cut, model_record(plan, full, None))
    if plan.design.follows_lowest and not plan.sampling.scores:
        for level in stability(plan, full):
            if level.kind == "estimated":
                found[f"correlation of {level.level.ids[-1]}s"] = level.average
    return found


def truth(design: str) -> dict[str, float]:
    """What is true of the population, and correlations of effects between waves."""
    lasts = {
        "correlation of schools": chain.SCHOOL / (chain.SCHOOL + chain.SCHOOL_WAVE),
        "correlation of pupils": chain.PUPIL / (chain.PUPIL + chain.REST),
    }
    return chain.truth(design, SCHOOLS) | lasts


def held(design: str, drawn: int, scores: str, seed: int, folder: Path) -> pd.DataFrame:
    """By quantity of a sample: its error, and whether its interval holds the truth."""
    draws = 0 if scores == SEEN else DRAWS
    plan, true, out = plan_for(design, draws, folder), truth(design), []
    waves = chain.sample(design, seed, drawn, SCHOOLS)
    waves = with_draws(design, waves, seed, draws, scores) if draws else waves
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, item in told(plan, waves).items():
            inside = item.lower <= true[name] <= item.upper
            error = item.estimate - true[name]
            out.append((design, drawn, scores, seed, name, error, inside, item.std_error))
    return pd.DataFrame(out, columns=COLUMNS)


def draw(design: str, drawn: int, scores: str, first: int, after: int, file: Path) -> None:
    """Add samples to a file."""
    with TemporaryDirectory() as folder:
        for seed in range(first, after):
            found = held(design, drawn, scores, seed, Path(folder))
            found.to_csv(file, mode="a", header=not file.exists(), index=False)


def tell(found: pd.DataFrame) -> None:
    """Print a row a quantity: rate, whether within the band of 95 %, bias and error over the sd."""
    for (design, drawn, scores), own in found.groupby(COLUMNS[:3]):
        samples = own["sample"].nunique()
        low, high = binomial_band(samples, 0.95, BAND)
        given = f"{design}, {drawn} schools, scores {scores}, {samples} samples"
        print(f"{given}: {low:.3f} to {high:.3f}")
        for name, each in own.groupby("quantity", sort=False):
            rate, spread = each["held"].mean(), each["error"].std()
            bias, reach = each["error"].mean() / spread, each["std_error"].mean() / spread
            mark = "" if low <= rate <= high else " outside"
            told_in = "" if len(each) == samples else f", told in {len(each)}"
            print(f"| {name}{told_in} | {rate:.3f}{mark} | {bias:+.2f} | {reach:.2f} |")


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    if what == "draw":
        design, drawn, scores, first, after, file = given
        draw(design, int(drawn), scores, int(first), int(after), Path(file))
    else:
        tell(pd.concat(map(pd.read_csv, given)))
