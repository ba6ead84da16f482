"""The front door for means and shares of groups of rows, with errors by replicates and draws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlm.errors import StatisticsError, SurveyError, listed
from mlm.nouns.plausible_values import PlausibleValues
from mlm.nouns.replicates import Replicates
from mlm.rows.accumulating.sources import Source, source_of
from mlm.rows.replicating.weighted_totals import (
    Made,
    WantedTotals,
    WeightedTotals,
    cluster_ids,
    weighted_totals,
)
from mlm.statistics.pooling.scales import IDENTITY, LOGIT, PooledQuantity
from mlm.statistics.replication.domains import DomainEstimates, ratios
from mlm.statistics.replication.made_factors import Factors, leaving_one_out, of_pairs

FAR_SUM = 0.05  # by which the mean sum of the replicates may differ from that of the weights
FAR_FACTOR = 0.15  # by which Fay's factor may differ from what the replicate weights say
LARGEST_OF_SHARES = 1.0


@dataclass(frozen=True)
class Domains:
    """Means or shares of groups of rows.

    Attributes
    ----------
    estimates : DomainEstimates
        Of every draw and replicate.
    dropped : dict of str to int
        Rows left out, by the column that had no value, or no weight.
    """

    estimates: DomainEstimates
    dropped: dict[str, int]

    @cached_property
    def table(self):
        """DataFrame, index = group: estimate, its errors, a 95 % interval, rows, sum of weights."""
        import pandas as pd

        own, found = self.estimates, self.estimates.quantities()
        sampling = self.estimates.pooled().sampling_error
        columns = {
            "estimate": [q.estimate for q in found],
            "std_error": [q.std_error for q in found],
            "sampling_error": sampling,
            "imputation_error": [q.imputation_error for q in found],
            "df": [q.df for q in found],
            "lower": [q.lower for q in found],
            "upper": [q.upper for q in found],
            "rows": own.rows,
            "weight": own.weights,
        }
        return pd.DataFrame(columns, index=pd.Index(own.labels, name="group"))

    def difference(self, later, earlier, linking_error: float = 0.0) -> PooledQuantity:
        """Difference between two groups, such as waves, with its error.

        Parameters
        ----------
        later, earlier : str
            Groups; the second is subtracted from the first.
        linking_error : float
            Standard error of the link between their scales, in the unit of the estimates.

        Raises
        ------
        StatisticsError
            When a group is unknown, or the linking error of a share is in score points.
        """
        unknown = [str(g) for g in (later, earlier) if str(g) not in self.estimates.labels]
        if unknown:
            raise StatisticsError(
                f"no group {listed(unknown)}; the groups are {listed(self.estimates.labels, 10)}."
            )
        if self.estimates.made_on is LOGIT and linking_error >= LARGEST_OF_SHARES:
            raise StatisticsError(
                f"a linking error of {linking_error} for shares of pupils: it is in score points. "
                "Give that of the share, as it is published with it, or none."
            )
        return self.estimates.difference(str(later), str(earlier), linking_error)


def means(
    data,
    score: PlausibleValues | str,
    weight: str,
    replicates: Replicates,
    by: str | None = None,
    sampling: str = "all",
) -> Domains:
    """Weighted means of a score by group, with errors of sampling and of measurement.

    Parameters
    ----------
    data : DataFrame, path, or list of paths
        Rows.
    score : PlausibleValues or str
        The score known by draws, or a column that is observed.
    weight : str
        Column of the weights; rows without one, or with zero, are left out and counted.
    replicates : Replicates
        Such as ``mlm.fay("W_FSTR{1..80}", k=0.5)``.
    by : str, optional
        Column of the groups, such as the wave.
    sampling : {"all", "first"}
        Of which draws the sampling variance is taken: the mean over all, or the first alone, as
        reports of TIMSS and PIRLS did until 2015.

    Returns
    -------
    Domains
        ``.table``; ``.difference(later, earlier, linking_error)``.

    Raises
    ------
    SurveyError
        When columns are missing, weights are negative, or replicate weights are not those that
        the method says.
    """
    return _domains(data, score, weight, replicates, by, sampling, None)


def shares_at(
    data,
    score: PlausibleValues | str,
    cut: float,
    weight: str,
    replicates: Replicates,
    by: str | None = None,
    sampling: str = "all",
) -> Domains:
    """Weighted shares of rows at or above a cut of a score, such as a minimum proficiency.

    Parameters
    ----------
    data, score, weight, replicates, by, sampling
        As ``mlm.means`` takes them.
    cut : float
        In units of the score.

    Returns
    -------
    Domains
        Shares, 0 to 1; intervals are made on the scale of logits.

    Raises
    ------
    SurveyError
        As ``mlm.means``.
    """
    return _domains(data, score, weight, replicates, by, sampling, float(cut))


def _domains(data, score, weight, replicates, by, sampling, cut) -> Domains:
    if sampling not in ("all", "first"):
        raise StatisticsError(f"sampling={sampling!r}: expected 'all' or 'first'.")
    columns = score.columns if isinstance(score, PlausibleValues) else (score,)
    source = source_of(data)
    known, factors = _replicates_of(source, replicates)
    found = weighted_totals(source, WantedTotals(columns, weight, known, by, cut))
    totals = np.array(list(found.totals.values()))
    count = totals.shape[1] - 1
    scale = replicates.scale(count) if factors is None else factors.scale
    df = replicates.degrees(count) if factors is None else factors.df
    _check_weights(replicates, totals, found.moved)
    estimates = DomainEstimates(
        tuple(found.totals),
        ratios(totals).transpose(2, 1, 0),
        scale,
        df,
        np.array([found.rows[label] for label in found.totals]),
        totals[:, 0, 0],
        IDENTITY if cut is None else LOGIT,
        sampling == "first",
    )
    _refuse_empty(estimates, found)
    return Domains(estimates, found.dropped)


def _replicates_of(
    source: Source, replicates: Replicates
) -> tuple[tuple[str, ...] | Made, Factors | None]:
    """Columns of replicate weights, or factors that are made of the clusters of the rows."""
    if replicates.columns:
        return replicates.columns, None
    places, ids = cluster_ids(source, replicates.ids)
    if replicates.method == "jk1":
        strata = np.zeros(len(ids[0]), dtype=np.intp)
    else:
        strata = np.unique(ids[0], return_inverse=True)[1].ravel()
    _check_strata(replicates, ids, strata)
    if replicates.method != "jk2":
        made = leaving_one_out(strata)
    else:
        first = np.r_[True, np.diff(strata) > 0]
        made = of_pairs(strata, (~first).astype(np.intp), replicates.halves == "both")
    return Made(places, made.values), made


def _check_strata(replicates: Replicates, ids: list[np.ndarray], strata: np.ndarray) -> None:
    """Refuse strata with one cluster, and pairs of more than two."""
    sizes = np.bincount(strata)
    wrong = np.flatnonzero(sizes != 2 if replicates.method == "jk2" else sizes < 2)
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


def _check_weights(replicates: Replicates, totals: np.ndarray, moved: float) -> None:
    """Refuse replicate weights that are not those of the sample, or not of the method."""
    sums = totals[:, :, 0].sum(axis=0)
    apart = float(sums[1:].mean() / sums[0] - 1.0)
    if abs(apart) > FAR_SUM:
        raise SurveyError(
            f"the replicate weights sum to {sums[1:].mean():,.0f} on average, the weights to "
            f"{sums[0]:,.0f}: {apart:+.0%}. They are not the replicates of these weights: check "
            "the columns and their order."
        )
    reach = moved / ((sums.size - 1) * sums[0])
    if replicates.method in ("fay", "brr") and abs(reach - (1.0 - replicates.factor)) > FAR_FACTOR:
        raise SurveyError(
            f"the replicate weights differ from the weights by {reach:.0%} on average; with Fay's "
            f"factor {replicates.factor:g} it is {1.0 - replicates.factor:.0%}. Are they with "
            f"the factor {max(1.0 - reach, 0.0):.1f}, of a jackknife, or those of other rows?"
        )


def _refuse_empty(estimates: DomainEstimates, found: WeightedTotals) -> None:
    """Refuse groups that a replicate leaves without any weight."""
    empty = np.isnan(estimates.values).any(axis=(0, 1))
    if empty.any():
        names = [label for label, is_empty in zip(estimates.labels, empty, strict=True) if is_empty]
        raise SurveyError(
            f"groups {listed(names)} have no weight in some replicate: too few clusters for an "
            "error of their own. Leave them out or join them with others."
        )
