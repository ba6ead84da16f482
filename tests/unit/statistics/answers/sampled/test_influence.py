"""Results of a sample without each cluster, beside fits to the rows of the others."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.front.sampled_analysis import analyse_rows
from mlm.nouns.formula import parse_term
from mlm.rows.accumulating.sources import source_of
from tests.sampled_surveys import (
    DRAWS,
    SCHOOLS,
    plan_of_survey,
    rows_below,
    rows_of_survey,
    sources_of_survey,
)
from tests.survey_accounts import EMPTY

pytestmark = pytest.mark.slow

SAME = 2e-5  # relative to a standard error: two searches of one optimum


@cache
def analysed(kind: str):
    plan = plan_of_survey(kind, slopes=())
    return plan, analyse_rows(plan, sources_of_survey(), EMPTY)[0]


@cache
def without_each(kind: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Coefficients and shares of the settled model, the rows of each school left out in turn."""
    plan, results = analysed(kind)
    rows, formula = rows_below(), results.settled.formula
    for name, values in (("sex", ["boy", "girl"]), ("kind", ["public", "private"])):
        rows[name] = pd.Categorical(rows[name], values)
    design = mlm.SamplingDesign(plan.sampling.design.weights, wave="wave")
    score = mlm.PlausibleValues("maths", [f"pv{m}" for m in range(1, DRAWS + 1)])
    drawn = {"plausible_values": score} if plan.sampling.scores else {}
    fixed, shares = [], []
    for school in rows["school"].unique():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = mlm.fit(formula, rows[rows["school"] != school], "ML", design=design, **drawn)
        fixed.append(fit.fixed_effects["estimate"])
        fits = fit.fits if drawn else (fit,)
        shares.append(np.mean([each.shares["share"] for each in fits], axis=0))
    return pd.DataFrame(fixed), pd.DataFrame(shares)


@pytest.mark.parametrize("kind", ["weights", "all"])
def test_ends_are_those_of_fits_without_the_rows_of_each_school(kind):
    _, results = analysed(kind)
    found, (fixed, shares) = results.influence, without_each(kind)
    assert found.clusters == SCHOOLS and 2 <= found.left_out <= SCHOOLS
    errors = [item.std_error for item in results.settled.fixed]
    for i, (item, error) in enumerate(zip(found.coefficients, errors, strict=True)):
        assert item.term == results.settled.fixed[i].term
        own = fixed.iloc[:, i]
        assert item.lowest == pytest.approx(own.min(), abs=SAME * error)
        assert item.highest == pytest.approx(own.max(), abs=SAME * error)
        whole = results.settled.fixed[i].estimate
        assert item.in_se == pytest.approx(np.abs(own - whole).max() / error, abs=SAME)
    for item in found.shares:  # those that move one of them furthest to first order are left out
        assert item.lowest < item.highest
        ends = [(column.min(), column.max()) for _, column in shares.items()]
        assert any(low - 1e-4 <= item.lowest and item.highest <= high + 1e-4 for low, high in ends)


def test_rows_without_weights_have_no_clusters():
    refused = analysed("plausible_values")[1].influence
    assert (refused.kind, refused.reason.what) == ("refused", "weights")


def test_a_coefficient_that_rests_on_one_school_is_told_so():
    waves = {w: f.assign(alone=(f["school"] == "s3") * 1.0) for w, f in rows_of_survey().items()}
    plan = plan_of_survey(
        "replicates",
        slopes=(),
        terms=tuple(map(parse_term, ("sex", "ses", "alone"))),
        time_terms=(parse_term("wave"),),
        protected=tuple(map(parse_term, ("wave", "alone"))),
        policy={},
        variable_levels={"sex": "row", "ses": "row", "alone": "school", "score": "row"},
        pupil_interactions=False,
    )
    sources = {wave: source_of(frame) for wave, frame in waves.items()}
    refused = analyse_rows(plan, sources, EMPTY)[0].influence
    assert (refused.kind, refused.reason.kind) == ("refused", "rests_on_one_cluster")
