"""Attacks on counts: all that the reports of one survey say of them, in one system."""

from __future__ import annotations

from collections.abc import Mapping

from tests.attack import counts_of_rows, counts_of_units
from tests.attack.publication import Publication
from tests.attack.reader import Reader, is_imputed


def all_said(reports: Mapping[str, Publication], is_certain_of_samples: bool = True) -> Reader:
    """All that the reports of a survey, by their analyses, say of its counts."""
    reader = Reader()
    for analysis, report in reports.items():
        counts_of_rows.sums_of_the_flow(reader, report, analysis)
        counts_of_rows.rows_that_checks_repeat(reader, report)
        counts_of_units.units_that_checks_repeat(reader, report)
        counts_of_rows.rows_over_mean_sizes(reader, report)
        counts_of_units.units_over_mean_sizes(reader, report)
        counts_of_units.units_found_in_waves(reader, report)
        counts_of_units.flows_of_units(reader, report)
        counts_of_units.flows_by_category(reader, report)
        counts_of_units.units_without_values(reader, report)
        counts_of_rows.missing_rows(reader, report, analysis)
        counts_of_rows.rows_left_out(reader, report, analysis)
        counts_of_rows.shares_of_categories(reader, report)
        counts_of_rows.groups_of_a_policy(reader, report)
        counts_of_rows.counts_of_the_long_table(reader, report, analysis)
        counts_of_rows.sizes_of_the_sample(reader, report, analysis)
        if is_certain_of_samples:
            counts_of_units.samples_that_hold_all_units(reader, report, analysis)
    return reader


def imputed_analyses(reports: Mapping[str, Publication]) -> set[str]:
    """Analyses that use all rows with the outcome, as what these lack was drawn."""
    return {name for name, report in reports.items() if is_imputed(report)}
