"""Results of the small assessment, as an analysis of a sample stores them."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pandas as pd

from mlm.results.sampled.results import SampledResults
from tests.sampled_estimates import (
    draws_of,
    estimates_by_categories,
    estimates_by_wave,
    mean_of_rows,
    share_of_rows,
    weights_of,
)
from tests.sampled_models import (
    PUPIL,
    SCHOOL,
    associations,
    model,
    over_time,
    reduction,
    sensitivity,
    slope,
)
from tests.sampled_rows import (
    ABSENT,
    CUT,
    DRAWS,
    FAY,
    REPLICATES,
    SCHOOLS,
    WAVES,
    complete_rows,
    sampled_rows,
)

NO_LINK = {"kind": "share_has_no_link"}
REFUSALS = (
    ("likelihood_ratio_tests", "unit_of_weights", "wald_tests"),
    ("information_criteria", "unit_of_weights", "wald_tests"),
    ("restricted_likelihood", "unit_of_weights", "pseudo_likelihood"),
    ("profile_intervals", "model_alone_errors", "design_intervals"),
    ("satterthwaite", "model_alone_errors", "design_degrees"),
    ("adequate_subsets", "unit_of_weights", "joint_test_of_dropped"),
    ("residuals_of_rows", "draws_have_their_own", None),
)


def sampled_results() -> SampledResults:
    """The results of the analysis."""
    return SampledResults.model_validate_json(_stored())


@cache
def _stored() -> str:
    return json.dumps(_results())


def _results() -> dict:
    rows = {wave: complete_rows(wave) for wave in WAVES}
    n = sum(map(len, rows.values()))
    return {
        "schema": 1,
        "survey": "assessment",
        "analysis": "math",
        "outcome": "math",
        "design": "new_schools",
        "criterion": "ML",
        "kind": "sampled",
        "time": {"name": "year", "coding": "categories", "degree": 1, "waves": list(WAVES)},
        "levels": [{"level": SCHOOL, "n": 2 * SCHOOLS}, {"level": PUPIL, "n": n}],
        "waves": [_wave(wave, frame) for wave, frame in rows.items()],
        "n_obs": n,
        "rows_without": [{"variable": "language", "rows": 2 * ABSENT}],
        "weighted_moments": [_moments(wave) for wave in WAVES],
        "sample": _sample(rows),
        "scores": [{"score": "math", "columns": [f"pv{d}" for d in range(1, 6)], "nests": None}],
        "draws": DRAWS,
        "null": model("null", n),
        "full": model("full", n),
        "reduction": reduction(),
        "settled": model("settled", n)
        | {"refitted": {"lowest": 0.987, "highest": 1.012, "by_search": 0}},
        "slopes": [slope()],
        "associations": associations(),
        "means": {
            "waves": estimates_by_wave(mean_of_rows),
            "by": estimates_by_categories(mean_of_rows),
        },
        "shares_at": [
            {
                "name": "minimum_proficiency",
                "cut": CUT,
                "waves": estimates_by_wave(share_of_rows),
                "by": estimates_by_categories(share_of_rows),
                "linking": NO_LINK,
            }
        ],
        "over_time": over_time(),
        "policy": [],
        "units": [
            {
                "kind": "refused",
                "level": SCHOOL,
                "reason": {"kind": "not_for_single_units", "draws": DRAWS},
            }
        ],
        "sensitivity": sensitivity(),
        "refusals": [
            {"what": what, "reason": {"kind": kind}, "instead": instead}
            for what, kind, instead in REFUSALS
        ],
        "notes": [],
    }


def _wave(wave: str, frame: pd.DataFrame) -> dict:
    return {
        "wave": wave,
        "rows": len(frame),
        "groups": [{"level": SCHOOL, "n": SCHOOLS}],
        "mean": float(frame["pv1"].mean()),
        "sd": float(frame["pv1"].std()),
        "rows_clean": len(sampled_rows()[wave]),
    }


def _moments(wave: str) -> dict:
    weights, draws = weights_of(wave)[:, 0], draws_of(wave)
    mean = np.average(draws, axis=0, weights=weights)
    spread = np.average((draws - mean) ** 2, axis=0, weights=weights)
    return {
        "wave": wave,
        "weighted_mean": float(mean.mean()),
        "weighted_sd": float(np.sqrt(spread).mean()),
    }


def _sample(rows: dict[str, pd.DataFrame]) -> dict:
    weights = {wave: frame["weight"].to_numpy() for wave, frame in rows.items()}
    every = np.concatenate(list(weights.values()))
    return {
        "weights": [
            {"level": SCHOOL, "column": None},
            {"level": PUPIL, "column": "weight"},
        ],
        "are": "overall",
        "scaling": "effective",
        "clusters": {"ids": ["wave", "school"], "n": 2 * SCHOOLS},
        "strata": None,
        "replicates": {
            "method": "fay",
            "n": REPLICATES,
            "factor": FAY,
            "halves": None,
            "columns": [f"rep{r}" for r in range(1, REPLICATES + 1)],
            "made_from": "clusters",
            "spread": 0.0,
        },
        "errors": "replicates",
        "errors_of_means": "replicates",
        "df": float(REPLICATES),
        "sum_of_weights": float(every.sum()),
        "effective_rows": _effective(every),
        "by_wave": [
            {
                "wave": wave,
                "rows": len(found),
                "sum_of_weights": float(found.sum()),
                "effective_rows": _effective(found),
            }
            for wave, found in weights.items()
        ],
        "rows_without_weight": [],
    }


def _effective(weights: np.ndarray) -> float:
    return float(weights.sum() ** 2 / (weights**2).sum())
