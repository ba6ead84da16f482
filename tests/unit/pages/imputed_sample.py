"""The stored sample as if it were pooled over imputations of missing values."""

from __future__ import annotations

from tests.unit.pages.sample import inputs

DRAWS = 20
OVER = {"kind": "over_imputations", "draws": DRAWS}
F_TEST = {
    "kind": "made",
    "statistic": 1.2,
    "df": 3,
    "reference": {"kind": "F", "df": 3, "denominator": 311.0},
    "p_value": 0.31,
    "pooled": "D1",
}
UNPOOLED = (
    ("likelihoods", "wald_tests"),
    ("simultaneous_bound", "joint_test_of_dropped"),
    ("adequate_subsets", None),
    ("inclusion_frequencies", None),
    ("back_test", None),
    ("influence", None),
    ("deletion", None),
    ("residuals_of_rows", None),
)


def imputed_sample() -> dict:
    """Inputs of a report, to be changed by a test."""
    given = inputs()
    results = given["results"]
    for name in ("null", "full", "settled"):
        for criterion in ("ml", "reml"):
            fit = results[name][criterion]
            fit |= dict.fromkeys(("deviance", "aic", "bic"))
            for i, item in enumerate(fit["fixed"]):
                item["missing_information"] = 0.01 * i
    for step in results["reduction"]["path"]:
        step |= dict.fromkeys(("deviance", "aic", "bic"))
    results["reduction"] |= {"bound": None, "minimal": None, "adequate": [], "complete": False}
    results["reduction"]["joint"] = F_TEST
    results["inclusion"] = None
    refused = {"kind": "refused", "reason": OVER}
    results["diagnostics"] |= {"influence": refused, "deletion": refused | {"level": None}}
    results["imputed"] = _imputed(results)
    return given


def drawn(converged: bool = True) -> dict:
    """What is told of imputations that a joint model drew."""
    kinds = ("product", "power", "function", "slope", "aggregate", "computed")
    told = {"variables": ["experience"], "incomplete": ["experience"]}
    trace = {"kind": "variance", "response": [{"variable": "experience"}]}
    return {
        "analysis": "math",
        "draws": DRAWS,
        "seed": 1,
        "rows": 3400,
        "missing_in": [{"variable": "experience", "rows": 400}],
        "n_levels": 2,
        "responses": ["math", "experience"],
        "responses_of_units": [],
        "predictors": ["Intercept"],
        "levels": [["school"], ["school", "pupil"]],
        "convergence": {
            "chains": 4,
            "burn_in": 100,
            "iterations": 100,
            "between": 20,
            "r_hat": 1.02 if converged else 1.31,
            "r_hat_of": trace,
            "effective_draws": 180.4,
            "effective_draws_of": trace,
            "converged": converged,
        },
        "not_compatible": [{"kind": kind, **told} for kind in kinds],
    }


def _imputed(results: dict) -> dict:
    fixed, variances = results["settled"]["reml"]["fixed"], results["settled"]["variances"]
    return {
        "draws": DRAWS,
        "searched": 5,
        "different": DRAWS,
        "singular": 2,
        "missing_information": 0.01 * (len(fixed) - 1),
        "unpooled": [{"what": what, "instead": instead} for what, instead in UNPOOLED],
        "complete_cases": {
            "kind": "made",
            "rows": 3000,
            "rows_imputed": 400,
            "coefficients": [
                {
                    "term": item["term"],
                    "estimate": item["estimate"],
                    "std_error": item["std_error"],
                    "complete": item["estimate"] - 0.4 * i * item["std_error"],
                    "complete_error": 1.25 * item["std_error"],
                    "difference": 0.32 * i,
                }
                for i, item in enumerate(fixed)
            ],
            "variances": [
                {"level": item["level"], "share": item["share"], "complete": item["share"]}
                for item in variances
            ],
        },
        "shifts": [
            {
                "variable": "experience",
                "by": -5.0,
                "coefficients": [
                    {
                        "term": item["term"],
                        "estimate": item["estimate"],
                        "std_error": item["std_error"],
                        "p_value": 0.06,
                        "difference": 0.0,
                        "decided_otherwise": i == len(fixed) - 1,
                    }
                    for i, item in enumerate(fixed)
                ],
            }
        ],
    }
