"""No sound survey is refused, or told that its variances rest on little: 200 simulated ones."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from mlm.errors import NotConverged, SingularFit
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.statistics.answers.data.identified_levels import identified_levels, within
from mlm.statistics.fitting.solution import fit_model
from tests.nested_rows import nested_rows
from tests.plans import crossed, make_plan, merged

pytestmark = pytest.mark.study

DESIGNS = {
    "same_pupils": ("county", "school", "pupil", WAVE),
    "same_schools": ("county", "school", WAVE),
    "new_schools": ("county", WAVE, "school"),
    "cross_section": ("county", "school"),
    "moving": ("county", "school", "pupil", WAVE),
}
SURVEYS = 40
"""Of each design; every second one has six units at the top, every third one no variance there."""


def survey(design: str, seed: int) -> tuple[pd.DataFrame, tuple[str, ...]]:
    rng = np.random.default_rng([seed, len(design)])
    waves = 1 if design == "cross_section" else int(rng.integers(2, 5))
    sizes = {name: (2, int(rng.integers(3, 6))) for name in DESIGNS[design]}
    sizes["county"] = 6 if seed % 2 else int(rng.integers(8, 30))
    sizes[WAVE] = waves
    sizes["row"] = (0, 1) if "pupil" in sizes else (2, int(rng.integers(3, 9)))
    variances = {name: float(rng.choice([0.05, 0.3, 1.0])) for name in sizes if name != "row"}
    variances["county"] *= float(seed % 3 > 0)
    frame = nested_rows(rng, sizes, variances, {"county": 0.1})
    frame[WAVE] = "w" + (frame[WAVE] if WAVE in frame else pd.Series("0", index=frame.index))
    if design == "moving":
        frame["pupil"] = frame["county"] + "-" + frame["school"] + "-" + frame["pupil"]
        moved = rng.random(len(frame)) < 0.3
        schools = rng.permutation(len(frame))[moved]
        for name in ("county", "school", "z"):
            frame.loc[moved, name] = frame[name].to_numpy()[schools]
    return frame, tuple(f"w{i}" for i in range(waves))


@pytest.mark.parametrize("design", DESIGNS)
def test_no_sound_survey_raises_an_alarm(design):
    for seed in range(SURVEYS):
        frame, waves = survey(design, seed)
        nested = "same_pupils" if design == "moving" else design
        plan = make_plan(nested, waves=waves, terms=("x", "kind"), slopes=("x",))
        plan = crossed(plan) if design == "moving" else plan
        stats, changes = identified_levels(plan, merged(plan, frame))
        assert changes == [], seed
        full = within(plan.full_model(), stats)
        slope = RandomTerm(("county",), (Term(), Term((Factor("x"),))))
        sloped = full.with_random([slope, *(r for r in full.random if r.group != ("county",))])
        for criterion, model in (("ML", full), ("REML", full), ("REML", sloped)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SingularFit)
                warnings.simplefilter("ignore", NotConverged)
                fit = fit_model(model, stats, criterion)
            assert fit.certificate.weak == (), (seed, model.formula)
