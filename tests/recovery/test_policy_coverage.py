"""Effects of a policy by wave with known truth, where pupils leave at random given their scores.

Schools are drawn for a policy. The scores of a pupil have a covariance over waves, schools have
effects that last and effects of single waves; the lower a pupil's last score, the likelier he
leaves, so that waves alone are told of other pupils than the first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.assignment import Assignment
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.statistics.answers.policy.policy_effects import policy_effects
from mlm.statistics.fitting.solution import Solution, solve
from tests.bands import FALSE_ALARM, binomial_band
from tests.plans import make_plan, merged

pytestmark = [
    pytest.mark.study,
    pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"),
]
REPLICATES = 1000
WAVES = ("w0", "w1", "w2")
EFFECTS = np.array([0.2, 0.4, 0.1])
PUPILS = np.array([[0.8, 0.7, 0.5], [0.7, 2.0, 1.2], [0.5, 1.2, 1.5]])
LASTING, OWN = 0.10, 0.05
COUNTY, SCHOOL, PUPIL = (("county", "school", "pupil")[: i + 1] for i in range(3))
POLICY = {"kind": Assignment("randomised", "school", "w0", "assigned")}


@dataclass(frozen=True)
class World:
    """Counties of schools of pupils; half of the schools of a county are drawn."""

    counties: int
    schools: int
    pupils: int

    def drawn(self, rng: np.random.Generator) -> pd.DataFrame:
        """Rows of the pupils who are still there."""
        shape = (self.counties, self.schools, self.pupils)
        county = np.sqrt(0.05) * rng.normal(size=(self.counties, 1, 1, 1))
        school = np.sqrt(LASTING) * rng.normal(size=(*shape[:2], 1, 1))
        wave = np.sqrt(OWN) * rng.normal(size=(*shape[:2], 1, 3))
        pupil = rng.normal(size=(*shape, 3)) @ np.linalg.cholesky(PUPILS).T
        lots = np.argsort(rng.random(shape[:2]), axis=1) % 2 == 0
        x = rng.normal(size=shape)
        treated = lots[..., None, None] * EFFECTS
        y = county + school + wave + pupil + treated + 0.3 * x[..., None]
        stays = np.ones((*shape, 3), dtype=bool)
        for t in (1, 2):
            leaves = 1.0 / (1.0 + np.exp(1.0 + 1.2 * y[..., t - 1]))
            stays[..., t] = stays[..., t - 1] & (rng.random(shape) > leaves)
        c, s, p, t = np.nonzero(stays)
        return pd.DataFrame(
            {
                "county": c.astype(str),
                "school": s.astype(str),
                "pupil": p.astype(str),
                WAVE: np.array(WAVES)[t],
                "kind": np.where(lots[c, s], "b", "a"),
                "group_kind": "a",
                "x": x[c, s, p],
                "z": 0.0,
                "y": y[c, s, p, t],
            }
        )


def solution(world: World, seed: int) -> Solution:
    """The model with the covariance over waves that the rows have."""
    plan = plan_of_world()
    stats = merged(plan, world.drawn(np.random.default_rng(seed)))
    waves = (Term((Factor(plan.time.factor),)),)
    random = [
        RandomTerm(COUNTY),
        RandomTerm(SCHOOL, waves, "cs"),
        RandomTerm(PUPIL, waves, "us"),
    ]
    return solve(plan.full_model().with_random(random), stats, "REML")


def plan_of_world():
    return make_plan(
        "same_pupils", waves=WAVES, terms=("kind", "x"), by_time=("kind",), slopes=(), policy=POLICY
    )


@pytest.mark.parametrize(
    "world", [World(4, 6, 15), World(8, 8, 20)], ids=["24 schools", "64 schools"]
)
def test_intervals_of_a_policy_hold_its_effect_in_each_wave(world):
    plan, covered, estimates = plan_of_world(), [], []
    for seed in range(REPLICATES):
        effects = policy_effects(plan, solution(world, seed), "kind")
        assert [effect.wave for effect in effects] == list(WAVES)
        ends = np.array([(effect.lower, effect.upper) for effect in effects])
        covered.append((ends[:, 0] <= EFFECTS) & (ends[:, 1] >= EFFECTS))
        estimates.append([effect.estimate for effect in effects])
    low, high = binomial_band(REPLICATES, 0.95, FALSE_ALARM / 12)
    shares = np.mean(covered, axis=0)
    assert ((low <= shares) & (shares <= high)).all(), shares
    off = np.mean(estimates, axis=0) - EFFECTS
    error = np.std(estimates, axis=0, ddof=1) / np.sqrt(REPLICATES)
    assert (np.abs(off) < 4.0 * error).all(), off / error
