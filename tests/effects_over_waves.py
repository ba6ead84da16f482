"""Schools whose effects are correlated over waves, and models of them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from mlm.nouns.levels import WAVE
from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.results.random_part import WaveForm
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.selection.random_part.catalogue import LevelOverWaves, recurring_levels
from tests.nested_rows import nested_rows
from tests.normal_draws import correlated
from tests.plans import make_plan, merged

WAVES = ("w0", "w1", "w2", "w3")
SCHOOL = ("county", "school")


def decaying(r: float, size: int = 4) -> np.ndarray:
    return r ** np.abs(np.subtract.outer(np.arange(size), np.arange(size)))


def common(r: float, size: int) -> np.ndarray:
    return r + (1.0 - r) * np.eye(size)


def rows(
    seed: int,
    correlation: np.ndarray,
    schools: int = 80,
    size=12,
    variance: float = 0.6,
    draw=correlated,
):
    rng = np.random.default_rng(seed)
    n_waves = len(correlation)
    frame = nested_rows(rng, {"county": 1, "school": schools, WAVE: n_waves, "row": size}, {})
    effects = draw(rng, variance * correlation, schools)
    school, wave = frame["school"].astype(int), frame[WAVE].astype(int)
    frame["y"] += effects[school, wave] + 0.2 * wave
    return frame.assign(**{WAVE: "w" + frame[WAVE]}), effects


def prepared(frame: pd.DataFrame, waves=WAVES, coding: str = "categories"):
    """Plan, full model and sample of schools that have other pupils in each wave."""
    plan = make_plan("same_schools", coding, waves=waves, by_time=(), terms=("x", "kind"))
    stats = merged(plan, frame).without_levels(("county",))
    return plan, within(plan, stats), stats


def within(plan: Plan, stats: CrossProducts) -> Model:
    """The full model on the levels of a sample."""
    present, model = {level.group for level in stats.all_levels}, plan.full_model()
    return model.with_random([r for r in model.random if r.group in present])


def level_of(plan: Plan, stats: CrossProducts, group=SCHOOL) -> LevelOverWaves:
    return next(each for each in recurring_levels(plan, stats) if each.group == group)


def with_form(plan: Plan, stats: CrossProducts, form: WaveForm, group=SCHOOL) -> Solution:
    """The full model with a form over waves of one level, by REML."""
    model = level_of(plan, stats, group).with_form(within(plan, stats), form)
    return solve(model, stats, "REML")


def with_engine(plan: Plan, stats: CrossProducts, form: str) -> Solution:
    """The full model with a covariance of the engine over the waves of schools, by REML."""
    level = level_of(plan, stats)
    model = level.with_covariance(with_form(plan, stats, "constant").fit.model, form)
    return solve(model, stats, "REML")


@cache
def decayed(seed: int = 1, form: WaveForm = "unstructured", draw=correlated):
    """Plan, model and true effects of 80 schools, correlations 0.7 to the power of the distance."""
    frame, effects = rows(seed, decaying(0.7), draw=draw)
    plan, _, stats = prepared(frame)
    return plan, with_form(plan, stats, form), effects


def followed(
    seed: int, schools: int = 60, pupils: int = 20, variance: float = 3.0, slope: float = 0.0
):
    """The same pupils in each wave, so that their effects stay in the means of their schools.

    Slopes on ``x`` may differ between schools, with a variance.
    """
    rng = np.random.default_rng(seed)
    sizes = {"county": 1, "school": schools, "pupil": pupils, WAVE: 4, "row": (0, 1)}
    frame = nested_rows(rng, sizes, {"pupil": variance}, {"school": slope})
    effects = correlated(rng, 0.4 * decaying(0.6), schools)
    frame["y"] += effects[frame["school"].astype(int), frame[WAVE].astype(int)]
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    plan = make_plan("same_pupils", waves=WAVES, by_time=(), terms=("x", "kind"))
    stats = merged(plan, frame).without_levels(("county",))
    return plan, within(plan, stats), stats, frame
