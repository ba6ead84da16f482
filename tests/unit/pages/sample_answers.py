"""Slopes, effects of schools, stability and policy of the sample."""

from __future__ import annotations


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


def standard(wave: str, mean: float, error: float, change: float | None) -> dict:
    """An adjusted mean and its change since the first wave."""

    def row(value: float, error: float) -> dict:
        ends = {"lower": value - 1.96 * error, "upper": value + 1.96 * error}
        return {"estimate": value, "std_error": error, **ends}

    return {"wave": wave, **row(mean, error), "change": change and row(change, 0.8)}


def answers():
    """Slopes, effects, stability and policy, and the notes."""
    return {
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
                standard("K", 485.1, 1.9, None),
                standard("1", 530.6, 1.9, 45.5),
                standard("2", 579.9, 2.0, 94.8),
            ],
            "standards_test": {
                "denominator_df": 15123.0,
                "statistic": 4210.4,
                "df": 2,
                "reference": "F(2, 15120)",
                "p_value": 0.0,
                "reason": None,
            },
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
