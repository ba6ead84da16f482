"""Replicates of rows: columns of a file, or factors made of clusters, and whether they are so."""

from __future__ import annotations

import warnings

import numpy as np

from mlm.errors import LonePairs, SurveyError, listed
from mlm.nouns.hierarchy import group_labels
from mlm.nouns.replicates import Replicates
from mlm.rows.accumulating.sources import Source
from mlm.rows.replicating.weighted_totals import Made, cluster_ids
from mlm.statistics.replication.made_factors import Factors, leaving_one_out, of_pairs

FAR_SUM = 0.05  # by which the mean sum of the replicates may differ from that of the weights
FAR_COLUMN = 0.5  # by which the sum of one replicate may differ from that of the weights
FAR_FROM_OTHERS = 8.0  # and over what those of the others differ by
MOVE_ALL = ("fay", "brr", "bootstrap")  # methods whose replicates move all clusters
FAR_FACTOR = 0.15  # by which Fay's factor may differ from what the replicate weights say


def replicates_of_rows(
    source: Source, replicates: Replicates
) -> tuple[tuple[str, ...] | Made, Factors | None]:
    """Columns of replicate weights, or factors that are made of the clusters of the rows."""
    if replicates.columns:
        return replicates.columns, None
    places, columns = cluster_ids(source, replicates.ids)
    around = len(replicates.strata_ids)
    parts = [part for part in (columns[:around], columns[around:]) if part]
    ids = [part[0] if len(part) == 1 else group_labels(part) for part in parts]
    if replicates.method == "jk1":
        strata = np.zeros(len(ids[0]), dtype=np.intp)
    else:
        strata = np.unique(ids[0], return_inverse=True)[1].ravel()
    if replicates.method != "jk2":
        _check_strata(replicates, ids, strata, np.bincount(strata) < 2)
        made = leaving_one_out(strata)
    else:
        made = of_pairs(strata, _halves(replicates, ids, strata), replicates.halves == "both")
    return Made(places, made.values), made


def _halves(replicates: Replicates, ids: list[np.ndarray], strata: np.ndarray) -> np.ndarray:
    """Half, 0 or 1, of each cluster of a pair.

    Where the column has two values in all, these tell the halves, and a part of a sample may lack
    one half of a pair; else the clusters of each pair are its halves, in the order of their ids.
    """
    known, halves = np.unique(ids[1], return_inverse=True)
    sizes = np.bincount(strata)
    if known.size != 2:
        _check_strata(replicates, ids, strata, sizes != 2)
        return (~np.r_[True, np.diff(strata) > 0]).astype(np.intp)
    lone = np.flatnonzero(sizes == 1)
    if lone.size:
        names = listed([ids[0][strata == pair][0] for pair in lone])
        warnings.warn(
            f"{replicates.strata}: {lone.size} of {sizes.size} have one half only in these rows "
            f"({names}); they are replicated as if their other half were empty, which is right "
            "for a part of a sample and says too much of a pair that never had one.",
            LonePairs,
            stacklevel=4,
        )
    return halves.ravel()


def _check_strata(
    replicates: Replicates, ids: list[np.ndarray], strata: np.ndarray, is_wrong: np.ndarray
) -> None:
    """Refuse strata with one cluster, and pairs of more or less than two."""
    sizes, wrong = np.bincount(strata), np.flatnonzero(is_wrong)
    if not wrong.size:
        return
    if replicates.method == "jk1":
        raise SurveyError(f"{replicates.psu} has one cluster only; the jackknife needs two.")
    names = [f"{ids[0][strata == s][0]} ({sizes[s]})" for s in wrong[:3]]
    expected = "two halves" if replicates.method == "jk2" else "two clusters or more"
    raise SurveyError(
        f"{replicates.strata}: {wrong.size} of {sizes.size} have another number of "
        f"{replicates.psu} than expected: {', '.join(names)}; expected {expected} in each. Join "
        "those with one to a neighbour before, and say so."
    )


def check_replicates(replicates: Replicates, sums: np.ndarray, moved: float) -> None:
    """Refuse replicate weights that are not those of the sample, or not of the method.

    Parameters
    ----------
    replicates : Replicates
        What was claimed.
    sums : ndarray (1 + R,)
        Sum of the weights, and of those of each replicate.
    moved : float
        How far a replicate weight is from the weight, over the weight, on average.

    Raises
    ------
    SurveyError
    """
    check_sums(replicates, sums)
    check_factor(replicates, moved)


def check_sums(replicates: Replicates, sums: np.ndarray) -> None:
    """Refuse replicate weights that do not sum to what the weights do.

    Where every replicate moves all clusters their sums are as far from that of the weights as
    those of each other, so that a single column that is none is told too.

    Parameters
    ----------
    replicates : Replicates
        What was claimed.
    sums : ndarray (1 + R,)
        Sum of the weights, and of those of each replicate.

    Raises
    ------
    SurveyError
    """
    apart = np.abs(sums[1:] / sums[0] - 1.0)
    usual = float(np.median(apart))
    odd = np.flatnonzero(apart > max(FAR_COLUMN, FAR_FROM_OTHERS * usual))
    if replicates.method in MOVE_ALL and odd.size:
        names = listed([replicates.columns[r] for r in odd])
        raise SurveyError(
            f"{odd.size} of {apart.size} replicate weights ({names}) sum to "
            f"{sums[1 + odd[0]] / sums[0]:.2f} times what the weights do, the others differ by "
            f"{usual:.0%}: they are not the replicates of these weights. Check the columns."
        )
    mean = float(sums[1:].mean() / sums[0] - 1.0)
    if abs(mean) > FAR_SUM:
        raise SurveyError(
            f"the replicate weights sum to {sums[1:].mean():,.0f} on average, the weights to "
            f"{sums[0]:,.0f}: {mean:+.0%}. They are not the replicates of these weights: check "
            "the columns and their order."
        )


def check_factor(replicates: Replicates, moved: float) -> None:
    """Refuse replicate weights that are not of the method or its factor; see above."""
    expected = 1.0 - replicates.factor
    if replicates.method in ("fay", "brr") and abs(moved - expected) > FAR_FACTOR:
        raise SurveyError(
            f"the replicate weights differ from the weights by {moved:.0%} on average; with Fay's "
            f"factor {replicates.factor:g} it is {expected:.0%}. Are they with the factor "
            f"{max(1.0 - moved, 0.0):.1f}, of a jackknife, or those of other rows?"
        )
