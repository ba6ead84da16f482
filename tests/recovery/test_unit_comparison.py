"""Comparisons of units with known truth: errors, ranks, sides, reliability and the licence.

Schools have effects that last and effects of single waves; pupils are followed. What is compared is
the effect in the last wave.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.statistics.answers.over_time.stability import stability
from mlm.statistics.answers.units.licence import ranking_licence
from mlm.statistics.answers.units.ranks import descending_ranks
from mlm.statistics.answers.units.unit_comparison import UnitComparison, compare_units
from mlm.statistics.fitting.solution import Solution, solve
from tests.bands import FALSE_ALARM, binomial_band, mean_band
from tests.plans import RANKING, make_plan, merged

pytestmark = [
    pytest.mark.study,
    pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"),
]
REPLICATES = 1000
SCHOOL = ("county", "school")
WRONGLY = 0.05  # how often the licence is given where it should not, at most
RIGHTLY = 0.80  # how often it is given where all is clearly above what is needed, at least
OVER_ALL = FALSE_ALARM / 20  # of one of the quantities looked at


@dataclass(frozen=True)
class World:
    """Counties of schools of pupils who are followed.

    Attributes
    ----------
    counties, schools, pupils, waves : int
        Schools in a county, pupils in a school.
    lasting, own : float
        Variance of the effects of schools that last, and of those of a wave.
    """

    counties: int
    schools: int
    pupils: int
    waves: int
    lasting: float
    own: float

    def drawn(self, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
        """Rows, and the effects of counties with their schools (c, s) in the last wave."""
        shape = (self.counties, self.schools)
        county = 0.2 * rng.normal(size=self.counties)
        school = np.sqrt(self.lasting) * rng.normal(size=shape)
        wave = np.sqrt(self.own) * rng.normal(size=(*shape, self.waves))
        pupil = rng.normal(size=(*shape, self.pupils))
        places = np.indices((*shape, self.waves, self.pupils)).reshape(4, -1)
        c, s, t, i = places
        x = rng.normal(size=c.size)
        y = county[c] + school[c, s] + wave[c, s, t] + pupil[c, s, i] + 0.5 * x
        ids = {name: place.astype(str) for name, place in zip("cstp", (c, s, t, i), strict=True)}
        rows = {"county": ids["c"], "school": ids["s"], "pupil": ids["p"]}
        frame = pd.DataFrame(rows | {WAVE: np.char.add("w", ids["t"]), "x": x, "z": 0.0})
        frame = frame.assign(kind="a", group_kind="a", y=y + rng.normal(size=c.size))
        return frame, county[:, None] + school + wave[..., -1]


def fitted(world: World, seed: int) -> tuple[Plan, Solution, np.ndarray]:
    """The model of one survey, and the effects of its schools that it tries to find (c, s)."""
    waves = tuple(f"w{t}" for t in range(world.waves))
    plan = make_plan("same_pupils", waves=waves, terms=("x",), by_time=(), slopes=())
    frame, truth = world.drawn(np.random.default_rng(seed))
    stats = merged(plan, frame)
    others = [term for term in plan.full_model().random if term.group != SCHOOL]
    schools = RandomTerm(SCHOOL, (Term((Factor(plan.time.factor),)),), "cs")
    return plan, solve(plan.full_model().with_random([*others, schools]), stats), truth


def compared(world: World, seed: int) -> tuple[UnitComparison, np.ndarray]:
    """The comparison of the schools of one survey, and the truth (G,)."""
    plan, solution, truth = fitted(world, seed)
    ids = solution.stats.level(SCHOOL).ids
    return compare_units(plan, solution, SCHOOL), np.array([truth[int(c), int(s)] for c, s in ids])


SMALL = World(4, 6, 12, 3, 0.3, 0.15)  # reliability about 0.68
LARGE = World(8, 5, 25, 3, 0.3, 0.2)  # the survey of the audit; reliability about 0.85


@pytest.mark.parametrize("world", [SMALL, LARGE], ids=["small", "large"])
def test_errors_and_ranks_and_sides_hold_what_they_say(world):
    effects, ranks, wrong, ends = [], [], [], []
    for seed in range(REPLICATES):
        found, truth = compared(world, seed)
        effects.append(np.mean(np.abs(found.mean - truth) <= 1.96 * found.error))
        order = descending_ranks(truth[None, :])[0]
        _, low, high = found.ranking.intervals.T
        ranks.append(np.mean((low <= order) & (order <= high)))
        wrong.append(bool((found.sides * truth < 0.0).any()))
        known = np.corrcoef(found.mean, truth)[0, 1] ** 2
        ends.append((found.reliability_lower, known))
    low, high = mean_band(np.array(effects), 0.95, OVER_ALL)
    assert low <= np.mean(effects) <= max(high, 0.97)
    assert np.mean(ranks) >= mean_band(np.array(ranks), 0.95, OVER_ALL)[0]
    assert np.mean(wrong) <= binomial_band(REPLICATES, (0.0, 0.05), OVER_ALL)[1]
    lower, known = np.array(ends).T
    assert np.mean(lower > known.mean()) <= binomial_band(REPLICATES, (0.0, 0.025), OVER_ALL)[1]


def share_granted(world: World) -> float:
    """How often schools may be ranked."""
    granted = []
    for seed in range(REPLICATES):
        plan, solution, _ = fitted(world, seed)
        steady = stability(plan, solution, SCHOOL)
        checks = ranking_licence(
            compare_units(plan, solution, SCHOOL),
            0.0,
            (steady.average_correlation, steady.lower),
            RANKING,
            plan.alpha,
            with_stability=True,
        )
        granted.append(all(check.passed for check in checks))
    return float(np.mean(granted))


@pytest.mark.parametrize(
    "world",
    [World(8, 5, 12, 3, 0.25, 0.05), World(8, 6, 30, 3, 0.24, 0.31)],
    ids=["reliability 0.66, 0.7 is needed", "correlation 0.44, 0.5 is needed"],
)
def test_effects_that_are_less_reliable_or_stable_than_needed_are_not_ranked(world):
    assert share_granted(world) <= binomial_band(REPLICATES, (0.0, WRONGLY), OVER_ALL)[1]


def test_effects_that_are_clearly_reliable_and_stable_are_ranked():
    world = World(8, 6, 30, 3, 0.5, 0.05)  # reliability 0.88, correlation 0.91
    assert share_granted(world) >= binomial_band(REPLICATES, (RIGHTLY, 1.0), OVER_ALL)[0]
