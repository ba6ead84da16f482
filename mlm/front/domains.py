"""The front door for means and shares of groups of rows, with errors of samples and draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mlm.errors import StatisticsError, SurveyError, listed
from mlm.nouns.levels import ROW
from mlm.nouns.plausible_values import PlausibleValues
from mlm.nouns.replicates import Replicates
from mlm.nouns.sampling import SamplingDesign
from mlm.rows.accumulating.batches import as_coded
from mlm.rows.accumulating.sources import (
    LabelledRows,
    Source,
    check_columns,
    evenly_spaced,
    source_of,
)
from mlm.rows.replicating.alignment import refuse_wrong_columns
from mlm.rows.replicating.domain_pass import WantedDomains, domain_totals
from mlm.rows.replicating.replicate_rows import check_replicates, replicates_of_rows
from mlm.rows.replicating.weighted_totals import (
    EVERYWHERE,
    WantedTotals,
    WeightedTotals,
    weighted_totals,
)
from mlm.statistics.pooling.scales import IDENTITY, LOGIT, PooledQuantity
from mlm.statistics.replication.cell_estimates import CellErrors, cell_estimates
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
        replicates; without such, errors come from its clusters (``psu``) and strata, by the
        jackknife or linearised, as those of models do.

    Returns
    -------
    Domains
        ``.table``; ``.difference(later, earlier, linking_error)``.

    Raises
    ------
    SurveyError
        When columns are missing, weights are negative, or replicate weights are not those that
        the method says or not those of their rows. Without a design that names clusters, or one
        kind of units with a weight, exchanged rows are found by unequal weights alone.
    """
    known = _of_design(weight, replicates, design)
    return _domains(data, score, *known, by, sampling, None, design)


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
    return _domains(data, score, *known, by, sampling, float(cut), design)


def _of_design(
    weight: str | None, replicates: Replicates | None, design: SamplingDesign | None
) -> tuple[str, Replicates | SamplingDesign]:
    """Column of weights, and what errors come from: replicates, or clusters of a design."""
    if design is not None:
        replicates = replicates or design.replicates
        weight = weight or (design.weights.get(ROW) if design.are == "overall" else None)
    known = replicates or (design if design is not None and design.psu else None)
    if weight is None or known is None:
        raise StatisticsError(
            "means and shares need the overall weights of rows, and replicates or clusters: "
            'weight="W_FSTUWT", replicates=mlm.fay("W_FSTR{1..80}"), or a design that has them '
            '(psu="school", strata=...).'
        )
    return weight, known


def _refuse_wrong_columns(
    source: Source, weight: str, known: Replicates, design: SamplingDesign | None
) -> None:
    """Refuse replicate weights that are not those of their rows, as far as clusters are known."""
    clusters: tuple[str, ...] = ()
    if design is not None:
        units = [key for key in (*design.weights, *design.mean_weights) if key != ROW]
        clusters = design.psu_ids or (tuple(units[0].split(":")) if len(units) == 1 else ())
        if clusters and design.wave is not None and design.wave in source.names:
            clusters = tuple(dict.fromkeys((design.wave, *clusters)))
    is_psu = design is not None and bool(design.psu_ids)
    refuse_wrong_columns(source, clusters, weight, known, is_psu)


def _domains(data, score, weight, known, by, sampling, cut, design) -> Domains:
    if sampling not in ("all", "first"):
        raise StatisticsError(f"sampling={sampling!r}: expected 'all' or 'first'.")
    columns = score.columns if isinstance(score, PlausibleValues) else (score,)
    nests = score.nests if isinstance(score, PlausibleValues) else None
    if isinstance(known, SamplingDesign):
        found = _linearised(source_of(data), columns, weight, known, by, cut, nests)
        return replace(found, estimates=replace(found.estimates, of_first=sampling == "first"))
    source = source_of(data)
    found = _replicated(source, columns, weight, known, by, cut, nests, sampling)
    if known.columns:
        _refuse_wrong_columns(source, weight, known, design)
    return found


def _linearised(source, columns, weight, design, by, cut, nests) -> Domains:
    """Estimates with errors by leaving out clusters, or linearised, within strata."""
    column, labels = by or EVERYWHERE, (EVERYWHERE,)
    rows = LabelledRows(source, {} if by else {EVERYWHERE: EVERYWHERE})
    if by:
        check_columns(source, [by])
        labels = _labels(source, by)
    origin = float(np.nanmean(evenly_spaced(source, [columns[0]])[columns[0]]))
    wanted = WantedDomains(
        columns,
        origin,
        (weight,),
        () if cut is None else (cut,),
        column,
        {column: labels},
        design.psu_ids,
        design.strata_ids,
    )
    totals = domain_totals(rows, wanted)
    errors = CellErrors(is_jackknife=design.errors_of(totals.clusters.size) == "jackknife")
    estimates = cell_estimates(totals, errors, None if cut is None else 0, nests)
    return Domains(replace(estimates, labels=labels), dict(totals.dropped))


def _labels(source, by: str) -> tuple[str, ...]:
    """The groups of rows, sorted."""
    found: set[str] = set()
    for batch in source.batches([by]):
        column = as_coded(batch.columns[by])
        there = np.unique(column.codes[column.codes >= 0])
        found |= {str(value) for value in np.asarray(column.values)[there].tolist()}
    return tuple(sorted(found))


def _replicated(source, columns, weight, replicates, by, cut, nests, sampling) -> Domains:
    known, factors = replicates_of_rows(source, replicates)
    found = weighted_totals(source, WantedTotals(columns, weight, known, by, cut))
    totals = np.array(list(found.totals.values()))
    count = totals.shape[1] - 1
    scale = replicates.scale(count) if factors is None else factors.scale
    df = replicates.degrees(count) if factors is None else factors.df
    if factors is not None:
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
        nests,
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
