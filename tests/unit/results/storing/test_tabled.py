"""Records of units as rows of tables beside a file of results."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mlm.errors import ResultError
from mlm.results.analysis import AnalysisResults
from mlm.results.level import Level
from mlm.results.sampled.results import SampledResults
from mlm.results.sampled.units import SampledUnit, SampledUnits
from mlm.results.storing.tabled import FOLDER, LEVEL, tables_of, text_beside_tables
from mlm.results.units import Licence
from tests.sampled_results import sampled_results
from tests.unit.pages.sample import FOLDER as SAMPLE

BOTH = pytest.mark.parametrize("name", ["results", "sampled"])

UNIT = {"n": 9, "estimate": 1 / 3, "std_error": 0.1, "comparative_se": 0.2, "reliability": 0.9}
OF_SAMPLE = SampledUnits(
    level=Level(unit="school", ids=("county", "school")),
    n=2,
    reliability_mean=0.9,
    reliability_min=0.9,
    variance=1.0,
    separable_share=0.5,
    licence=Licence(granted=False, checks=()),
    units=tuple(SampledUnit(unit=("a", u), lower=-1.0, upper=1.0, **UNIT) for u in ("b", "c")),
)


def results(name: str) -> AnalysisResults | SampledResults:
    if name == "sampled":
        return sampled_results().model_copy(update={"units": (OF_SAMPLE,)})
    return AnalysisResults.model_validate_json((SAMPLE / "results.json").read_text("utf-8"))


def write(found, folder: Path) -> Path:
    (folder / FOLDER).mkdir(parents=True)
    for name, table in tables_of(found, type(found).tables).items():
        pq.write_table(table.whole(), folder / FOLDER / f"{name}.parquet")
    path = folder / "results.json"
    path.write_text(text_beside_tables(found), "utf-8")
    return path


@BOTH
def test_results_are_read_as_they_were_written(name, tmp_path):
    found = results(name)
    path = write(found, tmp_path)
    assert type(found).load(path) == found
    assert type(found).model_validate_json(found.to_json()) == found  # by itself it is whole


@BOTH
def test_no_unit_stands_in_the_file(name, tmp_path):
    path = write(results(name), tmp_path)
    assert '"comparative_se"' not in path.read_text("utf-8").replace('"comparative_se_mean"', "")
    assert FOLDER in path.read_text("utf-8")


def test_a_table_names_the_level_of_each_row(tmp_path):
    found = results("results")
    (own,) = found.effects
    county = own.level.model_copy(update={"ids": ("county",)})
    other = own.model_copy(update={"level": county, "units": own.units[:2]})
    found = found.model_copy(update={"effects": (own, other)})
    assert AnalysisResults.load(write(found, tmp_path)) == found
    table = pq.read_table(tmp_path / FOLDER / "effects.parquet")
    named = [":".join(own.level.ids) for own in found.effects for _ in own.units]
    assert table[LEVEL].to_pylist() == named
    assert table["unit"].to_pylist() == [list(u.unit) for own in found.effects for u in own.units]
    assert table["estimate"].to_pylist() == [u.estimate for own in found.effects for u in own.units]
    names = pq.read_table(tmp_path / FOLDER / "trajectories.parquet").column_names
    assert names == ["level", "unit", "estimate", "std_error", "present"]


def test_a_table_without_rows_has_its_columns():
    found, kinds = results("sampled"), SampledResults.tables
    empty = tables_of(found.model_copy(update={"units": ()}), kinds)["effects"]
    full = tables_of(found, kinds)["effects"]
    assert empty.whole().num_rows == 0 < full.whole().num_rows and empty.schema == full.schema
    assert empty.whole().schema == full.whole().schema == full.schema


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.unlink(), "is not beside it"),
        (lambda path: path.write_bytes(b"no table"), "no Parquet file"),
        (lambda path: pq.write_table(pq.read_table(path).slice(0, 1), path), "has 1 rows"),
        (
            lambda path: pq.write_table(pq.read_table(path).drop_columns(["estimate"]), path),
            "estimate",
        ),
    ],
    ids=["missing", "damaged", "cut", "a column less"],
)
def test_a_table_that_is_not_that_of_the_results_is_refused(damage, said, tmp_path):
    path = write(results("results"), tmp_path)
    damage(tmp_path / FOLDER / "effects.parquet")
    with pytest.raises(ResultError, match=said):
        AnalysisResults.load(path)


@pytest.mark.parametrize(
    "place", ["../effects.parquet", "effects.parquet", "results.units/../x.parquet"]
)
def test_tables_elsewhere_are_not_read(place, tmp_path):
    path = write(results("results"), tmp_path)
    stored = json.loads(path.read_text("utf-8"))
    stored["effects"][0]["units"]["table"] = place
    path.write_text(json.dumps(stored), "utf-8")
    with pytest.raises(ResultError, match="load the file that refers to it"):
        AnalysisResults.load(path)


def test_text_alone_does_not_tell_what_lies_in_tables():
    with pytest.raises(ValueError, match="load the file that refers to it"):
        AnalysisResults.model_validate_json(text_beside_tables(results("results")))
