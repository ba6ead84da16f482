"""The files of the further examples are their sources, split and not changed."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from mlm.configuration import load_configuration
from mlm.results.survey.survey import RowTotals
from mlm.rows.linking.linking import link_waves
from tests.cleaned_waves import clean_wave
from tests.examples import ROOT, SHARED

TIMES = ("-2.5", "-1.5", "-0.5", "0.5", "1.5", "2.5")


def rows_of(path: Path) -> list[dict]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    return list(csv.DictReader(text.splitlines()))


def source(survey: str) -> list[dict]:
    path = SHARED / survey / "data.csv.gz"
    if not path.exists():
        pytest.skip(f"the source of {survey} is not at hand")
    return rows_of(path)


def test_egsingle_joined_again_is_the_source():
    joined = []
    for i, year in enumerate(TIMES, start=1):
        rows = rows_of(ROOT / "data" / "egsingle" / f"wave_{i}.csv")
        joined += [row | {"year": year} for row in rows]
    key = lambda row: (row["pupil"], row["year"])  # noqa: E731
    assert sorted(joined, key=key) == sorted(source("egsingle"), key=key)


def test_chem97_is_the_source():
    assert rows_of(ROOT / "data" / "chem97" / "chem97.csv.gz") == source("chem97")


@pytest.mark.parametrize(
    ("survey", "rows", "units"),
    [("egsingle", 7230, {"school": 60, "pupil": 1721}),
     ("chem97", 31022, {"authority": 131, "school": 2410, "pupil": 31022})],
)  # fmt: skip
def test_examples_are_cleaned_and_linked_without_loss(survey, rows, units):
    configuration = load_configuration(ROOT / "config" / "examples" / f"{survey}.yaml")
    assert configuration.root == ROOT
    tables, ledgers = {}, {}
    for wave in configuration.wave_names:
        table, ledgers[wave] = clean_wave(configuration, wave)
        tables[wave] = table.to_pandas()
    account = link_waves(configuration, tables, ledgers)
    assert account.rows == RowTotals(read=rows, kept=rows, excluded=0)
    assert {level.name: level.groups_total for level in account.levels} == units
    doubts = [(check.kind, check.variable) for check in account.checks if check.result != "ok"]
    assert doubts == ([("categories_found", "retained")] if survey == "egsingle" else [])


def test_aggregates_of_chem97_are_at_the_level_of_the_school():
    configuration = load_configuration(ROOT / "config" / "examples" / "chem97.yaml")
    rows = clean_wave(configuration, "1997")[0].to_pandas()
    by_school = rows.groupby(["authority", "school"])
    expected = by_school["gcse"].transform("mean")
    assert (rows["school_gcse"] - expected).abs().max() < 1e-12
    assert (rows["candidates"] == by_school["gcse"].transform("size")).all()
    girls = rows["gender"].eq("F").groupby([rows["authority"], rows["school"]]).transform("mean")
    assert (rows["school_girls"] - girls).abs().max() < 1e-12
