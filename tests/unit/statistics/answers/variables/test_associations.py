"""Joint tests of variables: all of their terms, whatever the reference, the clearest first."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.results.reference import FDistribution
from mlm.results.test import Test
from mlm.statistics.answers.variables.associations import associations, clearness
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.terms import wald_test
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged, observed

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
TERMS = ("x", "x^2", "z", "kind", "kind:x")


def found(coding: str = "categories", without: str = "", policy: str = "z"):
    sizes = {"county": 8, "school": 3, WAVE: 3, "row": 8}
    frame = nested_rows(np.random.default_rng(4), sizes, {"county": 0.2, "school": 0.2})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    plan = make_plan("same_schools", coding, terms=TERMS, by_time=("x",), policy=observed(policy))
    stats = merged(plan, frame)
    full = solve(plan.full_model(), stats)
    kept = [t for t in full.fit.model.terms if not without or without not in t.variables]
    final = solve(full.fit.model.with_terms(kept), stats)
    return associations(plan, full.fit, final), final


@pytest.mark.parametrize("coding", ["categories", "trend"])
def test_a_variable_is_tested_with_its_powers_and_products_and_their_waves(coding):
    items, final = found(coding)
    assert {item.variable for item in items} == {"x", "kind"}, "neither time nor policies"
    for item in items:
        holding = [str(t) for t in final.fit.model.terms if item.variable in t.variables]
        assert len(item.terms) == len(holding) == {"x": 4, "kind": 2}[item.variable]
        assert (
            item.test.df
            == {"x": 4 + (2 if coding == "categories" else 1), "kind": 4}[item.variable]
        )
        wald = wald_test(final.fit, holding)
        assert item.test.df * item.test.statistic == pytest.approx(wald.statistic, rel=1e-9)
    (x, kind) = sorted(items, key=lambda item: item.variable, reverse=True)
    assert items == tuple(sorted(items, key=lambda item: item.test.p_value))
    assert max(x.test.p_adjusted, kind.test.p_adjusted) >= max(x.test.p_value, kind.test.p_value)


@pytest.mark.parametrize("coding", ["categories", "trend"])
def test_the_size_of_an_effect_is_that_of_the_latest_wave(coding):
    """By hand from the coefficients; a curve has no single size."""
    sizes = {"county": 8, "school": 3, WAVE: 3, "row": 8}
    frame = nested_rows(np.random.default_rng(4), sizes, {"county": 0.2, "school": 0.2})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    terms = ("x", "z", "z^2", "kind", "kind:z")
    plan = make_plan("same_schools", coding, terms=terms, by_time=("x", "kind"))
    final = solve(plan.full_model(), merged(plan, frame))
    items = {item.variable: item for item in associations(plan, final.fit, final)}
    assert items["z"].latest == ()
    beta = dict(zip(final.fit.coefficients, final.fit.beta, strict=True))
    for name in ("x", "kind"):
        assert {effect.wave for effect in items[name].latest} == {"w2"}
    for effect in items["x"].latest + items["kind"].latest:
        name = "x" if effect.category is None else "kind"
        expected = 0.0
        for term, value in beta.items():
            own = [f for f in term if (f.variable, f.category) == (name, effect.category)]
            rest = [f for f in term if f not in own]
            if len(own) == 1 and all(f.variable == plan.time.name for f in rest):
                at = [f.category == "w2" if f.category else plan.time.times[-1] for f in rest]
                expected += value * float(np.prod(at))
        assert effect.estimate == pytest.approx(expected, rel=1e-9)


def test_a_variable_that_was_dropped_counts_in_the_family_and_comes_last():
    items, _ = found(without="kind")
    assert [item.variable for item in items] == ["x", "kind"]
    first, last = items
    assert (last.test.kind, last.test.reason.what, last.terms) == ("refused", "variable", ())
    assert first.test.p_adjusted == pytest.approx(min(2 * first.test.p_value, 1.0))


def test_what_is_sure_by_far_is_ordered_by_its_statistic():
    """Of p-values of 1e-112 and 1e-73 neither is known: denominators are approximations."""
    sure = [
        Test(statistic=f, df=df, reference=FDistribution(df=df, denominator=below), p_value=p)
        for f, df, below, p in ((56.2, 10, 14_231, 1e-112), (905.8, 2, 119, 1e-73), (1.0, 1, 9, 0))
    ]
    less = [
        Test(statistic=f, df=1, reference=FDistribution(df=1, denominator=99), p_value=p)
        for f, p in ((40.0, 1e-8), (90.0, 1e-6))
    ]
    order = sorted([*less, *sure], key=clearness)
    assert order == [sure[1], sure[0], sure[2], *less]
