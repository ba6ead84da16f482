"""Schools whose effects are correlated over waves, and the forms fitted to them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from mlm.nouns.levels import WAVE
from mlm.statistics.answers.over_time.form_choice import (
    compared_forms,
    frame_over_waves,
)
from tests.nested_rows import nested_rows
from tests.normal_draws import correlated
from tests.plans import make_plan, merged

WAVES = ("w0", "w1", "w2", "w3")
SCHOOL = ("county", "school")


def decaying(r: float) -> np.ndarray:
    return r ** np.abs(np.subtract.outer(np.arange(4), np.arange(4)))


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
    plan = make_plan("same_schools", coding, waves=waves, by_time=(), terms=("x", "kind"))
    stats = merged(plan, frame).without_levels(("county",))
    model = plan.full_model()
    model = model.with_random([r for r in model.random if r.group != ("county",)])
    return plan, model, stats


@cache
def decayed(seed: int = 1, draw=correlated):
    frame, effects = rows(seed, decaying(0.7), draw=draw)
    plan, model, stats = prepared(frame)
    frame_ = frame_over_waves(plan, model, SCHOOL, stats)
    return plan, model, stats, frame_, compared_forms(frame_, True), effects


def named(forms, name: str):
    """The form of this name among those compared."""
    return next(item for item in forms if item.fitted.form.name == name)


def followed(seed: int, schools: int = 60, pupils: int = 20, variance: float = 3.0):
    """The same pupils in each wave, so that their effects stay in the means of their schools."""
    rng = np.random.default_rng(seed)
    sizes = {"county": 1, "school": schools, "pupil": pupils, WAVE: 4, "row": (0, 1)}
    frame = nested_rows(rng, sizes, {"pupil": variance})
    effects = correlated(rng, 0.4 * decaying(0.6), schools)
    frame["y"] += effects[frame["school"].astype(int), frame[WAVE].astype(int)]
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    plan = make_plan("same_pupils", waves=WAVES, by_time=(), terms=("x", "kind"))
    stats = merged(plan, frame).without_levels(("county",))
    model = plan.full_model()
    model = model.with_random([r for r in model.random if r.group[-1] != "county"])
    return plan, model, stats, frame
