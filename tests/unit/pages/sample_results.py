"""Results of the sample: shares add to one, effects and intervals fit together."""

from __future__ import annotations

from tests.unit.pages.sample_answers import answers
from tests.unit.pages.sample_models import FULL, fit, shares


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
                    "lower": 0.121,
                    "upper": 0.201,
                },
                {
                    "name": "same_pupil",
                    "level": "pupil",
                    "group": "school:pupil",
                    "value": (null[0] + null[1]) / sum(null),
                    "lower": 0.6,
                    "upper": 0.7,
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
                    "reml": fit("REML", final_rows, 178914.8, final),
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
        "slopes_model": {
            "formula": "math ~ grade * class_type + ses + (1 + ses | school) + (1 | school:pupil)",
            "terms": ["grade", "class_type", "ses", "grade:class_type"],
            "ml": fit("ML", final_rows, 178844.1, final_ml),
            "reml": fit("REML", final_rows, 178853.6, final),
            "path": [
                {
                    "step": 0,
                    "dropped": None,
                    "terms": ["grade", "class_type", "ses", "grade:class_type"],
                    "n_params": 12,
                    "deviance": 178844.1,
                    "statistic": None,
                    "df": None,
                    "p_value": None,
                    "aic": 178868.1,
                    "bic": 178960.9,
                }
            ],
        },
        **answers(),
    }
