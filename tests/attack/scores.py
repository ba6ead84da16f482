"""Attacks on scores: what means say of the one person who is in one of two samples only."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.attack.publication import HIDDEN, Publication, half_of, number_in

NARROW = 0.25  # standard deviations: a score known to this on each side counts as recovered


@dataclass(frozen=True)
class Mean:
    """A printed mean of scores: the sample, half a unit of its last digit, SD, and rows if told."""

    sample: str
    value: float
    half: float
    sd: float | None
    rows: int | None


@dataclass(frozen=True)
class Score:
    """A claim: one person's score lies between two values."""

    low: float
    high: float
    how: str

    def middle(self) -> float:
        """The value that would be told on."""
        return (self.low + self.high) / 2


def means_of(report: Publication) -> Iterator[Mean]:
    """Means of the outcome by wave: of the rows used, and of the rows kept."""
    for row in report.records("studied"):
        yield from _mean(f"used, {next(iter(row.values()))}", row["Mean"], row["SD"],
                         row.get("Rows used"))  # fmt: skip
    described = [(label, cells) for __, label, cells in report.grouped("describe")]
    kept = {next(iter(row.values())): row["Kept"] for row in report.records("flow")}
    for (label, means), (__, spread) in zip(described, described[1:], strict=False):
        if label == "Mean":
            for wave, text in means.items():
                yield from _mean(f"given, {wave}", text, spread.get(wave), kept.get(wave), True)
            return


def _mean(sample, text, spread, rows, has_missing=False) -> Iterator[Mean]:
    value = number_in(text)
    if value is None:
        return
    number = None if has_missing else number_in(rows)
    whole = None if number is None else int(number)
    yield Mean(sample, value, half_of(text), number_in(spread), whole)


def pairs_of_means(one: Publication, other: Publication) -> Iterator[tuple[Mean, Mean]]:
    """Means of the same sample in two versions or two analyses, which differ in few rows."""
    after = {mean.sample: mean for mean in means_of(other)}
    for mean in means_of(one):
        if mean.sample in after:
            yield mean, after[mean.sample]


def score_of_one_less(
    one: Publication, other: Publication, grid: float, most_rows: int = 2000
) -> list[Score]:
    """Score of the one person by whom two samples differ: n times one mean less n-1 the other.

    Where n is hidden, those n are left with which both means are sums of multiples of the grid of
    scores over n and n - 1.
    """
    found = []
    for mean, less in pairs_of_means(one, other):
        if (mean.value, mean.half) == (less.value, less.half):
            continue
        sizes = _sizes(mean, less, grid, most_rows)
        ranges = []
        for n in sizes:
            middle = n * mean.value - (n - 1) * less.value
            half = n * mean.half + (n - 1) * less.half
            if mean.sd is None or abs(middle - mean.value) <= 6 * mean.sd + half:
                ranges.append((middle - half, middle + half))
        if not ranges:
            continue
        low, high = min(low for low, __ in ranges), max(high for __, high in ranges)
        if high - low < 2 * NARROW * (mean.sd or math.inf):
            low, high = (grid * round(end / grid) for end in (low, high))
            found.append(Score(low, high, f"mean of {mean.sample}, {mean.value} and {less.value}"))
    return found


def _sizes(mean: Mean, less: Mean, grid: float, most: int) -> list[int]:
    """Numbers of rows that two means can have, of which the second is of one row less."""
    if mean.rows is not None:
        return [mean.rows] if less.rows in (None, mean.rows - 1) else []
    if less.rows is not None:
        return [less.rows + 1]
    return [n for n in range(3, most) if _fits(mean, n, grid) and _fits(less, n - 1, grid)]


def _fits(mean: Mean, n: int, grid: float) -> bool:
    """Whether a printed mean can be a sum on the grid over n rows."""
    total = n * mean.value / grid
    return abs(total - round(total)) <= n * mean.half / grid + 1e-6


def means_of_two_units(report: Publication) -> list[str]:
    """Waves of two units whose mean is printed: each of the two learns the other's."""
    return [
        f"mean of {next(iter(row.values()))}, {row['Mean']}, of {row['Schools']} schools"
        for row in report.records("studied")
        if number_in(row.get("Schools")) in (1.0, 2.0) and number_in(row["Mean"]) is not None
    ]


def coefficients_of_few(report: Publication) -> list[str]:
    """Coefficients of categories whose share is hidden wherever there are any: they may be few."""
    shares = {label: list(cells.values()) for __, label, cells in report.grouped("describe")}
    few = {
        name
        for name, cells in shares.items()
        if HIDDEN in cells and all(c == HIDDEN or number_in(c) == 0 for c in cells)
    }
    found = []
    for name in ("coefficients", "adequate-estimates", "slopes"):
        for __, label, cells in report.grouped(name):
            if label in few and any(number_in(cell) is not None for cell in cells.values()):
                found.append(f"{name}: {label}, {' '.join(filter(None, cells.values()))}")
    return found


def ends_of_scores(report: Publication) -> list[str]:
    """Smallest and largest values are those of one person each."""
    found = []
    for table in report.tables.values():
        places = [i for i, c in enumerate(table.columns) if re.search("minimum|maximum", c.lower())]
        for row in table.rows:
            ends = re.search(r"\b(minimum|maximum|largest residual|smallest residual)\b",
                             row[0].lower()) if row else None  # fmt: skip
            cells = row[1:] if ends else [row[i] for i in places if i < len(row)]
            found += [f"{table.name}: {row[0]}, {c}" for c in cells if number_in(c) is not None]
    return found


def values_behind_marks(report: Publication) -> list[str]:
    """Marked cells whose number stands beside the mark in the document, as an attribute."""
    pattern = r'"text": "\[c\]"[^{}]*"value": (-?\d[\d.e-]*)'
    return [f"report.json: {found}" for found in re.findall(pattern, report.words)]
