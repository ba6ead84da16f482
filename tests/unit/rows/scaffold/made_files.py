"""Files of rows made for drafts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mlm.configuration import load_configuration
from mlm.rows.linking.linking import link_waves
from mlm.rows.scaffold import draft_configuration
from tests.cleaned_waves import clean_wave


def drafted(folder: Path, paths: list[Path]):
    """The drafted text and its configuration."""
    text = draft_configuration(paths, survey="mine", root=folder)
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    return text, load_configuration(folder / "mine.yaml")


def runs(configuration):
    """The survey cleaned and linked by its drafted configuration."""
    tables, ledgers = {}, {}
    for wave in configuration.wave_names:
        table, ledgers[wave] = clean_wave(configuration, wave)
        tables[wave] = table.to_pandas()
    return link_waves(configuration, tables, ledgers)


def table(folder: Path, name: str, n: int = 60, **columns) -> Path:
    """A file of rows; each column is a function of the number of the row."""
    cells = {column: [cell(i) for i in range(n)] for column, cell in columns.items()}
    pd.DataFrame(cells).to_csv(folder / name, index=False)
    return folder / name


def school(i: int) -> int:
    """One of six schools."""
    return i % 6 + 1


def score(i: int) -> float:
    """A score of a test."""
    return (i * 37 % 101) / 2


def later(i: int) -> float:
    """The score in a later wave."""
    return score(i) * 1.5 + i % 3


def sex(i: int) -> str:
    """A category."""
    return "gb"[i // 2 % 2]


IDS = {"school": school, "pupil": lambda i: f"p{i}"}
