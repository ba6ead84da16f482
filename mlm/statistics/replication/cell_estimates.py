"""Means and shares of cells of rows, with errors by replicates or linearised, draw by draw."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlm.statistics.evidence.domain_totals import DomainTotals
from mlm.statistics.fitting.design.sandwich import Strata
from mlm.statistics.pooling.scales import IDENTITY, LOGIT
from mlm.statistics.replication.domains import DomainEstimates, SamplesApart, ratios
from mlm.statistics.replication.made_factors import leaving_one_out


@dataclass(frozen=True)
class CellErrors:
    """How the errors of cells are found.

    Attributes
    ----------
    factors : ndarray (C, R) or None
        What multiplies the weights of each cluster in each replicate; None: they are linearised, or
        replicates were summed row by row.
    scale : ndarray (R,) or None
        What each replicate counts for.
    df : float or None
        Degrees of freedom; None: clusters less strata.
    is_jackknife : bool
        Whether replicates leave out clusters; without replicates: whether clusters are left out one
        by one, and errors are not linearised.
    """

    factors: np.ndarray | None = None
    scale: np.ndarray | None = None
    df: float | None = None
    is_jackknife: bool = False


def cell_estimates(
    totals: DomainTotals, errors: CellErrors, cut: int | None = None, nests: int | None = None
) -> DomainEstimates:
    """Means of the outcome in each cell, or shares of rows at or above a cut.

    Parameters
    ----------
    totals : DomainTotals
        Sums of the rows.
    errors : CellErrors
        How errors are found. Replicates of waves whose clusters are their own are taken apart: a
        replicate of one wave leaves the others as they are.
    cut : int, optional
        Place of the cut; default: means.
    nests : int, optional
        Nests of the draws.

    Returns
    -------
    DomainEstimates
        Its cells are those of the totals.

    Source
    ------
    Linearised: Woodruff (1971), J. Am. Stat. Assoc. 66, 411-414; Wolter (2007), Introduction to
    Variance Estimation, section 6.5: the deviation of a ratio by cluster, within strata.
    """
    if errors.scale is not None:
        values, scale = _replicated(totals, errors, cut), errors.scale
        df = errors.df
        if waves_are_apart(totals):
            values, scale = _apart(totals, values, scale)
    else:
        strata = strata_of_waves(totals)
        df = strata.df if errors.df is None else errors.df
        if errors.is_jackknife and strata.sizes.min() > 1:
            made = leaving_one_out(strata.codes)
            left = replace(errors, factors=made.values, scale=made.scale)
            values, scale = _replicated(totals, left, cut), made.scale
        else:
            values, scale = linearised(totals, strata, cut)
    if cut is None:
        values = values + totals.origin
    return DomainEstimates(
        tuple(map(str, range(totals.size))),
        values,
        scale,
        float(df),
        totals.n_rows,
        totals.whole[:, 0],
        IDENTITY if cut is None else LOGIT,
        nests=nests,
        apart=_samples(totals, errors, float(df)) if waves_are_apart(totals) else None,
        is_jackknife=errors.is_jackknife,
        clusters=totals.n_clusters,
    )


def strata_of_waves(totals: DomainTotals) -> Strata:
    """The clusters by stratum, those of waves that were drawn apart within each wave."""
    if not waves_are_apart(totals):
        return Strata.of(totals.strata, totals.clusters.size)
    codes, first = np.zeros(totals.clusters.size, dtype=np.intp), 0
    for wave in np.unique(totals.waves).tolist():
        own = totals.waves == wave
        known = None if totals.strata is None else totals.strata[own]
        found = Strata.of(known, int(own.sum()))
        codes[own] = first + found.codes
        first += found.sizes.size
    return Strata(codes)


def _samples(totals: DomainTotals, errors: CellErrors, df: float) -> SamplesApart:
    """The waves as samples, each with the clusters less strata, or replicates, that it has."""
    names = list(dict.fromkeys(cell.wave for cell in totals.cells))
    places = np.array([names.index(cell.wave) for cell in totals.cells])
    degrees = np.full(len(names), df)
    for wave in range(len(names)):
        own = totals.waves == wave
        if errors.scale is None and errors.df is None:
            strata = None if totals.strata is None else totals.strata[own]
            degrees[wave] = Strata.of(strata, int(own.sum())).df
        elif errors.factors is not None:  # those made of clusters of another wave do not move it
            moves = (errors.factors[own] != 1.0).any(axis=0)
            degrees[wave] = df * moves.mean()
    return SamplesApart(places, np.maximum(degrees, 1.0))


def waves_are_apart(totals: DomainTotals) -> bool:
    """Whether there are several waves, each with clusters of its own."""
    return bool((totals.waves >= 0).all()) and np.unique(totals.waves).size > 1


def _replicated(totals: DomainTotals, errors: CellErrors, cut: int | None) -> np.ndarray:
    """Estimates (M, 1 + R, D) of the full sample and of each replicate."""
    columns = [0, *totals.columns(cut)]
    whole = totals.whole[:, columns]
    if errors.factors is None:
        each = totals.replicated[:, :, columns]
    else:
        each = np.zeros((errors.factors.shape[1], *whole.shape))
        for cell in range(totals.size):
            own = totals.cell == cell
            factors = errors.factors[totals.cluster[own]]
            each[:, cell] = factors.T @ totals.totals[own][:, columns]
    return ratios(np.concatenate([whole[None], each])).transpose(2, 0, 1)


def _apart(
    totals: DomainTotals, values: np.ndarray, scale: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The same with replicates of each wave of their own, (M, 1 + W R, D)."""
    names = list(dict.fromkeys(cell.wave for cell in totals.cells))
    m, r, d = values.shape[0], scale.size, totals.size
    out = np.repeat(values[:, :1], 1 + len(names) * r, axis=1)
    for cell in range(d):
        first = 1 + names.index(totals.cells[cell].wave) * r
        out[:, first : first + r, cell] = values[:, 1:, cell]
    return out.reshape(m, -1, d), np.tile(scale, len(names))


def linearised(
    totals: DomainTotals, strata: Strata, cut: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Estimates (M, 1 + C, D) and scales (C,) whose spread is that of the linearised variance.

    What stands in the place of a replicate is the estimate with the deviation of one cluster added:
    of a ratio ``(t_c - R w_c) / W`` less its mean in the stratum, which counts for ``n / (n - 1)``.

    Parameters
    ----------
    totals : DomainTotals
        Sums of the rows.
    strata : Strata
        In which clusters were drawn.
    cut : int, optional
        Place of the cut; default: means.
    """
    columns = totals.columns(cut)
    whole, c = totals.whole, totals.clusters.size
    weights = whole[:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        estimates = whole[:, columns] / weights[:, None]
        parts = totals.totals[:, columns] - estimates[totals.cell] * totals.totals[:, :1]
        parts = parts / weights[totals.cell][:, None]
    apart = np.zeros((c, totals.size, len(columns)))
    apart[totals.cluster, totals.cell] = parts
    sizes = strata.sizes
    means = np.zeros((sizes.size, *apart.shape[1:]))
    np.add.at(means, strata.codes, apart)
    apart -= (means / sizes[:, None, None])[strata.codes]
    own = sizes[strata.codes].astype(float)
    scale = own / np.maximum(own - 1.0, 1.0)
    values = np.concatenate([estimates[None], estimates[None] + apart])
    return values.transpose(2, 0, 1), scale
