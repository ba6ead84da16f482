"""A small simulated survey of two cycles that is sampled in two stages and measured with errors."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mlm.configuration import Configuration, load_configuration

SURVEY = """\
survey: cycles
title: Two cycles of an assessment
description: New schools in each cycle, drawn with probability proportional to size.
source: made for tests
design: new_schools
levels:
  - {name: region, id: region}
  - {name: school, id: school}
  - {name: pupil, id: pupil}
time: {name: year, label: Year}
waves:
  - {name: "2018", time: 2018, files: [a.csv]}
  - {name: "2022", time: 2022, files: [b.csv]}
variables:
  PV1MATH: {label: Mathematics, type: number, level: row}
  W_FSTUWT: {label: Weight, type: number, level: row}
  W_FSCHWT: {label: Weight, type: number, level: school}
  escs: {label: Home, type: number, level: row}
  sex: {label: Sex, type: category, level: row, categories: {g: Girl, b: Boy}}
  kind: {label: Kind, type: category, level: school, categories: {x: X, y: Y}}
  school_escs: {label: Homes of the school, type: number, level: school,
                aggregate: {of: escs, within: school, statistic: mean}}
analyses:
  math: {outcome: PV1MATH, terms: [escs, sex, kind]}
simulate:
  seed: 7
  outcome: math
  sizes: {region: 3, school: 24, pupil: [15, 40]}
  fixed: {Intercept: 500, escs: 20, "sex[T.b]": 6, "kind[T.y]": 10, "year[T.2022]": -10,
          school_escs: 30}
  variances: {region: 0, "region:wave": 0, "region:wave:school": 1500, residual: 5000}
  covariates:
    escs: {clustering: 0.25}
    sex: {shares: {g: 0.5, b: 0.5}}
    kind: {shares: {x: 0.7, y: 0.3}}
  further_outcomes:
    reading:
      fixed: {Intercept: 480, escs: 10}
      variances: {region: 0, "region:wave": 0, "region:wave:school": 900, residual: 4000}
      correlation: 0.8
  sample:
    sizes: {school: 25, pupil: 10}
    strata: [region]
    informative: {school: 0.4, pupil: 0.2}
    response: {school: 0.9, pupil: {sex: {g: 0.95, b: 0.8}}}
    weights: {school: W_FSCHWT, pupil: W_FSTUWT}
    stratum: STRATUM
    replicates: {method: fay, columns: "W_FSTR{1..16}"}
  plausible_values:
    columns: {math: "PV{1..5}MATH", reading: "PV{1..5}READ"}
    reliability: {math: 0.85, reading: 0.8}
  cuts: {math: [420.07]}
"""


def two_stages(*changes: tuple[str, str]) -> Configuration:
    """The survey, with texts of its configuration replaced, each of which it must have."""
    text = SURVEY
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cycles.yaml"
        path.write_text(text, encoding="utf-8")
        return load_configuration(path)
