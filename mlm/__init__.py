"""Multilevel analysis of longitudinal surveys, from cross-products.

Rows are read once into sums and products that add up over chunks, waves and machines; every model,
test and effect is computed from those. Public names are loaded when they are first used.
"""

from importlib import import_module

_HOMES = {
    "Columns": "mlm.nouns.columns",
    "Comparison": "mlm.front.comparison",
    "CrossProducts": "mlm.statistics.evidence.crossproducts",
    "Fit": "mlm.statistics.fitting.fit",
    "Hierarchy": "mlm.nouns.hierarchy",
    "MLMError": "mlm.errors",
    "Model": "mlm.nouns.model",
    "PlausibleValues": "mlm.nouns.plausible_values",
    "PooledFit": "mlm.statistics.pooling.pooled_fit",
    "PosteriorMeans": "mlm.statistics.fitting.effects",
    "Reduction": "mlm.statistics.selection.backward",
    "Replicates": "mlm.nouns.replicates",
    "SamplingDesign": "mlm.nouns.sampling",
    "Stability": "mlm.statistics.answers.over_time.stability",
    "Test": "mlm.results.test",
    "accumulate": "mlm.rows.accumulating.accumulate",
    "bootstrap": "mlm.nouns.replicates",
    "bootstrap_test": "mlm.front.questions",
    "brr": "mlm.nouns.replicates",
    "compare": "mlm.front.questions",
    "fay": "mlm.nouns.replicates",
    "fit": "mlm.front.fitting",
    "fit_by_stratum": "mlm.front.fitting",
    "impute": "mlm.front.imputing",
    "jk1": "mlm.nouns.replicates",
    "jk2": "mlm.nouns.replicates",
    "jkn": "mlm.nouns.replicates",
    "kenward_roger": "mlm.front.questions",
    "likelihood_ratio_test": "mlm.front.questions",
    "means": "mlm.front.domains",
    "pool": "mlm.front.pooling",
    "posterior_means": "mlm.front.fitting",
    "predict": "mlm.front.fitting",
    "profile_intervals": "mlm.front.questions",
    "r_squared": "mlm.front.questions",
    "reduce": "mlm.statistics.selection.backward",
    "replicate": "mlm.front.replicating",
    "residuals": "mlm.front.fitting",
    "scaling_sensitivity": "mlm.front.weighting",
    "shares_at": "mlm.front.domains",
    "simulate": "mlm.rows.simulating.simulation",
    "term_tests": "mlm.front.questions",
    "vpc": "mlm.front.questions",
    "wald_test": "mlm.front.questions",
    "weighted_means": "mlm.front.weighted_means",
    "with_errors": "mlm.front.weighting",
    "with_linking_error": "mlm.front.linking",
    "with_replicates": "mlm.front.replicating",
}

__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'mlm' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
