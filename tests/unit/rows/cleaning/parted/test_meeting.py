"""A wave that is cleaned in parts has the rows and the ledger of one that is cleaned at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from mlm.configuration import Configuration, load_configuration
from mlm.configuration.parted import fits_parts
from mlm.errors import SurveyError
from mlm.results.survey.account import WaveLedger
from mlm.rows.cleaning import clean_wave as blocks_of_waves
from mlm.rows.cleaning import moments
from mlm.rows.cleaning.cleaning import clean_in_chunks
from mlm.rows.cleaning.parted import buckets, meeting, runs
from mlm.rows.cleaning.parted.account import PartAccount
from mlm.rows.cleaning.parted.looking import tell_faults
from mlm.rows.cleaning.parted.meeting import NOT_YET, NotParted, PartedWave
from mlm.rows.cleaning.parted.taking_in import NOTHING, take_in

pytestmark = pytest.mark.slow

CONFIGURATION = """\
survey: many
title: A survey in many files
description: Pupils of schools of counties.
source: made for tests
design: cross_section
levels:
  - {name: county, id: county, plural: counties, missing: {"99": unknown}}
  - {name: school, id: school}
  - {name: pupil, PUPIL}
waves:
  - {name: w, time: 0, files: [FILES]}
variables:
  score: {label: Score, type: number, level: row, range: [-9, 9], missing: {"-99": refused}}
  income: {label: Income, type: number, level: row}
  born: {label: Born, type: number, level: row, rescale: [0.5, 1]}
  sex: {label: Sex, type: category, level: row, categories: {g: Girl, b: Boy},
        recode: {f: g}, missing: {"?": unknown}}
  kind: {label: Kind, type: category, level: school, categories: {x: X, y: Y, z: Z}}
  mean_born: {label: Mean, type: number, level: school,
              aggregate: {of: born, within: school, statistic: mean}}
  others: {label: Others, type: number, level: row,
           aggregate: {of: score, within: school, statistic: leave_one_out}}
  centred: {label: Centred, type: number, level: row, centre: school}
  sum: {label: Sum, type: number, level: row, derive: "score + born"}
analyses:
  score: {outcome: score, terms: [born, sex, kind]}
"""
HEADER = "county,school,pupil,score,income,born,sex,kind,centred\n"


def lines_of(n: int, seed: int = 1) -> list[str]:
    """Rows in any order; some lack an id, some cells are missing, some codes look like missing."""
    rng = np.random.default_rng(seed)
    pupil = rng.permutation(n)
    school = pupil * 7919 % 60
    lines = []
    for p, s in zip(pupil.tolist(), school.tolist(), strict=True):
        county = "99" if rng.random() < 0.02 else "" if rng.random() < 0.01 else f"c{s % 17}"
        own = "" if rng.random() < 0.02 else f"{p:04d}"
        score = rng.choice(["", "-99", f"{rng.normal():.3f}"], p=[0.05, 0.05, 0.9])
        if s == 5:
            score = ""
        income = "999" if rng.random() < 0.05 else f"{rng.integers(0, 90)}"
        sex = rng.choice(["g", "b", "f", "?", ""])
        cells = [county, f"{s:02d}", own, score, income, f"{rng.normal():.6f}", sex, "xyz"[s % 3]]
        lines.append(",".join([*cells, f"{rng.normal(3):.4f}"]) + "\n")
    return lines


def written(
    folder: Path, lines: list[str], n_files: int, pupil: str = "id: pupil"
) -> Configuration:
    """The survey with its rows in some files, of different lengths."""
    cuts = np.linspace(0, len(lines), n_files + 1).astype(int) + np.arange(n_files + 1) % 3
    cuts[0], cuts[-1] = 0, len(lines)
    names = [f"f{i}.csv" for i in range(n_files)]
    for name, start, stop in zip(names, cuts[:-1], cuts[1:], strict=True):
        (folder / name).write_text(HEADER + "".join(lines[start:stop]), encoding="utf-8")
    text = CONFIGURATION.replace("FILES", ", ".join(names)).replace("PUPIL", pupil)
    (folder / "many.yaml").write_text(text, encoding="utf-8")
    return load_configuration(folder / "many.yaml")


def parts_of(configuration: Configuration, folder: Path, n: int) -> list[tuple[Path, PartAccount]]:
    """The wave's files taken in, n at a time; accounts come back from their files."""
    files, parts = configuration.wave("w").files, []
    for start in range(0, len(files), n):
        place = folder / f"part-{start}"
        place.mkdir()
        account = take_in(configuration, "w", files[start : start + n], place)
        (place / "account.json").write_text(account.to_json(), encoding="utf-8")
        parts.append((place, PartAccount.load(place / "account.json")))
    return parts


def in_parts(configuration: Configuration, folder: Path, n: int) -> tuple[pa.Table, WaveLedger]:
    """Rows and ledger from parts of n files."""
    parted = PartedWave(configuration, "w", parts_of(configuration, folder, n))
    return pa.concat_tables(parted.blocks()), parted.ledger()


@pytest.fixture(params=[50, 1000])
def small_pieces(request, monkeypatch):
    """Runs, buckets and blocks of few rows."""
    monkeypatch.setattr(runs, "RUN_ROWS", 40)
    monkeypatch.setattr(runs, "GROUP_ROWS", 16)
    monkeypatch.setattr(buckets, "BUCKET_ROWS", request.param)
    for module in (moments, meeting, blocks_of_waves):
        monkeypatch.setattr(module, "BLOCK_ROWS", 64)


@pytest.mark.parametrize("pupil", ["id: pupil", "id: pupil, twice: first", "plural: pupils"])
@pytest.mark.parametrize("n", [1, 3])
def test_rows_and_ledger_are_those_of_the_wave_cleaned_at_once(tmp_path, small_pieces, n, pupil):
    lines = lines_of(400)
    if "twice" in pupil:
        lines += lines[:30]
    configuration = written(tmp_path, lines, 7, pupil)
    assert fits_parts(configuration, "w")
    whole = clean_in_chunks(configuration, "w")
    rows, ledger = in_parts(configuration, tmp_path, n)
    assert rows.equals(pa.concat_tables(whole.blocks(64)))
    assert ledger.to_json() == whole.ledger.to_json()
    assert ledger.suspect_codes and ledger.recoded and ledger.empty_groups and ledger.excluded


def test_blocks_are_those_of_the_wave_cleaned_at_once(tmp_path, small_pieces):
    configuration = written(tmp_path, lines_of(400), 4)
    whole = clean_in_chunks(configuration, "w")
    parted = PartedWave(configuration, "w", parts_of(configuration, tmp_path, 1))
    for one, other in zip(parted.blocks(), whole.blocks(64), strict=True):
        assert one.equals(other)


def test_one_file_and_many_give_the_same(tmp_path, small_pieces):
    lines = lines_of(300)
    found = []
    for n_files in (1, 9):
        folder = tmp_path / str(n_files)
        folder.mkdir()
        rows, ledger = in_parts(written(folder, lines, n_files), folder, 2)
        found.append((rows, ledger.variables, ledger.missing, ledger.groups))
    assert found[0][0].equals(found[1][0])
    assert found[0][1:] == found[1][1:]


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ("c1,01,0001,55,1,1,g,x,1\n", "score: 1 cell outside the range -9 to 9 (f2.csv line 12"),
        ("c1,01,0001,1,1,1,q,x,1\n", "sex: 1 cell with a code that is not in the codebook (f2"),
        ("c1,01,1E+10,1,1,1,g,x,1\n", "pupil: 1 id are rounded numbers such as 1.2E+10 (f2.csv"),
    ],
)
def test_a_part_with_a_fault_keeps_nothing_and_the_wave_tells_it(tmp_path, cells, what):
    configuration = written(tmp_path, lines_of(40), 4)
    path = tmp_path / "f2.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + cells, encoding="utf-8")
    line = text.count("\n") + 1
    parts = parts_of(configuration, tmp_path, 1)
    assert [account == NOTHING for _, account in parts] == [False, False, True, False]
    with pytest.raises(NotParted):
        PartedWave(configuration, "w", parts)
    with pytest.raises(SurveyError) as told:
        clean_in_chunks(configuration, "w")
    assert what.replace("line 12", f"line {line}") in str(told.value)
    with pytest.raises(SurveyError) as looked:
        tell_faults(configuration, "w")
    assert looked.value.problems == told.value.problems


def test_a_unit_in_two_parts_is_told_of_the_whole_wave(tmp_path):
    lines = [line for line in lines_of(60) if ",," not in line and not line.startswith("99")]
    configuration = written(tmp_path, [*lines, lines[3]], 5)
    parted = PartedWave(configuration, "w", parts_of(configuration, tmp_path, 1))
    with pytest.raises(SurveyError) as told:
        list(parted.blocks())
    with pytest.raises(SurveyError, match="1 row for a pupil that the wave already has") as whole:
        clean_in_chunks(configuration, "w")
    assert told.value.problems == [f"{problem}; {NOT_YET}" for problem in whole.value.problems]


def test_the_same_file_in_two_parts_does_not_pass(tmp_path):
    configuration = written(tmp_path, lines_of(40), 4)
    (tmp_path / "f3.csv").write_bytes((tmp_path / "f0.csv").read_bytes())
    with pytest.raises(NotParted):
        PartedWave(configuration, "w", parts_of(configuration, tmp_path, 1))
    with pytest.raises(SurveyError, match="copy of f0"):
        tell_faults(configuration, "w")


def test_an_outcome_that_never_varies_is_told_of_the_whole_wave(tmp_path, small_pieces):
    lines = [",".join([*line.split(",")[:3], "1", *line.split(",")[4:]]) for line in lines_of(200)]
    configuration = written(tmp_path, lines, 4)
    parted = PartedWave(configuration, "w", parts_of(configuration, tmp_path, 1))
    for cleaned in (lambda: list(parted.blocks()), lambda: clean_in_chunks(configuration, "w")):
        with pytest.raises(SurveyError, match="^wave w: score: the outcome has the same value in"):
            cleaned()


def test_units_of_which_a_policy_leaves_no_row_are_left_out(tmp_path, small_pieces):
    lines = [line for line in lines_of(200) if ",," not in line and not line.startswith("99")]
    lines += [line for line in lines if line.startswith("c3,")]
    configuration = written(tmp_path, lines, 4, "id: pupil, twice: drop")
    whole = clean_in_chunks(configuration, "w")
    rows, ledger = in_parts(configuration, tmp_path, 1)
    assert "c3" not in rows["county"].to_pylist()
    assert rows.equals(pa.concat_tables(whole.blocks(64)))
    assert ledger.to_json() == whole.ledger.to_json()


@pytest.mark.parametrize(
    "change",
    [
        ("name: school, id: school", "name: school, id: school, ids: global"),
        ("born, sex, kind]", "born, sex, kind]"),
        ("level: row, centre: school", "level: row, standardise: within_wave"),
        ("level: row, centre: school", "level: row, centre: wave"),
    ],
)
def test_what_looks_at_all_rows_together_is_not_parted(tmp_path, change):
    path = tmp_path / "many.yaml"
    written(tmp_path, lines_of(20), 2)
    path.write_text(path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    assert fits_parts(load_configuration(path), "w") == (change[0] == change[1])
