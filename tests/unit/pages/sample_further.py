"""Parts beside the five answers, for the sample: invented, but with the shape of real results."""

from __future__ import annotations

from tests.unit.pages.sample import inputs

TEST = {"statistic": 9.1, "df": 2, "reference": "chi2(2)", "p_value": 0.011, "reason": None}
F_TEST = {**TEST, "reference": "F(2, 77.4)", "denominator_df": 77.4}


EXTREME = 7.654321


def effect(estimate: float, error: float) -> dict:
    reach = 1.96 * error
    ends = {"lower": estimate - reach, "upper": estimate + reach}
    return {"estimate": estimate, "std_error": error, "df": 70.0, "p_value": 0.02, **ends}


def pupil_level() -> dict:
    moved = {
        "removed": ["class_type:ses"],
        "coefficients": [
            {
                "term": "experience",
                "variables": ["experience"],
                "level": "school",
                "with": 0.5,
                "with_se": 0.2,
                "without": 0.41,
                "without_se": 0.2,
                "change_in_se": -0.45,
            }
        ],
        "components": [{"level": "school", "group": "school", "with": 230.0, "without": 231.0}],
    }
    terms = [{"term": "experience:ses", **TEST, "p_holm": 0.033}]
    names = {"variables": ["class_type", "ses"], "left_out": ["experience:class_type"]}
    return {**names, "block": TEST, "terms": terms, "moved": moved}


def details() -> dict:
    explained = {
        "term": "experience:ses",
        "variable": "experience",
        "variance_before": 24.0,
        "variance_after": 12.0,
        "share": 0.5,
        "configured": False,
        **F_TEST,
        "p_holm": 0.04,
    }
    along = {
        "values": [-4.0, 2.0, 9.0],
        "labels": [],
        "levels": ["school", "pupil"],
        "groups": ["school", "school:pupil"],
        "shares": [[0.2, 0.8], [0.3, 0.7], [0.4, 0.6]],
        "total_variance": [100.0, 110.0, 120.0],
    }
    base = {"variable": "experience", "level": "school", "group": "school"}
    searched = [{**base, "along": along, "explained": [explained]}]
    return {"searched": searched, "left_out": []}


def stability() -> dict:
    forms = [
        {"model": "unstructured", "n_params": 20, "carried_forward": False},
        {"model": "autoregressive", "n_params": 16, "carried_forward": True, **TEST},
    ]
    common = {"deviance": 900.0, "aic": 940.0, "sd": [15.0], "average_correlation": 0.6}
    empty = dict.fromkeys(TEST)
    ends = {"lower": 0.4, "upper": 0.8}
    prediction = {
        "model": "autoregressive",
        "time": 3.0,
        "sd": 15.0,
        "error": 12.0,
        "correlation_with_last": 0.6,
        "reliability": 0.36,
        "expected_rank_correlation": 0.55,
        "units": [],
    }
    back_test = {
        "model": "autoregressive",
        "wave": "2",
        "units": 74,
        "coverage": 0.96,
        "correlation": 0.52,
        "expected_correlation": 0.55,
        "reliability_predicted": 0.36,
        "reliability_observed": 0.9,
    }
    return {
        "average_lower": 0.41,
        "average_upper": 0.77,
        "lower": [[None, 0.3, 0.2], [0.3, None, 0.3], [0.2, 0.3, None]],
        "upper": [[None, 0.9, 0.8], [0.9, None, 0.9], [0.8, 0.9, None]],
        "alternatives": [{**common, **empty, **ends, **form} for form in forms],
        "prediction": prediction,
        "back_test": back_test,
        "back_test_reason": None,
        "trajectories": trajectories(),
    }


def trajectories(units: int = 12) -> dict:
    middle = (units - 1) / 2
    rows = [
        {
            "unit": str(i + 1),
            "estimate": [(i - middle) * 3.0, (i - middle) * 2.0, (middle - i) * 1.0],
            "std_error": [3.0, 3.1, 3.2],
            "present": [True, i != 4, True],
        }
        for i in range(units)
    ]
    spread = [(0.025, -2.0), (0.1, -1.3), (0.25, -0.7), (0.5, 0.0)]
    spread += [(1.0 - p, -z) for p, z in spread[2::-1]]
    return {
        "waves": ["K", "1", "2"],
        "units": rows,
        "quantiles": [{"probability": p, "estimate": [20 * z, 18 * z, 17 * z]} for p, z in spread],
        "present": [units, units - 1, units],
    }


def standards_by() -> list[dict]:
    def rows(above: float) -> list[dict]:
        apart = effect(above, 1.1) if above else None
        means = [effect(480 + above + 45 * t, 1.9) for t in range(3)]
        return [
            {"wave": w, **mean, "difference": apart} for w, mean in zip("K12", means, strict=True)
        ]

    kinds = [("reg", None), ("small", None)]
    years = [(None, 4.1), (None, 14.3)]
    groups = [
        [{"category": c, "value": v, "rows": rows(8.0 * i)} for i, (c, v) in enumerate(points)]
        for points in (kinds, years)
    ]
    return [
        {"variable": "class_type", "groups": groups[0], "test": F_TEST},
        {"variable": "experience", "groups": groups[1], "test": {**F_TEST, "p_value": 0.4}},
    ]


def policy_details() -> dict:
    row = {
        "category": "small",
        "term": "ses[T.N]",
        "variables": ["ses"],
        "mean": 0.52,
        "reference_mean": 0.47,
        "standardised": 0.12,
    }
    balance = {
        "level": "school",
        "units": [{"category": "reg", "n": 40}, {"category": "small", "n": 40}],
        "mixed": 0,
        "threshold": 0.1,
        "unequal": 1,
        "rows": [row],
    }
    overlap = {"category": "small", "units": 80, "inside": 76, "share": 0.95, "reason": None}
    crude = {"category": "small", "wave": None, **effect(11.0, 2.0)}
    shown = {"balance": balance, "overlap": [overlap], "unadjusted": [crude]}
    return {"variable": "class_type", **shown}


def diagnostics() -> dict:
    points = [float(i) / 5.0 for i in range(-10, 11)]
    school = {
        "level": "school",
        "group": "school",
        "units": 80,
        "reason": None,
        "skewness": 0.2,
        "kurtosis": -0.3,
        "correlation": 0.99,
        "largest": 2.4,
        "counts": [1] * 21,
        "expected": points,
        "observed": points,
    }
    many = [float(i) / 40.0 for i in range(-100, 101)]
    pupil = {
        **school,
        "level": "pupil",
        "group": "school:pupil",
        "units": 2201,
        "largest": EXTREME,
        "counts": [1] * 50 + [21] * 101 + [1] * 50,
        "expected": many,
        "observed": [*many[:-1], EXTREME],
    }
    influence = {
        "level": "school",
        "group": "school",
        "n": 80,
        "method": "mean_shift",
        "threshold": 0.05,
        "above": 1,
        "largest_distance": 0.07,
        "largest_change": -0.8,
        "term": "experience",
        "units": [{"unit": "secretschool", "distance": 0.07, "term": "experience", "change": -0.8}],
    }
    waves = [
        {"wave": "K", "variance": 1180.0, "sd": 34.4},
        {"wave": "1", "variance": 545, "sd": 23},
    ]
    residual = {"waves": waves, **TEST}
    return {
        "residual_variance": residual,
        "normality": [school, pupil],
        "influence": influence,
        "deletion": deletion(),
    }


def deletion() -> dict:
    ends = {"school": (231.0, 190.0, 240.0), "residual": (1180.0, 1171.0, 1190.0)}
    levels = {"school": "school", "residual": "pupil"}
    ranges = [
        {"level": levels[g], "group": g, "variance": v, "lowest": low, "highest": high}
        for g, (v, low, high) in ends.items()
    ]
    move = {"term": "experience", "change": -0.62, "distance": 0.06}
    variances = {"school": 190.0, "residual": 1171.0}
    exact = {"unit": "secretschool", **move, "exact": True, "variances": variances}
    step = {"unit": "secretstep", **move, "exact": False, "variances": variances}
    return {
        "level": "school",
        "group": "school",
        "n": 80,
        "threshold": 0.05,
        "above": 1,
        "largest_distance": 0.06,
        "largest_change": -0.62,
        "term": "experience",
        "range": ranges,
        "units": [exact, step],
    }


def everything():
    """The inputs of a report with every part that has results."""
    found = inputs()
    results = found["results"]
    results["pupil_level"] = pupil_level()
    mean = {
        "term": "experience",
        "level": "school",
        "between": effect(3.0, 1.0),
        "contextual": effect(2.0, 1.1),
    }
    within = {"within": effect(1.0, 0.2), "means": [mean], "reason": None}
    results["between"] = [{"variable": "ses", "model": "full", **within}]
    terms = [{"term": "ses", "kept": 0.97, "in_final": True}]
    shares = {"replicates": 200, "models": 12, "same_model": 0.4}
    again = {"level": "school", "group": "school", "bundles": 80, "failed": 3, "replicates": 197}
    again |= {"models": 31, "same_model": 0.25, "terms": [{**terms[0], "kept": 0.85}]}
    drawn = {"method": "parametric", **shares, "terms": terms}
    results["inclusion"] = {**drawn, "resampled": again}
    results["slope_details"] = details()
    results["policy_details"] = [policy_details()]
    results["diagnostics"] = diagnostics()
    results["stability"]["levels"][0].update(stability())
    results["stability"]["standards_by"] = standards_by()
    return found
