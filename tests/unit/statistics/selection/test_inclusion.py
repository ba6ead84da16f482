"""How often terms are kept: strong ones always, noise about as often as alpha says."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.stats import norm

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula, parse_term
from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.selection.backward import reduce
from mlm.statistics.selection.inclusion import inclusion
from tests.bands import binomial_band
from tests.nested_rows import nested_rows

FULL = parse_formula("y ~ x * kind + noise + I(noise ** 2) + (1 | county) + (1 | county:school)")
DRAWN = 40  # samples; their two terms of noise may be kept together
NOISE = ("noise", "I(noise ** 2)")


@cache
def sample(seed: int = 4):
    rng = np.random.default_rng(seed)
    sizes = {"county": 12, "school": 5, "row": 20}
    frame = nested_rows(rng, sizes, {"county": 0.2, "school": 0.3})
    return statistics_of(FULL, frame.assign(noise=rng.normal(size=len(frame))))


def shares(protected=(), **options) -> dict[str, float]:
    full = fit_model(FULL, sample(), "ML")
    found = inclusion(full, sample(), 0.05, protected, **options)
    return {str(t): float(k) for t, k in zip(found.terms, found.kept, strict=True)}


def test_strong_terms_are_always_kept():
    found = shares(replicates=80)
    assert found["x"] == 1.0 and found["kind"] == 1.0
    assert found["noise"] < 0.6


def test_protected_terms_are_not_counted():
    assert "noise" not in shares((parse_term("noise"),), replicates=5)


@pytest.mark.study
def test_noise_is_kept_about_as_often_as_alpha_says():
    """A fit whose noise coefficients are exactly zero: every keeping is a false one."""
    full = fit_model(FULL, sample(), "ML")
    drawing = drawing_of(
        replace(full, beta=np.where(np.isin(full.names, NOISE), 0.0, full.beta)), sample()
    )
    rng, kept = np.random.default_rng(1), []
    for _ in range(DRAWN):
        fit = fit_model(FULL, drawing.draw(rng), "ML")
        draws = inclusion(fit, sample(), 0.05, replicates=1)
        kept.append(draws.kept[[str(t) in NOISE for t in draws.terms]].mean())
    # a parametric draw doubles the noise of the estimate, no more
    often = 2.0 * norm.sf(norm.isf(0.025) / np.sqrt(2.0))
    assert np.mean(kept) <= binomial_band(DRAWN, often)[1]


def test_the_elimination_is_that_of_the_reduction():
    """With the draw's errors at zero, the kept terms are those of the path on the data."""
    full = fit_model(FULL, sample(), "ML")
    found = inclusion(full, sample(), 0.05, replicates=120)
    final = reduce(FULL, sample(), 0.05, draws=0).reduced.model
    chosen = frozenset(t.key for t in final.terms if t.factors)
    assert found.models.get(chosen, 0.0) > 0.05
    assert sum(found.models.values()) == pytest.approx(1.0)


def test_marginality_holds_in_every_replicate():
    full = fit_model(FULL, sample(), "ML")
    terms = {t.key: t for t in full.model.terms}
    for model in inclusion(full, sample(), 0.05, replicates=60).models:
        for key in model:
            margins = {k for k, t in terms.items() if t.factors and terms[key].contains(t)}
            assert margins <= model
