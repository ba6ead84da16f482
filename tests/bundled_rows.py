"""Rows of schools in two waves, and their sample with bundles of counties and schools."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.nouns.hierarchy import Hierarchy
from mlm.nouns.levels import WAVE
from mlm.rows.accumulating.accumulate import accumulate_together
from mlm.rows.accumulating.bundle_sums import BundledUnits
from mlm.rows.accumulating.row_sums import Wanted
from mlm.rows.accumulating.sources import source_of
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.merging import merge_waves
from tests.nested_rows import nested_rows
from tests.plans import make_plan, waves_of

UNITS = ("county",), ("county", "school")


def bundled_survey(counties: int = 8, seed: int = 1):
    """Plan, sample with bundles, and rows of the same schools in two waves."""
    rng = np.random.default_rng(seed)
    sizes = {"county": counties, "school": 4, WAVE: 2, "row": (4, 9)}
    frame = nested_rows(rng, sizes, {"county": 0.4, "school": 0.3})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    plan = make_plan("same_schools", waves=("w0", "w1"))
    return plan, with_bundles(plan, frame), frame


def with_bundles(plan, frame, units=UNITS) -> CrossProducts:
    parts = waves_of(plan, frame)
    recipe = next(iter(parts.values())).columns
    waves = []
    for wave in plan.time.waves:
        wanted = Wanted(recipe, Hierarchy(()), bundled=BundledUnits(wave, recipe.columns, *units))
        (found,) = accumulate_together(source_of(frame[frame[WAVE] == wave]), [wanted])
        waves += found.cross_products().bundles
    return replace(merge_waves(plan, parts), bundles=tuple(waves))
