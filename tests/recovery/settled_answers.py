"""What the chain says of one survey of a world, held against the truth: one value a quantity."""

from __future__ import annotations

import warnings
from zlib import crc32

import numpy as np

from mlm.errors import MLMError, NotConverged, SingularFit
from mlm.statistics.answers.claims import check_claims
from mlm.statistics.answers.data.identified_levels import within
from mlm.statistics.answers.over_time.carried_forward import carried_model
from mlm.statistics.answers.over_time.prediction import predict_wave
from mlm.statistics.answers.over_time.stability import Stability, stability
from mlm.statistics.answers.policy.policy_effects import policy_record
from mlm.statistics.answers.units.licence import ranking_licence
from mlm.statistics.answers.units.ranks import descending_ranks
from mlm.statistics.answers.units.unit_comparison import compare_units
from mlm.statistics.answers.variation.shares import level_test, variance_shares
from mlm.statistics.inference.f_tests import f_test
from mlm.statistics.selection.bound import BOUND_DRAWS
from mlm.statistics.selection.random_part.catalogue import recurring_levels
from mlm.statistics.selection.settle import settle
from mlm.statistics.selection.settled import Settled
from tests.recovery.settled_worlds import Sample, World

ALPHA = 0.05


def answers(world: World, seed: int) -> dict[str, float]:
    """Whether each interval holds the truth, and each test and licence errs; NaN: not told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFit)
        warnings.simplefilter("ignore", NotConverged)
        own = crc32(repr(world).encode())  # worlds share no draws
        sample = world.drawn(np.random.default_rng([seed, own]))
        stats, plan = check_claims(sample.plan, sample.stats).stats, sample.plan
        null, full = (within(m, stats) for m in (plan.null_model(), plan.full_model()))
        settled = settle(plan, null, full, stats, BOUND_DRAWS if world.is_noise else 0)
        steady = stability(plan, settled.reml, world.group)
        return {
            **_fixed(world, settled),
            **_tests(world, settled),
            **_shares(world, settled),
            **_policy(world, sample, settled),
            **_stability(world, steady),
            **_units(world, sample, settled, steady),
            **_next_wave(world, sample, settled, steady),
        }


def _holds(lower: float | None, truth: float, upper: float | None) -> float:
    """Whether an interval holds the truth; NaN where there is none."""
    if lower is None or upper is None:
        return np.nan
    return float(lower - 1e-9 <= truth <= upper + 1e-9)


def _fixed(world: World, settled: Settled) -> dict[str, float]:
    """Effects of the full model, and of the rows' variable where the settled one keeps it."""
    full, last = settled.full[1].fit.fixed_effects, settled.reml.fit.fixed_effects
    found = {
        "effect of x": _holds(full.loc["x", "lower"], world.x, full.loc["x", "upper"]),
        "effect of z": _holds(full.loc["z", "lower"], 0.0, full.loc["z", "upper"]),
    }
    if world.x:
        found["effect of x, settled"] = _holds(
            last.loc["x", "lower"], world.x, last.loc["x", "upper"]
        )
    return found


def _tests(world: World, settled: Settled) -> dict[str, float]:
    """Whether tests of what is not there reject, and whether the bound keeps any of it."""
    full = settled.full[1]
    terms = {"term of counties": "z", "time by counties": "year:z"}
    if not any(world.policy):
        terms |= {"term of schools": "kind", "time by schools": "year:kind"}
    found = {}
    for name, term in terms.items():
        places = [
            i for i, t in enumerate(full.fit.terms) if set(term.split(":")) <= set(t.split(":"))
        ]
        found[name] = float(f_test(full, np.eye(full.fit.beta.size)[places]).p_value < ALPHA)
    slopes = [t for term in settled.reml.fit.model.random for t in term.terms if "x" in str(t)]
    found["family of slopes"] = float(bool(slopes))
    if world.is_noise:
        found["bound keeps noise"] = _keeps_noise(settled, {"x"} if slopes else set())
    return found


def _keeps_noise(settled: Settled, held: set[str]) -> float:
    """Whether each minimal model keeps a term that may leave: none of variables with a slope."""
    free = [
        t
        for t in settled.reduction.full.model.terms
        if str(t) not in ("Intercept", "year") and not held & set(t.variables)
    ]
    most = max(len(dropped) for dropped in settled.reduction.minimal.dropped)
    return float(most < len(free))


def _shares(world: World, settled: Settled) -> dict[str, float]:
    """Whether the interval of each share holds it."""
    shares = {share.group: share for share in variance_shares(settled.null[1])}
    return {
        f"share, {name.split(':')[-1]}": _holds(shares[name].lower, truth, shares[name].upper)
        for name, truth in world.shares.items()
    }


def _policy(world: World, sample: Sample, settled: Settled) -> dict[str, float]:
    """Whether intervals of the policy by wave hold its effects; none where it may leave."""
    if not any(world.policy):
        return {}
    record = policy_record(sample.plan, settled.reml, "kind")
    effects = (
        record.effects if record.by_wave or not record.waves_apart else record.waves_apart.effects
    )
    by_wave = {effect.wave: effect for effect in effects}
    return {
        f"policy, {wave}": _holds(by_wave[wave].lower, truth, by_wave[wave].upper)
        for wave, truth in zip(sample.plan.time.waves, world.policy, strict=True)
        if wave in by_wave
    }


def _stability(world: World, steady: Stability) -> dict[str, float]:
    """Whether the interval of the correlation holds it, and whether what lasts seems to change."""
    found = {"correlation": _holds(steady.lower, world.correlation, steady.upper)}
    if world.correlation == 1.0 and hasattr(steady.test, "p_value"):
        found["effects called changing"] = float(steady.test.p_value < ALPHA)
    return found


def _units(world: World, sample: Sample, settled: Settled, steady: Stability) -> dict[str, float]:
    """Shares of units inside intervals of effects and ranks; a wrong side; the licence."""
    plan, reml = sample.plan, settled.reml
    compared = compare_units(plan, reml, world.group)
    truth = np.array([sample.last[unit] for unit in reml.stats.level(world.group).ids])
    order = descending_ranks(truth[None, compared.ranked])[0]
    _, low, high = compared.ranking.intervals.T
    checks = ranking_licence(
        compared,
        getattr(level_test(reml, world.group), "p_value", None),
        (steady.average_correlation, steady.lower),
        plan.ranking,
        plan.alpha,
        with_stability=True,
    )
    return {
        "effects of units": float(np.mean(np.abs(compared.mean - truth) <= 1.96 * compared.error)),
        "ranks of units": float(np.mean((low <= order) & (order <= high))),
        "unit on the wrong side": float((compared.sides * truth < 0.0).any()),
        "licence": float(all(check.passed for check in checks)),
    }


def _next_wave(
    world: World, sample: Sample, settled: Settled, steady: Stability
) -> dict[str, float]:
    """Share of units inside their intervals of the wave to come."""
    plan, reml = sample.plan, settled.reml
    level = next(each for each in recurring_levels(plan, reml.stats) if each.group == world.group)
    try:
        ahead = predict_wave(plan, carried_model(plan, reml, level, steady.one))
    except MLMError:
        return {"next wave": np.nan}
    truth, (low, high) = np.array([sample.coming[unit] for unit in ahead.units]), ahead.interval
    return {"next wave": float(np.mean((low <= truth) & (truth <= high)))}
