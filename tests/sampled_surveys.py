"""A small survey of schools and pupils with weights, replicates and plausible values, and its plan.

Schools are seen again in the second wave, pupils are new; ``new`` gives the second wave schools of
its own.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
import pandas as pd

import mlm
from mlm.front.sampled_analysis import analyse_rows
from mlm.nouns.assignment import Assignment
from mlm.nouns.design import design_named
from mlm.nouns.formula import parse_term
from mlm.nouns.levels import ROW, WAVE, PlannedLevel
from mlm.nouns.plan import Plan
from mlm.nouns.planned_time import PlannedTime
from mlm.nouns.plausible_values import PlausibleValues
from mlm.nouns.sampled_plan import SampledPlan
from mlm.nouns.sampling import SamplingDesign
from mlm.results.sampled.results import SampledResults
from mlm.rows.accumulating.sources import source_of
from tests.survey_accounts import EMPTY

WAVES = ("2018", "2022")
SCHOOLS, PUPILS, DRAWS, REPLICATES = 24, 8, 3, 20
CUT, LINK = 480.0, 4.0
Kind = Literal["weights", "replicates", "plausible_values", "all"]
KINDS: tuple[Kind, ...] = ("weights", "replicates", "plausible_values", "all")
THRESHOLDS = {"reliability": 0.5, "separable": 0.1, "stability": 0.5}


@cache
def rows_of_survey(new: bool = False) -> dict[str, pd.DataFrame]:
    """Rows of each wave: ids, covariates, an observed score, draws, weights, replicates."""
    rng = np.random.default_rng(20230901)
    schools = pd.DataFrame(
        {
            "effect": rng.normal(0.0, 25.0, SCHOOLS),
            "steep": rng.normal(0.0, 34.0, SCHOOLS),
            "kind": np.where(np.arange(SCHOOLS) % 4 < 2, "public", "private"),
        }
    )
    noise = 0.4 * rng.normal(size=SCHOOLS)
    schools["w_school"] = 1.0 + np.exp(noise - 0.01 * schools["effect"])
    signs = np.where(rng.random((SCHOOLS // 2, REPLICATES)) < 0.5, -0.5, 0.5)
    return {wave: _wave(rng, t, schools, signs, new) for t, wave in enumerate(WAVES)}


def _wave(rng, t: int, schools: pd.DataFrame, signs: np.ndarray, new: bool) -> pd.DataFrame:
    school = np.repeat(np.arange(SCHOOLS), PUPILS)
    n, own, zone = school.size, schools.iloc[school].reset_index(drop=True), school // 2
    ses, sex = rng.normal(size=n), rng.choice(["boy", "girl"], n)
    private = (own["kind"] == "private").to_numpy()
    true = 500.0 + 6.0 * t + (12.0 + own["steep"]) * ses + 9.0 * (sex == "girl")
    true = true + (14.0 + 8.0 * t) * private + own["effect"]
    true = true + rng.normal(0.0, 9.0, SCHOOLS)[school] + rng.normal(0.0, 40.0, n)
    weight = own["w_school"] * (1.0 + np.exp(0.2 * rng.normal(size=n)))
    draws = {f"pv{m}": true + rng.normal(0.0, 18.0, n) for m in range(1, DRAWS + 1)}
    factors = 1.0 + signs[zone] * np.where(school % 2, 1.0, -1.0)[:, None]
    replicates = {f"rep{r + 1}": weight * factors[:, r] for r in range(REPLICATES)}
    first = "n" if new and t else "s"
    known = {
        "school": [f"{first}{number}" for number in school],
        "score": true,
        "ses": ses,
        "noise": rng.normal(size=n),
        "sex": sex,
        "zone": zone.astype(str),
        "w_pupil": weight,
    }
    return pd.DataFrame({**known, **own[["kind", "w_school"]], **draws, **replicates})


def plan_of_survey(kind: Kind, new: bool = False, **others) -> Plan:
    """The plan of an analysis of the survey, as far as it knows how the sample was drawn."""
    drawn = kind in ("plausible_values", "all")
    outcome = "maths" if drawn else "score"
    scores = (PlausibleValues("maths", [f"pv{m}" for m in range(1, DRAWS + 1)]),) if drawn else ()
    sampling = SampledPlan(
        others.pop("design", _design(kind, new)),
        others.pop("scores", scores),
        {"minimum_proficiency": CUT},
        {WAVES: LINK},
    )
    school = (WAVE, "school") if new else ("school",)
    levels = [PlannedLevel("school", school)]
    if not new:
        levels.append(PlannedLevel("school", ("school", WAVE), in_wave=True))
    return Plan(
        **{
            "survey": "small",
            "analysis": "maths",
            "outcome": outcome,
            "design": design_named("new_schools" if new else "same_schools"),
            "levels": (*levels, PlannedLevel("pupil", ())),
            "time": PlannedTime(WAVE, "categories", WAVES, (0.0, 4.0)),
            "terms": tuple(map(parse_term, ("sex", "ses", "noise", "kind"))),
            "time_terms": (parse_term(WAVE), parse_term(f"{WAVE}:kind")),
            "protected": (parse_term(WAVE),),
            "policy": {"kind": Assignment("observational")},
            "slopes": ("ses", "noise"),
            "variable_levels": {
                "sex": ROW,
                "ses": ROW,
                "noise": ROW,
                "kind": "school",
                outcome: ROW,
            },
            "categories": {"sex": ("boy", "girl"), "kind": ("public", "private"), WAVE: WAVES},
            "alpha": 0.05,
            "ranking": THRESHOLDS,
            "sampling": sampling,
            **others,
        }
    )


def _design(kind: Kind, new: bool) -> SamplingDesign | None:
    if kind == "plausible_values":
        return None
    replicated = kind in ("replicates", "all")
    return SamplingDesign(
        {ROW: "w_pupil", "school": "w_school"},
        wave=WAVE,
        strata=f"{WAVE}:zone" if new else "zone",
        replicates=mlm.fay("rep{1..20}", k=0.5) if replicated else None,
    )


def sources_of_survey(new: bool = False) -> dict:
    """The rows of each wave as an analysis reads them."""
    return {wave: source_of(frame) for wave, frame in rows_of_survey(new).items()}


@cache
def analysed(kind: Kind, new: bool = False):
    """Results and fits of the analysis of a kind of sample."""
    return analyse_rows(plan_of_survey(kind, new), sources_of_survey(new), EMPTY)


def results_of(kind: Kind, new: bool = False) -> SampledResults:
    """Its results."""
    return analysed(kind, new)[0]


@cache
def plain(kind: Kind, new: bool = False) -> SampledResults:
    """Results without slopes, with which those of other rows and plans are compared."""
    return analyse_rows(plan_of_survey(kind, new, slopes=()), sources_of_survey(new), EMPTY)[0]


def rows_below(new: bool = False) -> pd.DataFrame:
    """Rows of both waves, one below the other."""
    waves = rows_of_survey(new)
    return pd.concat([frame.assign(wave=wave) for wave, frame in waves.items()], ignore_index=True)
