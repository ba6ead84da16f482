"""Models that are measured, which programs are tried on them, and what the project claims."""

from __future__ import annotations

from dataclasses import dataclass

FULL = [f"x{i}" for i in range(1, 8)] + ["wave", "sex", "wave:sex", "wave:x1"]
_MAIN = ["wave", "sex", *(f"x{i}" for i in range(1, 9))]
CANDIDATES = [
    *_MAIN,
    *(f"wave:{v}" for v in _MAIN[1:]),
    *(f"sex:{v}" for v in _MAIN[2:]),
    *(f"x1:{v}" for v in ("x2", "x3", "x4")),
]  # 30 terms


@dataclass(frozen=True)
class Case:
    """One model on one survey.

    Attributes
    ----------
    name : str
        How tables name it.
    survey : str
        Name of the survey, with ``-shuffled`` for its rows in random order.
    fixed : list of str
        Terms of the fixed part.
    random : dict of str to list of str
        Slopes of each grouping factor, outermost first.
    programs : tuple of str
        Programs to try, when they are installed.
    """

    name: str
    survey: str
    fixed: list[str]
    random: dict[str, list[str]]
    programs: tuple[str, ...] = ("mlm", "lme4", "mixedlm", "lme-python")


M1 = {"county": [], "school": []}
M2 = {"county": [], "school": ["wave"]}
ALL = ("mlm", "lme4", "nlme", "mixedlm", "lme-python", "glmm", "statsmodels")
FAST = ("mlm", "mixedlm", "lme-python", "glmm")
CASES = [
    Case("m1", "S", FULL, {"school": []}, ALL),
    Case("m2", "S", FULL, {"school": ["wave"]}, ALL),
    Case("m1", "M", FULL, M1, ALL),
    Case("m2", "M", FULL, M2, ALL[:-1]),
    Case("m1", "L", FULL, M1, ALL[:-1]),
    Case("m2", "L", FULL, M2, ("mlm", "lme4", "mixedlm", "lme-python", "glmm")),
    Case("waves", "L", FULL, {**M1, "school:wave": []}, ("mlm", "lme4", "mixedlm")),
    Case("m1", "L-shuffled", FULL, M1, ("mlm", "mixedlm")),
    Case("reduce", "L", CANDIDATES, M1, ("mlm-reduce",)),
    Case(
        "m3",
        "D1",
        FULL,
        {"county": [], "school": [], "pupil": ["wave"]},
        ("mlm", "lme4", "mixedlm"),
    ),
    Case("m1", "XL", FULL, M1, ("mlm", "mixedlm")),
    Case("m1", "XL-shuffled", FULL, M1, ("mlm",)),
    Case("m1", "G", FULL, M1, ("mlm",)),
]

# survey, model, against whom (or "fastest": the fastest other that is right), least ratio
CLAIMS = [
    ("L", "m1", "lme4", 50.0),
    ("L", "m1", "fastest", 5.0),
    ("L", "m2", "lme4", 120.0),
    ("L", "m2", "fastest", 12.0),
    ("L", "waves", "lme4", 40.0),
    ("XL", "m1", "mixedlm", 10.0),
    ("D1", "m3", "lme4", 80.0),
    ("D1", "m3", "mixedlm", 5.0),
    ("M", "m1", "mixedlm", 1.0),
    ("M", "m2", "mixedlm", 1.0),
    ("S", "m1", "lme4", 1.0),
    ("S", "m2", "lme4", 1.0),
    ("S", "m1", "mixedlm", 1 / 3),
    ("S", "m2", "mixedlm", 1 / 3),
]
# survey, model, "both" or "fit" in CPU seconds, or "peak" in MB, and its bound
BOUNDS = [
    ("L", "m1", "fit", 0.05),
    ("L", "m2", "fit", 0.1),
    ("XL", "m1", "peak", 1024.0),
    ("XL-shuffled", "m1", "peak", 1024.0),
    ("G", "m1", "peak", 3072.0),
    ("L", "reduce", "fit", 10.0),
]
