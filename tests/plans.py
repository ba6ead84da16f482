"""Plans of small surveys, and their rows wave by wave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from mlm.configuration.models import Configuration
from mlm.configuration.parts import Ranking
from mlm.configuration.planning import plan_of
from mlm.nouns.assignment import Assignment
from mlm.nouns.columns import scales_of
from mlm.nouns.hierarchy import Hierarchy
from mlm.nouns.levels import WAVE, PlannedLevel
from mlm.nouns.plan import Plan
from mlm.rows.accumulating.accumulate import accumulate
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.merging import merge_waves

LEVELS = ("county", "school", "pupil")
DESIGNS = ("same_pupils", "same_schools", "new_schools", "cross_section")
RANKING = Ranking().model_dump()
CATEGORIES = {kind: kind.upper() for kind in ("a", "b", "c")}
VARIABLES = {
    "y": {"label": "y", "type": "number", "level": "row"},
    "x": {"label": "x", "type": "number", "level": "row"},
    "z": {"label": "z", "type": "number", "level": "county"},
    "kind": {"label": "kind", "type": "category", "level": "row", "categories": CATEGORIES},
    "group_kind": {
        "label": "group_kind",
        "type": "category",
        "level": "county",
        "categories": CATEGORIES,
    },
}


def make_plan(
    design: str,
    coding: str = "categories",
    waves: tuple[str, ...] = ("w0", "w1", "w2"),
    terms: tuple[str, ...] = ("x", "z", "kind"),
    by_time: tuple[str, ...] = ("x",),
    slopes: tuple[str, ...] = ("x",),
    degree: int | None = None,
    first: float = 0.0,
    step: float = 2.0,
    **changes,
) -> Plan:
    """The plan of a survey with the variables of ``nested_rows``; ``time`` is called year."""
    levels = [{"name": name, "id": name, "plural": f"{name}s"} for name in LEVELS]
    configuration = Configuration.model_validate(
        {
            "survey": "small",
            "title": "Small",
            "description": "Small.",
            "source": "Invented.",
            "design": design,
            "levels": levels,
            "time": {"name": "year", "label": "Year", "coding": coding, "degree": degree},
            "waves": [
                {"name": wave, "time": first + step * i, "files": [f"{wave}.csv"]}
                for i, wave in enumerate(waves)
            ],
            "variables": VARIABLES,
            "analyses": {
                "y": {
                    "outcome": "y",
                    "terms": terms,
                    "time_interactions": by_time if len(waves) > 1 else (),
                    "slopes": slopes,
                }
            },
        }
    )
    return replace(plan_of(configuration, "y"), **changes)


def observed(*policies: str) -> dict[str, Assignment]:
    """Policies of which nothing is said but that they were not allocated at random."""
    return {policy: Assignment("observational") for policy in policies}


def crossed(plan: Plan) -> Plan:
    """The same plan with pupils who are known by their own id and crossed with schools."""
    *levels, pupil, row = plan.levels
    return replace(plan, levels=(*levels, PlannedLevel(pupil.unit, (pupil.unit,)), row))


def waves_of(
    plan: Plan, frame: pd.DataFrame, like: pd.DataFrame | None = None
) -> dict[str, CrossProducts]:
    """Cross-products of each wave, origins and units from the first, of these rows or of others."""
    like = frame if like is None else like
    first = like[like[WAVE] == plan.time.waves[0]]
    numbers = [(name, "identity") for name in ("x", "z", "y")]
    columns = plan.row_columns(scales_of(first, numbers))
    groups = [(group, plan.row_candidates(group, columns)) for group in plan.groups]
    hierarchy = Hierarchy.of(groups, plan.is_crossed)
    return {
        wave: accumulate(frame[frame[WAVE] == wave], columns, hierarchy) for wave in plan.time.waves
    }


def merged(plan: Plan, frame: pd.DataFrame, like: pd.DataFrame | None = None) -> CrossProducts:
    """Cross-products of all waves, time included."""
    return merge_waves(plan, waves_of(plan, frame, like))


def with_time(plan: Plan, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with time as a variable, as one pass over all waves would need it."""
    at: Mapping[str, object] = dict(zip(plan.time.waves, plan.time.times, strict=True))
    if plan.time.coding == "categories":
        return frame.assign(year=frame[WAVE])
    return frame.assign(year=frame[WAVE].map(at))
