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
    "Stability": "mlm.statistics.answers.over_time.stability",
    "Test": "mlm.results.test",
    "accumulate": "mlm.rows.accumulating.accumulate",
    "bootstrap_test": "mlm.front.questions",
    "compare": "mlm.front.questions",
    "fit": "mlm.front.fitting",
    "fit_by_stratum": "mlm.front.fitting",
    "kenward_roger": "mlm.front.questions",
    "likelihood_ratio_test": "mlm.front.questions",
    "pool": "mlm.front.pooling",
    "posterior_means": "mlm.front.fitting",
    "predict": "mlm.front.fitting",
    "profile_intervals": "mlm.front.questions",
    "r_squared": "mlm.front.questions",
    "reduce": "mlm.statistics.selection.backward",
    "residuals": "mlm.front.fitting",
    "simulate": "mlm.rows.simulating.simulation",
    "term_tests": "mlm.front.questions",
    "vpc": "mlm.front.questions",
    "wald_test": "mlm.front.questions",
}

__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'mlm' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
