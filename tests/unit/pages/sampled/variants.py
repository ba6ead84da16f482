"""Other assessments than the stored one, made of it: each lacks a part or has one more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.unit.pages.sampled import sampled_inputs

SCHOOL = {"unit": "school", "in_wave": False, "ids": ["wave", "school"]}
UNIT_OF_WEIGHTS = {"kind": "unit_of_weights"}
FEW_DEGREES = {"kind": "refused", "reason": {"kind": "too_few_degrees", "coefficients": 9, "df": 4}}


def _records(value: Any) -> Iterator[dict]:
    """Every record inside stored results."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict):
        yield value
    for part in parts:
        yield from _records(part)


def without_weights() -> dict:
    """Rows count alike; the score is known by plausible values."""
    given = sampled_inputs()
    results = given["results"]
    results |= {"sample": None, "sensitivity": None}
    for record in _records(results):
        for name in ("sum_of_weights", "unweighted"):
            if name in record:
                record[name] = None
    return given


def without_draws() -> dict:
    """Rows have weights; the score is observed."""
    given = sampled_inputs()
    given["results"] |= {"scores": [], "draws": 1}
    for record in _records(given["results"]):
        for name in ("measurement_error", "missing_information"):
            if name in record:
                record[name] = None
        if "fits" in record:
            record["fits"] = record["fits"][:1]
    return given


def of_one_wave() -> dict:
    """The first wave alone: nothing changes."""
    given = sampled_inputs()
    results, wave = given["results"], given["results"]["time"]["waves"][0]
    results["time"]["waves"] = [wave]
    for record in _records(results):
        for name in ("waves", "weighted_moments", "by_wave"):
            found = record.get(name)
            if isinstance(found, list) and found and isinstance(found[0], dict):
                record[name] = [item for item in found if item["wave"] == wave]
    over = results["over_time"]
    over |= {"adjusted_means": over["adjusted_means"][:1], "test": None, "by": []}
    over["levels"] = [{"kind": "refused", "level": None, "reason": {"kind": "one_wave"}}]
    given["survey"]["waves"] = given["survey"]["waves"][:1]
    configuration = given["configuration"]
    configuration["design"] = "cross_section"
    configuration["waves"] = configuration["waves"][:1]
    del configuration["time"]
    given["configuration"]["analyses"]["math"].pop("time_interactions", None)
    return given


def without_cut() -> dict:
    """No share at a cut is told."""
    given = sampled_inputs()
    given["results"]["shares_at"] = []
    return given


def _unit(place: int) -> dict:
    estimate = 30.0 - 4.0 * place
    return {
        "unit": ["2022", str(place)],
        "n": 20 + place,
        "estimate": estimate,
        "std_error": 6.0,
        "comparative_se": 6.5,
        "reliability": 0.8,
        "lower": estimate - 12.7,
        "upper": estimate + 12.7,
    }


def _estimated_units(granted: bool) -> dict:
    check = {"check": "reliability", "value": 0.8, "lower": 0.75, "threshold": 0.7}
    units = {"check": "units", "value": 15.0, "lower": None, "threshold": 10.0, "passed": True}
    return {
        "kind": "estimated",
        "level": SCHOOL,
        "n": 15,
        "reliability_mean": 0.8,
        "reliability_min": 0.71,
        "variance": 900.0,
        "separable_share": 0.4,
        "licence": {"granted": granted, "checks": [units, check | {"passed": granted}]},
        "units": [_unit(place) for place in range(15)],
    }


def _estimated_stability(estimate: dict) -> dict:
    more = {"estimate": 0.71, "std_error": 0.08, "lower": 0.55, "upper": 0.83}
    average = estimate | more | {"sampling_error": 0.07, "measurement_error": 0.03}
    sds = [average | {"estimate": sd, "lower": sd - 4.0, "upper": sd + 5.0} for sd in (31.0, 29.5)]
    over = {
        "kind": "estimated",
        "form": "unstructured",
        "formula": "math ~ year + us(0 + year | school)",
        "holds_rows": False,
        "sd": sds,
        "pairs": [average | {"first": "2018", "second": "2022"}],
        "alike": FEW_DEGREES,
    }
    return {
        "kind": "estimated",
        "level": SCHOOL,
        "within": SCHOOL | {"in_wave": True},
        "waves": ["2018", "2022"],
        "sd": [31.0, 29.5],
        "correlation": [[1.0, 0.71], [0.71, 1.0]],
        "average": average,
        "over_waves": over,
    }


def _followed_stability(estimate: dict) -> dict:
    """That of units that the settled model has no waves of."""
    pupils = {"unit": "pupil", "in_wave": False, "ids": ["school", "pupil"]}
    found = _estimated_stability(estimate) | {"within": None, "level": pupils}
    found["over_waves"] |= {"holds_rows": True}
    return found


def _without_forms(estimate: dict) -> dict:
    """That of units whose covariance over the waves could not be estimated."""
    refused = {"kind": "refused", "reason": {"kind": "not_estimable"}}
    return _estimated_stability(estimate) | {"over_waves": refused}


def _balance(waves: list[dict]) -> dict:
    """Covariates of boys and girls: a number, a category of few, and one without spread."""
    columns = [
        {"variable": "escs", "category": None, "power": 1, "function": None},
        {"variable": "language", "category": "third", "power": 1, "function": None},
    ]
    rows = [
        {
            "category": "M",
            "column": column,
            "mean": 0.12,
            "reference_mean": 0.31,
            "difference": waves[0]["gap"] | {"estimate": -0.19, "std_error": 0.05},
        }
        for column in columns
    ]
    rows.append(rows[0] | {"difference": None})
    lacking = {"kind": "too_few_in_category", "variable": "sex", "category": "M"}
    missing = {"category": "M", "reason": lacking | {"units": 3, "needed": 4}}
    told = {"unequal": 1, "joint": FEW_DEGREES, "rows": rows, "not_compared": []}
    found = [told | {"wave": wave["wave"]} for wave in waves]
    found[-1] |= {"joint": None, "rows": [], "not_compared": [missing]}
    return {"kind": "made", "threshold": 0.1, "waves": found}


def _policy(results: dict) -> dict:
    waves = results["means"]["by"][0]["categories"][1]["waves"]
    size = {"weighted_sd": 85.0, "estimate": -0.23, "lower": -0.35, "upper": -0.11}
    more = {"category": "M", "standing": "compared", "size": size}
    effects = [wave["gap"] | more | {"wave": wave["wave"]} for wave in waves]
    return {
        "variable": "sex",
        "evidence": "observational",
        "reference": "F",
        "by_wave": True,
        "assignment": {"level": None, "wave": None, "groups": "attended"},
        "effects": effects,
        "formula": "math ~ sex * year + (1 | school)",
        "time_test": FEW_DEGREES,
        "balance": _balance(waves),
        "unadjusted": [each | {"apart": i == 1} for i, each in enumerate(effects)],
    }


def _split(results: dict, model: str) -> dict:
    """The status of the home within schools and between them."""
    gap = results["means"]["by"][0]["categories"][1]["waves"][0]["gap"]
    return {
        "variable": "escs",
        "category": None,
        "model": model,
        "within": gap,
        "means": [{"term": "sex", "level": SCHOOL, "between": gap, "contextual": gap}],
        "reason": None,
    }


def with_everything(granted: bool = True) -> dict:
    """Single units, stability, a policy, a jackknife with strata, and what could not be tested."""
    given = sampled_inputs()
    results = given["results"]
    results["units"] = [_estimated_units(granted)]
    average = results["means"]["waves"][0]
    names = ("rows", "clusters", "sum_of_weights", "wave", "change", "step")
    estimate = {name: value for name, value in average.items() if name not in names}
    kinds = (_without_forms if granted else _estimated_stability, _followed_stability)
    results["over_time"]["levels"] = [kind(estimate) for kind in kinds]
    results["policy"] = [_policy(results)]
    results["influence"] = {"kind": "refused", "reason": {"kind": "rests_on_one_cluster"}}
    results["within_between"] = [_split(results, model) for model in ("full", "settled")]
    given["configuration"]["analyses"]["math"]["policy"] = {"sex": "observational"}
    for item in results["settled"]["variance_components"]:
        item |= {"corrected": 1.08 * item["estimate"], "on_bound": 1}
    sample = results["sample"]
    sample |= {"errors": "jackknife", "errors_of_means": "linearised"}
    joined = [{"stratum": "7", "joined_with": "8"}]
    sample["strata"] = {"column": "language", "n": 12, "joined": joined}
    sample["rows_without_weight"] = [{"variable": "weight", "rows": 31}]
    pairs = {"method": "jk2", "halves": "both", "factor": None}
    sample["replicates"] |= pairs | {"spread": 0.004, "made_from": "rows"}
    sample["small_units"] = {"level": SCHOOL, "rows": 7.5}
    results["sensitivity"]["largest_unscaled"]["in_se"] = 2.1
    results["settled"]["refitted"] = {"lowest": 0.97, "highest": 1.04, "by_search": 2}
    results["scores"] += [{"score": "escs", "columns": ["e1", "e2"], "nests": 2}]
    slope = results["slopes"][0]
    refused = {"kind": "refused", "reason": {"kind": "not_estimable"}}
    results["slopes"] += [refused | {"variable": "escs", "level": slope["level"]}]
    results["associations"][-1]["test"] = FEW_DEGREES
    _reduced(results)
    _course(results)
    return given


def _reduced(results: dict) -> None:
    """One term left, and the terms that left were not tested together."""
    reduction = results["reduction"]
    term = reduction["path"][0]["terms"][0]
    test = next(a["test"] for a in results["associations"] if a["test"]["kind"] == "made")
    kept = [other for other in reduction["path"][0]["terms"] if other != term]
    reduction["path"] = [reduction["path"][0], {"dropped": [term], "terms": kept, "test": test}]
    reduction |= {"dropped": [term], "joint": test}


def _course(results: dict) -> None:
    """The waves do not follow the line of time."""
    test = next(a["test"] for a in results["associations"] if a["test"]["kind"] == "made")
    results["over_time"]["lack_of_fit"] = {"test": test, "rejected": True}


VARIANTS = {
    "stored": sampled_inputs,
    "without weights": without_weights,
    "without draws": without_draws,
    "one wave": of_one_wave,
    "without cut": without_cut,
    "everything": with_everything,
    "not granted": lambda: with_everything(granted=False),
}
