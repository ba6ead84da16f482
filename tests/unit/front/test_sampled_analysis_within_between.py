"""Effects of a sample within and between units, beside a model of deviations from unit means."""

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
from tests.sampled_surveys import DRAWS, KINDS, plan_of_survey, rows_of_survey
from tests.survey_accounts import EMPTY

pytestmark = pytest.mark.slow

SAME = 1e-5  # relative: two parameters of one likelihood, each at an optimum of its search


@cache
def waves() -> dict[str, pd.DataFrame]:
    """Rows with weighted means of the homes and shares of girls by school and wave."""
    out = {}
    for wave, rows in rows_of_survey().items():
        rows = rows.assign(girl=(rows["sex"] == "girl").astype(float))
        weight = rows["w_pupil"].groupby(rows["school"]).transform("sum")
        for name, of in (("mean", "ses"), ("girls", "girl")):
            sums = (rows[of] * rows["w_pupil"]).groupby(rows["school"]).transform("sum")
            rows[name] = sums / weight
        out[wave] = rows
    return out


@cache
def results_of(kind: str):
    plan = plan_of_survey(
        kind,
        terms=tuple(map(parse_term, ("sex", "ses", "mean", "girls", "kind"))),
        time_terms=(parse_term("wave"),),
        slopes=(),
        policy={},
        protected=tuple(map(parse_term, ("wave", "ses", "mean", "sex", "girls"))),
        unit_means={"ses": ("mean",), "sex": ("girls",)},
        unit_shares={"girls": "girl"},
        variable_levels={
            "sex": "row",
            "ses": "row",
            "mean": "school",
            "girls": "school",
            "kind": "school",
            "score": "row",
            "maths": "row",
        },
    )
    sources = {wave: source_of(frame) for wave, frame in waves().items()}
    return plan, analyse_rows(plan, sources, EMPTY)[0]


@cache
def split_fit(kind: str):
    """The full model with deviations from unit means in the place of the variables."""
    rows = pd.concat([frame.assign(wave=wave) for wave, frame in waves().items()])
    rows["ses_inside"] = rows["ses"] - rows["mean"]
    rows["girl_inside"] = rows["girl"] - rows["girls"]
    rows["kind"] = pd.Categorical(rows["kind"], ["public", "private"])
    plan, results = results_of(kind)
    outcome = plan.outcome
    formula = (
        f"{outcome} ~ wave + girl_inside + ses_inside + mean + girls + kind "
        "+ (1 | school) + (1 | school:wave)"
    )
    scores = mlm.PlausibleValues("maths", [f"pv{m}" for m in range(1, DRAWS + 1)])
    drawn = {"plausible_values": scores} if plan.sampling.scores else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mlm.fit(formula, rows, "ML", design=plan.sampling.design, **drawn).fixed_effects


@pytest.mark.parametrize("kind", KINDS)
def test_effects_are_those_of_deviations_and_of_means(kind):
    _, results = results_of(kind)
    told = {(item.variable, item.model): item for item in results.within_between}
    assert set(told) == {(v, m) for v in ("ses", "sex") for m in ("full", "settled")}
    table = split_fit(kind)
    for variable, mean in (("ses", "mean"), ("sex", "girls")):
        inside = "ses_inside" if variable == "ses" else "girl_inside"
        item = told[variable, "full"]
        assert item.category == (None if variable == "ses" else "girl") and item.reason is None
        ((between),) = item.means
        assert (between.term, between.level.unit) == (mean, "school")
        for own, name in ((item.within, inside), (between.between, mean)):
            assert own.estimate == pytest.approx(table["estimate"][name], rel=SAME, abs=1e-4)
            assert own.std_error == pytest.approx(table["std_error"][name], rel=SAME)
        apart = between.between.estimate - item.within.estimate
        assert between.contextual.estimate == pytest.approx(apart)


def test_contextual_effects_of_the_settled_model_are_its_coefficients():
    _, results = results_of("all")
    fixed = {tuple(f.variable for f in c.term): c for c in results.settled.fixed}
    item = next(i for i in results.within_between if (i.variable, i.model) == ("ses", "settled"))
    assert item.within.estimate == pytest.approx(fixed["ses",].estimate)
    assert item.within.std_error == pytest.approx(fixed["ses",].std_error)
    (mean,) = item.means
    assert mean.contextual.estimate == pytest.approx(fixed["mean",].estimate)
    assert mean.contextual.std_error == pytest.approx(fixed["mean",].std_error)
    assert np.isfinite(mean.between.p_value)


def test_a_variable_that_the_model_lacks_is_told_so():
    plan = plan_of_survey("weights", unit_means={"noise": ("ses",), "absent": ("ses",)}, slopes=())
    sources = {wave: source_of(frame) for wave, frame in rows_of_survey().items()}
    results, _ = analyse_rows(plan, sources, EMPTY)
    told = {(item.variable, item.model): item for item in results.within_between}
    assert told["absent", "full"].reason.what == "variable"
    assert told["absent", "full"].within is None
    kept = any("noise" in {f.variable for f in c.term} for c in results.settled.fixed)
    assert (told["noise", "settled"].reason is None) == kept
