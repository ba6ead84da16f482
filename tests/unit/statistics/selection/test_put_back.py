"""The clearest effect that a submodel lacks, against estimates of the submodel with each term."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.selection.put_back import PutBack
from mlm.statistics.selection.submodels import Estimates
from tests.nested_rows import nested_rows

MODEL = parse_formula("y ~ x * kind + I(x ** 2) + z + (1 | school)")


@pytest.fixture(scope="module")
def full():
    sizes = {"school": 12, "row": 9}
    frame = nested_rows(np.random.default_rng(7), sizes, {"school": 0.5})
    rng = np.random.default_rng(8)
    frame["z"] = rng.normal(size=len(frame))
    frame["x"] = frame["z"] + rng.normal(size=len(frame))
    frame["kind"] = rng.choice(["a", "b", "c"], size=len(frame))
    frame["y"] += 0.4 * frame["z"] + 0.9 * (frame["kind"] == "c")
    return fit_model(MODEL, statistics_of(MODEL, frame), "ML")


@pytest.mark.parametrize(
    ("names", "alone"),
    [
        (["z"], ["z"]),
        (["x:kind", "I(x ** 2)"], ["x:kind", "I(x ** 2)"]),
        (["x", "x:kind", "I(x ** 2)"], ["x"]),
        (["x", "x:kind", "I(x ** 2)", "z", "kind"], ["x", "z", "kind"]),
    ],
)
def test_it_is_the_largest_of_the_terms_put_back_alone(full, names, alone):
    """Each at the variances of the full model, the margins of terms before the terms."""
    dropped = [term for term in MODEL.terms if str(term) in names]
    found = PutBack(full).clearest(dropped)
    sizes = {}
    for back in alone:
        gone = [i for i, name in enumerate(full.terms) if name in names and name != back]
        left = Estimates.of(full).without(np.array(gone, dtype=int))
        for i in (i for i, name in enumerate(full.terms) if name == back):
            z = left.beta[i] / np.sqrt(left.covariance[i, i])
            sizes[full.coefficients[i]] = z
    best = max(sizes, key=lambda name: abs(sizes[name]))
    assert (found.coefficient, found.z) == (best, pytest.approx(sizes[best], rel=1e-9))


def test_a_model_that_lacks_nothing_lacks_no_effect(full):
    assert PutBack(full).clearest([]) is None
