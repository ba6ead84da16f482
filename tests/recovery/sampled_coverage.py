"""How often intervals of samples of 30 and 150 schools hold the truth, in three designs.

Samples as in ``sampled_chain``, of a population of 4,000 schools, read as frames and answered by
the parts of an analysis that the quantities come from. Scores are known, or by five plausible
values: a test measures them with an error, and they are drawn from what is known of the pupils of a
school together, given the model that the population was made by. Schools were drawn with chances
that fall with the exponential of their effects, so that those of a sample are normal with another
mean: this is the conditioning model.

    python -m tests.recovery.sampled_coverage draw same_pupils 30 0 0 1000 FILE.csv
    python -m tests.recovery.sampled_coverage tell FILE.csv ...

draws samples 0 to 999 with 30 schools and no draws of scores, and tells rates and biases.
"""

from __future__ import annotations

import sys
import warnings
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
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

SCHOOLS, DRAWS, ERROR = 4000, 5, 500.0
COLUMNS = ["design", "schools", "draws", "sample", "quantity", "error", "held"]
BAND = 0.01  # probability that one rate of a right program lies outside its band


@cache
def plan_for(design: str, draws: int, folder: Path) -> Plan:
    """The analysis; its configuration is written to a folder."""
    path = folder / f"{design}.{draws}.yaml"
    path.write_text(yaml.safe_dump(chain.configuration_of(design, draws)), encoding="utf-8")
    return plan_of(load_configuration(path), "score")


@cache
def covariance(design: str) -> np.ndarray:
    """Covariance of the scores of what is drawn together: pupils of a school, wave after wave."""
    waves = 1 if design == "new_schools" else len(chain.WAVES)
    same, pupils = np.ones((waves, waves)), np.ones((chain.PUPILS, chain.PUPILS))
    moved = 0.0 if design == "new_schools" else chain.SCHOOL_WAVE
    found = np.kron(chain.SCHOOL * same + moved * np.eye(waves), pupils)
    if design == "same_pupils":
        found = found + np.kron(chain.PUPIL * same, np.eye(chain.PUPILS))
    return found + chain.REST * np.eye(len(found))


def with_draws(
    design: str, waves: dict[str, pd.DataFrame], seed: int, draws: int
) -> dict[str, pd.DataFrame]:
    """The rows of each wave with plausible values in the place of scores."""
    random = np.random.default_rng([seed, 16])
    inside = covariance(design)
    root = np.linalg.cholesky(inside)
    towards = np.linalg.solve(inside + ERROR * np.eye(len(inside)), inside)
    values = {wave: _expected(frame, i) for i, (wave, frame) in enumerate(waves.items())}
    together = [tuple(waves)] if design != "new_schools" else [(wave,) for wave in waves]
    out = {wave: frame.drop(columns="score") for wave, frame in waves.items()}
    for names in together:
        mean = _by_school([values[wave] for wave in names])
        true = _by_school([waves[wave]["score"].to_numpy() for wave in names])
        measured = true + np.sqrt(ERROR) * random.normal(size=true.shape)
        for m in range(1, draws + 1):
            own = mean + random.normal(size=true.shape) @ root.T
            again = own + np.sqrt(ERROR) * random.normal(size=true.shape)
            drawn = own + (measured - again) @ towards
            parts = drawn.reshape(len(drawn), len(names), chain.PUPILS)
            for i, wave in enumerate(names):
                out[wave] = out[wave].assign(**{f"PV{m}": parts[:, i].reshape(-1)})
    return out


def _expected(frame: pd.DataFrame, place: int) -> np.ndarray:
    """Means of scores given what is known of pupils, and that their schools were drawn."""
    girl = (frame["sex"] == "girl").to_numpy()
    known = 500.0 + 8.0 * place + 10.0 * frame["ses"].to_numpy() + 6.0 * girl
    return known - chain.TILT * chain.SCHOOL


def _by_school(waves: list[np.ndarray]) -> np.ndarray:
    """Values (S, waves * pupils) of each school."""
    return np.concatenate([wave.reshape(-1, chain.PUPILS) for wave in waves], axis=1)


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


def held(design: str, drawn: int, draws: int, seed: int, folder: Path) -> pd.DataFrame:
    """By quantity of a sample: its error, and whether its interval holds the truth."""
    plan, true, out = plan_for(design, draws, folder), truth(design), []
    waves = chain.sample(design, seed, drawn, SCHOOLS)
    waves = with_draws(design, waves, seed, draws) if draws else waves
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, item in told(plan, waves).items():
            inside = item.lower <= true[name] <= item.upper
            out.append((design, drawn, draws, seed, name, item.estimate - true[name], inside))
    return pd.DataFrame(out, columns=COLUMNS)


def draw(design: str, drawn: int, draws: int, first: int, after: int, file: Path) -> None:
    """Add samples to a file."""
    with TemporaryDirectory() as folder:
        for seed in range(first, after):
            found = held(design, drawn, draws, seed, Path(folder))
            found.to_csv(file, mode="a", header=not file.exists(), index=False)


def tell(found: pd.DataFrame) -> None:
    """Print a row a quantity: rate, whether within the band of 95 %, bias over the sd."""
    for (design, drawn, draws), own in found.groupby(COLUMNS[:3]):
        samples = own["sample"].nunique()
        low, high = binomial_band(samples, 0.95, BAND)
        print(
            f"{design}, {drawn} schools, {draws} draws, {samples} samples: {low:.3f} to {high:.3f}"
        )
        for name, each in own.groupby("quantity", sort=False):
            rate, bias = each["held"].mean(), each["error"].mean() / each["error"].std()
            mark = "" if low <= rate <= high else " outside"
            told_in = "" if len(each) == samples else f", told in {len(each)}"
            print(f"| {name}{told_in} | {rate:.3f}{mark} | {bias:+.2f} |")


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    if what == "draw":
        draw(given[0], *map(int, given[1:5]), Path(given[5]))
    else:
        tell(pd.concat(map(pd.read_csv, given)))
