"""Residuals of the rows of the sample, as ``residuals.json`` holds them."""

from __future__ import annotations

from statistics import NormalDist

ROWS = 17_900
LARGEST = 6.4321


def parts(n: int = 10) -> list[dict]:
    return [
        {"at": 440.0 + 10 * i, "rows": ROWS // n, "mean": 0.1 * i, "std_error": 0.6, "sd": 23.0 + i}
        for i in range(n)
    ]


def residuals() -> dict:
    normal = NormalDist()
    levels = [(i + 0.5) / 199 for i in range(199)]
    expected = [normal.inv_cdf(p) for p in levels]
    beyond = [(2, 830, 0.0455), (3, 71, 0.0027), (4, 6, 0.00006)]
    waves = [("K", 5800, 30), ("1", 6100, 25), ("2", 6000, 16)]
    return {
        "schema": 1,
        "survey": "sample",
        "analysis": "math",
        "outcome": "math",
        "formula": "math ~ grade",
        "rows": ROWS,
        "determined": 0,
        "sigma": 24.7,
        "mean": 0.0,
        "sd": 1.001,
        "skewness": 0.1,
        "kurtosis": 0.4,
        "largest": LARGEST,
        "correlation": 0.9987,
        "leverage": 0.41,
        "quantiles": {"expected": expected, "observed": [1.02 * z for z in expected]},
        "histogram": {"edges": [-8.0, 0.0, 8.0], "rows": [8950, 8950]},
        "beyond": [
            {"sd": reach, "rows": rows, "share": rows / ROWS, "expected": share}
            for reach, rows, share in beyond
        ],
        "fitted": parts(),
        "variables": [{"variable": "experience", "parts": parts(5)}],
        "waves": [
            {"wave": w, "rows": n, "mean": 0.1, "std_error": 0.3, "sd": 25.0, "beyond": far}
            for w, n, far in waves
        ],
    }
