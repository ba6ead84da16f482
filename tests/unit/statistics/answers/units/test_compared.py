"""What is compared of units: sums of effects for all forms over waves, against dense algebra."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.comparison import AGAINST, COMPARED, ComparisonRule
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.statistics.answers.units.compared import (
    NothingLasts,
    compared_effects,
    shared_part,
)
from mlm.statistics.fitting.effect_sums import effect_sums, joint_errors
from mlm.statistics.fitting.effects import posterior_means
from mlm.statistics.fitting.solution import solve
from tests.dense_rows import dense
from tests.plans import crossed, make_plan, merged, with_time

FITTED = 1e-4  # of two searches for one optimum
pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
NEAR = 1e-8  # units of the response, whose standard deviation is about two; and their squares
COUNTY, SCHOOL, PUPIL = ("county",), ("county", "school"), ("pupil",)
X, TIME = Term((Factor("x"),)), Term((Factor("year"),))
WAVES = ("w0", "w1", "w2")


def survey(seed: int = 1) -> pd.DataFrame:
    """Pupils of whom some change school, schools that miss waves, effects of all kinds."""
    rng = np.random.default_rng(seed)
    rows = []
    for c in range(4):
        for s in range(4):
            effects = rng.multivariate_normal(np.zeros(3), 0.5 * np.eye(3) + 0.5)
            for t in range(3):
                if (c, s, t) in ((0, 0, 2), (1, 2, 0), (2, 1, 2), (3, 3, 1)):
                    continue
                for i in range(int(rng.integers(2, 6))):
                    moved = i == 0 and t == 2
                    pupil = f"{c}{(s + moved) % 4}{i}"
                    y = effects[t] + 0.4 * c + 0.3 * t + rng.normal()
                    rows.append((f"c{c}", f"s{s}", pupil, WAVES[t], rng.normal(), y))
    frame = pd.DataFrame(rows, columns=["county", "school", "pupil", WAVE, "x", "y"])
    pupils = {p: rng.normal() for p in frame["pupil"]}
    y = frame["y"] + frame["pupil"].map(pupils) + 0.5 * frame["x"]
    frame = frame.drop_duplicates(["pupil", WAVE])
    return frame.assign(y=y[frame.index], z=0.0, kind="a", group_kind="a").reset_index(drop=True)


def over_waves(wave: Term) -> dict[str, tuple[tuple[RandomTerm, ...], ...]]:
    """Random terms of schools and of counties by form."""
    each = (*SCHOOL, WAVE)
    return {
        "constant": ((RandomTerm(SCHOOL),), (RandomTerm(COUNTY),)),
        "part by wave": (
            (RandomTerm(SCHOOL), RandomTerm(each)),
            (RandomTerm(COUNTY, (Term(), X)),),
        ),
        "unstructured": ((RandomTerm(SCHOOL, (wave,)),), (RandomTerm(COUNTY, (wave,)),)),
        "cs": ((RandomTerm(SCHOOL, (wave,), "cs"),), (RandomTerm(COUNTY),)),
        "csh": ((RandomTerm(SCHOOL, (wave,), "csh"),), (RandomTerm(COUNTY),)),
        "ar1": ((RandomTerm(SCHOOL, (wave,), "ar1"),), (RandomTerm(COUNTY),)),
        "slopes": ((RandomTerm(SCHOOL, (Term(), X)),), (RandomTerm(COUNTY, (wave, X)),)),
        "slopes beside a form": (
            (RandomTerm(SCHOOL, (wave,), "ar1"), RandomTerm(SCHOOL, (X,))),
            (RandomTerm(COUNTY),),
        ),
    }


FORMS = tuple(over_waves(TIME))
IN_ONE_LEVEL = tuple(form for form in FORMS if form != "part by wave")


@cache
def fitted(form: str, design: str = "same_pupils", coding: str = "categories", beside=False):
    """Plan, solution, rows and model of a form; the variances as they are found."""
    plan = make_plan(design, coding, waves=WAVES, terms=("x",), by_time=(), slopes=("x",))
    plan = crossed(plan) if beside else plan
    frame = survey()
    if not beside and design == "same_pupils":
        frame["pupil"] = frame["school"] + frame["pupil"]
    stats = merged(plan, frame)
    wave = Term((Factor(plan.time.factor),))
    school, county = (
        (
            (RandomTerm(SCHOOL, (Term(), TIME)),),
            (RandomTerm(COUNTY, (Term(), TIME)),),
        )
        if form == "line"
        else over_waves(wave)[form]
    )
    pupils = [r for r in plan.full_model().random if r.group not in (SCHOOL, COUNTY)]
    pupils = [r for r in pupils if WAVE not in r.group]
    model = plan.full_model().with_random([*pupils, *school, *county])
    return plan, solve(model, stats), with_time(plan, frame)


def hypothetical(ids, frame: pd.DataFrame, plan, compare: str) -> tuple[pd.DataFrame, np.ndarray]:
    """A row of a pupil with the mean of x for each school and wave, and who counts, (G, rows)."""
    units = pd.DataFrame(ids, columns=list(SCHOOL))
    rows, counted = [], []
    for i, unit in enumerate(units.itertuples(index=False)):
        own = frame[(frame["county"] == unit.county) & (frame["school"] == unit.school)]
        seen = [w for w in WAVES if (own[WAVE] == w).any()]
        for wave in [WAVES[-1]] if compare == "last_wave" else seen:
            rows.append((*unit, "nobody", wave, frame["x"].mean()))
            counted.append((i, 1.0 if compare == "last_wave" else 1.0 / len(seen)))
    made = pd.DataFrame(rows, columns=["county", "school", "pupil", WAVE, "x"])
    made = with_time(plan, made.assign(y=0.0, z=0.0, kind="a", group_kind="a"))
    onto = np.zeros((len(units), len(made)))
    for j, (i, share) in enumerate(counted):
        onto[i, j] = share
    return made, onto


def expected(solution, plan, frame: pd.DataFrame, comparison: ComparisonRule):
    """Posterior means (G,) and joint errors (G, G), written out with matrices of rows."""
    fit, ids = solution.fit, solution.stats.level(SCHOOL).ids
    made, onto = hypothetical(ids, frame, plan, comparison.compare)
    n = len(frame)
    written = dense(fit.model, pd.concat([frame, made], ignore_index=True))
    x, y = written.x[:n], written.y[:n]
    sizes = [z.shape[1] for columns in written.z for z in columns]
    whole = np.column_stack([z for columns in written.z for z in columns])
    prior = np.zeros((whole.shape[1],) * 2)
    start, sums = 0, []
    for term, columns, omega in zip(fit.model.random, written.z, fit.omegas, strict=True):
        size = columns[0].shape[1] * len(columns)
        part = slice(start, start + size)
        prior[part, part] = np.kron(fit.sigma2 * omega, np.eye(columns[0].shape[1]))
        units = set(term.group) - {WAVE}
        counts = units == set(SCHOOL) or (comparison.against == "all" and units < set(SCHOOL))
        sums.append(np.full(size, float(counts and "pupil" not in units)))
        start += size
    assert sum(sizes) == start
    z, combine = whole[:n], (onto @ whole[n:]) * np.concatenate(sums)
    inverse = np.linalg.inv(z @ prior @ z.T + fit.sigma2 * np.eye(n))
    project = inverse - inverse @ x @ np.linalg.solve(x.T @ inverse @ x, x.T @ inverse)
    gain = combine @ prior @ z.T
    joint = combine @ prior @ combine.T - gain @ project @ gain.T
    given = combine @ prior @ combine.T - gain @ inverse @ gain.T
    prior_of = np.diagonal(combine @ prior @ combine.T)
    return gain @ project @ y, joint, np.diagonal(given), prior_of


def check(form: str, comparison: ComparisonRule, **options) -> None:
    plan, solution, frame = fitted(form, **options)
    compared = compared_effects(plan, solution.evaluated, SCHOOL, comparison)
    found = effect_sums(solution.evaluated, compared.weights, compared.unseen)
    joint = joint_errors(solution.evaluated, compared.weights) + np.diag(compared.unseen)
    mean, errors, given, prior = expected(solution, plan, frame, comparison)
    assert found.mean == pytest.approx(mean, abs=NEAR)
    assert joint == pytest.approx(errors, abs=NEAR)
    assert found.comparative == pytest.approx(np.diagonal(errors), abs=NEAR)
    assert found.conditional == pytest.approx(given, abs=NEAR)
    assert found.prior == pytest.approx(prior, abs=NEAR)
    assert np.abs(mean).max() > 0.01


NESTED, BESIDE = {"design": "same_schools"}, {"beside": True}
TREND = {"design": "same_schools", "coding": "trend"}
EVERY = [
    *((form, NESTED) for form in FORMS),
    *((form, BESIDE) for form in FORMS if form != "part by wave"),
    *((form, {}) for form in ("constant", "unstructured", "slopes")),
    *((form, TREND) for form in ("line", "unstructured")),
]
FAST = [
    ("part by wave", NESTED),
    ("slopes beside a form", NESTED),
    ("slopes", BESIDE),
    ("csh", BESIDE),
    ("line", TREND),
]


@pytest.mark.battery(3)
@pytest.mark.parametrize("form,options", FAST)
def test_sums_equal_those_written_out(form, options):
    check(form, ComparisonRule("last_wave", "all"), **options)
    check(form, ComparisonRule("waves_seen", "above"), **options)


@pytest.mark.study
@pytest.mark.parametrize("against", AGAINST)
@pytest.mark.parametrize("compare", ["last_wave", "waves_seen"])
@pytest.mark.parametrize("form,options", EVERY)
def test_sums_of_every_form_equal_those_written_out(form, options, compare, against):
    check(form, ComparisonRule(compare, against), **options)


def lasting(form: str, against: str, beside: bool = False):
    plan, solution, _ = fitted(
        form, design="same_pupils" if beside else "same_schools", beside=beside
    )
    compared = compared_effects(
        plan, solution.evaluated, SCHOOL, ComparisonRule("lasting", against)
    )
    return solution, compared, effect_sums(solution.evaluated, compared.weights)


def test_what_lasts_of_a_part_by_wave_is_the_effect_of_the_school_alone():
    solution, compared, found = lasting("part by wave", "above")
    effects = posterior_means(solution.evaluated).of(":".join(SCHOOL))
    assert (compared.unseen == 0.0).all()
    assert compared.ranked.all()
    assert found.mean == pytest.approx(effects.mean[:, 0], abs=NEAR)
    assert found.comparative == pytest.approx(effects.comparative[:, 0, 0], abs=NEAR)


def test_what_lasts_is_the_same_in_both_ways_of_writing_a_part_by_wave():
    plan, _, frame = fitted("part by wave", design="same_schools")
    evaluations = []
    for form in ("part by wave", "cs"):
        _, solution, _ = fitted(form, design="same_schools")
        evaluations.append(solution.evaluated)
    by_parts, by_form = evaluations
    fit = by_parts.fit
    names = [term.name for term in fit.model.random]
    shared = fit.omegas[names.index(":".join(SCHOOL))][0, 0]
    own = fit.omegas[names.index(":".join((*SCHOOL, WAVE)))][0, 0]
    whole = shared + own * np.eye(3)
    assert shared > 0.0
    onto, left = shared_part(whole)
    assert onto @ whole @ onto + left == pytest.approx(shared)
    # given effects without error, the school's own part is found as by its regression on them
    joint = np.block(
        [[np.full((1, 1), shared), np.full((1, 3), shared)], [np.full((3, 1), shared), whole]]
    )
    assert onto == pytest.approx(np.linalg.solve(whole, joint[1:, 0]))
    assert left == pytest.approx(shared - joint[0, 1:] @ np.linalg.solve(whole, joint[1:, 0]))


@pytest.mark.parametrize("form", ["unstructured", "csh", "ar1", "slopes beside a form"])
def test_forms_without_a_lasting_part_are_refused_by_name(form):
    with pytest.raises(NothingLasts) as refused:
        lasting(form, "above")
    assert refused.value.group == SCHOOL


def test_a_level_above_of_which_nothing_lasts_is_named_where_it_counts():
    with pytest.raises(NothingLasts) as refused:
        lasting("slopes", "all")
    assert refused.value.group == COUNTY
    lasting("slopes", "above")


def test_a_line_has_no_part_that_lasts():
    plan, solution, _ = fitted("line", design="same_schools", coding="trend")
    with pytest.raises(NothingLasts):
        compared_effects(plan, solution.evaluated, SCHOOL, ComparisonRule("lasting", "above"))


def test_units_without_rows_in_the_last_wave_are_predicted_and_not_ranked():
    plan, solution, _ = fitted("unstructured", design="same_schools")
    last = compared_effects(plan, solution.evaluated, SCHOOL, ComparisonRule("last_wave", "all"))
    ids = solution.stats.level(SCHOOL).ids
    missing = {ids[i] for i in np.flatnonzero(~last.ranked)}
    assert missing == {("c0", "s0"), ("c2", "s1")}
    found = effect_sums(solution.evaluated, last.weights, last.unseen)
    known = found.comparative / found.prior
    assert np.median(known[~last.ranked]) > np.median(known[last.ranked])
    seen = compared_effects(plan, solution.evaluated, SCHOOL, ComparisonRule("waves_seen", "all"))
    assert seen.ranked.all()


@pytest.mark.parametrize("against", AGAINST)
@pytest.mark.parametrize("compare", COMPARED)
def test_a_part_by_wave_is_compared_alike_however_it_is_written(compare, against):
    plan, known, _ = fitted("cs", design="same_schools")
    found = []
    for form in ("cs", "part by wave"):
        terms = [*over_waves(TIME)[form][0], RandomTerm(COUNTY)]
        evaluated = solve(plan.full_model().with_random(terms), known.stats).evaluated
        compared = compared_effects(plan, evaluated, SCHOOL, ComparisonRule(compare, against))
        found.append((compared.sums(evaluated), compared.joint(evaluated, np.arange(16))))
    (one, joint), (other, same) = found
    assert one.mean == pytest.approx(other.mean, abs=FITTED)
    assert one.comparative == pytest.approx(other.comparative, abs=FITTED)
    assert one.prior == pytest.approx(other.prior, abs=FITTED)
    assert joint == pytest.approx(same, abs=FITTED)
