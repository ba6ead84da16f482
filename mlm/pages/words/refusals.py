"""What is not told of a sample with weights or plausible values, and what stands in its place."""

from __future__ import annotations

from mlm.pages.language import N_, _
from mlm.results.reading import At

REFUSED = {
    "likelihood_ratio_tests": N_("Likelihood-ratio tests"),
    "information_criteria": N_("Information criteria (AIC, BIC)"),
    "restricted_likelihood": N_("Restricted likelihood (REML)"),
    "profile_intervals": N_("Intervals from the profile of the likelihood"),
    "satterthwaite": N_("Satterthwaite's degrees of freedom"),
    "kenward_roger": N_("Kenward and Roger's degrees of freedom"),
    "parametric_bootstrap": N_("Parametric bootstrap"),
    "simultaneous_bound": N_("One bound for all models at once"),
    "adequate_subsets": N_("Minimal models beside the settled one"),
    "inclusion_frequencies": N_("How often a term stays in resampled data"),
    "residuals_of_rows": N_("Residuals of single rows"),
    "prediction_of_units": N_("Prediction of units in the next wave"),
    "ranking": N_("Order of single units"),
    "overlap_of_policies": N_("How many in each group of a policy are like some in another"),
    "products_of_row_variables": N_("Products and squares of the variables of rows, all tried"),
    "details_of_slopes": N_(
        "What explains slopes that vary, and shares of the variance along them"
    ),
    "influence_of_units": N_("Results without each unit in turn"),
    "variances_by_wave": N_("Variance of the rows in each wave"),
    "next_wave": N_("What the next wave may bring"),
}
INSTEAD = {
    "wald_tests": N_("Wald F tests with the errors of the sample"),
    "pseudo_likelihood": N_("pseudo-maximum likelihood"),
    "jackknife_variances": N_("variances corrected by the jackknife"),
    "design_intervals": N_("intervals from the errors of the sample"),
    "design_degrees": N_("the degrees of freedom of the sample"),
    "joint_test_of_dropped": N_("one test of all terms that left"),
    "shares_of_levels": N_("the shares of the levels in the variance"),
    "weighted_balance": N_("the weighted covariates of each group of a policy"),
    "products_among_terms": N_("products that the configuration names among the terms"),
    "analysis_of_rows_alike": N_("an analysis of the same rows without weights"),
    "analysis_of_each_wave": N_("an analysis of each wave by itself"),
    "means_of_waves_seen": N_("the adjusted means of the waves that were seen, and their changes"),
    "spread_of_slopes": N_("which slopes vary, by how much, and their tests"),
}


def refused_words(refusal: At) -> str:
    """What is refused, as the beginning of a sentence."""
    return _(REFUSED[refusal.what.value])


def instead_words(refusal: At) -> str:
    """What is told in its place; empty where nothing is."""
    return "" if refusal.instead.missing else _(INSTEAD[refusal.instead.value])
