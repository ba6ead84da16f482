"""The reduction on growth data like egsingle's: path, bound, adequate subsets, protection."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest
from scipy.stats import chi2

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula, parse_term
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.inference.f_tests import f_test
from mlm.statistics.selection.backward import reduce
from tests.nested_rows import nested_rows

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
ALPHA = 0.05
FULL = (
    "math ~ year * (black + lowinc) + sex + noise + noise:year + I(year ** 2)"
    " + (1 | school) + (1 | school:pupil)"
)
TRUE = {"year", "black", "lowinc", "year:black"}


@cache
def sample():
    """Growth curves: year, black, lowinc and year:black have effects, the others have none."""
    rng = np.random.default_rng(13)
    rows = nested_rows(rng, {"school": 25, "pupil": (8, 16), "row": (2, 6)}, {})
    n = len(rows)
    year = rows.groupby(["school", "pupil"]).cumcount() - 2.0 + rng.integers(2, size=n)
    pupil = rows.groupby(["school", "pupil"]).ngroup().to_numpy()
    school = rows["school"].astype(int).to_numpy()
    black = rng.integers(2, size=pupil.max() + 1)[pupil]
    lowinc = rng.normal(size=25)[school]
    math = 0.75 * year - 0.5 * black - 0.4 * lowinc - 0.12 * year * black
    math = math + 0.4 * rng.normal(size=25)[school]
    math = math + 0.8 * rng.normal(size=pupil.max() + 1)[pupil] + 0.6 * rng.normal(size=n)
    frame = rows[["school", "pupil"]].assign(
        year=year,
        black=np.where(black == 1, "yes", "no"),
        lowinc=lowinc,
        sex=np.where(rng.integers(2, size=pupil.max() + 1)[pupil] == 1, "f", "m"),
        noise=rng.normal(size=n),
        math=math,
    )
    return statistics_of(parse_formula(FULL), frame)


@cache
def reduction(*protected: str):
    return reduce(FULL, sample(), ALPHA, [parse_term(text) for text in protected], draws=0)


def names(model) -> set[str]:
    return {str(term) for term in model.terms if term.factors}


def test_true_effects_stay_and_noise_leaves():
    final = names(reduction().reduced.model)
    assert final >= TRUE
    assert "noise" not in final
    assert "year:noise" not in final and "noise:year" not in final


def test_whole_variables_leave_before_products_and_these_before_their_margins():
    path = reduction().path
    assert names_of(path[1].dropped) == {"noise", "noise:year"}
    orders = [max(term.order for term in step.dropped) for step in path[1:]]
    single = [order for order, step in zip(orders, path[1:], strict=True) if len(step.dropped) == 1]
    assert single == sorted(single, reverse=True)


def names_of(terms) -> set[str]:
    return {str(term) for term in terms}


def test_each_step_prints_the_test_of_the_tables_of_the_model_before():
    path = reduction().path
    for before, after in itertools.pairwise(path):
        gone = {str(term) for term in after.dropped}
        columns = [i for i, term in enumerate(before.reml.fit.terms) if term in gone]
        expected = f_test(before.reml, np.eye(before.reml.fit.beta.size)[columns])
        assert after.test == expected
        if len(columns) == 1:
            table = before.reml.fit.fixed_effects
            assert after.test.p_value == pytest.approx(table["p_value"].iloc[columns[0]])


def test_the_bound_is_the_quantile_over_all_effects_that_may_leave():
    found = reduction()
    assert found.bound.df == len(found.full.beta) - 1
    assert found.bound.critical == pytest.approx(chi2.ppf(1 - ALPHA, found.bound.df))
    held = reduction("year", "sex")
    assert held.bound.df == found.bound.df - 2
    assert found.excess == pytest.approx(found.reduced.deviance - found.full.deviance)


def test_protected_terms_stay_whatever_their_tests():
    assert "noise" in names(reduction("noise").reduced.model)
    assert all("noise" in names(s.fit.model) for s in reduction("noise").adequate)


def brute_force(protected: set[str] = frozenset()) -> set[frozenset[str]]:
    """All minimal adequate models, by fitting every model that keeps margins."""
    full = parse_formula(FULL)
    terms = [t for t in full.terms if t.factors]
    deviances = {}
    for size in range(len(terms) + 1):
        for gone in itertools.combinations(terms, size):
            kept = [t for t in terms if t not in gone]
            marginal = all(not t.contains(g) for t in kept for g in gone)
            if marginal and not protected & {str(g) for g in gone}:
                model = full.with_terms([full.terms[0], *kept])
                deviances[frozenset(map(str, kept))] = fit_model(model, sample(), "ML").deviance
    found = reduction(*protected)
    limit = min(deviances.values()) + found.bound.critical
    adequate = {kept for kept, deviance in deviances.items() if deviance <= limit}
    return {kept for kept in adequate if not any(other < kept for other in adequate)}


@pytest.mark.study
def test_adequate_subsets_are_all_those_of_an_exhaustive_search():
    found = reduction()
    assert found.minimal.complete
    mine = {frozenset(names(subset.fit.model)) for subset in found.adequate}
    assert mine == brute_force()


def test_adequate_subsets_with_most_terms_protected_are_those_of_an_exhaustive_search():
    protected = ("year", "black", "lowinc", "year:black")
    mine = {frozenset(names(s.fit.model)) for s in reduction(*protected).adequate}
    assert mine == brute_force(set(protected))


def test_adequate_subsets_come_with_the_fewest_parameters_first():
    sizes = [subset.fit.n_params for subset in reduction().adequate]
    assert sizes == sorted(sizes)


def test_a_model_without_anything_to_drop_is_its_own_reduction():
    text = "math ~ year + (1 | school/pupil)"
    found = reduce(text, sample(), ALPHA, [parse_term("year")], draws=0)
    assert len(found.path) == 1
    assert found.reduced is found.full
    assert found.bound.df == 0
    assert found.excess == 0.0
    assert [subset.dropped for subset in found.adequate] == [()]


def test_a_protected_product_keeps_its_margins():
    final = names(reduction("noise:year").reduced.model)
    assert {"noise", "year", "noise:year"} <= final
