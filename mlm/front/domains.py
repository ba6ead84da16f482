"""The front door for means and shares of groups of rows, with errors by replicates and draws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlm.errors import StatisticsError, SurveyError, listed
from mlm.front.replicate_rows import check_replicates, replicates_of_rows
from mlm.nouns.levels import ROW
from mlm.nouns.plausible_values import PlausibleValues
from mlm.nouns.replicates import Replicates
from mlm.nouns.sampling import SamplingDesign
from mlm.rows.accumulating.sources import source_of
from mlm.rows.replicating.weighted_totals import (
    WantedTotals,
    WeightedTotals,
    weighted_totals,
)
from mlm.statistics.pooling.scales import IDENTITY, LOGIT, PooledQuantity
from mlm.statistics.replication.domains import DomainEstimates, ratios

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
    weight: str | None = None,
    replicates: Replicates | None = None,
    by: str | None = None,
    sampling: str = "all",
    design: SamplingDesign | None = None,
) -> Domains:
    """Weighted means of a score by group, with errors of sampling and of measurement.

    Parameters
    ----------
    data : DataFrame, path, or list of paths
        Rows.
    score : PlausibleValues or str
        The score known by draws, or a column that is observed.
    weight : str, optional
        Column of the weights; rows without one, or with zero, are left out and counted.
    replicates : Replicates, optional
        Such as ``mlm.fay("W_FSTR{1..80}", k=0.5)``.
    by : str, optional
        Column of the groups, such as the wave.
    sampling : {"all", "first"}
        Of which draws the sampling variance is taken: the mean over all, or the first alone, as
        reports of TIMSS and PIRLS did until 2015.
    design : SamplingDesign, optional
        In the place of ``weight`` and ``replicates``: the overall weights of rows, and its
        replicates.

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
    return _domains(data, score, *_of_design(weight, replicates, design), by, sampling, None)


def shares_at(
    data,
    score: PlausibleValues | str,
    cut: float,
    weight: str | None = None,
    replicates: Replicates | None = None,
    by: str | None = None,
    sampling: str = "all",
    design: SamplingDesign | None = None,
) -> Domains:
    """Weighted shares of rows at or above a cut of a score, such as a minimum proficiency.

    Parameters
    ----------
    data, score, weight, replicates, by, sampling, design
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
    known = _of_design(weight, replicates, design)
    return _domains(data, score, *known, by, sampling, float(cut))


def _of_design(
    weight: str | None, replicates: Replicates | None, design: SamplingDesign | None
) -> tuple[str, Replicates]:
    """Column of weights, and replicates, as they are given or as a design has them."""
    if design is not None:
        replicates = replicates or design.replicates
        weight = weight or (design.weights.get(ROW) if design.are == "overall" else None)
    if weight is None or replicates is None:
        raise StatisticsError(
            'means and shares need the overall weights of rows and replicates: weight="W_FSTUWT", '
            'replicates=mlm.fay("W_FSTR{1..80}"), or a design that has both.'
        )
    return weight, replicates


def _domains(data, score, weight, replicates, by, sampling, cut) -> Domains:
    if sampling not in ("all", "first"):
        raise StatisticsError(f"sampling={sampling!r}: expected 'all' or 'first'.")
    columns = score.columns if isinstance(score, PlausibleValues) else (score,)
    source = source_of(data)
    known, factors = replicates_of_rows(source, replicates)
    found = weighted_totals(source, WantedTotals(columns, weight, known, by, cut))
    totals = np.array(list(found.totals.values()))
    count = totals.shape[1] - 1
    scale = replicates.scale(count) if factors is None else factors.scale
    df = replicates.degrees(count) if factors is None else factors.df
    sums = totals[:, :, 0].sum(axis=0)
    check_replicates(replicates, sums, found.moved / (count * sums[0]))
    estimates = DomainEstimates(
        tuple(found.totals),
        ratios(totals).transpose(2, 1, 0),
        scale,
        df,
        np.array([found.rows[label] for label in found.totals]),
        totals[:, 0, 0],
        IDENTITY if cut is None else LOGIT,
        sampling == "first",
        score.nests if isinstance(score, PlausibleValues) else None,
    )
    _refuse_empty(estimates, found)
    return Domains(estimates, found.dropped)


def _refuse_empty(estimates: DomainEstimates, found: WeightedTotals) -> None:
    """Refuse groups that a replicate leaves without any weight."""
    empty = np.isnan(estimates.values).any(axis=(0, 1))
    if empty.any():
        names = [label for label, is_empty in zip(estimates.labels, empty, strict=True) if is_empty]
        raise SurveyError(
            f"groups {listed(names)} have no weight in some replicate: too few clusters for an "
            "error of their own. Leave them out or join them with others."
        )
