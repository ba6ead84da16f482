"""Multilevel analysis of longitudinal surveys, from cross-products.

Rows are read once into sums and products that add up over chunks, waves and machines; every model,
test and effect is computed from those. Public names are loaded when they are first used.
"""

from importlib import import_module

_HOMES = {
    "Columns": "mlm.columns",
    "Comparison": "mlm.statistics.inference",
    "CrossProducts": "mlm.statistics.crossproducts",
    "Fit": "mlm.statistics.fit",
    "Hierarchy": "mlm.hierarchy",
    "MLMError": "mlm.errors",
    "Model": "mlm.model",
    "PosteriorMeans": "mlm.statistics.effects",
    "Reduction": "mlm.statistics.reduction",
    "Stability": "mlm.statistics.stability",
    "accumulate": "mlm.rows.accumulate",
    "bootstrap_test": "mlm.inference",
    "compare": "mlm.inference",
    "fit": "mlm.fitting",
    "fit_by_stratum": "mlm.fitting",
    "kenward_roger": "mlm.inference",
    "likelihood_ratio_test": "mlm.inference",
    "posterior_means": "mlm.fitting",
    "predict": "mlm.fitting",
    "profile_intervals": "mlm.inference",
    "r_squared": "mlm.inference",
    "reduce": "mlm.statistics.reduction",
    "residuals": "mlm.fitting",
    "simulate": "mlm.rows.simulation",
    "term_tests": "mlm.inference",
    "vpc": "mlm.inference",
}

__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'mlm' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
