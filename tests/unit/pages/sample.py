"""A small, complete sample of a configuration, results and a linked survey, for tests of the pages.

The numbers are invented but consistent: shares add to one, rows read are rows kept plus excluded.
"""

from __future__ import annotations

import copy
from types import SimpleNamespace

WAVES = [("K", "Kindergarten"), ("1", "Grade 1"), ("2", "Grade 2")]


def variable(label, kind="number", **more):
    fields = {"unit": None, "categories": None, "reference": None, "range": None, "missing": {}}
    return SimpleNamespace(label=label, type=kind, level="row", **(fields | more))


def configuration():
    return SimpleNamespace(
        survey="sample",
        title="Sample class-size study",
        description="Pupils of eighty schools, allocated at random to small or regular classes.",
        source="Invented for tests.",
        design="same_pupils",
        levels=[
            SimpleNamespace(name="school", id="school", plural="schools"),
            SimpleNamespace(name="pupil", id="pupil", plural="pupils"),
        ],
        time=SimpleNamespace(name="grade", label="School grade", coding="categories"),
        waves=[
            SimpleNamespace(name=n, label=w, time=i, files=[]) for i, (n, w) in enumerate(WAVES)
        ],
        variables={
            "math": variable("Mathematics score", unit="scale points"),
            "class_type": variable(
                "Class type",
                "category",
                categories={"reg": "Regular class", "small": "Small class"},
                reference="reg",
            ),
            "ses": variable(
                "Free lunch", "category", categories={"F": "Free lunch", "N": "No free lunch"}
            ),
            "experience": variable("Teacher experience", unit="years"),
        },
        analyses={
            "math": SimpleNamespace(
                outcome="math",
                terms=["class_type", "ses", "experience", "experience^2"],
                time_interactions=["class_type"],
                protected=["class_type"],
                policy={"class_type": "randomised"},
                slopes=["ses"],
                alpha=0.05,
                ranking=SimpleNamespace(reliability=0.7, separable=0.3, stability=0.5),
            )
        },
        path="config/sample.yaml",
    )


def coefficient(term, variables, estimate, error, df):
    z = estimate / error
    p = 0.0001 if abs(z) > 3.3 else 0.2
    return {
        "term": term,
        "variables": variables,
        "estimate": estimate,
        "std_error": error,
        "df": df,
        "z": z,
        "p_value": p,
        "lower": estimate - 1.96 * error,
        "upper": estimate + 1.96 * error,
    }


FULL = [
    coefficient("Intercept", [], 476.2, 2.31, 92.4),
    coefficient("grade[T.1]", ["grade"], 44.9, 0.72, 15411.0),
    coefficient("grade[T.2]", ["grade"], 92.1, 0.77, 15502.0),
    coefficient("class_type[T.small]", ["class_type"], 8.4, 0.96, 15123.0),
    coefficient("ses[T.N]", ["ses"], 17.6, 0.61, 16011.0),
    coefficient("experience", ["experience"], 0.21, 0.092, 9911.0),
    coefficient("I(experience ** 2)", ["experience"], -0.004, 0.0035, 9802.0),
    coefficient("grade[T.1]:class_type[T.small]", ["grade", "class_type"], 1.9, 1.1, 15510.0),
    coefficient("grade[T.2]:class_type[T.small]", ["grade", "class_type"], -2.4, 1.2, 15620.0),
]


def fit(criterion, rows, deviance, variances):
    return {
        "criterion": criterion,
        "deviance": deviance,
        "aic": deviance + 2 * (len(rows) + 3),
        "bic": deviance + 9.8 * (len(rows) + 3),
        "n_params": len(rows) + 3,
        "n_obs": 17900,
        "converged": True,
        "is_singular": min(variances) == 0,
        "sigma2": variances[-1],
        "max_scaled_gradient": 2.3e-7,
        "fixed": rows,
        "variance_components": [
            {"group": g, "term1": "Intercept", "term2": None, "variance": v, "sd": v**0.5}
            for g, v in zip(("school", "school:pupil", "residual"), variances, strict=True)
        ],
    }


def shares(variances, ml, reduction=None):
    total = sum(variances)
    rows = []
    for i, (name, group) in enumerate(
        [("school", "school"), ("pupil", "school:pupil"), ("occasion", "residual")]
    ):
        share = variances[i] / total
        rows.append(
            {
                "level": name,
                "group": group,
                "variance": variances[i],
                "sd": variances[i] ** 0.5,
                "share": share,
                "lower": max(share - 0.04, 0.0),
                "upper": share + 0.04,
                "variance_ml": ml[i],
                "share_ml": ml[i] / sum(ml),
            }
        )
        if reduction:
            rows[-1]["reduction"] = reduction[i]
    return rows


def units(n=12):
    rows = []
    for i in range(n):
        estimate = (i - (n - 1) / 2) * 40 / n
        rows.append(
            {
                "unit": str(i + 1),
                "n": 180 + 9 * i,
                "raw": estimate * 1.1,
                "estimate": estimate,
                "std_error": 3.1,
                "comparative_se": 3.1,
                "reliability": 0.93,
                "lower": estimate - 6.1,
                "upper": estimate + 6.1,
                "goldstein_lower": estimate - 4.3,
                "goldstein_upper": estimate + 4.3,
                "mean_rank": n - i + 0.2,
                "rank_lower": max(n - i - 2, 1),
                "rank_upper": min(n - i + 2, n),
            }
        )
    return rows


def results():
    null, null_ml = [312.0, 980.0, 640.0], [308.0, 980.5, 639.9]
    final, final_ml = [243.0, 870.0, 610.0], [239.0, 870.2, 609.9]
    final_rows = [row for row in FULL if "experience" not in row["term"]]
    return {
        "schema": 1,
        "survey": "sample",
        "analysis": "math",
        "outcome": "math",
        "design": "same_pupils",
        "criterion": "REML",
        "time": {"name": "grade", "coding": "categories", "waves": ["K", "1", "2"]},
        "levels": [
            {"name": "school", "group": "school", "n": 80},
            {"name": "pupil", "group": "school:pupil", "n": 9800},
            {"name": "occasion", "group": "residual", "n": 17900},
        ],
        "waves": [
            {
                "wave": wave,
                "rows": rows,
                "groups": {"school": schools, "school:pupil": rows},
                "mean": mean,
                "sd": 47.7,
                "rows_clean": rows + 310,
            }
            for wave, rows, schools, mean in [
                ("K", 5800, 79, 485.4),
                ("1", 6100, 76, 530.5),
                ("2", 6000, 75, 580.6),
            ]
        ],
        "n_obs": 17900,
        "rows_without": {"math": 900, "ses": 60},
        "null": {
            "fixed": FULL[:3],
            "shares": shares(null, null_ml),
            "total_variance": sum(null),
            "correlations": [
                {
                    "name": "same_school",
                    "level": "school",
                    "group": "school",
                    "value": null[0] / sum(null),
                },
                {
                    "name": "same_pupil",
                    "level": "pupil",
                    "group": "school:pupil",
                    "value": (null[0] + null[1]) / sum(null),
                },
            ],
            "tests": [
                {
                    "level": "school",
                    "group": "school",
                    "statistic": 1810.2,
                    "df": 1,
                    "reference": "0.5*chi2(0) + 0.5*chi2(1)",
                    "p_value": 1e-90,
                },
                {
                    "level": "pupil",
                    "group": "school:pupil",
                    "statistic": 5210.9,
                    "df": 1,
                    "reference": "0.5*chi2(0) + 0.5*chi2(1)",
                    "p_value": 0.0,
                },
            ],
            "ml": fit("ML", FULL[:3], 180412.3, null_ml),
            "reml": fit("REML", FULL[:3], 180401.1, null),
        },
        "full": {
            "formula": "math ~ grade * class_type + ses + experience + I(experience ** 2)"
            " + (1 | school/pupil)",
            "terms": [
                "grade",
                "class_type",
                "ses",
                "experience",
                "experience^2",
                "grade:class_type",
            ],
            "ml": fit("ML", FULL, 178901.2, final_ml),
            "reml": fit("REML", FULL, 178911.5, final),
        },
        "reduction": {
            "alpha": 0.05,
            "protected": ["grade", "class_type"],
            "path": [
                {
                    "step": 0,
                    "dropped": None,
                    "terms": ["grade", "class_type", "ses", "experience", "experience^2"],
                    "n_params": 12,
                    "deviance": 178901.2,
                    "statistic": None,
                    "df": None,
                    "p_value": None,
                    "aic": 178925.2,
                    "bic": 179018.0,
                },
                {
                    "step": 1,
                    "dropped": "experience^2",
                    "terms": ["grade", "class_type", "ses", "experience"],
                    "n_params": 11,
                    "deviance": 178902.5,
                    "statistic": 1.3,
                    "df": 1,
                    "p_value": 0.254,
                    "aic": 178924.5,
                    "bic": 179010.1,
                },
                {
                    "step": 2,
                    "dropped": "experience",
                    "terms": ["grade", "class_type", "ses"],
                    "n_params": 10,
                    "deviance": 178905.9,
                    "statistic": 3.4,
                    "df": 1,
                    "p_value": 0.065,
                    "aic": 178925.9,
                    "bic": 179003.0,
                },
            ],
            "bound": {
                "statistic": 4.7,
                "df": 8,
                "terms_df": 2,
                "critical": 15.5,
                "p_value": 0.8,
                "adequate": True,
            },
            "adequate": [
                {
                    "terms": ["grade", "class_type", "ses"],
                    "dropped": ["experience", "experience^2"],
                    "deviance": 178905.9,
                    "statistic": 4.7,
                    "df": 2,
                    "n_params": 10,
                }
            ],
        },
        "final": {
            "formula": "math ~ grade * class_type + ses + (1 | school/pupil)",
            "terms": ["grade", "class_type", "ses", "grade:class_type"],
            "ml": fit("ML", final_rows, 178905.9, final_ml),
            "reml": fit("REML", final_rows, 178914.8, final),
            "shares": shares(final, final_ml, [0.22, 0.11, 0.047]),
        },
        "slopes": [
            {
                "variable": "ses",
                "column": "ses[T.N]",
                "level": "school",
                "group": "school",
                "status": "tested",
                "reason": None,
                "variance": 37.2,
                "sd": 6.1,
                "mean_effect": 17.6,
                "range": [5.6, 29.6],
                "correlation": 0.21,
                "statistic": 61.2,
                "df": 2,
                "reference": "0.5*chi2(1) + 0.5*chi2(2)",
                "p_value": 1e-13,
                "kept": True,
            },
            {
                "variable": "ses",
                "column": None,
                "level": "pupil",
                "group": "school:pupil",
                "status": "refused",
                "reason": "the variable does not vary within the groups",
                "variance": None,
                "sd": None,
                "mean_effect": None,
                "range": None,
                "correlation": None,
                "statistic": None,
                "df": None,
                "p_value": None,
                "kept": False,
            },
        ],
        "effects": [
            {
                "level": "school",
                "group": "school",
                "n": 12,
                "variance": 243.0,
                "reliability_mean": 0.93,
                "reliability_min": 0.71,
                "separable_share": 0.62,
                "interval_factor": 1.39,
                "licence": {
                    "granted": True,
                    "checks": [
                        {"check": "variance", "value": 1e-90, "threshold": 0.05, "passed": True},
                        {"check": "reliability", "value": 0.93, "threshold": 0.7, "passed": True},
                        {"check": "separable", "value": 0.62, "threshold": 0.3, "passed": True},
                        {"check": "stability", "value": 0.74, "threshold": 0.5, "passed": True},
                    ],
                },
                "units": units(),
            }
        ],
        "stability": {
            "standards": [
                {"wave": "K", "estimate": 485.1, "std_error": 1.9, "lower": 481.4, "upper": 488.8},
                {"wave": "1", "estimate": 530.6, "std_error": 1.9, "lower": 526.9, "upper": 534.3},
                {"wave": "2", "estimate": 579.9, "std_error": 2.0, "lower": 576.0, "upper": 583.8},
            ],
            "levels": [
                {
                    "level": "school",
                    "group": "school",
                    "status": "estimated",
                    "reason": None,
                    "model": "unstructured",
                    "waves": ["K", "1", "2"],
                    "sd": [21.0, 18.1, 17.4],
                    "correlation": [[1.0, 0.71, 0.66], [0.71, 1.0, 0.85], [0.66, 0.85, 1.0]],
                    "average_correlation": 0.74,
                    "statistic": 210.4,
                    "df": 5,
                    "reference": "chi2(5) (conservative: the smaller model lies on the boundary)",
                    "p_value": 1e-40,
                }
            ],
        },
        "policy": [
            {
                "variable": "class_type",
                "evidence": "randomised",
                "reference": "reg",
                "by_wave": True,
                "effects": [
                    {
                        "category": "small",
                        "wave": wave,
                        "estimate": estimate,
                        "std_error": 0.96,
                        "df": 15123.0,
                        "p_value": 0.00001,
                        "lower": estimate - 1.9,
                        "upper": estimate + 1.9,
                        "standardised": estimate / 44,
                    }
                    for wave, estimate in [("K", 8.4), ("1", 10.3), ("2", 6.0)]
                ],
                "time_test": {
                    "statistic": 9.1,
                    "df": 2,
                    "reference": "chi2(2)",
                    "p_value": 0.011,
                },
            }
        ],
        "notes": [
            {
                "kind": "unit_changes",
                "detail": {"level": "pupil", "parent": "school", "count": 367, "of": 9850},
            }
        ],
    }


def survey():
    return {
        "survey": "sample",
        "design": "same_pupils",
        "waves": [
            {
                "wave": wave,
                "files": [
                    {"file": f"data/wave_{wave}.csv", "sha256": "ab" * 32, "rows_read": read}
                ],
                "rows_read": read,
                "rows_kept": read - 5,
                "excluded": [{"reason": "no pupil id", "rows": 5, "first": [3, 9, 12]}],
                "missing": [
                    {"variable": "math", "cells": 300, "reason": "not recorded"},
                    {"variable": "ses", "cells": 20, "reason": "not recorded"},
                ],
                "groups": {"school": 79, "pupil": read - 5},
                "variables": {
                    "math": {"n": read - 305, "mean": 485.4, "sd": 47.7},
                    "class_type": {"n": read - 5, "counts": {"reg": 4000, "small": read - 4005}},
                },
            }
            for wave, read in [("K", 6115), ("1", 6415), ("2", 6315)]
        ],
        "levels": [
            {
                "name": "school",
                "groups_total": 80,
                "groups_by_wave": {"K": 79, "1": 76, "2": 75},
                "recurring": 74,
            },
            {
                "name": "pupil",
                "groups_total": 9850,
                "groups_by_wave": {"K": 6110, "1": 6410, "2": 6310},
                "recurring": 6500,
            },
        ],
        "unit_changes": [{"level": "pupil", "parent": "school", "count": 367, "of": 9850}],
        "children": {},
        "attrition": [
            {
                "level": "pupil",
                "from": "K",
                "to": "1",
                "stay": 4200,
                "leave": 1910,
                "new": 2210,
                "moved": 190,
            },
            {
                "level": "pupil",
                "from": "1",
                "to": "2",
                "stay": 4700,
                "leave": 1710,
                "new": 1610,
                "moved": 177,
            },
        ],
        "checks": [
            {
                "check": "school recurs",
                "result": "ok",
                "detail": "74 of 79 schools of wave K are found in wave 1 (which has 76)",
            }
        ],
    }


def provenance():
    return {
        "version": "0.1.0",
        "commit": "fccb67f",
        "date": "2026-11-20",
        "python": "3.11.7",
        "packages": {"numpy": "2.4.6", "scipy": "1.17.1"},
        "command": "snakemake --cores 2",
        "configuration": {"path": "config/sample.yaml", "sha256": "cd" * 32},
        "inputs": [{"file": "data/wave_K.csv", "sha256": "ab" * 32}],
    }


def inputs():
    """Fresh copies of everything a report is made of."""
    return copy.deepcopy(
        {
            "configuration": configuration(),
            "analysis": "math",
            "results": results(),
            "survey": survey(),
            "provenance": provenance(),
        }
    )
