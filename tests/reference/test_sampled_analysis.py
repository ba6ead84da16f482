"""Whole analyses of PISA 2003 NLD and PISA 2012 USA: published and reference values in the record.

Means are those that the OECD published; models are compared with WeMix, BIFIEsurvey and a prototype
of the formulas, as in ``test_weighted_plausible_values.py``.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import LonePairs
from mlm.front.sampled_analysis import analyse_rows
from mlm.nouns.design import design_named
from mlm.nouns.formula import parse_term
from mlm.nouns.levels import ROW, WAVE, PlannedLevel
from mlm.nouns.plan import Plan
from mlm.nouns.planned_time import PlannedTime
from mlm.nouns.plausible_values import PlausibleValues
from mlm.nouns.sampled_plan import SampledPlan
from mlm.nouns.sampling import SamplingDesign
from mlm.rows.accumulating.sources import source_of
from tests.reference.weighted_sets import (
    NEEDS_WEIGHTED,
    ORDER_OF_2012,
    REFERENCES,
    WEIGHTED,
    expected,
    pisa2012,
)
from tests.survey_accounts import EMPTY

pytestmark = [pytest.mark.slow, NEEDS_WEIGHTED]

PRINTED = 5e-5  # absolute: the reference has four decimals
POOLED = 1e-5  # relative
PROTOTYPE = 1e-4  # relative, of errors whose optima have another tolerance
MEAN = 5e-3  # absolute: published to two decimals
DOMAINS = {
    "MATH": (537.82, 3.13),
    "READ": (513.12, 2.85),
    "SCIE": (524.37, 3.15),
    "PROB": (520.18, 2.95),
}


def plan_of(wave: str, school: str, terms, levels, categories, sampling, outcome="maths") -> Plan:
    return Plan(
        survey="pisa",
        analysis="maths",
        outcome=outcome,
        design=design_named("cross_section"),
        levels=(PlannedLevel("school", (school,)), PlannedLevel("pupil", ())),
        time=PlannedTime(WAVE, "categories", (wave,), (0.0,)),
        terms=tuple(map(parse_term, terms)),
        time_terms=(),
        protected=tuple(map(parse_term, terms)),
        policy={},
        slopes=("ESCS",),
        variable_levels=levels,
        categories=categories,
        alpha=0.05,
        ranking={"reliability": 0.8, "separable": 0.3, "stability": 0.7},
        sampling=sampling,
    )


@pytest.fixture(scope="module")
def netherlands() -> pd.DataFrame:
    rows = pd.read_csv(WEIGHTED / "pisa2003_nld.csv.gz", dtype={"SCHOOLID": str})
    known = rows.dropna(subset=["ESCS", "ST03Q01"])
    mean = known.groupby("SCHOOLID")["ESCS"].mean()
    made = pd.DataFrame(
        {
            "male": (rows["ST03Q01"] == 2).where(rows["ST03Q01"].notna()) * 1.0,
            "mean": rows["SCHOOLID"].map(mean),
        }
    )
    return pd.concat([rows, made], axis=1)


def plan_of_netherlands(domain: str = "MATH") -> Plan:
    design = SamplingDesign(
        {ROW: "W_FSTUWT"},
        mean_weights=("SCHOOLID",),
        scaling="size",
        replicates=mlm.fay("W_FSTR{1..80}", k=0.5),
    )
    score = PlausibleValues("maths", [f"PV{m}{domain}" for m in range(1, 6)])
    levels = {"male": ROW, "ESCS": ROW, "mean": "SCHOOLID", "maths": ROW}
    sampling = SampledPlan(design, (score,), {"minimum_proficiency": 420.07})
    return plan_of("2003", "SCHOOLID", ("male", "ESCS", "mean"), levels, {}, sampling)


@pytest.fixture(scope="module")
def analysed(netherlands):
    sources = {"2003": source_of(netherlands)}
    analyse_rows(plan_of_netherlands(), sources, EMPTY)
    started = time.process_time()
    results, fits = analyse_rows(plan_of_netherlands(), sources, EMPTY)
    return results, fits, time.process_time() - started


@pytest.mark.parametrize(
    "domain",
    [d if d == "MATH" else pytest.param(d, marks=pytest.mark.study) for d in DOMAINS],
)
def test_means_are_those_that_were_published(domain, netherlands, analysed):
    results, _, _ = analysed
    if domain != "MATH":
        plan = replace(plan_of_netherlands(domain), terms=(), protected=(), slopes=())
        results, _ = analyse_rows(plan, {"2003": source_of(netherlands)}, EMPTY)
    (mean,) = results.means.waves
    estimate, error = DOMAINS[domain]
    assert mean.estimate == pytest.approx(estimate, abs=MEAN)
    assert mean.std_error == pytest.approx(error, abs=MEAN)
    assert (mean.rows, mean.clusters) == (3992, 154)


def test_two_levels_with_replicates_and_plausible_values(analysed):
    results, fits, _ = analysed
    fixed = results.settled.fixed
    assert [c.estimate for c in fixed] == pytest.approx(
        [522.6344, 12.4242, 13.5882, 121.1572], abs=1e-4
    )
    assert [c.std_error for c in fixed] == pytest.approx(
        [3.2761, 2.0825, 1.7353, 6.1143], abs=PRINTED
    )
    parts = results.settled.variance_components
    assert [c.estimate for c in parts] == pytest.approx([1196.91, 3244.10], abs=0.005)
    assert [c.std_error for c in parts] == pytest.approx([155.12, 106.24], rel=PROTOTYPE)
    share, _ = results.settled.shares
    assert share.estimate == pytest.approx(0.270, abs=5e-4)
    assert share.unweighted == pytest.approx(0.282, abs=5e-4)
    assert len(fits) == 15


def test_how_the_sample_was_drawn_is_told(analysed):
    sample = analysed[0].sample
    assert sample.sum_of_weights == pytest.approx(177_704, abs=0.5)
    assert sample.effective_rows == pytest.approx(3_235, abs=0.5)
    assert (sample.clusters.n, sample.df, sample.errors) == (150, 80.0, "replicates")
    assert (sample.replicates.n, sample.replicates.made_from) == (80, "clusters")
    assert sample.replicates.spread < 1e-4  # rounding of the file


def test_measurement_adds_what_it_does(analysed):
    """2 % to the variance of the intercept, 21 % to that of ESCS."""
    intercept, _, status, _ = analysed[0].settled.fixed
    for coefficient, added in ((intercept, 0.02), (status, 0.21)):
        share = (coefficient.measurement_error / coefficient.sampling_error) ** 2
        assert share == pytest.approx(added, abs=0.006)


def test_refits_hardly_differ_from_what_needs_none(analysed):
    ratio = analysed[0].settled.refitted
    assert 0.98 < ratio.lowest < ratio.highest < 1.02 and ratio.by_search == 0


def test_no_scaling_matters_here(analysed):
    found = analysed[0].sensitivity
    assert abs(found.largest.in_se) < 0.05
    shares = [s.shares[0].estimate for s in found.scalings if s.scaling != "unweighted"]
    assert [round(100.0 * share, 1) for share in sorted(shares)] == [26.9, 27.0, 27.0, 27.0, 27.0]


def test_a_country_takes_less_than_a_second(analysed):
    """0.35 s of one thread where this was written: five draws, 80 replicates, all scalings."""
    assert analysed[2] < 1.5


@pytest.mark.parametrize("scaling", ["none", pytest.param("effective", marks=pytest.mark.study)])
def test_five_plausible_values_of_pisa_2012(scaling):
    design = SamplingDesign(
        {ROW: "w_fstuwt", "schoolid": "w_fschwt"}, scaling=scaling, standard_errors="linearised"
    )
    score = PlausibleValues("maths", [f"pv{m}math" for m in range(1, 6)])
    rows = pisa2012()
    categories = {name: tuple(rows[name].cat.categories) for name in REFERENCES}
    levels = {"st29q03": ROW, "sc14q02": "schoolid", "st04q01": ROW, "escs": ROW, "maths": ROW}
    terms = ("st29q03", "sc14q02", "st04q01", "escs")
    plan = plan_of("2012", "schoolid", terms, levels, categories, SampledPlan(design, (score,)))
    plan = replace(plan, slopes=())
    results, _ = analyse_rows(plan, {"2012": source_of(rows)}, EMPTY)
    known = expected()[f"pisa2012_usa pooled {scaling}"]
    found = {_name(c.term): c for c in results.settled.fixed}
    order = [found[name] for name in ("", *ORDER_OF_2012)]
    assert [c.estimate for c in order] == pytest.approx(known["beta"], rel=POOLED)
    assert [c.std_error for c in order] == pytest.approx(known["se_joint"], rel=POOLED)
    if scaling == "none":
        association = next(a for a in results.associations if a.variable == "sc14q02")
        assert association.test.statistic == pytest.approx(5.4095, abs=PRINTED)
        assert association.test.reference.denominator == pytest.approx(127.2, abs=0.05)
        logs = [-0.5 * fit.deviance for fit in results.settled.fits]
        assert logs[0] == pytest.approx(-12789991.9939, rel=1e-9)
    else:
        assert results.settled.shares[0].estimate == pytest.approx(0.1815, abs=PRINTED)


def _name(term) -> str:
    return ":".join(f"{f.variable}[T.{f.category}]" if f.category else f.variable for f in term)


NESTS, INSIDE = 2, 3


@pytest.fixture(scope="module")
def cycles() -> dict[str, pd.DataFrame]:
    """Reading in the two cycles of eatRep's example, a column a draw, nest by nest."""
    rows = pd.read_csv(WEIGHTED / "lsa_eatrep.csv.gz", dtype={"jkzone": str, "jkrep": str})
    rows = rows[rows["domain"] == "reading"]
    rows["draw"] = "s" + rows["nest"].astype(str) + rows["imp"].astype(str)
    known = ["year", "idstud", "idclass", "sex", "wgt", "jkzone", "jkrep", "leScore"]
    wide = rows.pivot_table(index=known, columns="draw", values="score").reset_index()
    wide["year"] = wide["year"].astype(str)
    return dict(tuple(wide.groupby("year")))


@pytest.mark.study  # 165 replicates from rows
def test_two_cycles_with_zones_nested_imputations_and_a_linking_error(cycles):
    (first, later), link = cycles.items(), float(cycles["2010"]["leScore"].iloc[0])
    draws = [[f"s{n}{i}" for i in range(1, INSIDE + 1)] for n in range(1, NESTS + 1)]
    design = SamplingDesign(
        {ROW: "wgt"},
        mean_weights=("idclass",),
        wave=WAVE,
        replicates=mlm.jk2(zone="wave:jkzone", unit="jkrep"),
    )
    sampling = SampledPlan(
        design, (PlausibleValues("reading", draws),), {}, {("2010", "2015"): link}
    )
    plan = Plan(
        survey="lsa",
        analysis="reading",
        outcome="reading",
        design=design_named("new_schools"),
        levels=(PlannedLevel("class", (WAVE, "idclass")), PlannedLevel("pupil", ())),
        time=PlannedTime(WAVE, "categories", ("2010", "2015"), (0.0, 5.0)),
        terms=(parse_term("sex"),),
        time_terms=(parse_term(WAVE),),
        protected=(parse_term(WAVE),),
        policy={},
        slopes=(),
        variable_levels={"sex": ROW, "reading": ROW},
        categories={"sex": ("male", "female"), WAVE: ("2010", "2015")},
        alpha=0.05,
        ranking={"reliability": 0.8, "separable": 0.3, "stability": 0.7},
        sampling=sampling,
    )
    sources = {wave: source_of(frame) for wave, frame in (first, later)}
    with pytest.warns(LonePairs, match="2 of 165"):
        results, _ = analyse_rows(plan, sources, EMPTY)
    assert (results.draws, results.scores[0].nests) == (6, 2)
    assert results.sample.replicates.made_from == "classes"  # some school classes are in two zones
    squares = []
    for told, (wave, rows) in zip(results.means.waves, (first, later), strict=True):
        estimate, variance = _nested_mean(rows, draws)
        assert told.wave == wave
        assert told.estimate == pytest.approx(estimate, rel=1e-9)
        assert told.std_error == pytest.approx(variance**0.5, rel=1e-6)
        squares.append(told.sampling_error**2)
    change = results.means.waves[1].change
    assert change.linking_error == link
    assert change.sampling_error**2 == pytest.approx(sum(squares), rel=1e-6)
    parts = change.sampling_error**2 + change.measurement_error**2 + link**2
    assert change.std_error**2 == pytest.approx(parts, rel=1e-9)
    assert results.over_time.adjusted_means[1].change.linking_error == link
    assert results.settled.refits and results.settled.errors == "replicates"


def _nested_mean(rows: pd.DataFrame, draws) -> tuple[float, float]:
    """Weighted mean and its variance: JK2 by zones, and Rubin's rule for nested imputations."""
    zones = rows["jkzone"].unique()
    kept = rows["jkrep"] == max(rows["jkrep"].unique())
    means, sampling = [], []
    for column in (name for nest in draws for name in nest):
        whole = np.average(rows[column], weights=rows["wgt"])
        apart = []
        for zone in zones:
            factor = np.where(rows["jkzone"] == zone, 2.0 * kept, 1.0)
            apart.append(np.average(rows[column], weights=rows["wgt"] * factor) - whole)
        means.append(whole)
        sampling.append(np.sum(np.square(apart)))
    nested = np.reshape(means, (NESTS, INSIDE))
    between = (1.0 + 1.0 / NESTS) * nested.mean(axis=1).var(ddof=1)
    inside = (1.0 - 1.0 / INSIDE) * nested.var(axis=1, ddof=1).mean()
    return float(np.mean(means)), float(np.mean(sampling) + between + inside)
