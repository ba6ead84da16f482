"""The base of all records: frozen, closed, finite."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from mlm.errors import ResultError

NAMED_FAULTS = 5  # faults of a stored record that a message names


class Record(BaseModel):
    """A conclusion in plain numbers and names, not to be changed; it holds what it names alone.

    Numbers that are not finite are no conclusions: a field that may lack one is declared optional.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    def to_json(self) -> str:
        """The record as JSON, one line a value, ended by a line break."""
        return self.model_dump_json(indent=1, by_alias=True) + "\n"

    @classmethod
    def load(cls, path: Path) -> Self:
        """A stored record.

        Raises
        ------
        ResultError
            When the file does not hold such a record; the first faults are named by their places.
        """
        try:
            context = {"folder": Path(path).parent}  # of the tables that it refers to
            return cls.model_validate_json(Path(path).read_bytes(), context=context)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
            shown = "; ".join(f"{_place(fault)}: {fault['msg']}" for fault in faults[:NAMED_FAULTS])
            raise ResultError(
                f"{path}: not what this version of mlm writes ({len(faults)} faults: {shown}). "
                "Delete the file and run the same command again."
            ) from error


def kind_of_stored(path: Path) -> str | None:
    """The ``kind`` that a stored record says it is of; None where it says none, or is no record."""
    try:
        return json.loads(Path(path).read_bytes()).get("kind")
    except (ValueError, AttributeError):
        return None


def finite(value: float) -> float | None:
    """A number, None where it is not finite: it is not known then, or has no bound."""
    return float(value) if math.isfinite(value) else None


def finites(values: Iterable[float]) -> tuple[float | None, ...]:
    """Numbers, None for those that are not finite."""
    return tuple(finite(value) for value in values)


def _place(fault) -> str:
    return "/".join(str(step) for step in fault["loc"]) or "the whole"
