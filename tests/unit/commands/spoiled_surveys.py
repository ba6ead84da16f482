"""A survey whose cells are all sound, and what its data as a whole may be spoiled by."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

WAVES = ("a", "b", "c")

CONFIGURATION = {
    "survey": "spoiled",
    "title": "A survey to be spoiled",
    "description": "Pupils in schools, three waves.",
    "source": "made for tests",
    "design": "same_pupils",
    "levels": [{"name": "school", "id": "school"}, {"name": "pupil", "id": "pupil"}],
    "time": {"name": "year", "label": "Year", "coding": "trend"},
    "waves": [{"name": w, "time": i, "files": [f"{w}.csv"]} for i, w in enumerate(WAVES)],
    "variables": {
        "score": {"label": "Score", "type": "number", "level": "row"},
        "ses": {"label": "Home", "type": "number", "level": "row"},
        "x": {"label": "Effort", "type": "number", "level": "row"},
        "sex": {
            "label": "Sex",
            "type": "category",
            "level": "pupil",
            "categories": {"f": "Girl", "m": "Boy"},
        },
        "kind": {
            "label": "Kind",
            "type": "category",
            "level": "school",
            "categories": {"p": "P", "q": "Q"},
        },
    },
    "analyses": {"score": {"outcome": "score", "terms": ["ses", "x", "sex", "kind"]}},
}

Waves = dict[str, pd.DataFrame]


def sound_waves(schools: int, pupils: int) -> Waves:
    """Rows of each wave of the sound survey."""
    draw = np.random.default_rng(20240229)
    school = np.repeat(np.arange(schools), pupils)
    level = draw.normal(0.0, 3.0, schools)[school] + draw.normal(0.0, 2.0, school.size)
    sex = np.array(["f", "m"])[draw.integers(0, 2, school.size)]
    waves = {}
    for t, wave in enumerate(WAVES):
        ses, x, noise = draw.normal(size=(3, school.size)).round(3)
        waves[wave] = pd.DataFrame(
            {
                "school": [f"s{s:02}" for s in school],
                "pupil": [f"p{i:03}" for i in range(school.size)],
                "score": (50.0 + level + 2.0 * ses + t + 2.0 * noise).round(3),
                "ses": ses,
                "x": x,
                "sex": sex,
                "kind": np.array(["p", "q"])[school % 2],
            }
        )
    return waves


@dataclass(frozen=True)
class Spoiled:
    """What is done to the rows and the configuration, and what `check` then says.

    Attributes
    ----------
    rows : callable
        Changes the rows of the waves in place.
    says : tuple of str
        Parts of the problems; without any the survey can be analysed.
    levels, variables, analysis : dict
        Added to the configuration's last level, its variables, its analysis.
    design : str
        The design.
    missing : str, optional
        What becomes of rows that lack a covariate; None: nothing is said.
    """

    rows: Callable[[Waves], object] = lambda waves: None
    says: tuple[str, ...] = ()
    level: dict = field(default_factory=dict)
    variables: dict = field(default_factory=dict)
    analysis: dict = field(default_factory=dict)
    design: str = "same_pupils"
    missing: str | None = "complete"

    def write(self, folder: Path, schools: int = 6, pupils: int = 5) -> Path:
        """Write the files of the spoiled survey; the configuration's path is returned."""
        waves = sound_waves(schools, pupils)
        self.rows(waves)
        for name, frame in waves.items():
            frame.to_csv(folder / f"{name}.csv", index=False)
        made = json.loads(json.dumps(CONFIGURATION))
        made["design"] = self.design
        made |= {"missing": {"method": self.missing}} if self.missing else {}
        made["levels"][1] |= self.level
        made["variables"] |= self.variables
        made["analyses"]["score"] |= self.analysis
        path = folder / "spoiled.yaml"
        path.write_text(json.dumps(made), encoding="utf-8")
        return path


def filled(names: str, column: str, value) -> Callable[[Waves], None]:
    """Put a value, or what a function makes of the rows, into a column of some waves."""

    def change(waves: Waves) -> None:
        for wave in names:
            rows = waves[wave]
            rows[column] = value(rows) if callable(value) else value

    return change


def only(column: str, kept: Callable[[pd.DataFrame, int], np.ndarray]) -> Callable[[Waves], None]:
    """Leave a column empty but in the rows that a function of rows and wave keeps."""

    def change(waves: Waves) -> None:
        for t, rows in enumerate(waves.values()):
            rows[column] = rows[column].where(kept(rows, t))

    return change


def both(*changes: Callable[[Waves], None]) -> Callable[[Waves], None]:
    """One change after the other."""

    def change(waves: Waves) -> None:
        for each in changes:
            each(waves)

    return change


def school_number(rows: pd.DataFrame) -> pd.Series:
    """Number of each row's school."""
    return rows["school"].str[1:].astype(float)


def _same_in_all_waves(waves: Waves) -> None:
    for rows in waves.values():
        rows["score"] = waves["a"]["score"]


def _from_time_and_terms(waves: Waves) -> None:
    for t, rows in enumerate(waves.values()):
        rows["score"] = 2.0 * rows["ses"] + 5.0 * t


def _first_rows(n: int) -> Callable[[Waves], None]:
    def change(waves: Waves) -> None:
        for wave in WAVES:
            waves[wave] = waves[wave].head(n)

    return change


EMPTY = "no row is complete"
ONE_VALUE = "has the same value in all"
BY_TERMS = "is determined exactly by"

MEAN = {
    "label": "M",
    "type": "number",
    "level": "school",
    "aggregate": {"of": "x", "within": "school", "statistic": "mean"},
}
CURVED = {"terms": ["ses", "x", "ses^2", "x^2"]}
LOG = {"label": "L", "type": "number", "level": "row", "derive": "log(x)"}
CENTRED = {"label": "C", "type": "number", "level": "row", "derive": "x + 1", "centre": "school"}

STOPPED = {
    "an item that was not asked in a wave": Spoiled(
        filled("b", "ses", np.nan), ("wave b", EMPTY, "ses is missing in 30 of 30 rows")
    ),
    "an item that was asked in no wave": Spoiled(
        filled("abc", "ses", np.nan), ("wave a", "wave b", "wave c", EMPTY)
    ),
    "a category that was not asked in a wave": Spoiled(
        filled("c", "sex", np.nan), ("wave c", EMPTY, "sex is missing in 30 of 30 rows")
    ),
    "a slope's variable that was not asked": Spoiled(
        filled("b", "x", np.nan), ("wave b", EMPTY), analysis={"slopes": ["x"]}
    ),
    "a mean of an empty column": Spoiled(
        filled("b", "x", np.nan),
        ("wave b", "m is missing in 30 of 30 rows"),
        variables={"m": MEAN},
        analysis={"terms": ["ses", "m"]},
    ),
    "a logarithm of negative numbers": Spoiled(
        filled("b", "x", -1.0),
        ("wave b", "l is missing in 30 of 30 rows"),
        variables={"l": LOG},
        analysis={"terms": ["ses", "l"]},
    ),
    "a centred column without values": Spoiled(
        filled("b", "x", np.nan),
        ("wave b", "c is missing in 30 of 30 rows"),
        variables={"c": CENTRED},
        analysis={"terms": ["ses", "c"]},
    ),
    "two items never asked together": Spoiled(
        both(
            only("ses", lambda rows, t: np.arange(len(rows)) % 2 == 0),
            only("x", lambda rows, t: np.arange(len(rows)) % 2 == 1),
        ),
        ("wave a", "wave b", "wave c", EMPTY),
    ),
    "problems of two waves": Spoiled(
        both(filled("a", "score", 50.0), filled("c", "ses", np.nan)),
        ("wave a: score: the outcome has the same value", "wave c", EMPTY),
    ),
    "an outcome that is absent in a wave": Spoiled(
        filled("b", "score", np.nan), ("wave b: score: the outcome is missing in every row",)
    ),
    "an outcome of one value in a wave": Spoiled(
        filled("b", "score", 50.0), ("wave b: score: the outcome has the same value",)
    ),
    "an outcome of one value where rows are complete": Spoiled(
        both(
            filled("b", "score", lambda rows: np.where(rows["ses"] > 0.0, 50.0, rows["score"])),
            filled("b", "ses", lambda rows: rows["ses"].where(rows["ses"] > 0.0)),
        ),
        ("wave b", ONE_VALUE),
    ),
    "one complete row in a wave": Spoiled(
        filled("b", "ses", lambda rows: rows["ses"].where(np.arange(len(rows)) < 1)),
        ("wave b", ONE_VALUE),
    ),
    "an outcome that terms determine": Spoiled(
        filled("abc", "score", lambda rows: 2.0 * rows["ses"] + 3.0 * rows["x"]),
        (BY_TERMS, "ses, x"),
    ),
    "an outcome that a term and time determine": Spoiled(
        _from_time_and_terms, (BY_TERMS, "year, ses")
    ),
    "an outcome that is a product": Spoiled(
        filled("abc", "score", lambda rows: rows["ses"] * rows["x"]), (BY_TERMS, "ses:x")
    ),
    "an outcome that is a square": Spoiled(
        filled("abc", "score", lambda rows: rows["ses"] ** 2), (BY_TERMS, "ses ** 2")
    ),
    "an outcome that is one of pupils": Spoiled(
        _same_in_all_waves, (BY_TERMS, "nothing is left to explain between the rows of one pupil")
    ),
    "an outcome that is one of schools and a term": Spoiled(
        filled("abc", "score", lambda rows: school_number(rows) + 3.0 * rows["ses"]),
        (BY_TERMS, "the pupil, ses"),
    ),
    "rows that are too few": Spoiled(
        _first_rows(2), ("6 rows cannot carry 6 fixed effects",), analysis=CURVED
    ),
    "complete rows that are too few": Spoiled(
        only("ses", lambda rows, t: np.arange(len(rows)) < 2),
        ("6 rows cannot carry 6 fixed effects",),
        analysis=CURVED,
    ),
    "crossed pupils with a row each": Spoiled(
        only("ses", lambda rows, t: np.arange(len(rows)) % 3 == t),
        ("30 groups of pupil have 30 rows",),
        level={"ids": "global", "moves": "crossed"},
    ),
    "numbers that cannot be squared": Spoiled(
        filled("b", "x", lambda rows: rows["x"] * 1e160),
        ("wave b: x: 30 values beyond 1e+100 (b.csv lines 2, 3, 4 and 27 more)",),
    ),
}
"""What stops a run."""

ANALYSED = {
    "the sound survey": Spoiled(),
    "the sound survey, crossed": Spoiled(level={"ids": "global", "moves": "crossed"}),
    "the sound survey, schools followed": Spoiled(design="same_schools"),
    "a term of one value": Spoiled(filled("abc", "x", 1.0)),
    "a term of one value in each wave": Spoiled(
        lambda waves: [waves[w].update({"x": [float(t)] * 30}) for t, w in enumerate(WAVES)]
    ),
    "a term that follows from another": Spoiled(
        filled("abc", "x", lambda rows: 2.0 * rows["ses"] + 1.0)
    ),
    "a term that follows from two others": Spoiled(
        filled("abc", "x", lambda rows: rows["ses"] + (rows["sex"] == "m"))
    ),
    "a category without rows": Spoiled(filled("abc", "sex", "f")),
    "a reference without rows": Spoiled(filled("abc", "kind", "q")),
    "a policy without one group": Spoiled(
        filled("abc", "kind", "q"), analysis={"policy": {"kind": "observational"}}
    ),
    "a policy of which one group is never complete": Spoiled(
        only("ses", lambda rows, t: rows["kind"] == "q"),
        analysis={"policy": {"kind": "observational"}},
    ),
    "a policy that begins in the last wave": Spoiled(
        filled("ab", "kind", "p"),
        analysis={"policy": {"kind": "observational"}, "time_interactions": ["kind"]},
    ),
    "a product without a cell": Spoiled(
        filled("abc", "sex", lambda rows: np.where(rows["kind"] == "q", "f", rows["sex"])),
        analysis={"terms": ["ses", "sex", "kind", "sex:kind"]},
    ),
    "one school": Spoiled(both(filled("abc", "school", "s00"), filled("abc", "kind", "p"))),
    "two schools": Spoiled(_first_rows(10)),
    "one pupil a school": Spoiled(
        lambda waves: waves.update({w: r.groupby("school").head(1) for w, r in waves.items()})
    ),
    "two complete rows in a wave": Spoiled(
        filled("b", "ses", lambda rows: rows["ses"].where(np.arange(len(rows)) < 2))
    ),
    "each pupil complete in one wave": Spoiled(
        only("ses", lambda rows, t: np.arange(len(rows)) % 3 == t)
    ),
    "each school complete in one wave": Spoiled(
        only("ses", lambda rows, t: school_number(rows) % 3 == t), design="same_schools"
    ),
    "an outcome that terms determine in one wave": Spoiled(
        filled("b", "score", lambda rows: 50.0 + 2.0 * rows["ses"])
    ),
    "an outcome that changes for one pupil alone": Spoiled(
        filled("abc", "score", lambda rows: rows["score"].where(np.arange(len(rows)) == 3, 50.0))
    ),
    "an outcome that changes for one school alone": Spoiled(
        filled("abc", "score", lambda rows: rows["score"].where(np.arange(len(rows)) == 3, 50.0)),
        design="same_schools",
    ),
    "an item that no analysis uses": Spoiled(
        filled("b", "x", np.nan), analysis={"terms": ["ses", "sex", "kind"]}
    ),
    "numbers near zero": Spoiled(filled("abc", "x", lambda rows: rows["x"] * 1e-200)),
}
"""What is odd, and told, but can be analysed."""
