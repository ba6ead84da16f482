"""What is not told of a sample with weights or plausible values, why, and what is told instead."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.record import Record
from mlm.results.sampled.reason import SampledReason

Refused = Literal[
    "likelihood_ratio_tests",
    "information_criteria",
    "restricted_likelihood",
    "profile_intervals",
    "satterthwaite",
    "kenward_roger",
    "parametric_bootstrap",
    "simultaneous_bound",
    "adequate_subsets",
    "inclusion_frequencies",
    "residuals_of_rows",
    "prediction_of_units",
    "ranking",
    "overlap_of_policies",
    "products_of_row_variables",
    "details_of_slopes",
    "influence_of_units",
    "variances_by_wave",
    "next_wave",
]
"""What is refused."""

Instead = Literal[
    "wald_tests",
    "pseudo_likelihood",
    "jackknife_variances",
    "design_intervals",
    "design_degrees",
    "joint_test_of_dropped",
    "shares_of_levels",
    "weighted_balance",
    "products_among_terms",
    "spread_of_slopes",
    "analysis_of_rows_alike",
    "analysis_of_each_wave",
    "means_of_waves_seen",
]
"""What stands in its place."""


class Refusal(Record):
    """Something that other analyses tell, and this one does not."""

    what: Refused
    reason: SampledReason
    instead: Instead | None = Field(description="what is told in its place; None: nothing")
