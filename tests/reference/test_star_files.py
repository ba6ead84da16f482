"""The four STAR files are the source, split and not changed."""

from __future__ import annotations

import csv
import gzip

import pytest

from mlm.configuration import load_configuration
from tests.cleaned_waves import clean_wave
from tests.examples import ROOT, SHARED

SOURCE = SHARED / "star" / "data.csv.gz"


def test_the_files_joined_again_are_the_source():
    if not SOURCE.exists():
        pytest.skip("the source of the STAR data is not at hand")
    with gzip.open(SOURCE, "rt", encoding="utf-8", newline="") as file:
        source = list(csv.DictReader(file))
    joined = []
    for grade in "K123":
        path = ROOT / "data" / "star" / f"wave_{grade}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            joined += [row | {"grade": grade} for row in csv.DictReader(file)]
    key = lambda row: (row["grade"], row["pupil"])  # noqa: E731
    assert sorted(joined, key=key) == sorted(source, key=key)


@pytest.mark.parametrize(
    ("wave", "rows", "schools", "math"),
    [("K", 6325, 79, 5871), ("1", 6829, 76, 6600), ("2", 6840, 75, 6065), ("3", 6802, 75, 6077)],
)
def test_a_wave_is_cleaned_without_loss(wave, rows, schools, math):
    table, ledger = clean_wave(load_configuration(ROOT / "config" / "star.yaml"), wave)
    assert table.num_rows == ledger.rows_read == rows
    assert ledger.groups[0].n == schools
    assert {v.variable: v.n for v in ledger.variables}["math"] == math
