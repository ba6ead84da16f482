"""Plans of small surveys, and their rows wave by wave, without a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from mlm.nouns.columns import scales_of
from mlm.nouns.design import design_named
from mlm.nouns.formula import parse_term
from mlm.nouns.hierarchy import Hierarchy
from mlm.nouns.levels import WAVE, PlannedLevel
from mlm.nouns.model import Factor, Term
from mlm.nouns.plan import Plan, PlannedTime
from mlm.rows.accumulating.accumulate import accumulate
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.merging import merge_waves

PATHS = {
    "same_pupils": ["county", "school", "pupil"],
    "same_schools": ["county", "school", WAVE],
    "new_schools": ["county", WAVE, "school"],
    "cross_section": ["county", "school"],
}
RANKING = {"reliability": 0.7, "separable": 0.3, "stability": 0.5}
KINDS = ("a", "b", "c")


def make_plan(
    design: str,
    coding: str = "categories",
    waves: tuple[str, ...] = ("w0", "w1", "w2"),
    terms: tuple[str, ...] = ("x", "z", "kind"),
    by_time: tuple[str, ...] = ("x",),
    slopes: tuple[str, ...] = ("x",),
    **changes,
) -> Plan:
    """The plan of a survey with the variables of ``nested_rows``; ``time`` is called year."""
    path = PATHS[design]
    levels = [
        PlannedLevel(path[i - (name == WAVE)], tuple(path[: i + 1]), name == WAVE)
        for i, name in enumerate(path)
    ]
    times = tuple(float(2 * i) for i in range(len(waves)))
    time = PlannedTime("year", coding, waves, times)
    products = [Term((Factor("year"), *parse_term(text).factors)) for text in by_time]
    time_terms = (time.term, *products) if time.term else ()
    categories = {"kind": KINDS, "group_kind": KINDS}
    if time.term:
        categories[time.factor] = waves
    chosen = {
        "survey": "small",
        "analysis": "y",
        "outcome": "y",
        "design": design_named(design),
        "levels": (*levels, PlannedLevel("row", ())),
        "time": time,
        "terms": tuple(parse_term(text) for text in terms),
        "time_terms": time_terms,
        "protected": time_terms[:1],
        "policy": {},
        "slopes": slopes,
        "variable_levels": {"x": "row", "kind": "row", "z": "county", "group_kind": "county"},
        "categories": categories,
        "alpha": 0.05,
        "ranking": RANKING,
    }
    return Plan(**{**chosen, **changes})


def crossed(plan: Plan) -> Plan:
    """The same plan with pupils who are known by their own id and crossed with schools."""
    *levels, pupil, row = plan.levels
    return replace(plan, levels=(*levels, PlannedLevel(pupil.unit, (pupil.unit,)), row))


def waves_of(plan: Plan, frame: pd.DataFrame) -> dict[str, CrossProducts]:
    """Cross-products of each wave, origins and units from the first."""
    first = frame[frame[WAVE] == plan.time.waves[0]]
    numbers = [(name, "identity") for name in ("x", "z", "y")]
    columns = plan.row_columns(scales_of(first, numbers))
    groups = [(group, plan.row_candidates(group, columns)) for group in plan.groups]
    hierarchy = Hierarchy.of(groups, plan.is_crossed)
    return {
        wave: accumulate(frame[frame[WAVE] == wave], columns, hierarchy) for wave in plan.time.waves
    }


def merged(plan: Plan, frame: pd.DataFrame) -> CrossProducts:
    """Cross-products of all waves, time included."""
    return merge_waves(plan, waves_of(plan, frame))


def with_time(plan: Plan, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with time as a variable, as one pass over all waves would need it."""
    at: Mapping[str, object] = dict(zip(plan.time.waves, plan.time.times, strict=True))
    if plan.time.coding == "categories":
        return frame.assign(year=frame[WAVE])
    return frame.assign(year=frame[WAVE].map(at))
