"""Statistics of results on rows that count alike, and of the linked survey."""

from __future__ import annotations

from mlm.pages.tidy_table.statistic import (
    COUNTED,
    ESTIMATE,
    NO_UNIT,
    OUTCOME_SQUARED,
    SD,
    SHARE,
    SIZE,
    Statistic,
)

STATISTICS_OF_ROWS_ALIKE = (
    Statistic("rows", "results#/waves/*", {"estimate": "rows"}, COUNTED),
    Statistic("mean", "results#/waves/*", {"estimate": "mean", "n": "rows"}),
    Statistic("sd", "results#/waves/*", {"estimate": "sd", "n": "rows"}),
    Statistic("units", "results#/waves/*/groups/*", {"estimate": "n"}, COUNTED),
    Statistic("units_in_all", "survey#/levels/*", {"estimate": "distinct"}, COUNTED),
    Statistic("rows_clean", "survey#/waves/*", {"estimate": "rows_kept"}, COUNTED),
    Statistic("units_stay", "survey#/attrition/*", {"estimate": "stay"}, COUNTED),
    Statistic("units_leave", "survey#/attrition/*", {"estimate": "leave"}, COUNTED),
    Statistic("units_new", "survey#/attrition/*", {"estimate": "new"}, COUNTED),
    Statistic(
        "variance_share",
        "results#/null/shares/*",
        {"estimate": "share", "lower": "lower", "upper": "upper"},
        SHARE,
    ),
    Statistic("variance_null", "results#/null/shares/*", {"estimate": "variance"}, OUTCOME_SQUARED),
    Statistic(
        "variance_settled",
        "results#/settled/variances/*",
        {"estimate": "variance"},
        OUTCOME_SQUARED,
    ),
    Statistic(
        "variance_reduction", "results#/settled/variances/*", {"estimate": "reduction"}, SHARE
    ),
    Statistic(
        "correlation_of_rows",
        "results#/null/correlations/*",
        {"estimate": "value", "lower": "lower", "upper": "upper"},
        NO_UNIT,
    ),
    Statistic(
        "correlation_of_means", "results#/null/unit_correlations/*", {"estimate": "value"}, NO_UNIT
    ),
    Statistic("coefficient_full", "results#/full/reml/fixed/*", ESTIMATE),
    Statistic("coefficient", "results#/settled/reml/fixed/*", ESTIMATE),
    Statistic("slope_mean", "results#/slopes/*", {"estimate": "mean_effect"}),
    Statistic("slope_sd", "results#/slopes/*", {"estimate": "sd"}),
    Statistic("adjusted_mean", "results#/over_time/adjusted_means/*", ESTIMATE),
    Statistic("change", "results#/over_time/adjusted_means/*/change", ESTIMATE),
    Statistic("adjusted_mean", "results#/over_time/by/*/groups/*/rows/*", ESTIMATE),
    Statistic("gap", "results#/over_time/by/*/groups/*/rows/*/difference", ESTIMATE),
    Statistic("policy_effect", "results#/policy/*/effects/*", ESTIMATE),
    Statistic("policy_effect_in_sd", "results#/policy/*/effects/*/size", SIZE, SD),
    Statistic("policy_effect", "results#/policy/*/waves_apart/effects/*", ESTIMATE),
    Statistic("policy_effect_in_sd", "results#/policy/*/waves_apart/effects/*/size", SIZE, SD),
    Statistic("policy_difference_unadjusted", "results#/policy/*/unadjusted/*", ESTIMATE),
    Statistic("slope_within", "results#/within_between/*/within", ESTIMATE),
    Statistic("slope_between", "results#/within_between/*/means/*/between", ESTIMATE),
    Statistic("slope_contextual", "results#/within_between/*/means/*/contextual", ESTIMATE),
    Statistic("units_compared", "results#/effects/*", {"estimate": "n"}, COUNTED),
    Statistic(
        "licence_check",
        "results#/effects/*/licence/checks/*",
        {"estimate": "value", "lower": "lower"},
        NO_UNIT,
    ),
    Statistic(
        "unit_effect",
        "results#/effects/*/units/*",
        {"estimate": "estimate", "lower": "lower", "upper": "upper", "n": "n"},
    ),
    Statistic(
        "correlation_of_waves",
        "results#/over_time/levels/*",
        {"estimate": "correlation/*/*", "lower": "lower/*/*", "upper": "upper/*/*"},
        NO_UNIT,
    ),
)

STATISTICS_OF_IMPUTATIONS = (
    Statistic(
        "missing_information",
        "results#/settled/reml/fixed/*",
        {"estimate": "missing_information"},
        NO_UNIT,
    ),
    Statistic(
        "coefficient_complete_rows",
        "results#/imputed/complete_cases/coefficients/*",
        {"estimate": "complete", "se": "complete_error"},
    ),
    Statistic(
        "variance_share_complete_rows",
        "results#/imputed/complete_cases/variances/*",
        {"estimate": "complete"},
        SHARE,
    ),
)
"""What analyses of several imputations have beside."""
