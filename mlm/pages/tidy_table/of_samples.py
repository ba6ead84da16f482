"""Statistics of results on a sample with weights or plausible values.

Those that both kinds of results store in the same place stand with those of rows that count alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlm.pages.tidy_table.statistic import (
    COUNTED,
    ESTIMATE,
    NO_UNIT,
    OUTCOME,
    OUTCOME_SQUARED,
    SD,
    SHARE,
    Statistic,
)

OF_SAMPLE = {
    **ESTIMATE,
    "se_sampling": "sampling_error",
    "se_measurement": "measurement_error",
    "fmi": "missing_information",
}
OF_CHANGE = {**OF_SAMPLE, "se_link": "linking_error"}
OF_ROWS = {**OF_SAMPLE, "n": "rows"}
SUM = {"estimate": "sum_of_weights", "n": "rows"}


def _of_groups(told: str, name: str, unit: str) -> Iterator[Statistic]:
    """Means or shares of groups of rows by wave, their gaps and their changes."""
    wave, category = f"{told}/waves/*", f"{told}/by/*/categories/*/waves/*"
    for place in (wave, category):
        yield Statistic(name, place, OF_ROWS, unit)
        yield Statistic(f"{name}_change", f"{place}/change", OF_CHANGE, unit)
    yield Statistic(f"{name}_step", f"{wave}/step", OF_CHANGE, unit)
    yield Statistic(f"{name}_gap", f"{category}/gap", OF_SAMPLE, unit)
    yield Statistic(f"{name}_gap_change", f"{category}/moved", OF_CHANGE, unit)


STATISTICS_OF_SAMPLES = (
    Statistic("sum_of_weights", "results#/means/waves/*", SUM, NO_UNIT),
    Statistic("sum_of_weights", "results#/means/by/*/categories/*/waves/*", SUM, NO_UNIT),
    *_of_groups("results#/means", "weighted_mean", OUTCOME),
    *_of_groups("results#/shares_at/*", "share_at", SHARE),
    Statistic("weighted_sd", "results#/weighted_moments/*", {"estimate": "weighted_sd"}),
    Statistic("sum_of_weights_in_models", "results#/sample/by_wave/*", SUM, NO_UNIT),
    Statistic(
        "effective_rows", "results#/sample/by_wave/*", {"estimate": "effective_rows"}, NO_UNIT
    ),
    Statistic("variance_share", "results#/null/shares/*", OF_SAMPLE, SHARE),
    Statistic("variance_null", "results#/null/variance_components/*", OF_SAMPLE, OUTCOME_SQUARED),
    Statistic("coefficient_full", "results#/full/fixed/*", OF_CHANGE),
    Statistic("coefficient", "results#/settled/fixed/*", OF_CHANGE),
    Statistic(
        "variance_settled", "results#/settled/variance_components/*", OF_SAMPLE, OUTCOME_SQUARED
    ),
    Statistic("imbalance", "results#/policy/*/balance/waves/*/rows/*/difference", OF_SAMPLE, SD),
    Statistic("adjusted_mean", "results#/over_time/by/*/categories/*/waves/*", OF_SAMPLE),
    Statistic("gap", "results#/over_time/by/*/categories/*/waves/*/difference", OF_SAMPLE),
    Statistic("gap_change", "results#/over_time/by/*/categories/*/waves/*/moved", OF_CHANGE),
    Statistic("units_compared", "results#/units/*", {"estimate": "n"}, COUNTED),
    Statistic(
        "unit_effect",
        "results#/units/*/units/*",
        {"estimate": "estimate", "lower": "lower", "upper": "upper", "n": "n"},
    ),
    Statistic("correlation_of_waves", "results#/over_time/levels/*/average", OF_SAMPLE, NO_UNIT),
)
