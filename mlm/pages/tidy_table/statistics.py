"""What the statistics of a long table are, and where in the results each is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

ESTIMATE = {
    "estimate": "estimate",
    "se": "std_error",
    "lower": "lower",
    "upper": "upper",
    "df": "df",
}
SIZE = {"estimate": "estimate", "lower": "lower", "upper": "upper"}
OUTCOME, OUTCOME_SQUARED = "outcome", "outcome squared"  # stand for the unit of the outcome
SHARE, SD, COUNTED, NO_UNIT = "share", "sd", "count", ""


@dataclass(frozen=True)
class Statistic:
    """A statistic of a kind of record: where it is stored, and which field is which column.

    ``place`` is a JSON pointer in which ``*`` stands for a step; so it does at the end of a field.
    Numbers of units count those of the row's group.
    """

    statistic: str
    place: str
    fields: Mapping[str, str]
    unit: str = OUTCOME


STATISTICS = (
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


@cache
def _patterns() -> list[tuple[Statistic, str, re.Pattern[str]]]:
    """Places of the estimates of all measures: that of the record, and what follows the field.

    In the middle what they begin with, up to what may be any step.
    """
    found = []
    for kind in STATISTICS:
        start = re.escape(kind.place).replace(r"\*", "[^/]+")
        field, ending = parts_of(kind.fields["estimate"])
        end = re.escape(ending).replace(r"\*", "[^/]+")
        whole = re.compile(f"({start})/{field}({end})")
        found.append((kind, kind.place.partition("*")[0], whole))
    return found


def parts_of(field: str) -> tuple[str, str]:
    """A field, and the pattern of the steps behind it."""
    name, slash, steps = field.partition("/")
    return name, slash + steps


def statistics_at(source: str) -> Iterator[tuple[Statistic, str, str]]:
    """The measures of which a source is the estimate: each with its record and steps behind it."""
    for kind, beginning, pattern in _patterns():
        match = pattern.fullmatch(source) if source.startswith(beginning) else None
        if match is not None:
            yield kind, match[1], match[2]
