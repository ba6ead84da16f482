"""Units that grow at their own rates, and the models settled for them.

Truth: every unit grows at its own rate, and the county variable z has nothing to do with it.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from mlm.nouns.levels import WAVE
from mlm.statistics.fitting.solution import solve
from mlm.statistics.selection.settle import settle
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

WAVES = ("w0", "w1", "w2", "w3")
SIZES = {"county": 16, "school": 3, "pupil": 6, WAVE: 4, "row": 1}
GROWTH = {"county": 0.2, "pupil": 0.15}  # standard deviations of the rates, by unit of time


def grown(seed: int, growth=GROWTH, waves: int = 4):
    rng = np.random.default_rng(seed)
    frame = nested_rows(rng, {**SIZES, WAVE: waves}, {"county": 0.2, "school": 0.2, "pupil": 0.4})
    for depth, name in enumerate(("county", "school", "pupil"), start=1):
        if name in growth:
            first, *others = (frame[level] for level in ("county", "school", "pupil")[:depth])
            ids = first.str.cat(others, sep=":") if others else first
            codes = ids.astype("category").cat.codes.to_numpy()
            frame["y"] += growth[name] * rng.normal(size=codes.max() + 1)[codes] * time_of(frame)
    return frame.assign(**{WAVE: "w" + frame[WAVE]})


def time_of(frame) -> np.ndarray:
    return 2.0 * frame[WAVE].astype(int).to_numpy()  # as the times of ``make_plan``


@cache
def settled(seed: int = 1, with_growth: bool = True):
    """The full model with random intercepts by REML, and the settled model."""
    plan = make_plan("same_pupils", "trend", waves=WAVES, by_time=("z",), slopes=())
    stats = merged(plan, grown(seed, GROWTH if with_growth else {}))
    plain = solve(plan.full_model(), stats, "REML")
    return plain.fit, settle(plan, plan.null_model(), plan.full_model(), stats)


def effect(fit, name: str = "year:z"):
    return fit.fixed_effects.loc[name]
