"""A statistic of the long table: where in the results it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ESTIMATE = {
    "estimate": "estimate",
    "se": "std_error",
    "lower": "lower",
    "upper": "upper",
    "df": "df",
}
SIZE = {"estimate": "estimate", "lower": "lower", "upper": "upper"}
OUTCOME, OUTCOME_SQUARED = "outcome", "outcome squared"  # stand for the unit of the outcome
SHARE, SD, COUNTED, NO_UNIT = "share", "sd", "count", ""


@dataclass(frozen=True)
class Statistic:
    """A statistic of a kind of record: where it is stored, and which field is which column.

    ``place`` is a JSON pointer in which ``*`` stands for a step; so it does at the end of a field.
    Numbers of units count those of the row's group.
    """

    statistic: str
    place: str
    fields: Mapping[str, str]
    unit: str = OUTCOME

    @property
    def is_between_waves(self) -> bool:
        """Whether it is a difference from the first wave, or from the one before."""
        return self.statistic.split("_")[-1] in ("change", "step")
