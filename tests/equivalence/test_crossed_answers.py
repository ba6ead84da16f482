"""Units compared beside pupils who change school: against nested levels and dense matrices."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.linalg import block_diag
from scipy.stats import chi2

from mlm.nouns.comparison import ComparisonRule
from mlm.nouns.formula import parse_term
from mlm.nouns.levels import WAVE
from mlm.results.reference import ChiSquared
from mlm.statistics.answers.analysis import analyse
from mlm.statistics.answers.over_time.carried_forward import carry
from mlm.statistics.answers.over_time.next_wave_means import means_ahead, next_wave_means
from mlm.statistics.answers.units.unit_comparison import compare_units
from mlm.statistics.evidence.by_wave import reweighted, without_wave
from mlm.statistics.evidence.separable import separable_levels
from mlm.statistics.fitting.effect_sums import joint_errors, posterior_sums
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.solution import fit_model, solve
from mlm.statistics.selection.bound import simultaneous_bound
from mlm.statistics.selection.random_part.catalogue import recurring_levels
from tests.dense_rows import dense
from tests.nested_rows import nested_rows
from tests.plans import crossed, make_plan, merged, with_time
from tests.survey_accounts import EMPTY

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)
SAME = 2e-4  # two searches for one optimum; ranks and shares are counted from draws
ABOVE = ComparisonRule(against="above")
DENSE = 1e-7  # cross-products against n x n matrices, in units of the response
SCHOOL = ("county", "school")
FEW = "mlm.statistics.selection.bound.judged_by_few"  # draws take seconds, and have their own test
PARTS = ["null", "effects", "over_time", "diagnostics", "inclusion", "slopes", "pupil_level"]
WAVES = ("w0", "w1", "w2")


@cache
def survey(moving: float):
    """A plan with pupils crossed with schools, and rows in which a share of them moves."""
    rng = np.random.default_rng(5)
    sizes = {"county": 6, "school": 5, "pupil": 6, WAVE: 3, "row": (0, 1)}
    frame = nested_rows(rng, sizes, {"county": 0.2, "school": 0.5, "pupil": 0.5})
    frame[WAVE] = "w" + frame[WAVE]
    frame["pupil"] = frame["county"] + "-" + frame["school"] + "-" + frame["pupil"]
    movers = rng.choice(frame["pupil"].unique(), int(moving * frame["pupil"].nunique()), False)
    late = frame["pupil"].isin(movers) & (frame[WAVE] != "w0")
    frame.loc[late, "school"] = ((frame.loc[late, "school"].astype(int) + 1) % 5).astype(str)
    plan = make_plan("same_pupils", waves=WAVES, terms=("x", "kind"), by_time=())
    return plan, frame


def same(a, b, place: str) -> None:
    """Two parts of results, number by number."""
    assert type(a) is type(b), place
    if isinstance(a, dict):
        assert set(a) == set(b), place
        for key in set(a) - {"ids"}:
            same(a[key], b[key], f"{place}.{key}")
    elif isinstance(a, tuple):
        assert len(a) == len(b), place
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            same(x, y, f"{place}[{i}]")
    elif isinstance(a, float):
        assert a == pytest.approx(b, rel=SAME, abs=SAME), place
    elif isinstance(a, str):
        assert a.replace(":".join((*SCHOOL, "pupil")), "pupil") == b, place
    else:
        assert a == b, place


@pytest.fixture(scope="module")
def both():
    """Results of the analysis with pupils nested and with pupils crossed, none of whom moves."""
    plan, frame = survey(0.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FEW, lambda *_: False)
        return [analyse(p, merged(p, frame), EMPTY)[0] for p in (plan, crossed(plan))]


@pytest.mark.study
@pytest.mark.parametrize("part", PARTS)
def test_where_nobody_moves_crossed_pupils_give_the_answers_of_nested_ones(both, part):
    nested, beside = both
    same(nested.model_dump()[part], beside.model_dump()[part], part)


def test_units_beside_crossed_pupils_have_the_errors_written_out():
    plan, frame = survey(0.3)
    plan = crossed(plan)
    stats = merged(plan, frame)
    final = solve(plan.full_model(), stats)
    found = compare_units(replace(plan, comparison=ABOVE), final, ("county", "school"))
    matrices = dense(final.fit.model, with_time(plan, frame))
    omegas = [final.fit.sigma2 * omega for omega in final.fit.omegas]
    place = [term.name for term in final.fit.model.random].index("county:school")
    ((z,),) = [matrices.z[place]]
    v, x = np.linalg.inv(matrices.covariance(omegas, final.fit.sigma2)), matrices.x
    p = v - v @ x @ np.linalg.solve(x.T @ v @ x, x.T @ v)
    own = float(omegas[place][0, 0])
    labels = [
        label.replace("|", ":") for label in sorted(set(frame["county"] + "|" + frame["school"]))
    ]
    known = stats.level(("county", "school")).labels.tolist()
    order = [known.index(label) for label in labels]
    joint = own * np.eye(len(order)) - own**2 * z.T @ p @ z
    comparative = found.sums.comparative[order]
    assert comparative == pytest.approx(np.diagonal(joint), abs=DENSE)
    assert found.mean[order] == pytest.approx(own * z.T @ p @ matrices.y, abs=DENSE)
    left = matrices.y - x @ final.fit.beta
    last = (frame[WAVE] == WAVES[-1]).to_numpy(float)
    with np.errstate(invalid="ignore"):
        raw = z.T @ (last * left) / (z.T @ last)
    assert found.raw[order] == pytest.approx(raw, abs=DENSE, nan_ok=True)
    assert found.reliability[order] == pytest.approx(1.0 - np.diagonal(joint) / own, abs=DENSE)


def test_waves_left_out_or_weighted_give_the_deviance_of_their_rows():
    plan, frame = survey(0.3)
    plan = crossed(plan)
    stats = merged(plan, frame)
    fit = solve(plan.null_model(), stats, "ML").fit
    part = without_wave(plan, stats, "w2")
    rows = frame[frame[WAVE] != "w2"]
    assert part.n_obs == len(rows)
    assert part.n_groups["pupil"] == rows["pupil"].nunique()
    time = {f"year[T.{wave}]": (rows[WAVE] == wave).to_numpy(float) for wave in WAVES[1:2]}
    x = np.column_stack([np.ones(len(rows)), *time.values()])
    assert evaluation_of(fit, part).at.deviance == pytest.approx(
        _deviance(fit, rows, x, np.ones(len(rows))), abs=DENSE
    )
    weights = dict(zip(WAVES, (1.0, 0.5, 2.0), strict=True))
    each = frame[WAVE].map(weights).to_numpy()
    x = np.column_stack([np.ones(len(frame)), *((frame[WAVE] == w) for w in WAVES[1:])])
    weighted = evaluation_of(fit, reweighted(plan, stats, weights)).at
    assert weighted.deviance == pytest.approx(_deviance(fit, frame, x, each), abs=DENSE)


def _deviance(fit, frame, x, weights) -> float:
    """-2 log likelihood at the relative variances of a fit, with n x n matrices."""
    n = len(frame)
    v = np.diag(1.0 / weights)
    for term, omega in zip(fit.model.random, fit.omegas, strict=True):
        labels = frame[list(term.group)].agg("|".join, axis=1).to_numpy()
        v += float(omega[0, 0]) * (labels[:, None] == labels[None, :])
    inverse = np.linalg.inv(v)
    y = frame["y"].to_numpy()
    left = y - x @ np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ y)
    sigma2 = float(left @ inverse @ left) / n
    return n * (1.0 + np.log(2.0 * np.pi * sigma2)) + np.linalg.slogdet(v)[1]


def test_means_of_the_next_wave_hold_the_pupils_and_schools_inside():
    plan, frame = survey(0.3)
    plan = crossed(plan)
    stats = merged(plan, frame)
    earlier = without_wave(plan, stats, "w2")
    solution = solve(plan.null_model(), earlier)
    fit = solution.fit
    here, before = frame[frame[WAVE] == "w2"], set(frame["pupil"][frame[WAVE] != "w2"])
    for group, inside in ((SCHOOL, ["pupil"]), (("county",), ["pupil", "county:school"])):
        coming = next_wave_means(plan, stats, group, "w2")
        assert coming.returning == pytest.approx(here["pupil"].isin(before).mean())
        noise = means_ahead(plan, solution.evaluated, coming).noise
        for label, found in zip(stats.level(group).labels[coming.seen], noise, strict=True):
            own = here[here[list(group)].agg(":".join, axis=1) == label]
            if own.empty:
                continue
            variance = fit.sigma2 / len(own)
            for name in inside:
                sizes = own.groupby(name.split(":")).size().to_numpy()
                variance += fit.variance(name) * np.sum(sizes**2) / len(own) ** 2
            assert found == pytest.approx(variance, rel=DENSE)


@pytest.mark.parametrize("group", [SCHOOL, ("county",)])
def test_what_earlier_waves_tell_of_the_next_wave_is_that_of_dense_algebra(group):
    """Units around and inside count too: what is foretold of them is part of the mean."""
    plan, frame = survey(0.3)
    plan = crossed(plan)
    stats = merged(plan, frame)
    earlier = without_wave(plan, stats, "w2")
    level = next(v for v in recurring_levels(plan, earlier) if v.group == group)
    model = level.with_covariance(plan.null_model(), "cs")
    solution = solve(model, earlier, frame=True)
    fit, evaluated = solution.fit, solution.evaluated
    coming = next_wave_means(plan, stats, group, "w2")
    ahead = means_ahead(plan, evaluated, coming)
    units = stats.level(group).labels[coming.seen]
    rows = with_time(plan, frame[frame[WAVE] != "w2"])
    here = frame[frame[WAVE] == "w2"]
    written = dense(fit.model, rows)
    loads, z, d = [], [], []
    pairs = zip(fit.model.random, written.z, fit.omegas, strict=True)
    for place, (term, columns, omega) in enumerate(pairs):
        labels = sorted(set(rows[list(term.group)].agg("|".join, axis=1)))
        labels = [label.replace("|", ":") for label in labels]
        mine = here[list(term.group)].agg(":".join, axis=1).to_numpy()
        around = here[list(group)].agg(":".join, axis=1).to_numpy()
        part = np.array([[np.sum(mine[around == u] == v) for v in labels] for u in units])
        part = part / np.maximum([[np.sum(around == u)] for u in units], 1.0)
        if term.group == group or set(term.group) < set(group):
            onto = carry(plan, evaluated, place).onto if term.group == group else np.ones(1)
            part = np.array([[float((f"{u}:").startswith(f"{v}:")) for v in labels] for u in units])
            part = np.kron(onto, part)
        loads.append(part)
        z += columns
        d.append(np.kron(omega * fit.sigma2, np.eye(len(labels))))
    z, d, loads = np.hstack(z), block_diag(*d), np.hstack(loads)
    vi = np.linalg.inv(z @ d @ z.T + fit.sigma2 * np.eye(len(rows)))
    p = vi - vi @ written.x @ np.linalg.solve(written.x.T @ vi @ written.x, written.x.T @ vi)
    error = loads @ (d - d @ z.T @ p @ z @ d) @ loads.T
    assert joint_errors(evaluated, ahead.means) == pytest.approx(error, rel=DENSE, abs=DENSE)
    known = loads @ d @ z.T @ p @ written.y
    assert posterior_sums(evaluated, ahead.means) == pytest.approx(known, abs=DENSE)


@pytest.mark.study
def test_counties_of_one_school_each_are_fitted_as_one_with_it(monkeypatch):
    monkeypatch.setattr(FEW, lambda *_: False)
    plan, frame = survey(0.3)
    plan = crossed(plan)
    frame = frame.assign(county=frame["county"] + "-" + frame["school"], school="1")
    stats, merges = separable_levels(plan, merged(plan, frame))
    (merge,) = merges
    assert (merge.outer, merge.inner) == ("county", "county:school")
    assert merge.groups == merge.children == 30
    assert stats.n_groups == {"pupil": frame["pupil"].nunique(), "county": 30}
    assert analyse(plan, stats, EMPTY)[0].effects[0].n == 30


@pytest.mark.study
def test_the_bound_is_wider_by_a_drawn_factor_where_schools_are_few(monkeypatch):
    plan, frame = survey(0.3)
    plan = replace(crossed(plan), terms=(parse_term("z"), parse_term("group_kind")))
    stats = merged(plan, frame)
    full = fit_model(plan.full_model(), stats, "ML")
    keep = plan.time_terms
    bound, again = (simultaneous_bound(full, stats, 0.05, keep, draws=8) for _ in range(2))
    assert bound == again and (bound.df, bound.draws) == (3, 8)
    assert 1.2 < bound.factor < 4.0
    assert bound.critical == pytest.approx(bound.factor * chi2.ppf(0.95, 3))
    monkeypatch.setattr("mlm.statistics.selection.few_units.GROUPS_OF_KNOWN_VARIANCE", 1)
    narrow = simultaneous_bound(full, stats, 0.05, keep)
    assert narrow.is_narrow and not bound.is_narrow
    assert narrow.reference == ChiSquared(df=3)
