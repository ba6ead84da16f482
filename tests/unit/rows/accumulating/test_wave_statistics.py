"""A wave becomes cross-products and bundles in one pass, in the memory of a batch and the sums."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlm.configuration import load_configuration
from mlm.errors import SurveyError
from mlm.rows.accumulating import frame_source, parquet_source
from mlm.rows.accumulating.parquet_source import ParquetSource
from mlm.rows.accumulating.wave_statistics import (
    accumulate_part,
    accumulate_wave,
    add_parts,
    columns_of_survey,
)
from mlm.statistics.evidence.arrays import array_files
from mlm.statistics.evidence.crossproducts import CrossProducts
from tests.property.equality import assert_equal

SURVEY = """\
survey: small
title: A small survey
description: Schools in counties.
source: made for this test
design: {design}
levels:
  - {{name: county, id: county, plural: counties}}
  - {{name: school, id: school}}
  - {{name: pupil, id: pupil}}
{time}waves:
{waves}variables:
  math: {{label: Mathematics, type: number, level: row}}
  read: {{label: Reading, type: number, level: row}}
  ses: {{label: Home, type: number, level: row}}
  sex: {{label: Sex, type: category, level: pupil, categories: {{g: Girl, b: Boy}}}}
analyses:
  math: {{outcome: math, terms: [ses, sex, "sex:ses"]}}
  read: {{outcome: read, terms: [ses]}}
"""
DESIGNS = {"cross_section": ["w"], "same_schools": ["w", "v"], "same_pupils": ["w", "v"]}


def survey(folder, design: str):
    """A configuration with two analyses."""
    waves = DESIGNS[design]
    entries = (f"  - {{name: {w}, time: {i}, files: [{w}.csv]}}\n" for i, w in enumerate(waves))
    time = "time: {name: year, label: Year}\n" if len(waves) > 1 else ""
    path = folder / "survey.yaml"
    path.write_text(SURVEY.format(design=design, time=time, waves="".join(entries)))
    return load_configuration(path)


def rows_of(n: int) -> pd.DataFrame:
    """Rows of a wave, in any order; a cell in ten is empty."""
    rng = np.random.default_rng(n)
    school = rng.integers(30, size=n)
    frame = pd.DataFrame({"county": school % 6, "school": school, "pupil": np.arange(n)})
    frame = frame.astype(str)
    for name in ("math", "read", "ses"):
        frame[name] = np.where(rng.random(n) < 0.1, np.nan, rng.normal(5.0, 2.0, size=n))
    return frame.assign(sex=rng.choice(["g", "b"], size=n))


@pytest.mark.battery
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("batch", [64, 5_000])
def test_a_file_of_many_batches_gives_what_its_rows_give_at_once(
    tmp_path, monkeypatch, design, batch
):
    configuration, rows = survey(tmp_path, design), rows_of(1_500)
    columns = columns_of_survey(configuration, rows)
    whole = accumulate_wave(configuration, "w", rows, columns)
    path = tmp_path / "w.parquet"
    rows.to_parquet(path, row_group_size=400)
    monkeypatch.setattr(parquet_source, "BATCH_ROWS", batch)
    parts = accumulate_wave(configuration, "w", path, columns)
    assert list(parts) == ["math", "read"]
    for name, stats in parts.items():
        used = ["math", "ses"] if name == "math" else ["read", "ses"]
        assert stats.n_obs == len(rows[used].dropna())
        assert_equal(stats, whole[name])
        (bundles,), (expected,) = stats.bundles, whole[name].bundles
        assert sorted(bundles.units) == sorted(expected.units)
        assert bundles.totals.sum(axis=0)[0, 0] == stats.n_obs
        places = [stats.columns.positions[column] for column in bundles.columns]
        total = stats.total[np.ix_(places, places)]
        np.testing.assert_allclose(bundles.totals.sum(axis=0), total, rtol=1e-9, atol=1e-9)


@pytest.mark.battery
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("of", [2, 3, 7])
def test_parts_of_the_rows_add_up_to_those_of_the_wave(tmp_path, monkeypatch, design, of):
    configuration, rows = survey(tmp_path, design), rows_of(1_500)
    rows = rows.sort_values(["county", "school", "pupil"])
    path, columns = tmp_path / "w.parquet", columns_of_survey(configuration, rows)
    rows.to_parquet(path, row_group_size=400)
    monkeypatch.setattr(parquet_source, "BATCH_ROWS", 90)
    monkeypatch.setattr(array_files, "PIECE_BYTES", 100)
    whole = accumulate_wave(configuration, "w", path, columns)
    parts = []
    for i in range(of):
        found = accumulate_part(configuration, "w", path, columns, i, of)
        for name, stats in found.items():
            stats.save(tmp_path / f"{name}-{i}.npz")
        parts.append({n: CrossProducts.load(tmp_path / f"{n}-{i}.npz", lazily=True) for n in found})
    for name, stats in add_parts(configuration, "w", parts).items():
        stats.save(tmp_path / f"{name}.npz")
        stats, expected = CrossProducts.load(tmp_path / f"{name}.npz"), whole[name]
        assert_equal(stats, expected)
        assert stats.n_obs == expected.n_obs
        for level, other in zip(stats.levels, expected.levels, strict=True):
            assert level.labels.tolist() == other.labels.tolist()
            assert np.array_equal(level.parent, other.parent)
        (bundles,), (expected,) = stats.bundles, expected.bundles
        assert bundles.bits == expected.bits and bundles.outer == expected.outer
        own, other = (np.lexsort([b.part, b.units]) for b in (bundles, expected))
        assert bundles.units[own].tolist() == expected.units[other].tolist()
        assert bundles.part[own].tolist() == expected.part[other].tolist()
        np.testing.assert_allclose(
            bundles.totals[own], expected.totals[other], rtol=1e-9, atol=1e-9
        )


def test_rows_are_read_together_where_a_part_has_none_or_its_nesting_is_not_that_of_all(tmp_path):
    configuration, rows = survey(tmp_path, "cross_section"), rows_of(300)
    rows = rows.sort_values(["county", "school", "pupil"])
    columns, path = columns_of_survey(configuration, rows), tmp_path / "w.parquet"

    def added(rows: pd.DataFrame):
        rows.to_parquet(path)
        parts = [accumulate_part(configuration, "w", path, columns, i, 2) for i in range(2)]
        return parts, add_parts(configuration, "w", parts)

    first = np.arange(300) < 150
    parts, found = added(rows.assign(math=rows["math"].mask(first)))
    assert [list(part) for part in parts] == [["read"], ["math", "read"]] and found is None
    parts, found = added(rows.assign(sex=rows["sex"].where(first, "unknown")))
    assert [list(part) for part in parts] == [["math", "read"], ["read"]] and found is None
    with pytest.raises(SurveyError, match="read has the same value in all 300 complete rows"):
        added(rows.assign(math=rows["math"].fillna(0), read=1.0, ses=0.0))


LATER = {"numbers": "{}", "letters": "p{}", "zeros in front": "0{}", "more digits": "{}000000"}


@pytest.mark.parametrize("later", LATER)
def test_ids_of_digits_are_texts_whatever_ids_follow(tmp_path, monkeypatch, later):
    configuration, rows = survey(tmp_path, "same_pupils"), rows_of(300)
    pupil = np.random.default_rng(1).permutation(300) + 1000
    forms = np.where(np.arange(300) < 200, "{}", LATER[later])
    rows["pupil"] = [form.format(n) for form, n in zip(forms, pupil, strict=True)]
    columns = columns_of_survey(configuration, rows)
    whole = accumulate_wave(configuration, "w", rows, columns)
    rows.to_parquet(tmp_path / "w.parquet", row_group_size=50)
    parts = accumulate_wave(configuration, "w", tmp_path / "w.parquet", columns)
    for name, stats in parts.items():
        assert_equal(stats, whole[name])
        for level, expected in zip(stats.levels, whole[name].levels, strict=True):
            for key, other in zip(level.keys, expected.keys, strict=True):
                key, other = np.asarray(key), np.asarray(other)
                assert key.dtype.kind in "UO" and set(map(type, key.tolist())) == {str}
                assert key.tolist() == other.tolist()


def counted_reads(monkeypatch) -> list[set[str]]:
    """Columns of each pass over a file from now on."""
    read, batches = [], ParquetSource.batches

    def watched(self, names):
        read.append(set(names))
        return batches(self, names)

    monkeypatch.setattr(ParquetSource, "batches", watched)
    return read


def test_the_rows_of_a_file_are_read_once_for_all_analyses(tmp_path, monkeypatch):
    configuration, rows = survey(tmp_path, "same_schools"), rows_of(900)
    path = tmp_path / "w.parquet"
    rows.to_parquet(path)
    columns = columns_of_survey(configuration, path)
    read = []
    batches = ParquetSource.batches
    monkeypatch.setattr(
        ParquetSource,
        "batches",
        lambda self, names: read.append(set(names)) or batches(self, names),
    )
    accumulate_wave(configuration, "w", path, columns)
    assert read == [{"county", "school", "math", "read", "ses", "sex"}]


def test_pupils_known_to_be_crossed_need_no_pass_of_their_own(tmp_path, monkeypatch):
    survey(tmp_path, "same_pupils")
    path = tmp_path / "survey.yaml"
    path.write_text(
        path.read_text().replace("id: pupil}", "id: pupil, ids: global, moves: crossed}")
    )
    configuration, rows = load_configuration(path), rows_of(600)
    rows.to_parquet(tmp_path / "w.parquet")
    columns = columns_of_survey(configuration, rows)
    read = counted_reads(monkeypatch)
    monkeypatch.setattr(parquet_source, "BATCH_ROWS", 90)
    stats = accumulate_wave(configuration, "w", tmp_path / "w.parquet", columns)["math"]
    assert len(read) == 1
    complete = rows[["math", "ses", "pupil", "school"]].dropna()
    sizes = complete.nunique()
    assert (stats.levels[0].name, stats.levels[0].size) == ("pupil", sizes["pupil"])
    factors = {factor.name: factor for factor in stats.crossing.factors}
    assert {name: factor.size for name, factor in factors.items()} == {
        "county": 6,
        "county:school": sizes["school"],
    }
    counts = complete["school"].value_counts()
    schools = factors["county:school"]
    assert schools.sums[0, :, 0].tolist() == counts[schools.keys[1]].tolist()


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, -371.7, 512.3])
def test_errors_of_all_analyses_are_told_together(tmp_path, value):
    """An outcome of one value has a variance that may be rounding, whatever the value."""
    configuration, rows = survey(tmp_path, "cross_section"), rows_of(200)
    columns = columns_of_survey(configuration, rows)
    with pytest.raises(SurveyError) as caught:
        accumulate_wave(configuration, "w", rows.assign(math=value, read=np.nan), columns)
    first, second = caught.value.problems
    assert first.startswith("wave w, analysis math: the outcome math has the same value")
    assert second.startswith("wave w, analysis read: no row is complete: read is missing in 200")


@pytest.mark.parametrize("n", [1, 900, 45_000])
def test_columns_take_origin_and_unit_from_rows_spread_over_the_wave(tmp_path, monkeypatch, n):
    configuration, rows = survey(tmp_path, "cross_section"), rows_of(n).assign(math=np.arange(n))
    path = tmp_path / "w.parquet"
    rows.to_parquet(path, row_group_size=10_001)
    for module in (parquet_source, frame_source):
        monkeypatch.setattr(module, "BATCH_ROWS", 777)
    found = columns_of_survey(configuration, path)["scales"]["math"]
    assert found == columns_of_survey(configuration, rows)["scales"]["math"]
    assert found["origin"] == np.arange(n)[:: -(-n // 20_000)].mean()


PEAK = """\
import json, resource, sys
from pathlib import Path
from mlm.configuration import load_configuration
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey

configuration, path = load_configuration(Path(sys.argv[1])), Path(sys.argv[2])
columns = columns_of_survey(configuration, path)
statistics = accumulate_wave(configuration, "w", path, columns)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([statistics["math"].n_obs, peak]))
"""


def written(path, blocks: int):
    """A file of so many times 50,000 rows."""
    rng, n = np.random.default_rng(0), 50_000
    schema = [(name, pa.string()) for name in ("county", "school", "pupil", "sex")]
    schema = pa.schema(schema + [(name, pa.float64()) for name in ("math", "read", "ses")])
    with pq.ParquetWriter(path, schema) as writer:
        for block in range(blocks):
            school = rng.integers(300, size=n)
            ids = [school % 20, school, np.arange(n) + block * n]
            texts = [*(pa.array(own.astype(str)) for own in ids), rng.choice(["g", "b"], size=n)]
            writer.write_table(pa.table([*texts, *rng.normal(size=(3, n))], schema))
    return path


@pytest.mark.study
def test_memory_does_not_grow_with_the_rows(tmp_path):
    survey(tmp_path, "cross_section")
    peaks = []
    for blocks in (4, 24):  # 200,000 rows, and 1,000,000 more
        path = written(tmp_path / f"{blocks}.parquet", blocks)
        words = [sys.executable, "-c", PEAK, str(tmp_path / "survey.yaml"), str(path)]
        run = subprocess.run(words, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        n_obs, peak = json.loads(run.stdout)
        assert n_obs == 50_000 * blocks
        peaks.append(peak)
    # MB: two columns of another million rows alone are 16
    assert peaks[1] - peaks[0] < 14
