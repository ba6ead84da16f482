"""A survey of a few rows, as text, that tests change in one place at a time."""

from __future__ import annotations

from pathlib import Path

from mlm.configuration import Configuration, load_configuration

CONFIGURATION = """\
survey: small
title: A small survey
description: Three pupils in two schools, two waves.
source: made for tests
design: same_pupils
levels:
  - {name: school, id: school}
  - {name: pupil, id: pupil}
time: {name: year, label: Year}
waves:
  - {name: a, time: 0, files: [a.csv]}
  - {name: b, time: 1, files: [b.csv]}
variables:
  score: {label: Score, type: number, level: row, range: [0, 100], missing: {"-9": refused}}
  ses: {label: Home, type: number, level: row}
  sex: {label: Sex, type: category, level: pupil, categories: {g: Girl, b: Boy}}
  kind: {label: Kind of school, type: category, level: school, categories: {x: X, y: Y},
         recode: {z: y}}
analyses:
  score: {outcome: score, terms: [sex, ses, kind, "sex:ses", "ses^2"], time_interactions: [sex]}
"""

WAVE_A = """\
school,pupil,score,ses,sex,kind
02,003,70,1.5,b,z
01,001,50,0.5,g,x
01,002,60,,b,x
"""

WAVE_B = """\
school,pupil,score,ses,sex,kind
01,001,55,0.5,g,x
01,002,-9,0.1,b,x
02,003,75,1.5,b,y
"""


def write_survey(
    folder: Path, configuration: str = CONFIGURATION, a: str = WAVE_A, b: str = WAVE_B
) -> Configuration:
    """Write the files of a survey and load its configuration."""
    (folder / "small.yaml").write_text(configuration, encoding="utf-8")
    (folder / "a.csv").write_text(a, encoding="utf-8", newline="")
    (folder / "b.csv").write_text(b, encoding="utf-8", newline="")
    return load_configuration(folder / "small.yaml")
