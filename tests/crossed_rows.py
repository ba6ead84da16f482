"""A small sample with crossed factors, and models of it."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

import mlm
from mlm.errors import SingularFit
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula

CROSSED = {
    "crossed": "y ~ x + z + (1 | a) + (1 | b)",
    "crossed, slope in the tree": "y ~ x + z + (1 + x | a) + (1 | b)",
    "crossed, slope at the root": "y ~ x + z + (1 | a) + (1 + x | b)",
    "three crossed": "y ~ x + z + (1 | a) + (1 | b) + (1 | c)",
}


def crossed_sample(name: str):
    """A fit by REML of one of the models, or of a formula, its cross-products and its rows."""
    text = CROSSED.get(name, name)
    rng = np.random.default_rng(3)
    n, effects = 130, {"a": 11, "b": 6, "c": 4}
    codes = {name: rng.integers(size, size=n) for name, size in effects.items()}
    rows = pd.DataFrame({name: code.astype(str) for name, code in codes.items()})
    rows["x"], rows["z"] = rng.normal(size=n), rng.normal(size=11)[codes["a"]]
    rows["y"] = 0.5 * rows["x"] + rng.normal(size=n)
    for name, size in effects.items():
        rows["y"] += rng.normal(size=size)[codes[name]]
        rows["y"] += 0.6 * rng.normal(size=size)[codes[name]] * rows["x"]
    stats = statistics_of(parse_formula(text), rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFit)
        return mlm.fit(text, stats), stats, rows
