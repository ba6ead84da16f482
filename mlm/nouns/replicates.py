"""Replicates of a sample: weights that a file has for each, or how they are made of its clusters.

The variance of an estimate t is ``sum_r scale_r (t_r - t)^2``, t_r the same of replicate r; the
methods differ in the scales. Layer: nouns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mlm.errors import ModelError, listed, quoted

if TYPE_CHECKING:
    import numpy as np

Method = Literal["fay", "brr", "jk1", "jk2", "jkn", "bootstrap"]
METHODS: tuple[Method, ...] = ("fay", "brr", "jk1", "jk2", "jkn", "bootstrap")
HALVES = ("one", "both")
BRACED = re.compile(r"\{(\d+)\.\.(\d+)\}")
_PARTS = re.compile(r"\d+|\D+")
MOST_COLUMNS = 10_000
"""Columns that one text may stand for: more than any survey has."""


@dataclass(frozen=True)
class Replicates:
    """How the replicates of a sample are known, and what each counts for.

    Attributes
    ----------
    method : {"fay", "brr", "jk1", "jk2", "jkn", "bootstrap"}
        Balanced repeated replication, with Fay's factor or without; the jackknife of clusters
        (``jk1``), of pairs (``jk2``) or of clusters in strata (``jkn``); the bootstrap.
    columns : tuple of str
        Columns with the replicate weights; empty where they are made of clusters.
    factor : float
        Fay's factor: what remains of the weight of half a stratum, 0 to 1.
    halves : {"one", "both"}
        Whether a pair is left out by one of its halves, chosen at random, or by each in turn.
    psu : str or None
        Column of the clusters, of which replicates are made; of pairs: the half of a pair. Several
        columns are joined by colons.
    strata : str or None
        Column of the strata that clusters were drawn in; of pairs: the pair. Several columns, such
        as ``wave:JKZONE``, are joined by colons.
    scales : tuple of float
        What each replicate counts for, in place of what the method says; of ``jkn`` with columns
        ``(n - 1) / n``, n the clusters of the stratum that it leaves one out of.

    Source
    ------
    Wolter (2007), Introduction to Variance Estimation, ch. 3 and 4; Rust and Rao (1996), Stat.
    Methods Med. Res. 5, 283-310.
    """

    method: Method
    columns: tuple[str, ...] = ()
    factor: float = 0.0
    halves: str = "one"
    psu: str | None = None
    strata: str | None = None
    scales: tuple[float, ...] = ()

    def __post_init__(self):
        if self.method not in METHODS:
            raise ModelError(
                f"replicates by {self.method!r}; expected one of {', '.join(METHODS)}."
            )
        if self.halves not in HALVES:
            raise ModelError(f"replicates: halves={self.halves!r}; expected 'one' or 'both'.")
        if not 0.0 <= self.factor < 1.0:
            raise ModelError(
                f"replicates: Fay's factor is {self.factor}; expected 0 or more, less than 1 "
                "(PISA and TALIS: 0.5)."
            )
        self._check_columns()

    def _check_columns(self) -> None:
        made = self.psu is not None
        if bool(self.columns) == made:
            raise ModelError(
                f"replicates by {self.method}: expected the columns of replicate weights, or the "
                "column of the clusters that they are made of, and not both."
            )
        if made and self.method not in ("jk1", "jk2", "jkn"):
            raise ModelError(f"replicates by {self.method} are read from a file: name the columns.")
        if made and self.method != "jk1" and self.strata is None:
            raise ModelError(f"replicates by {self.method} are made in strata or pairs: name them.")
        if len(set(self.columns)) < len(self.columns):
            twice = [c for i, c in enumerate(self.columns) if c in self.columns[:i]]
            raise ModelError(f"replicates: {listed(twice)} is named twice.")
        if self.columns and len(self.columns) < 2:
            raise ModelError(
                f"replicates: one column, {self.columns[0]}; expected all columns of replicate "
                'weights, such as "W_FSTR{1..80}".'
            )
        needs = self.method == "jkn" and self.columns
        if (needs or self.scales) and len(self.scales) != len(self.columns):
            raise ModelError(
                f"replicates by {self.method}: {len(self.scales)} scales for {len(self.columns)} "
                "columns; expected one each, (n - 1) / n with n the clusters of its stratum."
            )

    @property
    def is_jackknife(self) -> bool:
        """Whether a replicate leaves out a cluster or a few, and moves what rests on these."""
        return self.method in ("jk1", "jk2", "jkn")

    @property
    def ids(self) -> tuple[str, ...]:
        """Columns of clusters and strata, where replicates are made of them."""
        return (*self.strata_ids, *(self.psu.split(":") if self.psu else ()))

    @property
    def strata_ids(self) -> tuple[str, ...]:
        """Columns of the strata, where replicates are made in such."""
        return tuple(self.strata.split(":")) if self.strata else ()

    def scale(self, count: int) -> np.ndarray:
        """What each replicate counts for, shape (count,), of those whose weights a file holds."""
        import numpy as np

        if self.scales:
            return np.array(self.scales, dtype=float)
        each = {
            "fay": 1.0 / (count * (1.0 - self.factor) ** 2),
            "brr": 1.0 / count,
            "bootstrap": 1.0 / count,
            "jk1": (count - 1.0) / count,
            "jk2": 1.0 if self.halves == "one" else 0.5,
        }
        return np.full(count, each[self.method])

    def degrees(self, count: int) -> float:
        """Degrees of freedom of a variance from as many replicates.

        Those of balanced replicates and of pairs are their number, of both halves half of it; one
        less where each replicate is measured against the mean of all.
        """
        if self.method == "jk2" and self.halves == "both":
            return count / 2.0
        return float(count if self.method in ("fay", "brr", "jk2") else count - 1)


def fay(columns: str | Sequence[str], k: float = 0.5) -> Replicates:
    """Balanced repeated replicates with Fay's factor, as of PISA and TALIS.

    Parameters
    ----------
    columns : str or sequence of str
        Replicate weights; ``"W_FSTR{1..80}"`` names eighty.
    k : float
        Fay's factor.

    Examples
    --------
    >>> made = fay("W_FSTR{1..80}", k=0.5)
    >>> made.columns[-1], float(made.scale(80)[0])
    ('W_FSTR80', 0.05)
    """
    return Replicates("fay", columns_of(columns), factor=float(k))


def brr(columns: str | Sequence[str]) -> Replicates:
    """Balanced repeated replicates: half the sample counts twice, half not at all."""
    return Replicates("brr", columns_of(columns))


def bootstrap(columns: str | Sequence[str]) -> Replicates:
    """Bootstrap weights, as of NEPS."""
    return Replicates("bootstrap", columns_of(columns))


def jk1(columns: str | Sequence[str] = (), psu: str | None = None) -> Replicates:
    """The jackknife that leaves out one cluster, or random group, at a time.

    Parameters
    ----------
    columns : str or sequence of str
        Replicate weights, where the file has them.
    psu : str, optional
        Else the column of the clusters.
    """
    return Replicates("jk1", columns_of(columns), psu=psu)


def jkn(
    columns: str | Sequence[str] = (),
    scales: Sequence[float] = (),
    psu: str | None = None,
    strata: str | None = None,
) -> Replicates:
    """The jackknife that leaves out one cluster of a stratum at a time.

    Parameters
    ----------
    columns : str or sequence of str
        Replicate weights, where the file has them.
    scales : sequence of float
        ``(n - 1) / n`` of each, n the clusters of its stratum.
    psu, strata : str, optional
        Else the columns of clusters and strata.
    """
    known = tuple(map(float, scales))
    return Replicates("jkn", columns_of(columns), psu=psu, strata=strata, scales=known)


def jk2(
    columns: str | Sequence[str] = (),
    zone: str | None = None,
    unit: str | None = None,
    halves: str = "one",
) -> Replicates:
    """The jackknife of pairs of clusters, as of TIMSS, PIRLS, ICCS and NAEP.

    Parameters
    ----------
    columns : str or sequence of str
        Replicate weights, where the file has them.
    zone, unit : str, optional
        Else the column of the pairs, and that which tells their halves: in a replicate one half
        counts twice, the other not at all.
    halves : {"one", "both"}
        ``"one"``: a replicate a pair, that counts the unit of the larger id (TIMSS and PIRLS until
        2015, ICCS, NAEP); ``"both"``: two replicates a pair (since then).
    """
    return Replicates("jk2", columns_of(columns), halves=halves, psu=unit, strata=zone)


def columns_of(columns: str | Sequence[str]) -> tuple[str, ...]:
    """Names of columns; a text with ``{1..80}`` in it, or from first to last, stands for many.

    Parameters
    ----------
    columns : str or sequence of str
        ``"W_FSTR{1..80}"``, ``"W_FSTR1-W_FSTR80"``, a single name, or a sequence of such. Zeros
        before the first number are kept in all: ``"R01-R80"``.

    Raises
    ------
    ModelError
        When the numbers run backwards, or stand for more than 10,000 columns.

    Examples
    --------
    >>> columns_of("JR{01..03}")
    ('JR01', 'JR02', 'JR03')
    >>> columns_of("PV1MATH-PV3MATH")
    ('PV1MATH', 'PV2MATH', 'PV3MATH')
    """
    if isinstance(columns, str):
        return _expanded(columns)
    return tuple(name for each in columns for name in _expanded(each))


def is_range(text: str) -> bool:
    """Whether a text stands for several columns."""
    return BRACED.search(text) is not None or _first_and_last(text) is not None


def _expanded(text: str) -> tuple[str, ...]:
    if found := BRACED.search(text):
        before, after, (first, last) = text[: found.start()], text[found.end() :], found.groups()
    elif ends := _first_and_last(text):
        before, first, last, after = ends
    else:
        return (text,)
    numbers = _numbers(text, first, last)
    width = len(first) if first.startswith("0") else 0
    return tuple(f"{before}{number:0{width}d}{after}" for number in numbers)


def _numbers(text: str, first: str, last: str) -> range:
    low, high = int(first), int(last)
    if high < low:
        raise ModelError(
            f"{quoted(text)}: the numbers run backwards, from {low} to {high}; expected the lower "
            "one first."
        )
    if high - low >= MOST_COLUMNS:
        raise ModelError(
            f"{quoted(text)} stands for {high - low + 1:,} columns; expected {MOST_COLUMNS:,} at "
            "most. Is one of the numbers wrong?"
        )
    return range(low, high + 1)


def _first_and_last(text: str) -> tuple[str, str, str, str] | None:
    """What stands before the running number, the first, the last, and what stands after it.

    None where the text is not two names, joined by a dash, that differ by one number.
    """
    for place in (i for i, letter in enumerate(text) if letter == "-"):
        first, last = (_PARTS.findall(part.strip()) for part in (text[:place], text[place + 1 :]))
        if len(first) != len(last) or len(first) < 2:
            continue
        other = [i for i, pair in enumerate(zip(first, last, strict=True)) if pair[0] != pair[1]]
        if len(other) == 1 and first[other[0]].isdecimal() and last[other[0]].isdecimal():
            i = other[0]
            return "".join(first[:i]), first[i], last[i], "".join(first[i + 1 :])
    return None
