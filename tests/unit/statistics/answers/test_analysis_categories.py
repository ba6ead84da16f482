"""A category keeps its code from the rows to the results, whatever letters are in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mlm
from mlm.nouns.plan import Plan
from mlm.results.coefficient import Factor
from mlm.statistics.answers.models import fit_record
from mlm.statistics.fitting.solution import fit_model
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

CODES = {"a": "a) pupil", "b": "b) parent]:sex[T.F", "c": "low (<5"}
TERMS = ("x", "kind", "kind:x")


@pytest.fixture(scope="module")
def fits() -> tuple[Plan, mlm.Fit, mlm.Fit]:
    """Plan, the fit with plain codes and the fit of the same rows with others."""
    sizes = {"county": 8, "school": 3, "row": 10}
    frame = nested_rows(np.random.default_rng(2), sizes, {"county": 0.3, "school": 0.2})
    frame = frame.assign(wave="w0")
    out = []
    for rows, codes in ((frame, "abc"), (frame.assign(kind=frame["kind"].map(CODES)), CODES)):
        names = tuple(codes) if codes == "abc" else tuple(codes.values())
        plan = make_plan("cross_section", waves=("w0",), terms=TERMS, by_time=(), slopes=())
        plan = replace(plan, categories={**plan.categories, "kind": names})
        out.append(fit_model(plan.full_model(), merged(plan, rows)))
    return plan, *out


def test_products_and_main_effects_are_told_apart_by_their_factors(fits):
    _, plain, other = fits
    expected = [
        tuple(f.model_copy(update={"category": CODES.get(f.category)}) for f in term)
        for term in plain.coefficients
    ]
    assert list(other.coefficients) == expected
    assert (Factor(variable="kind", category=CODES["b"]), Factor(variable="x")) in expected
    assert other.beta == pytest.approx(plain.beta, rel=1e-9)


def test_the_record_holds_the_code_as_it_is(fits):
    plan, _, fit = fits
    codes = {f.category for c in fit_record(plan, fit).fixed for f in c.term if f.category}
    assert codes == {CODES["b"], CODES["c"]}


def test_a_stored_fit_keeps_its_coefficients(fits, tmp_path):
    _, _, fit = fits
    fit.to_json(tmp_path / "one.fit.json")
    again = mlm.Fit.from_json(tmp_path / "one.fit.json")
    assert again.coefficients == fit.coefficients
    assert again.random_coefficients == fit.random_coefficients == (((),), ((),))
