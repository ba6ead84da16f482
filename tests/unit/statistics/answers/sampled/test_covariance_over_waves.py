"""Covariances over waves of samples of followed pupils, against fits of the library."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f as f_distribution

import mlm
from mlm.front.sampled_analysis import evidence_of
from mlm.rows.accumulating.sources import source_of
from mlm.statistics.answers.sampled.covariance_over_waves import EffectsOverWaves
from mlm.statistics.answers.sampled.drawn_fits import fit_draws
from mlm.statistics.answers.sampled.over_time import stability
from tests.recovery import sampled_chain as chain
from tests.recovery.plausible_draws import with_draws
from tests.recovery.sampled_coverage import plan_for

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::UserWarning")]

SAME, NEAR = 1e-6, 1e-4  # relative, of estimates and of errors of two searches
SCHOOL, PUPIL = ("school",), ("school", "pupil")
SEED, DRAWN, DRAWS = 2, 24, 3


@cache
def plan(draws: int = 0):
    with TemporaryDirectory() as folder:
        return plan_for("same_pupils", draws, Path(folder))


@cache
def frames(draws: int = 0) -> dict[str, pd.DataFrame]:
    waves = chain.sample("same_pupils", SEED, DRAWN)
    return with_draws("same_pupils", waves, SEED, draws, "known") if draws else waves


def fits(of_plan, waves: dict[str, pd.DataFrame]):
    stats = evidence_of(of_plan, {w: source_of(f) for w, f in waves.items()}).stats
    return fit_draws(of_plan, of_plan.full_model(), stats)


@cache
def settled(draws: int = 0):
    return fits(plan(draws), frames(draws))


@cache
def told(draws: int = 0):
    return {level.level.ids: level for level in stability(plan(draws), settled(draws))}


def fitted(formula: str, draws: int = 0):
    rows = pd.concat([f.assign(year=w, wave=w) for w, f in frames(draws).items()])
    rows["sex"] = pd.Categorical(rows["sex"], ["boy", "girl"])
    known = {"plausible_values": score} if (score := _score(draws)) else {}
    return mlm.fit(formula, rows, design=plan(draws).sampling.design, **known)


def _score(draws: int) -> mlm.PlausibleValues | None:
    columns = [f"PV{m}" for m in range(1, draws + 1)]
    return mlm.PlausibleValues("score", columns) if draws else None


def test_both_levels_are_told_from_one_model_with_the_errors_of_the_library():
    assert set(told()) == {SCHOOL, PUPIL}
    over = {ids: level.over_waves for ids, level in told().items()}
    assert len({each.formula for each in over.values()}) == 1
    fit = fitted(over[SCHOOL].formula)
    table, errors = fit.variance_components, np.sqrt(np.diagonal(fit.design.variance_covariance))
    for ids, each in over.items():
        own = (table["group"] == ":".join(ids)).to_numpy()
        variances, apart = own & table["term2"].isna().to_numpy(), own & table["term2"].notna()
        assert [s.estimate for s in each.sd] == pytest.approx(table["sd"][variances], rel=SAME)
        expected = errors[variances] / (2.0 * table["sd"][variances].to_numpy())
        assert [s.std_error for s in each.sd] == pytest.approx(expected, rel=NEAR)
        (pair,) = each.pairs
        assert (pair.first, pair.second) == chain.WAVES
        assert pair.estimate == pytest.approx(float(table["sd"][apart].iloc[0]), rel=SAME)
        assert pair.lower < pair.estimate < pair.upper
        level = told()[ids]
        assert level.within is None and level.average.estimate == pytest.approx(pair.estimate)
        assert level.sd == tuple(s.estimate for s in each.sd)
        assert level.correlation[0][1] == level.correlation[1][0] == pair.estimate
    assert over[PUPIL].holds_rows and not over[SCHOOL].holds_rows
    assert fit.residual == "school:pupil"


def test_variances_that_are_alike_are_tested_by_the_design():
    over = told()[PUPIL].over_waves
    fit = fitted(over.formula)
    names = fit.design.names
    own = [i for i, n in enumerate(names) if n.group == "school:pupil" and n.term2 is None]
    logs = np.log(fit.design.variances[own])
    slopes = np.diag(1.0 / fit.design.variances[own])
    spread = slopes @ fit.design.variance_covariance[np.ix_(own, own)] @ slopes
    apart = np.array([-1.0, 1.0])
    wald = float((apart @ logs) ** 2 / (apart @ spread @ apart))
    assert over.alike.statistic == pytest.approx(wald, rel=NEAR)
    expected = f_distribution.sf(wald, 1, fit.design.df)
    assert over.alike.p_value == pytest.approx(expected, rel=1e-3)


def test_the_truth_is_near():
    sds = {SCHOOL: math.sqrt(725.0), PUPIL: math.sqrt(2925.0)}
    rates = {SCHOOL: 625.0 / 725.0, PUPIL: 900.0 / 2925.0}
    for ids, level in told().items():
        for each in level.over_waves.sd:
            assert abs(each.estimate - sds[ids]) < 4.0 * each.std_error
        z = math.atanh(level.average.estimate) - math.atanh(rates[ids])
        assert abs(z) < 4.0 * level.average.std_error / (1.0 - level.average.estimate**2)


def test_draws_are_pooled():
    over = told(DRAWS)[PUPIL].over_waves
    fit = fitted(over.formula, DRAWS)
    table = fit.variance_components
    own = table[(table["group"] == "school:pupil") & table["term2"].isna()]
    assert [s.estimate for s in over.sd] == pytest.approx(np.sqrt(own["variance"]), rel=SAME)
    for found, error in zip(
        over.sd, own["std_error"] / (2.0 * np.sqrt(own["variance"])), strict=True
    ):
        assert found.std_error == pytest.approx(error, rel=NEAR)
        assert 0.0 < found.measurement_error < found.std_error
    assert over.alike.kind == "made"


def test_weights_that_move_from_wave_to_wave_leave_the_pupils_out_with_their_reason():
    waves = dict(frames())
    last = waves["2022"]
    waves["2022"] = last.assign(w_row=last["w_pupil"] * np.where(last["sex"] == "girl", 1.5, 1.0))
    waves["2018"] = waves["2018"].assign(w_row=waves["2018"]["w_pupil"])
    known = plan().sampling
    weights = {**known.design.weights, "row": "w_row"}
    other = replace(plan(), sampling=replace(known, design=replace(known.design, weights=weights)))
    found = {x.level.ids: x for x in stability(other, fits(other, waves))}
    assert found[PUPIL].reason.kind == "weights_within_units"
    assert found[PUPIL].reason.level.ids == PUPIL
    assert found[SCHOOL].kind == "estimated"  # beside one effect of a pupil for all waves
    assert "us(0 + year | school:pupil)" not in found[SCHOOL].over_waves.formula


def test_a_level_without_variance_is_left_as_it_was():
    waves = {
        wave: frame.assign(
            score=frame["score"] - frame.groupby("school")["score"].transform("mean")
        )
        for wave, frame in frames().items()
    }
    found = {x.level.ids: x for x in stability(plan(), fits(plan(), waves))}
    assert found[SCHOOL].kind == "refused" and found[SCHOOL].reason.kind == "on_bound"
    assert found[PUPIL].kind == "estimated"
    assert "us(0 + year | school)" not in found[PUPIL].over_waves.formula


def test_few_units_carry_one_correlation():
    few = {w: f[f["school"].isin(f["school"].unique()[:12])] for w, f in frames().items()}
    effects = EffectsOverWaves(plan(), fits(plan(), few))
    assert effects.form_of(SCHOOL) == "variances_by_wave"
    assert effects.form_of(PUPIL) == "unstructured"
    over = effects.told(SCHOOL)
    assert over.kind == "refused" or "csh(0 + year | school)" in over.formula
