"""Small surveys whose people are easily found: made up, with what nobody may learn of them."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

WAVES = ("a", "b")
LANGUAGES = ("en", "de", "zz")
CONFIGURATION = """\
survey: tiny
title: Small survey
description: Made up for an attack.
source: Made up.
design: {design}
levels:
  - {{name: school, id: school, plural: schools}}
  - {{name: pupil, id: pupil, plural: pupils}}
time: {{name: year, label: Year, coding: categories}}
waves:
  - {{name: a, label: Year A, time: 0, files: [a.csv]}}
  - {{name: b, label: Year B, time: 1, files: [b.csv]}}
variables:
  score: {{label: Score, type: number, level: row, missing: {{"": Absent}}}}
  ses: {{label: Home, type: number, level: row, missing: {{"": Not known}}}}
  lang:
    {{label: Language, type: category, level: row, reference: en,
      categories: {{en: English, de: German, zz: Zulu}}}}
  kind:
    {{label: Kind, type: category, level: school, reference: public,
      categories: {{public: Public, private: Private}}}}
analyses:
  plain: {{outcome: score, terms: [lang, kind]{policy}}}
  full: {{outcome: score, terms: [lang, kind, ses]}}
"""
POLICY = ", policy: {lang: {evidence: randomised, level: pupil, wave: a}}, protected: [lang]"


@dataclass(frozen=True)
class Row:
    """One pupil in one wave; an empty score or home was not given."""

    wave: str
    school: str
    pupil: str
    score: float | None
    ses: float | None
    lang: str
    kind: str

    def is_complete(self, analysis: str) -> bool:
        """Whether an analysis uses the row."""
        return self.score is not None and (analysis == "plain" or self.ses is not None)


@dataclass
class Survey:
    """Rows of a survey, its design, who withdraws before the second version, and a policy."""

    design: str
    rows: list[Row]
    withdrawn: Row
    policy: str = ""
    without: list[Row] = field(init=False)

    def __post_init__(self):
        self.without = [row for row in self.rows if row is not self.withdrawn]

    def write(self, folder: Path, rows: list[Row]) -> Path:
        """Write the waves and the configuration; the configuration's path."""
        folder.mkdir(parents=True, exist_ok=True)
        for wave in WAVES:
            with open(folder / f"{wave}.csv", "w", newline="", encoding="utf-8") as stream:
                writer = csv.writer(stream)
                writer.writerow(["school", "pupil", "score", "ses", "lang", "kind"])
                for row in rows:
                    if row.wave == wave:
                        cells = (row.score, row.ses)
                        texts = ["" if cell is None else f"{cell:.1f}" for cell in cells]
                        writer.writerow([row.school, row.pupil, *texts, row.lang, row.kind])
        path = folder / "tiny.yaml"
        path.write_text(
            CONFIGURATION.format(design=self.design, policy=self.policy), encoding="utf-8"
        )
        return path


def draw_survey(seed: int) -> Survey:
    """A survey with few leavers, absent pupils, small schools and categories of few.

    In every fifth many homes are not known. Every third has a second wave of two schools, one much
    the larger; every second follows pupils, so that some stay, leave and join.
    """
    rng = np.random.default_rng(seed)
    design = ("same_pupils", "same_schools")[seed % 2]
    schools = {f"s{i:02d}": int(rng.integers(12, 26)) for i in range(int(rng.integers(14, 20)))}
    schools["s00"] = int(rng.integers(1, 6))
    effects = {name: rng.normal(0, 20) for name in schools}
    private = {"s01"} if seed % 4 < 2 else {name for name in schools if rng.random() < 0.4}
    speakers = {"zz": int(rng.integers(1, 8))}
    people = []
    for name, size in schools.items():
        for number in range(size):
            lang = "de" if rng.random() < 0.2 else "en"
            people.append([name, f"{name}p{number:02d}", lang, rng.normal(0, 1)])
    for place in rng.choice(len(people), speakers["zz"], replace=False):
        people[place][2] = "zz"
    rows = []
    many = 6 if seed % 5 == 3 else 1  # homes that are not known
    for wave in WAVES:
        here = _present(people, schools, wave, design, seed, rng)
        absent = set(rng.choice(len(here), int(rng.integers(1, 9)), replace=False))
        unknown = set(rng.choice(len(here), int(rng.integers(1, 5)) * many, replace=False))
        for place, (school, pupil, lang, ses) in enumerate(here):
            score = 500 + 15 * (wave == "b") + effects[school] + 20 * ses + rng.normal(0, 60)
            rows.append(
                Row(
                    wave,
                    school,
                    pupil,
                    None if place in absent else round(score, 1),
                    None if place in unknown else round(ses, 1),
                    lang,
                    "private" if school in private else "public",
                )
            )
    scored = [row for row in rows if row.is_complete("full") and row.wave == "a"]
    policy = "" if seed % 4 else POLICY
    return Survey(design, rows, scored[int(rng.integers(len(scored)))], policy)


def _present(people, schools, wave, design, seed, rng):
    """Who is there in a wave: in the second a few left, and a few are new."""
    if wave == WAVES[0]:
        return list(people)
    if design == "same_schools":
        left = {"s03"} if seed % 3 else {name for name in schools if name not in ("s04", "s05")}
        here = [[s, p + "b", lang, rng.normal(0, 1)] for s, p, lang, __ in people if s not in left]
        return [each for each in here if each[0] != "s05" or seed % 3 or rng.random() < 0.4]
    left = set(rng.choice(len(people), int(rng.integers(1, 9)), replace=False))
    stay = [each for place, each in enumerate(people) if place not in left]
    new = [["s02", f"n{i}", "en", rng.normal(0, 1)] for i in range(int(rng.integers(1, 9)))]
    return stay + new
