"""Laws of the reduction, on models whose terms have no, some or strong effects."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula, parse_term
from mlm.nouns.marginality import Marginality
from mlm.statistics.inference.f_tests import f_test
from mlm.statistics.selection.backward import eliminate, reduce
from mlm.statistics.selection.fixed_part import FixedPart
from mlm.statistics.selection.inclusion import BackwardOnEstimates
from tests.nested_rows import nested_rows

SIZES = {"county": 8, "school": (3, 5), "row": (6, 10)}
FULL = "y ~ x * kind + z * group_kind + I(x ** 2) + a * b + (1 | county/school)"
ROUNDING = 1e-7  # deviance
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.EffectsLeftOut"
    ),
]


def sample(seed: int):
    rng = np.random.default_rng(seed)
    frame = nested_rows(rng, SIZES, {"county": 0.1, "school": 0.2})
    a, b = rng.normal(size=(2, len(frame)))
    frame = frame.assign(a=a, b=b, y=frame["y"] + 0.15 * a * b + 0.1 * frame["x"] ** 2)
    return statistics_of(parse_formula(FULL), frame)


def reduction_of(seed: int, alpha: float = 0.05, protected=()):
    return reduce(FULL, sample(seed), alpha, protected, draws=0)


SEEDS = range(3)


@pytest.fixture(scope="module", params=SEEDS)
def seed(request):
    return request.param


@pytest.fixture(scope="module")
def reduction(seed):
    return reduction_of(seed)


def test_every_model_on_the_path_keeps_the_margins_of_its_terms(reduction):
    models = [step.fit.model for step in reduction.path]
    models += [subset.fit.model for subset in reduction.adequate]
    full = reduction.full.model
    for model in models:
        kept = {term.key for term in model.terms}
        for term in model.terms:
            for margin in full.terms:
                assert not term.contains(margin) or margin.key in kept, (
                    f"{term} stays without {margin}"
                )


def test_each_step_drops_one_whole_term_or_all_of_a_variable_with_a_test(reduction):
    for before, after in itertools.pairwise(reduction.path):
        gone = {t.key for t in before.fit.model.terms} - {t.key for t in after.fit.model.terms}
        assert gone == {term.key for term in after.dropped}
        if len(gone) > 1:
            assert any(
                gone == {t.key for t in before.fit.model.terms if name in t.variables}
                for name in after.dropped[0].variables
            )
        assert after.test.p_value > reduction.alpha
        assert after.test.statistic >= 0.0
        assert after.test.df == before.fit.n_params - after.fit.n_params
        assert after.fit.deviance >= before.fit.deviance - ROUNDING
        assert (after.fit.criterion, after.reml.fit.criterion) == ("ML", "REML")


def test_what_may_still_leave_would_be_missed(reduction):
    final = reduction.path[-1].reml
    rule = Marginality(final.fit.model.terms)
    sets = [[rule.terms[i]] for i in rule.droppable(rule.all)]
    for name in {name for term in rule.terms for name in term.variables}:
        sets.append([term for term in rule.terms if name in term.variables])
    for terms in sets:
        chosen = [i for i, name in enumerate(final.fit.terms) if name in set(map(str, terms))]
        test = f_test(final, np.eye(final.fit.beta.size)[chosen])
        assert test.p_value <= reduction.alpha


def test_adequate_subsets_are_adequate_and_none_contains_another(reduction):
    gone = [{term.key for term in subset.dropped} for subset in reduction.adequate]
    assert gone
    for subset in reduction.adequate:
        assert subset.fit.deviance - reduction.full.deviance <= reduction.bound.critical + ROUNDING
    for i, mine in enumerate(gone):
        assert not any(mine < its for j, its in enumerate(gone) if j != i)


@pytest.mark.battery(2)
@pytest.mark.parametrize("text", ["a", "b", "x", "kind"])
def test_protected_terms_never_leave(text):
    term = parse_term(text)
    found = reduction_of(2, alpha=1e-12, protected=(term,))
    models = [step.fit.model for step in found.path] + [s.fit.model for s in found.adequate]
    assert all(term.key in {t.key for t in model.terms} for model in models)


@pytest.mark.study
def test_a_stricter_level_never_keeps_more():
    sizes = [reduction_of(1, alpha).reduced.n_params for alpha in (1e-9, 1e-3, 0.05, 0.5)]
    assert sizes == sorted(sizes)


@pytest.mark.battery
@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_draws_are_reduced_by_the_rule_that_reduces_the_data(seed, alpha):
    """On the estimates of the data themselves the draws' rule ends where the reduction ends.

    Draws hold the variance components, so that what eight counties judge may differ.
    """
    stats = sample(seed)
    path = eliminate(parse_formula(FULL), stats, alpha)
    full = path[0].reml
    backward = BackwardOnEstimates(full.fit, full.working, (), alpha)
    kept = backward.run(FixedPart.of(full.best))
    ends = {term.key for term in path[-1].fit.model.terms if term.factors}
    of_counties = {t.key for t in full.fit.model.terms if {"group_kind", "z"} & set(t.variables)}
    assert kept - of_counties == ends - of_counties


def test_the_p_values_of_draws_are_those_of_fits(seed):
    full = eliminate(parse_formula(FULL), sample(seed), 1e-300)[0].reml
    fixed = FixedPart.of(full.best)
    for name in dict.fromkeys(full.fit.terms[1:]):
        columns = np.flatnonzero([term == name for term in full.fit.terms])
        expected = f_test(full, full.working.transform[columns])
        assert fixed.p_value(columns) == pytest.approx(expected.p_value, rel=1e-8)


def test_a_larger_sample_in_a_draw_keeps_no_less():
    full = reduction_of(1).path[0].reml
    backward, fixed = BackwardOnEstimates(full.fit, full.working, (), 0.05), FixedPart.of(full.best)
    drawn = [fixed.drawn(fixed.beta, fixed.covariance / n, fixed.degrees) for n in (1, 4, 16)]
    kept = [backward.run(each) for each in drawn]
    assert kept[0] < kept[2] and kept[0] <= kept[1] <= kept[2]
