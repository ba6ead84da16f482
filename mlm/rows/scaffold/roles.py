"""Which variables are weights, plausible values, scores; the outcome and the terms of a draft."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mlm.nouns.levels import ROW
from mlm.rows.scaffold.column_names import (
    is_earlier,
    is_sampled,
    is_score,
    is_weight,
    plausible_value,
)
from mlm.rows.scaffold.profiles import ColumnProfile, FileProfile
from mlm.rows.scaffold.waves import names_time

ZONE = re.compile(r"jk[a-z]?_?zones?|(w?var|var_?est)_?strat(um|a)?[a-z]?|repl?_?strat(um|a)?")
"""Names of columns of zones, pairs of clusters, for a jackknife."""

HALF = re.compile(r"jk[a-z]?_?(rep|unit|code|half|indic)[a-z]*|w?var_?unit[a-z]?|repl?_?unit")
"""Names of columns that tell the clusters of a zone apart."""

MIN_REPLICATES = 4
"""Columns of one name and a running number from which weights are replicate weights."""


@dataclass(frozen=True)
class Found:
    """A variable of the draft.

    Attributes
    ----------
    column, type, level : str
        What it seems to be.
    label : str or None
        From the file.
    n_values : int
        Different values in a file, at most.
    varies : bool
        Whether each file has several.
    is_key : bool
        Whether its numbers seem to number the rows.
    """

    column: str
    type: str
    level: str
    label: str | None
    n_values: int
    varies: bool = True
    is_key: bool = False

    @property
    def n_columns(self) -> int:
        """Columns that it makes in a model."""
        return self.n_values - 1 if self.type == "category" else 1


def weights_among(files: Sequence[FileProfile], columns: Sequence[str]) -> list[str]:
    """Columns that seem to be sampling weights, by their names and values; those of bodies not."""
    measured = any(re.search(r"height|bmi|stature", c.lower()) for c in columns)
    found = []
    for column in columns:
        profiles = [file.columns[column] for file in files]
        label = next((p.notes.label for p in profiles if p.notes.label), None)
        if not is_weight(column, label) or not all(map(_may_weigh, profiles)):
            continue
        if not measured or is_sampled(column, label):
            found.append(column)
    return found


def _may_weigh(profile: ColumnProfile) -> bool:
    """Whether all values are numbers from 0, with a positive one among them."""
    if not profile.values:
        return True
    numbers = profile.numbers[profile.is_value]
    return profile.is_number and bool((numbers >= 0).all() and (numbers > 0).any())


def jackknife_among(files: Sequence[FileProfile], columns: Sequence[str]) -> tuple[str, str] | None:
    """Columns of zones and of the units in them, by their names and as units are few in a zone."""
    zones = [c for c in columns if ZONE.fullmatch(c.lower())]
    halves = [c for c in columns if HALF.fullmatch(c.lower())]
    for zone in zones:
        for half in halves:
            sizes = [(len(f.columns[zone].values), len(f.columns[half].values)) for f in files]
            if all(zones > 1 and halves > 1 for zones, halves in sizes):
                return zone, half
    return None


def replicates_among(weights: Sequence[str]) -> dict[str, list[str]]:
    """Weights that differ by a running number alone, by their common name."""
    families: dict[str, list[str]] = {}
    for column in weights:
        if found := re.fullmatch(r"(.*?\D)0*\d{1,3}", column):
            families.setdefault(found[1], []).append(column)
    return {stem: own for stem, own in families.items() if len(own) >= MIN_REPLICATES}


def values_among(columns: Sequence[str]) -> dict[str, list[str]]:
    """Plausible values by the score that they are of, in the order of their numbers."""
    found: dict[str, dict[int, str]] = {}
    for column in columns:
        if named := plausible_value(column):
            found.setdefault(named[0], {})[named[1]] = column
    return {
        score: [own[number] for number in sorted(own)]
        for score, own in found.items()
        if len(own) > 1
    }


def scores_among(variables: Sequence[Found]) -> list[str]:
    """Columns that could be outcomes, the likeliest first: numbers of rows named as scores are.

    Where none is so named, the number with most different values that is not named after waves.
    """
    rows = [v for v in variables if v.type == "number" and v.level == ROW and v.varies]
    named = [v for v in rows if is_score(v.column, v.label)]
    if named:
        return [v.column for v in named]
    rows = [v for v in rows if not v.is_key]
    rows = [v for v in rows if not names_time(v.column)]
    later = [v for v in rows if not is_earlier(v.column, v.label)] or rows
    return [max(later, key=lambda v: v.n_values).column] if later else []


def terms_among(variables: Sequence[Found], outcomes: Sequence[str]) -> list[str]:
    """Columns that may explain an outcome, those that need fewest columns of a model first.

    Numbers of the rows explain nothing: they are named where there is nothing else.
    """
    others = [v for v in variables if v.column not in outcomes]
    fit = [v for v in others if not v.is_key] or others
    return [v.column for v in sorted(fit, key=lambda v: v.n_columns)]
