"""A sound survey in a folder, and what can be done to it; its cells and ids are canaries."""

from __future__ import annotations

import gzip
import re
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyreadstat
import xlsxwriter

CONFIGURATION = """\
survey: bad
title: A survey to be spoiled
description: Six pupils in two schools, two waves.
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
  score: {label: Score, type: number, level: row, range: [0, 100]}
  ses: {label: Home, type: number, level: row}
  sex: {label: Sex, type: category, level: pupil, categories: {g: Girl, b: Boy}}
  kind: {label: Kind of school, type: category, level: school, categories: {x: X, y: Y}}
  weight: {label: Weight, type: number, level: row}
analyses:
  score: {outcome: score, terms: [sex, ses, kind]}
"""

HEADER = "school,pupil,score,ses,sex,kind,weight\n"
ROWS = """\
01,canary1,51,0.511,g,x,1.5
01,canary2,62,0.622,b,x,1.5
01,canary3,73,0.733,g,x,0.5
02,canary4,54,0.544,b,y,0.5
02,canary5,65,0.655,g,y,1
02,canary6,76,0.766,b,y,1
"""
WAVE = HEADER + ROWS
LATER = WAVE.replace(",51,", ",58,").replace(",62,", ",69,")


class BadSurvey:
    """The survey's folder; each method spoils one thing and returns the survey."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.config = folder / "bad.yaml"
        self.config.write_text(CONFIGURATION, encoding="utf-8")
        (folder / "a.csv").write_text(WAVE, encoding="utf-8")
        (folder / "b.csv").write_text(LATER, encoding="utf-8")

    def configure(self, *changes: tuple[str, str]) -> BadSurvey:
        """Replace texts of the configuration."""
        text = self.config.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        self.config.write_text(text, encoding="utf-8")
        return self

    def write(self, content: str | bytes, name: str = "a.csv") -> BadSurvey:
        """Put a content into a file, and name it as the first wave's file."""
        content = content.encode("utf-8") if isinstance(content, str) else content
        (self.folder / name).write_bytes(content)
        return self.named(name)

    def named(self, name: str) -> BadSurvey:
        """Name a file as the first wave's."""
        return self if name == "a.csv" else self.configure(("files: [a.csv]", f"files: [{name}]"))

    def declared(self) -> list[str]:
        """Paths of the first wave's files, though the configuration be wrong elsewhere."""
        names = re.search(r"name: a,.*files: \[(.*?)\]", self.config.read_text(encoding="utf-8"))
        return [str(self.folder / name) for name in names[1].split(", ")]

    def change(self, old: str, new: str, name: str = "a.csv") -> BadSurvey:
        """Replace a text in a wave's file, once."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text, old
        (self.folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        return self

    def remove(self, name: str = "a.csv") -> BadSurvey:
        """Take a file away."""
        (self.folder / name).unlink()
        return self

    def frame(self) -> pd.DataFrame:
        """The rows of the first wave, typed."""
        return pd.read_csv(self.folder / "a.csv", dtype={"school": str, "pupil": str})

    def packed(self, content: bytes, cut: int = 0) -> BadSurvey:
        """The first wave as a compressed file, cut at the end."""
        whole = gzip.compress(content)
        return self.write(whole[: len(whole) - cut], "a.csv.gz")

    def typed(self, kind: str, keep: float = 1.0, spoil: bool = False, **options) -> BadSurvey:
        """The first wave in another format, cut after a share, or with its head spoiled."""
        path = self.folder / f"a.{kind}"
        frame = self.frame()
        if kind == "parquet":
            pa.parquet.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
        else:
            writer = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta}[kind]
            writer(frame, str(path), **options)
        content = path.read_bytes()
        content = content[: int(len(content) * keep)]
        return self.write(b"\xff" * 40 + content[40:] if spoil else content, f"a.{kind}")

    def excel(self, *sheets: list[list], error: bool = False) -> BadSurvey:
        """The first wave as an Excel file with some sheets."""
        with xlsxwriter.Workbook(str(self.folder / "a.xlsx")) as book:
            for rows in sheets:
                sheet = book.add_worksheet()
                for i, row in enumerate(rows):
                    sheet.write_row(i, 0, row)
                if error:
                    sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
        return self.named("a.xlsx")

    def rows(self) -> list[list]:
        """Rows of the first wave as lists, the header first."""
        return [line.split(",") for line in WAVE.splitlines()]

    def zip(self, *sizes: int) -> BadSurvey:
        """A zip archive of zeros under the name of an Excel file."""
        with zipfile.ZipFile(self.folder / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
            for i, size in enumerate(sizes):
                archive.writestr(f"xl/worksheets/sheet{i}.xml", bytes(size))
        return self.named("a.xlsx")

    def nested(self) -> BadSurvey:
        """A Parquet file with lists in a column that is needed."""
        table = pa.Table.from_pandas(self.frame(), preserve_index=False)
        lists = pa.array([[1.0]] * table.num_rows)
        table = table.set_column(table.column_names.index("score"), "score", lists)
        pa.parquet.write_table(table, self.folder / "a.parquet")
        return self.named("a.parquet")

    def labels(self, first: dict, second: dict) -> BadSurvey:
        """Both waves as SPSS files with sex as 1 and 2, labelled."""
        codes = {"g": 1.0, "b": 2.0}
        for wave, labels in (("a", first), ("b", second)):
            frame = pd.read_csv(self.folder / f"{wave}.csv", dtype={"school": str})
            frame["sex"] = frame["sex"].map(codes)
            path = str(self.folder / f"{wave}.sav")
            pyreadstat.write_sav(frame, path, variable_value_labels={"sex": labels})
        return self.configure(
            ("[a.csv]", "[a.sav]"),
            ("[b.csv]", "[b.sav]"),
            ("{g: Girl, b: Boy}", '{"1": Girl, "2": Boy}'),
        )
