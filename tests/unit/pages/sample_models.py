"""Invented models of the sample: coefficients, fits, shares, the reduction."""

from __future__ import annotations


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
