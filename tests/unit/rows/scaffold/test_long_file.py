"""One file of several waves: found by its ids, split without loss, drafted as any other survey."""

from __future__ import annotations

import csv

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.commands.check import check
from mlm.commands.init import init
from mlm.configuration import load_configuration
from mlm.errors import SurveyError
from mlm.rows.scaffold.long_file import check_not_split, long_file, split
from tests.examples import ROOT
from tests.unit.rows.scaffold.made_files import runs

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("read_in_this_process")]


def growth(waves=("-0.5", "0.5", "1.5"), pupils: int = 60) -> pd.DataFrame:
    """Followed pupils; the grade is that of the wave, but for those who repeat it."""
    rows = [
        {
            "school": i % 6 + 1,
            "pupil": f"p{i:03d}",
            "year": wave,
            "grade": place + (place and i % 7 != 0),
            "math": round(10 * place + i * 37 % 101 / 7, 2),
            "sex": "gb"[i % 2],
        }
        for place, wave in enumerate(waves)
        for i in range(pupils)
        if (i + place) % 9
    ]
    return pd.DataFrame(rows).sample(frac=1.0, random_state=1)


def written(folder, frame: pd.DataFrame, name: str = "long.csv"):
    frame.to_csv(folder / name, index=False)
    return folder / name


def rows_of(path) -> list[dict]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_followed_pupils_tell_the_column_of_the_waves_from_one_like_it(tmp_path):
    frame = growth()
    found = long_file(written(tmp_path, frame), "long.csv")
    assert (found.column, found.values) == ("year", ("-0.5", "0.5", "1.5"))
    assert [wave.time for wave in found.waves] == ["-0.5", "0.5", "1.5"]
    assert [wave.name for wave in found.waves] == ["1", "2", "3"]
    assert [wave.label for wave in found.waves] == ["Year -0.5", "Year 0.5", "Year 1.5"]


def test_years_and_words_name_the_waves(tmp_path):
    years = long_file(written(tmp_path, growth(("2019", "2023"))), "long.csv")
    assert [(w.name, w.time, w.label) for w in years.waves] == [
        ("2019", "2019", None), ("2023", "2023", None)]  # fmt: skip
    frame = growth(("autumn", "spring")).rename(columns={"year": "wave"})
    words = long_file(written(tmp_path, frame), "long.csv")
    assert [(w.name, w.time, w.label) for w in words.waves] == [
        ("autumn", "0", "Wave autumn"), ("spring", "1", "Wave spring")]  # fmt: skip


@pytest.mark.parametrize(
    ("waves", "time"), [(("1", "2"), ("time", "Wave")), (("2019", "2023"), ("year", "Wave"))]
)
def test_time_is_not_named_as_waves_are_in_formulas(tmp_path, waves, time):
    frame = growth(waves).rename(columns={"year": "wave"})
    assert long_file(written(tmp_path, frame), "long.csv").time == time


def test_one_wave_stays_one_file(tmp_path):
    frame = growth()
    assert long_file(written(tmp_path, frame[frame.year == "0.5"]), "long.csv") is None
    other = frame.assign(year=(frame.reset_index().index % 3 + 1).to_numpy())
    other["pupil"] = [f"q{i}" for i in range(len(other))]
    assert long_file(written(tmp_path, other), "long.csv") is None  # year of study of a pupil
    other["year"] = other["year"] + 2018
    assert long_file(written(tmp_path, other), "long.csv").column == "year"


def test_rows_are_split_without_loss_and_the_file_stays(tmp_path):
    path = written(tmp_path, growth())
    before = path.read_bytes()
    parts = split(long_file(path, "long.csv"))
    assert path.read_bytes() == before
    assert [part.name for part in parts] == [
        "long_year_-0.5.csv", "long_year_0.5.csv", "long_year_1.5.csv"]  # fmt: skip
    for value, part in zip(("-0.5", "0.5", "1.5"), parts, strict=True):
        known = [row for row in rows_of(path) if row.pop("year") == value]
        assert rows_of(part) == known and known


def test_no_file_is_overwritten_and_none_is_left_half(tmp_path):
    path = written(tmp_path, growth())
    (tmp_path / "long_year_0.5.csv").write_text("mine")
    with pytest.raises(SurveyError, match=r"long_year_0\.5\.csv is there"):
        split(long_file(path, "long.csv"))
    assert (tmp_path / "long_year_0.5.csv").read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["long.csv", "long_year_0.5.csv"]


def test_a_wave_beyond_what_was_looked_at_is_refused(tmp_path, monkeypatch):
    frame = growth().sort_values("year")
    path = written(tmp_path, frame)
    found = long_file(path, "long.csv")
    with path.open("a") as file:
        file.write("1,p000,2.5,3,1.0,g\n")
    with pytest.raises(SurveyError, match=r"the value '2\.5' beyond the rows"):
        split(found)
    assert [p.name for p in tmp_path.iterdir()] == ["long.csv"]


@settings(max_examples=20)
@given(cells=st.lists(st.text(alphabet='a",;\n é', max_size=4), min_size=12, max_size=12))
def test_any_cells_survive(tmp_path_factory, cells):
    folder = tmp_path_factory.mktemp("long")
    frame = growth(("1", "2"), 12).sort_values(["year", "pupil"]).reset_index(drop=True)
    frame["remark"] = [f"x{cells[i % 12]}" for i in range(len(frame))]
    path = written(folder, frame)
    found = long_file(path, "long.csv")
    parts = [row for part in split(found) for row in rows_of(part)]
    assert parts == [{k: v for k, v in row.items() if k != "year"} for row in rows_of(path)]


def test_egsingle_in_one_file_gives_a_survey_that_runs(tmp_path, capsys):
    """The waves of the example joined again, as R's package has them."""
    years = ("-2.5", "-1.5", "-0.5", "0.5", "1.5", "2.5")
    known = [
        pd.read_csv(ROOT / f"data/egsingle/wave_{i}.csv", dtype=str).assign(year=year)
        for i, year in enumerate(years, start=1)
    ]
    (tmp_path / "config").mkdir()
    path = written(tmp_path, pd.concat(known).sort_values(["pupil", "year"]), "egsingle.csv")
    out = tmp_path / "config" / "egsingle.yaml"
    init([path], out)
    assert "6 waves by its column year" in capsys.readouterr().out
    configuration = load_configuration(out)
    assert configuration.design.name == "same_pupils"
    assert configuration.level_names == ("school", "pupil")
    assert [wave.time for wave in configuration.waves] == [float(year) for year in years]
    analysis = yaml.safe_load(out.read_text())["analyses"]["math_analysis"]
    assert analysis["outcome"] == "math"
    assert not {"year", "grade"} & set(analysis["terms"])
    account = runs(configuration)
    assert [wave.rows_kept for wave in account.waves] == [len(frame) for frame in known]
    check([out])
    assert "'description' is still the text of the draft" in capsys.readouterr().out


def test_a_second_draft_does_not_take_the_files_that_the_first_made(tmp_path):
    long = written(tmp_path, growth())
    init([long], out=tmp_path / "config" / "one.yaml")
    parts = sorted(tmp_path.glob("long_year_*.csv"))
    with pytest.raises(SurveyError, match="written by `mlm init` from the rows of .*long.csv, so"):
        init([long, *parts], out=tmp_path / "config" / "two.yaml")
    assert not (tmp_path / "config" / "two.yaml").exists()
    init(parts, out=tmp_path / "config" / "two.yaml")


def test_files_of_like_names_that_were_not_made_of_it_are_waves(tmp_path):
    others = [
        written(tmp_path, growth().drop(columns="year"), f"long{end}.csv") for end in ("", "_2")
    ]
    check_not_split(others)


def test_pupils_who_are_numbered_anew_in_each_school_are_of_waves_too(tmp_path):
    frame = pd.DataFrame(
        {
            "country": "ab"[c],
            "wave": wave,
            "school": s,
            "student": p,
            "math": 100 + (wave * 7 + c * 31 + s * 17 + p * 37) % 97 / 3,
        }
        for c in range(2)
        for wave in (2000, 2003)
        for s in range(1, 11)
        for p in range(1, 9)
    )
    found = long_file(written(tmp_path, frame), "long.csv")
    assert (found.column, found.values) == ("wave", ("2000", "2003"))
