"""Errors of a weighted fit by the design of its sample, as a fit holds and stores them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.replicates import Replicates
from mlm.nouns.sampling import Errors, SamplingDesign, Sandwich
from mlm.results.fit import (
    StoredDesign,
    StoredReplicates,
    StoredSampling,
    StoredShare,
    StoredVariance,
    StoredWaveWeights,
    WeightOfLevel,
)
from mlm.results.record import finites
from mlm.results.sample import RowsWithout
from mlm.statistics.evidence.sampling import WaveWeights


@dataclass(frozen=True)
class VarianceName:
    """A (co)variance of a model: grouping factor, column, and the other column of a covariance."""

    group: str
    term1: str
    term2: str | None = None


@dataclass(frozen=True)
class DesignShare:
    """Share of a level in the variance that the fixed part leaves.

    Attributes
    ----------
    group : str
        Grouping factor, or ``residual``.
    share, std_error : float
        Of the variance of the population, 0 to 1; with random slopes of its mean over the rows.
    lower, upper : float
        95 % interval on the scale of logits, by t.
    df : float
        Degrees of freedom of that t.
    logit_error : float
        Standard error of its logit.
    skewness : float
        Of its error, by which the interval reaches farther on one side.
    """

    group: str
    share: float
    std_error: float
    lower: float
    upper: float
    df: float
    logit_error: float
    skewness: float


@dataclass(frozen=True)
class DesignErrors:
    """What the design of a sample says of the errors of a weighted fit.

    Attributes
    ----------
    sampling : SamplingDesign
        How the sample was drawn.
    method : {"replicates", "linearised", "jackknife"}
        How errors were found.
    sandwich : str
        Formula of linearised errors.
    n_psu : int
        Clusters C.
    strata : tuple of str
        Strata; empty where there are none.
    joined : tuple of (str, str)
        Strata of one cluster, and the stratum that each was joined with.
    df : float
        Degrees of freedom: clusters less strata.
    degrees : ndarray (p + v,)
        Those of each fixed effect and variance: fewer where its error rests on few clusters.
    names : tuple of VarianceName
        The v (co)variances, term by term, variances first, the residual's last where it has one.
    variances : ndarray (v,)
        In squared units of the response.
    log_errors : ndarray (v,)
        Standard errors of the logarithms of the variances; NaN: by the delta method.
    normal_errors : ndarray (v + s,)
        Errors of the logarithms of the variances and of the logits of the shares if effects are
        normal, with these weights, which smaller ones are joined with; NaN: not known.
    skewness : ndarray (v,)
        Of the errors of the (co)variances, by what each cluster adds to them.
    covariance : ndarray (p + v, p + v)
        Of the fixed effects and the variances.
    design_effect : ndarray (p,)
        Variance of each fixed effect over that which the model alone would give it.
    shares : tuple of DesignShare
    corrected : ndarray (v,) or None
        Variances with the bias of few clusters removed, by the jackknife; else None.
    unit : float
        Mean overall weight of a row, scaled: what multiplies a criterion of the fit whose weights
        add up to the number of rows.
    weight, effective : float
        Sum of the weights of the rows, and number of rows of equal weights that they are worth.
    zero : dict of str to int
        Rows left out because a weight is zero, by column.
    waves : tuple of WaveWeights
        Sums of the weights by wave, where the design names its column.
    """

    sampling: SamplingDesign
    method: Errors
    sandwich: Sandwich
    n_psu: int
    strata: tuple[str, ...]
    joined: tuple[tuple[str, str], ...]
    df: float
    degrees: np.ndarray
    names: tuple[VarianceName, ...]
    variances: np.ndarray
    log_errors: np.ndarray
    normal_errors: np.ndarray
    skewness: np.ndarray
    covariance: np.ndarray
    design_effect: np.ndarray
    shares: tuple[DesignShare, ...]
    corrected: np.ndarray | None
    unit: float
    weight: float
    effective: float
    zero: dict[str, int]
    waves: tuple[WaveWeights, ...] = ()

    @property
    def n_fixed(self) -> int:
        """Number of fixed effects p."""
        return len(self.covariance) - len(self.variances)

    @property
    def fixed_covariance(self) -> np.ndarray:
        """Covariance (p, p) of the fixed effects."""
        return self.covariance[: self.n_fixed, : self.n_fixed]

    @property
    def variance_covariance(self) -> np.ndarray:
        """Covariance (v, v) of the (co)variances."""
        return self.covariance[self.n_fixed :, self.n_fixed :]

    def to_record(self) -> StoredDesign:
        """The errors as they are stored; the inverse is ``from_record``."""
        corrected = [None] * len(self.names) if self.corrected is None else self.corrected.tolist()
        told = (self.variances.tolist(), finites(self.log_errors.tolist()), self.skewness.tolist())
        values = zip(self.names, *told, corrected, strict=True)
        return StoredDesign(
            sampling=_stored(self.sampling),
            method=self.method,
            sandwich=self.sandwich,
            n_psu=self.n_psu,
            strata=self.strata,
            joined=self.joined,
            df=self.df,
            degrees=self.degrees.tolist(),
            variances=[
                StoredVariance(
                    group=name.group.split(":"),
                    term1=name.term1,
                    term2=name.term2,
                    value=value,
                    log_error=log_error,
                    skewness=skew,
                    corrected=other,
                )
                for name, value, log_error, skew, other in values
            ],
            normal_errors=finites(self.normal_errors.tolist()),
            covariance=self.covariance.tolist(),
            design_effect=self.design_effect.tolist(),
            shares=[
                StoredShare(**{**vars(share), "group": share.group.split(":")})
                for share in self.shares
            ],
            unit=self.unit,
            weight=self.weight,
            effective=self.effective,
            zero=[RowsWithout(variable=name, rows=rows) for name, rows in self.zero.items()],
            waves=[StoredWaveWeights(**vars(wave)) for wave in self.waves],
        )

    @classmethod
    def from_record(cls, stored: StoredDesign) -> DesignErrors:
        """The errors that were stored as such a record."""
        corrected = [each.corrected for each in stored.variances]
        return cls(
            sampling=_sampling(stored.sampling),
            method=stored.method,
            sandwich=stored.sandwich,
            n_psu=stored.n_psu,
            strata=stored.strata,
            joined=stored.joined,
            df=stored.df,
            degrees=np.array(stored.degrees),
            names=tuple(
                VarianceName(":".join(v.group), v.term1, v.term2) for v in stored.variances
            ),
            variances=np.array([each.value for each in stored.variances]),
            log_errors=np.array(
                [np.nan if each.log_error is None else each.log_error for each in stored.variances]
            ),
            skewness=np.array([each.skewness for each in stored.variances]),
            normal_errors=np.array(stored.normal_errors, dtype=float),
            covariance=np.array(stored.covariance),
            design_effect=np.array(stored.design_effect),
            shares=tuple(
                DesignShare(**{**dict(share), "group": ":".join(share.group)})
                for share in stored.shares
            ),
            corrected=None if None in corrected else np.array(corrected),
            unit=stored.unit,
            weight=stored.weight,
            effective=stored.effective,
            zero={item.variable: item.rows for item in stored.zero},
            waves=tuple(WaveWeights(**dict(wave)) for wave in stored.waves),
        )


AS_THEY_ARE = ("are", "scaling", "strata", "mean_weights", "wave", "standard_errors", "sandwich")


def _stored(design: SamplingDesign) -> StoredSampling:
    weights = [WeightOfLevel(level=level, column=c) for level, c in design.weights.items()]
    same = {name: getattr(design, name) for name in AS_THEY_ARE}
    known = design.replicates
    made = None if known is None else StoredReplicates(**vars(known))
    return StoredSampling(weights=weights, psu=design.psu_ids, replicates=made, **same)


def _sampling(stored: StoredSampling) -> SamplingDesign:
    weights = {each.level: each.column for each in stored.weights}
    same = {name: getattr(stored, name) for name in AS_THEY_ARE}
    known = stored.replicates
    made = None if known is None else Replicates(**dict(known))
    return SamplingDesign(weights, psu=":".join(stored.psu) or None, replicates=made, **same)
