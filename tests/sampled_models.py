"""Models of the small assessment, and what is told of them.

Coefficients are those of weighted least squares; variances are invented: no search is made.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from tests.sampled_estimates import changed, draws_of, pooled, weights_of
from tests.sampled_rows import DRAWS, LINKING, WAVES, complete_rows

SCHOOL = {"unit": "school", "in_wave": False, "ids": ["wave", "school"]}
PUPIL = {"unit": "pupil", "in_wave": False, "ids": []}
SETTLED = (("sex",), ("language",), ("escs",), ("year",), ("year", "sex"))
COLUMNS = (  # of the fixed part: variable and category of each factor
    (),
    (("year", "2022"),),
    (("sex", "M"),),
    (("language", "other"),),
    (("language", "third"),),
    (("escs", None),),
    (("year", "2022"), ("sex", "M")),
)
VARIANCES = {"null": (1700.0, 5700.0), "full": (1050.0, 5250.0), "settled": (1050.0, 5250.0)}


def _term(factors: tuple) -> list[dict]:
    return [{"variable": name, "category": category} for name, category in factors]


def _terms(names: tuple) -> list[list[dict]]:
    return [[{"variable": name} for name in names_of] for names_of in names]


@cache
def _coefficients() -> np.ndarray:
    """Coefficients by weighted least squares (columns, draws, 1 + replicates)."""
    design, weights = _design(), np.concatenate([weights_of(w) for w in WAVES])
    draws = np.concatenate([draws_of(wave) for wave in WAVES])
    found = [np.linalg.solve((design.T * w) @ design, (design.T * w) @ draws) for w in weights.T]
    return np.stack(found, axis=2)


def _design() -> np.ndarray:
    frame = pd.concat([complete_rows(wave).assign(year=wave) for wave in WAVES])
    columns = []
    for factors in COLUMNS:
        column = np.ones(len(frame))
        for name, category in factors:
            column = column * (frame[name] if category is None else frame[name] == category)
        columns.append(np.asarray(column, dtype=float))
    return np.column_stack(columns)


def _fixed(columns: range) -> list[dict]:
    found = []
    for place in columns:
        item = pooled(_coefficients()[place])
        t = item["estimate"] / item["std_error"]
        found.append(item | {"term": _term(COLUMNS[place]), "t": t})
    return found


def model(name: str, n: int) -> dict:
    is_null = name == "null"
    terms = _terms((("year",),) if is_null else SETTLED)
    right = "year" if is_null else "sex + language + escs + year + year:sex"
    return {
        "formula": f"math ~ {right} + (1 | wave:school)",
        "terms": terms,
        "fits": [
            {
                "draw": draw,
                "deviance": 1_950_000.0 + 310.0 * draw,
                "converged": True,
                "is_singular": False,
                "max_scaled_gradient": 3e-9,
            }
            for draw in range(1, DRAWS + 1)
        ],
        "n_params": (2 if is_null else len(COLUMNS)) + 2,
        "n_obs": n,
        "fixed": _fixed(range(2) if is_null else range(len(COLUMNS))),
        "variance_components": [
            _component(level, value)
            for level, value in zip((SCHOOL, PUPIL), VARIANCES[name], strict=True)
        ],
        "shares": _shares(*VARIANCES[name]),
    }


def _around(estimate: float, error: float, **more) -> dict:
    """An invented estimate with an error of 95 parts of sampling and 5 of measurement."""
    return {
        "estimate": estimate,
        "std_error": error,
        "sampling_error": error * 0.95**0.5,
        "measurement_error": error * 0.05**0.5,
        "df": 76.0,
        "p_value": None,
        "lower": estimate - 1.99 * error,
        "upper": estimate + 1.99 * error,
        "missing_information": 0.05,
        "design_effect": 1.4,
    } | more


def _component(level: dict, value: float) -> dict:
    error = 0.14 * value if level is SCHOOL else 0.03 * value
    return _around(value, error) | {
        "level": level,
        "term1": [],
        "term2": None,
        "sd": value**0.5,
        "corrected": None,
        "on_bound": 0,
    }


def _shares(between: float, within: float) -> list[dict]:
    share = between / (between + within)
    return [
        _around(share, 0.021, level=SCHOOL, unweighted=share + 0.012),
        _around(1.0 - share, 0.021, level=PUPIL, unweighted=1.0 - share - 0.012),
    ]


def _test(statistic: float, df: int, p_value: float, adjusted: float | None = None) -> dict:
    return {
        "kind": "made",
        "statistic": statistic,
        "df": df,
        "reference": {"kind": "F", "df": df, "denominator": 79.0},
        "p_value": p_value,
        "p_adjusted": adjusted,
    }


def reduction() -> dict:
    terms = _terms(SETTLED)
    return {
        "alpha": 0.05,
        "protected": _terms((("year",),)),
        "path": [{"dropped": [], "terms": terms, "test": None}],
        "dropped": [],
        "joint": None,
    }


def slope() -> dict:
    return {
        "kind": "tested",
        "variable": "escs",
        "level": SCHOOL,
        "column": {"variable": "escs"},
        "variance": 9.0,
        "sd": 3.0,
        "mean_effect": 27.4,
        "lower": 21.5,
        "upper": 33.3,
        "correlation": 0.1,
        "kept": False,
        "test": {
            "method": "score",
            "statistic": 0.6,
            "df": 79.0,
            "p_value": 0.27,
            "p_adjusted": None,
        },
    }


def _latest(place: int, category: str | None, wave: str | None = None) -> dict:
    values = _coefficients()
    found = values[place] + values[-1] if wave else values[place]
    return pooled(found) | {"category": category, "wave": wave}


def associations() -> list[dict]:
    return [
        {
            "variable": "escs",
            "terms": _terms((("escs",),)),
            "latest": [_latest(5, None)],
            "test": _test(310.0, 1, 1e-20, 3e-20),
        },
        {
            "variable": "sex",
            "terms": _terms((("sex",), ("year", "sex"))),
            "latest": [_latest(2, "M", WAVES[1])],
            "test": _test(18.2, 2, 1e-7, 2e-7),
        },
        {
            "variable": "language",
            "terms": _terms((("language",),)),
            "latest": [_latest(3, "other"), _latest(4, "third")],
            "test": _test(9.4, 2, 2e-4, 2e-4),
        },
    ]


def over_time() -> dict:
    values = _coefficients()
    mean = _design().mean(axis=0)
    rest = [0, 3, 4, 5]
    first = np.tensordot(mean[rest], values[rest], axes=1) + 0.5 * values[2]
    last = first + values[1] + 0.5 * values[6]
    return {
        "formula": "math ~ sex + language + escs + year + year:sex + (1 | wave:school)",
        "adjusted_means": [
            pooled(first) | {"wave": WAVES[0], "change": None},
            pooled(last) | {"wave": WAVES[1], "change": changed(last, first, LINKING)},
        ],
        "test": _test(2.1, 1, 0.15),
        "by": [_by_sex(first - 0.5 * values[2], values)],
        "levels": [{"kind": "refused", "level": SCHOOL, "reason": {"kind": "none_recur"}}],
    }


def _by_sex(girls: np.ndarray, values: np.ndarray) -> dict:
    later = girls + values[1]
    means = {"F": (girls, later), "M": (girls + values[2], later + values[2] + values[6])}
    gaps = {"F": (None, None), "M": (values[2], values[2] + values[6])}
    categories = []
    for code, pair in means.items():
        waves = []
        for place, wave in enumerate(WAVES):
            gap = gaps[code][place]
            is_moved = gap is not None and place
            waves.append(
                pooled(pair[place])
                | {
                    "wave": wave,
                    "difference": None if gap is None else pooled(gap),
                    "moved": pooled(values[6]) if is_moved else None,
                }
            )
        categories.append({"category": code, "waves": waves})
    return {"variable": "sex", "categories": categories, "test": _test(3.9, 1, 0.05)}


def sensitivity() -> dict:
    largest = {"term": None, "level": SCHOOL, "in_se": 0.57}
    return {
        "scalings": [
            _scaled("effective", True, 0.0),
            _scaled("size", False, 0.02),
            _scaled("none", False, 0.25),
            {"kind": "refused", "scaling": "gk", "reason": {"kind": "not_estimable"}},
            _scaled("unweighted", False, 0.57),
        ],
        "largest": {**largest, "scaling": "none", "in_se": 0.25},
        "largest_unweighted": {**largest, "scaling": "unweighted"},
    }


def _scaled(scaling: str, chosen: bool, moved: float) -> dict:
    shares = _shares(*VARIANCES["settled"])
    return {
        "kind": "made",
        "scaling": scaling,
        "chosen": chosen,
        "coefficients": [
            {
                "term": item["term"],
                "estimate": item["estimate"] + 0.5 * moved * item["std_error"],
                "in_se": 0.5 * moved,
            }
            for item in _fixed(range(len(COLUMNS)))
        ],
        "shares": [
            {
                "level": item["level"],
                "estimate": item["estimate"] + sign * moved * item["std_error"],
                "in_se": sign * moved,
            }
            for item, sign in zip(shares, (1, -1), strict=True)
        ],
    }
