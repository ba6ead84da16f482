"""Products of the variables of rows of a sample: the tests of a fit with all of them from rows."""

from __future__ import annotations

import warnings

import pytest

import mlm
from mlm.front.sampled_analysis import analyse_rows
from mlm.nouns.formula import parse_term
from mlm.results.test import Test
from tests.sampled_surveys import (
    KINDS,
    plan_of_survey,
    results_of,
    rows_below,
    sources_of_survey,
)
from tests.survey_accounts import EMPTY

pytestmark = pytest.mark.slow

FULL = "wave + sex + ses + noise + kind + wave:kind"
PRODUCTS = ("I(ses ** 2)", "I(noise ** 2)", "sex:ses", "sex:noise", "ses:noise")
NAMES = (("ses",), ("noise",), ("sex", "ses"), ("sex", "noise"), ("ses", "noise"))
ERRORS = 1e-5  # relative, of F: fits end a little apart


def direct(kind: str):
    """The full model with the products, fitted to the rows."""
    plan = plan_of_survey(kind)
    scores, design = plan.sampling.scores, plan.sampling.design
    formula = f"{plan.outcome} ~ {FULL} + {' + '.join(PRODUCTS)} + (1 | school/wave)"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mlm.fit(
            formula,
            rows_below(),
            criterion="ML",
            design=design,
            **({"plausible_values": scores[0]} if scores else {}),
        )


@pytest.mark.parametrize("kind", ["weights", "replicates", "all"])
def test_each_product_is_tested_given_the_others(kind):
    found, fit = results_of(kind).row_products, direct(kind)
    assert [tuple(f.variable for f in item.term) for item in found.terms] == [*NAMES]
    for item, text in zip(found.terms, PRODUCTS, strict=True):
        expected = mlm.wald_test(fit, [text])
        assert item.test.statistic == pytest.approx(expected.statistic, rel=ERRORS)
        assert item.test.p_value == pytest.approx(expected.p_value, rel=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_p_is_adjusted_over_all_that_were_tried_and_noise_is_not_clear(kind):
    found = results_of(kind).row_products
    assert isinstance(found.block, Test)
    assert found.block.df == len(PRODUCTS)
    assert all(item.test.p_adjusted >= item.test.p_value for item in found.terms)
    assert all(item.test.p_adjusted > 0.01 for item in found.terms)
    refused = {item.what for item in results_of(kind).refusals}
    assert "products_of_row_variables" not in refused


def test_they_are_not_tried_where_the_configuration_says_so_or_has_them():
    def analysed(**changes):
        plan = plan_of_survey("weights", slopes=(), **changes)
        return analyse_rows(plan, sources_of_survey(), EMPTY)[0]

    quiet = analysed(pupil_interactions=False)
    assert quiet.row_products is None
    assert "products_of_row_variables" not in {item.what for item in quiet.refusals}
    terms = tuple(map(parse_term, ("sex", "ses", "kind", "I(ses ** 2)", "sex:ses")))
    known = analysed(terms=terms)
    assert known.row_products is None
