"""Sums of rows that lack values, kept apart by which of their variables are missing."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlm.errors import ResultError, StatisticsError
from mlm.nouns.columns import Columns
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.storage import UNREADABLE, load, save

SCHEMA = 1
HEADER = "header.json"


@dataclass(frozen=True)
class PatternSums:
    """Cross-products of the rows of each pattern of missing values; they add up over waves.

    Attributes
    ----------
    columns : Columns
        The recipe of rows without a missing value.
    incomplete : tuple of str
        Variables that may be missing.
    parts : mapping of tuple of str to CrossProducts
        By the variables that its rows lack, in the order of ``incomplete``: their cross-products
        in the columns that are made of none of these.
    """

    columns: Columns
    incomplete: tuple[str, ...]
    parts: Mapping[tuple[str, ...], CrossProducts]

    @property
    def n_obs(self) -> int:
        """Number of rows."""
        return sum(part.n_obs for part in self.parts.values())

    @property
    def missing(self) -> dict[str, int]:
        """Rows that lack a variable, by variable."""
        return {
            name: sum(part.n_obs for lacking, part in self.parts.items() if name in lacking)
            for name in self.incomplete
        }

    def __add__(self, other: PatternSums) -> PatternSums:
        """The sums of both samples together.

        Raises
        ------
        StatisticsError
            When their recipes, incomplete variables or levels differ.
        """
        if self.incomplete != other.incomplete:
            raise StatisticsError(
                f"cannot add: {', '.join(self.incomplete)} may be missing in one sample and "
                f"{', '.join(other.incomplete)} in the other. Accumulate both with the same names."
            )
        parts = dict(self.parts)
        for lacking, part in other.parts.items():
            parts[lacking] = parts[lacking] + part if lacking in parts else part
        return PatternSums(self.columns, self.incomplete, parts)

    def save(self, path: str | Path) -> None:
        """Write the sums to one file, without pickled objects."""
        header = {
            "schema": SCHEMA,
            "columns": self.columns.to_dict(),
            "incomplete": self.incomplete,
            "parts": list(self.parts),
        }
        with zipfile.ZipFile(path, "w") as file:
            file.writestr(HEADER, json.dumps(header, sort_keys=True))
            for i, part in enumerate(self.parts.values()):
                member = io.BytesIO()
                save(part, member)
                file.writestr(f"{i}.npz", member.getvalue())

    @classmethod
    def load(cls, path: str | Path) -> PatternSums:
        """Sums that ``save`` wrote.

        Raises
        ------
        ResultError
            When the file is not one of ours or is of another schema.
        """
        try:
            with zipfile.ZipFile(path) as file:
                header = json.loads(file.read(HEADER))
                members = [io.BytesIO(file.read(f"{i}.npz")) for i in range(len(header["parts"]))]
        except UNREADABLE as error:
            raise ResultError(f"{path}: not a file of sums by pattern ({error}).") from error
        if header.get("schema") != SCHEMA:
            raise ResultError(f"{path}: schema {header.get('schema')}, expected {SCHEMA}.")
        parts = {
            tuple(lacking): load(member)
            for lacking, member in zip(header["parts"], members, strict=True)
        }
        return cls(Columns.from_dict(header["columns"]), tuple(header["incomplete"]), parts)
