"""Whether replicate weights are those of the rows that they stand beside.

A replicate multiplies the weights of whole clusters, each by a factor, and no more than adjustments
for non-response part the factors of two rows of a cluster. Over all replicates the factors of a row
average one, but for a zone that a balanced design moves the same way in each of them. Replicate
weights of other rows have neither property: over the weight they are factors times the ratio of the
weights of two rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import FIRST_CASES, SurveyError, listed
from mlm.nouns.replicates import Replicates
from mlm.rows.accumulating.sources import Source
from mlm.rows.replicating.cluster_factors import weighted_rows
from mlm.rows.replicating.replicate_rows import check_factor, check_sums

FAR_MEAN = 0.15
"""By which the mean factor of a row may differ from what its design makes it."""

FAR_ROWS = 0.02
"""Share of rows whose mean factor may differ by more."""

TELLING = 0.1
"""Share of rows that would differ so, were rows exchanged, from which mean factors tell it."""

ROWS_IN_CACHE = 2048
"""Rows that are looked at together."""

INSIDE_CLUSTERS = 0.15
"""Share of the spread of factors that adjustments may put inside clusters."""

INSIDE_PAIRS = 0.5
"""The same of jackknives, some of whose pairs lie in one unit, drawn for certain."""


@dataclass(frozen=True)
class Alignment:
    """What replicate weights say of the rows that they are of.

    Attributes
    ----------
    names : ndarray of str (C,)
        Ids of the clusters, joined by colons.
    codes : ndarray of int (n,)
        Cluster of each row that has a weight.
    weights : ndarray (n,)
        Weights of these rows.
    means : ndarray (n,)
        Mean over the replicates of what each multiplies the row's weight by.
    inside : ndarray (R,)
        Share of the squares of a replicate's factors that lies within clusters, over what it is
        where factors have nothing to do with clusters: near 0 where they are those of clusters,
        near 1 where they are not; NaN where a replicate moves no weight, or clusters are unknown.
    sums : ndarray (1 + R,)
        Sums of the weights and of each replicate's.
    moved : float
        How far a replicate weight is from the weight, over the weight, on average.
    """

    names: np.ndarray
    codes: np.ndarray
    weights: np.ndarray
    means: np.ndarray
    inside: np.ndarray
    sums: np.ndarray
    moved: float


def alignment(
    source: Source, clusters: Sequence[str], weight: str | None, columns: Sequence[str]
) -> Alignment:
    """One pass over the rows that have a weight.

    Parameters
    ----------
    source : Source
        The rows.
    clusters : sequence of str
        Id columns of the clusters, outermost first; none: clusters are unknown.
    weight : str or None
        Column of the overall weights of rows; None: all weigh the same.
    columns : sequence of str
        Replicate weights, R of them.

    Raises
    ------
    SurveyError
        When a column, an id or a replicate weight is missing, or no row has a weight.
    """
    places: dict[str, int] = {}
    factors, squares = np.zeros((0, len(columns))), np.zeros(len(columns))
    sums, moved, parts = np.zeros(1 + len(columns)), 0.0, []
    for names, codes, own in weighted_rows(source, clusters, weight, columns):
        new = [name for name in names.tolist() if name not in places]
        places.update({name: len(places) + i for i, name in enumerate(new)})
        factors = np.vstack([factors, np.zeros((len(places) - len(factors), len(columns)))])
        at = np.array([places[n] for n in names.tolist()], dtype=np.intp)[codes]
        sums += own.sum(axis=0)
        for first in range(0, len(own), ROWS_IN_CACHE):  # so many that they stay in the cache
            rows = slice(first, first + ROWS_IN_CACHE)
            apart = own[rows, 1:] / own[rows, :1] - 1.0
            _add(factors, at[rows], apart)
            squares += np.einsum("nr,nr->r", apart, apart)
            means = 1.0 + apart.mean(axis=1)
            moved += float(own[rows, 0] @ np.abs(apart, out=apart).sum(axis=1))
            parts.append((at[rows], own[rows, 0].copy(), means))
    if not places:
        raise SurveyError(f"no row of {source.where} has a weight in {weight or 'any column'}.")
    codes, weights, means = (np.concatenate(part) for part in zip(*parts, strict=True))
    inside = np.full(len(columns), np.nan)
    if clusters:
        inside = _inside(factors, squares, np.bincount(codes))
    return Alignment(
        np.array(list(places)),
        codes,
        weights,
        means,
        inside,
        sums,
        moved / (len(columns) * sums[0]),
    )


def _add(factors: np.ndarray, codes: np.ndarray, apart: np.ndarray) -> None:
    """Add rows (n, R) to the sums (C, R) of their clusters."""
    if (np.diff(codes) < 0).any():
        order = np.argsort(codes, kind="stable")
        codes, apart = codes[order], apart[order]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    factors[codes[starts]] += np.add.reduceat(apart, starts)


def _inside(factors: np.ndarray, squares: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Share (R,) within clusters over that by chance, from sums (C, R) and squares (R,)."""
    n, clusters = counts.sum(), counts.size
    whole = squares - factors.sum(axis=0) ** 2 / n
    within = squares - (factors**2 / counts[:, None]).sum(axis=0)
    by_chance = (n - clusters) / max(n - 1, 1)
    found = np.full(squares.size, np.nan)
    moves = (whole > 1e-12 * n) & (by_chance > 0.0)
    found[moves] = within[moves] / whole[moves] / by_chance if by_chance else np.nan
    return found


def refuse_wrong_columns(
    source: Source,
    clusters: Sequence[str],
    weight: str | None,
    replicates: Replicates,
    is_psu: bool,
    wave: str | None = None,
) -> None:
    """Refuse replicate weights that are not those of the sample, of their rows, or of the method.

    Parameters
    ----------
    source, clusters, weight
        As ``alignment`` takes them.
    replicates : Replicates
        Method and columns.
    is_psu : bool
        Whether the clusters were declared as such, so that factors are constant in them.
    wave : str, optional
        Id column among those of the clusters that is not told.

    Raises
    ------
    SurveyError
    """
    found = alignment(source, clusters, weight, replicates.columns)
    unit = ":".join(name for name in clusters if name != wave)
    check_sums(replicates, found.sums)
    refuse_other_rows(replicates, found, unit, is_psu)
    check_factor(replicates, found.moved)


def refuse_other_rows(replicates: Replicates, found: Alignment, unit: str, is_psu: bool) -> None:
    """Refuse replicate weights that are not those of their rows.

    Parameters
    ----------
    replicates : Replicates
        Method and columns.
    found : Alignment
        What the rows say.
    unit : str
        What the clusters are called; empty where they are unknown.
    is_psu : bool
        Whether they were declared as clusters, so that factors are constant in them.

    Raises
    ------
    SurveyError
    """
    known = found.inside[~np.isnan(found.inside)]
    usual = float(np.median(known)) if known.size else 0.0
    holds = known.size > 0 and usual <= INSIDE_CLUSTERS
    far = _far(replicates, found, found.means, holds)
    if np.count_nonzero(far) > FAR_ROWS * far.size:
        low, high = np.quantile(found.means[far], [0.05, 0.95])
        first = listed(found.names[np.unique(found.codes[far])[:FIRST_CASES]].tolist())
        where = f" ({unit} {first})" if unit else ""
        raise SurveyError(
            f"the replicate weights of {np.count_nonzero(far)} of {far.size} rows{where} "
            f"are on average {low:.2f} to {high:.2f} times their weight; every row is expected "
            "near 1. They seem to be those of other rows: were the columns sorted, or joined, by "
            "themselves? Join them by the ids of the rows again."
        )
    exchanged = np.random.default_rng(0).permutation(found.weights) / found.weights
    is_told = np.mean(_far(replicates, found, exchanged, False)) >= TELLING
    pairs = replicates.method in ("jk1", "jk2", "jkn")
    bound = INSIDE_PAIRS if pairs else INSIDE_CLUSTERS
    if usual > bound and (is_psu or not is_told):
        cure = "" if is_psu else f" Where what was drawn first lies inside {unit}, declare psu."
        raise SurveyError(
            f"the factors of the replicate weights differ inside {unit} almost as much as between "
            f"({usual:.0%} of what they would, were rows exchanged at random); expected nearly the "
            "same factor in all rows of a cluster. They seem to be those of other rows: join them "
            f"by the ids of the rows again.{cure}"
        )
    odd = np.flatnonzero(found.inside > INSIDE_PAIRS)
    if odd.size and usual <= INSIDE_CLUSTERS and not pairs:
        names = listed([replicates.columns[r] for r in odd])
        raise SurveyError(
            f"the factors of {odd.size} of {found.inside.size} replicate weights ({names}) differ "
            f"inside {unit} as much as between, those of the others do not: these columns seem to "
            "be of other rows, or no replicates. Join them by the ids of the rows again."
        )


def _far(
    replicates: Replicates, found: Alignment, means: np.ndarray, holds_clusters: bool
) -> np.ndarray:
    """Rows whose mean factor the design does not explain.

    Where factors are those of whole clusters, halves may have been drawn without balance.
    """
    size = found.inside.size
    bound, explained = max(FAR_MEAN, 1.5 / size), [1.0]
    if replicates.method == "bootstrap":
        bound = max(bound, 4.0 / np.sqrt(size))
    elif replicates.method in ("fay", "brr"):
        explained += [1.0 - found.moved, 1.0 + found.moved]
        bound = max(bound, 4.0 * found.moved / np.sqrt(size)) if holds_clusters else bound
    else:  # random halves in the place of a jackknife, which moves each row hardly ever
        bound = max(bound, 4.0 * found.moved / np.sqrt(size))
    return np.min(np.abs(means[:, None] - np.array(explained)), axis=1) > bound
