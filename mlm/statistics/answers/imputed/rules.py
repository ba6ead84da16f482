"""How each field of the answers is pooled over imputations, record by record."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.results.diagnostics import Normality, QuantilePoint, WaveVariance
from mlm.results.models import Fit, VarianceComponent
from mlm.results.over_time import (
    CorrelationInterval,
    EstimatedStability,
    Trajectory,
    TrajectoryQuantile,
)
from mlm.results.policy import Balance, Imbalance, Overlap, Size, UnadjustedEffect
from mlm.results.random_part import SettledVariance, WaveShare
from mlm.results.record import finites
from mlm.results.sample import WaveSample
from mlm.results.slopes import CrossLevelProduct, RangeOfSlope, SharesAt, TestedSlope
from mlm.results.variables import MovedCoefficient, MovedComponent
from mlm.results.variation import NullModel, NullShare, RowCorrelation, Share, UnitCorrelation
from mlm.statistics.answers.imputed.pooled_records import (
    FieldRule,
    commonest,
    count,
    end_of,
    error_of,
    every,
    largest,
    mean,
    most,
    nothing,
    root_of,
    some,
)
from mlm.statistics.inference.profile import Ends
from mlm.statistics.pooling.pooled_ends import pooled_ends
from mlm.statistics.pooling.scales import FISHER_Z, IDENTITY, LOG, LOGIT, Transformation


def _interval(of: str, scale: Transformation) -> dict[str, FieldRule]:
    return {
        of: mean,
        "lower": end_of(of, scale, "lower"),
        "upper": end_of(of, scale, "upper"),
    }


def _means(*names: str) -> dict[str, FieldRule]:
    return dict.fromkeys(names, mean)


def _range(slopes: Sequence[TestedSlope], name: str) -> RangeOfSlope | None:
    """How well the spread of a slope is known, from the imputations in which that was looked for.

    Ends of the range have intervals of their own; on the scale of the slope.
    """
    known = [slope for slope in slopes if slope.range is not None]
    if not known:
        return None
    found = {}
    for value, ends in SLOPE_ENDS.items():
        values = [getattr(slope, value) for slope in slopes]
        pairs = [
            tuple(getattr(slope.range, end) for end in ends) + (getattr(slope, value),)
            for slope in known
        ]
        if any(None in pair for pair in pairs):
            found |= dict.fromkeys(ends)
            continue
        scale = LOG if value == "sd" else IDENTITY
        pooled = pooled_ends(values, [Ends(at, low, high) for low, high, at in pairs], scale)
        found |= dict(zip(ends, finites((pooled.lower, pooled.upper)), strict=True))
    return RangeOfSlope(**found)


SLOPE_ENDS = {
    "sd": ("sd_lower", "sd_upper"),
    "lower": ("lower_from", "lower_to"),
    "upper": ("upper_from", "upper_to"),
}
"""Fields of the ends of intervals, by the field of a slope that they are of."""


RULES: dict[type, dict[str, FieldRule]] = {
    Fit: {
        **dict.fromkeys(("deviance", "aic", "bic"), nothing),
        "converged": every,
        "is_singular": some,
        "sigma2": mean,
        "max_scaled_gradient": largest,
    },
    VarianceComponent: {"variance": mean, "sd": mean},
    NullModel: _means("total_variance"),
    Share: {**_interval("share", LOGIT), "variance": mean, "sd": root_of("variance")},
    NullShare: _means("variance_ml", "share_ml"),
    RowCorrelation: _interval("value", LOGIT),
    UnitCorrelation: _means("value"),
    SettledVariance: {
        **_interval("share", LOGIT),
        "variance": mean,
        "sd": root_of("variance"),
        "by_wave": mean,
        "reduction": mean,
    },
    WaveShare: _interval("share", LOGIT),
    TestedSlope: {
        **_means("variance", "mean_effect", "sd_units", "lower", "upper", "correlation"),
        **_means("sd_x", "sd_effect"),
        "sd": root_of("variance"),
        "range": _range,
    },
    SharesAt: _means("value", "total_variance", "shares"),
    CrossLevelProduct: _means("variance_before", "variance_after", "share"),
    MovedCoefficient: {
        **_means("estimate", "estimate_without", "change_in_se"),
        "std_error": error_of("estimate"),
        "std_error_without": error_of("estimate_without"),
    },
    MovedComponent: _means("variance", "variance_without"),
    EstimatedStability: {
        "sd": mean,
        "correlation": mean,
        "lower": end_of("correlation", FISHER_Z, "lower"),
        "upper": end_of("correlation", FISHER_Z, "upper"),
        "other_form": commonest,
    },
    CorrelationInterval: _interval("value", FISHER_Z),
    Trajectory: {"estimate": mean, "std_error": error_of("estimate")},
    TrajectoryQuantile: _means("estimate"),
    WaveVariance: {"variance": mean, "sd": root_of("variance")},
    Normality: _means("skewness", "kurtosis", "correlation", "largest"),
    QuantilePoint: _means("expected", "observed"),
    Size: {**_interval("estimate", IDENTITY), "sd": mean},
    UnadjustedEffect: {"apart": most},
    Balance: {"unequal": count, "expected": mean},
    Imbalance: _means(
        *("mean", "reference_mean", "standardised", "std_error", "chance", "standardised_rows")
    ),
    Overlap: {"inside": count, "share": mean},
    WaveSample: _means("mean", "sd"),
}
"""Fields whose values are pooled; all others must be the same in all imputations."""
