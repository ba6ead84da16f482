"""Public files through the chain: cleaned, linked, analysed, and held to published values."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

import mlm
from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.front.sampled_analysis import analyse_rows
from mlm.rows.accumulating.record_rows import RecordRows
from mlm.rows.cleaning.cleaning import clean_in_chunks
from mlm.rows.linking.linking import link_waves
from tests.reference.weighted_sets import NEEDS_WEIGHTED, WEIGHTED

AS_PRINTED = 0.0051  # half of the last digit of the reference
SAME_SUMS = 1e-9  # relative; the same rows, summed by two ways

pytestmark = [pytest.mark.study, NEEDS_WEIGHTED]

NLD = """\
survey: nld
title: PISA 2003, Netherlands
description: Fifteen-year-olds in a sample of schools.
source: OECD, as distributed in the R package BIFIEsurvey.
design: cross_section
levels:
  - {name: school, id: SCHOOLID}
  - {name: pupil}
waves:
  - {name: "2003", time: 2003, files: [pisa2003_nld.csv.gz]}
variables:
  math: {label: Mathematics, type: number, level: row, unit: points}
  sex: {label: Sex, type: category, level: row, column: ST03Q01,
        categories: {"1": Girl, "2": Boy}, missing: {NA: not known}}
  escs: {label: Home, type: number, level: row, column: ESCS, missing: {NA: not known}}
sampling:
  weights: {pupil: W_FSTUWT}
  school_weight: mean
  scaling: size
  replicates: {method: fay, factor: 0.5, columns: W_FSTR1-W_FSTR80}
plausible_values: {math: PV1MATH-PV5MATH}
minimum_proficiency: {math: 420.07}
analyses:
  math: {outcome: math, terms: [sex, escs]}
"""

LSA = """\
survey: lsa
title: A national assessment in two cycles
description: Classes drawn in each cycle; zones, nested imputations, errors of links.
source: The R package eatRep.
design: new_schools
levels:
  - {name: class, id: idclass, plural: classes}
  - {name: pupil, id: idstud}
time: {name: year, label: Year}
waves:
  - {name: "2010", time: 2010, files: ["2010.csv"]}
  - {name: "2015", time: 2015, files: ["2015.csv"]}
variables:
  reading: {label: Reading, type: number, level: row, unit: points}
  sex: {label: Sex, type: category, level: row, categories: {female: Girl, male: Boy}}
sampling:
  weights: {pupil: wgt, class: L2wgt}
  replicates: {method: jk2, zone: jkzone, unit: jkrep}
plausible_values: {reading: {columns: [READ_1_1-READ_1_3, READ_2_1-READ_2_3], nests: 2}}
linking_error: {reading: {2010 to 2015: 0.827613}}
analyses:
  reading: {outcome: reading, terms: [sex]}
"""
LINK = yaml.safe_load(LSA)["linking_error"]["reading"]["2010 to 2015"]
DRAWS = [[f"READ_{n}_{i}" for i in (1, 2, 3)] for n in (1, 2)]


def results(folder: Path, text: str, data: Path):
    """Results of the only analysis of a configuration, from files in a folder."""
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    configuration = load_configuration(path).under(data)
    waves = {wave: clean_in_chunks(configuration, wave) for wave in configuration.wave_names}
    ledgers = {wave: cleaned.ledger for wave, cleaned in waves.items()}
    account = link_waves(configuration, waves, ledgers)
    rows = {wave: RecordRows(found, len(found.units.rows)) for wave, found in waves.items()}
    (analysis,) = configuration.analyses
    return analyse_rows(plan_of(configuration, analysis), rows, account)[0]


def test_pisa_2003_has_its_published_mean_and_share(tmp_path):
    found = results(tmp_path, NLD, WEIGHTED)
    (mean,) = found.means.waves
    assert mean.estimate == pytest.approx(537.82, abs=AS_PRINTED)
    assert mean.std_error == pytest.approx(3.13, abs=AS_PRINTED)
    (share,) = found.shares_at[0].waves
    assert 1.0 - share.estimate == pytest.approx(0.109, abs=0.0005)


def _wide(folder: Path) -> dict[str, pd.DataFrame]:
    """Files of the two cycles, a column a draw; the same rows by cycle."""
    rows = pd.read_csv(WEIGHTED / "lsa_eatrep.csv.gz")
    rows = rows[rows["domain"] == "reading"]
    kept = ["idstud", "idclass", "wgt", "L2wgt", "jkzone", "jkrep", "sex"]
    out = {}
    for year, own in rows.groupby("year"):
        scores = own.pivot(index="idstud", columns=["nest", "imp"], values="score")
        scores.columns = [f"READ_{nest}_{imp}" for nest, imp in scores.columns]
        first = own[(own["nest"] == 1) & (own["imp"] == 1)][kept].set_index("idstud")
        out[str(year)] = first.join(scores).reset_index()
        out[str(year)].to_csv(folder / f"{year}.csv", index=False)
    return out


@pytest.mark.filterwarnings("ignore::mlm.errors.LonePairs")
def test_two_cycles_with_zones_and_nested_draws_are_those_of_the_library(tmp_path):
    waves = _wide(tmp_path)
    found = results(tmp_path, LSA, tmp_path)
    score = mlm.PlausibleValues("reading", DRAWS)
    pairs = mlm.jk2(zone="jkzone", unit="jkrep")
    tables = [mlm.means(rows, score, "wgt", pairs).table.iloc[0] for rows in waves.values()]
    for told, expected in zip(found.means.waves, tables, strict=True):
        assert told.estimate == pytest.approx(expected["estimate"], rel=SAME_SUMS)
        assert told.std_error == pytest.approx(expected["std_error"], rel=1e-6)
    change = found.means.waves[1].change
    assert change.estimate == pytest.approx(tables[1]["estimate"] - tables[0]["estimate"])
    squares = sum(table["std_error"] ** 2 for table in tables) + LINK**2
    assert change.std_error == pytest.approx(squares**0.5, rel=0.02)
