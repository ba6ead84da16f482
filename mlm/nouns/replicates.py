"""Replicates of a sample: weights that a file has for each, or how they are made of its clusters.

The variance of an estimate t is ``sum_r scale_r (t_r - t)^2``, t_r the same of replicate r; the
methods differ in the scales. Layer: nouns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlm.errors import ModelError, listed

Method = Literal["fay", "brr", "jk1", "jk2", "jkn", "bootstrap"]
METHODS: tuple[Method, ...] = ("fay", "brr", "jk1", "jk2", "jkn", "bootstrap")
HALVES = ("one", "both")
RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")


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
        Column of the clusters, of which replicates are made; of pairs: the half of a pair.
    strata : str or None
        Column of the strata that clusters were drawn in; of pairs: the pair.
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
        return tuple(name for name in (self.strata, self.psu) if name is not None)

    def scale(self, count: int) -> np.ndarray:
        """What each replicate counts for, shape (count,), of those whose weights a file holds."""
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
    """Names of columns; a text with ``{1..80}`` in it stands for eighty.

    Examples
    --------
    >>> columns_of("JR{01..03}")
    ('JR01', 'JR02', 'JR03')
    """
    if not isinstance(columns, str):
        return tuple(name for each in columns for name in _expanded(each))
    return _expanded(columns)


def _expanded(text: str) -> tuple[str, ...]:
    found = RANGE.search(text)
    if found is None:
        return (text,)
    first, last = found.groups()
    width = len(first) if first.startswith("0") else 0
    numbers = [str(i).zfill(width) for i in range(int(first), int(last) + 1)]
    return tuple(text[: found.start()] + number + text[found.end() :] for number in numbers)
