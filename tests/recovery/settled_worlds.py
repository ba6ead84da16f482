"""Worlds with known truth, in which the whole chain to the settled model is tried.

Units (schools; counties where every wave has new schools) have effects with one correlation over
waves. Half of the schools of a county come under a policy, drawn by lot. Followed pupils change
school, and leave: the lower their last score, the likelier.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mlm.nouns.assignment import Assignment
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, Term
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossproducts import CrossProducts
from tests.effects_over_waves import common
from tests.normal_draws import correlated
from tests.plans import crossed, make_plan, merged

WAVES = ("w0", "w1", "w2")
POLICY = {"kind": Assignment("randomised", "school", "w0", "assigned")}
MOVERS = 0.1  # of the pupils change school after the first wave
COUNTY, SCHOOL = ("county",), ("county", "school")
COUNTIES, UNITS, SCHOOLS = 0.05, 0.4, 0.15  # variances, where the level is not what is compared
PUPILS, ROWS = 0.5, 0.5


@dataclass(frozen=True)
class Sample:
    """One survey of a world, and what is true of it.

    Attributes
    ----------
    plan : Plan
        The analysis.
    stats : CrossProducts
        Its evidence.
    last, coming : dict of tuple of str to float
        What is compared of each unit in the last wave; its own effect in the wave to come.
    """

    plan: Plan
    stats: CrossProducts
    last: dict[tuple[str, ...], float]
    coming: dict[tuple[str, ...], float]


@dataclass(frozen=True)
class World:
    """What is true.

    Attributes
    ----------
    design : str
        Who recurs.
    counties, schools, pupils : int
        Schools in a county, pupils in a school; of each wave where they do not recur.
    correlation : float
        Of the effects of units between two waves.
    x : float
        Effect of a variable of the rows.
    policy : tuple of float
        Effects of the policy in the three waves.
    """

    design: str
    counties: int
    schools: int
    pupils: int
    correlation: float
    x: float = 0.5
    policy: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def group(self) -> tuple[str, ...]:
        """Id columns of the units that are compared."""
        return COUNTY if self.design == "new_schools" else SCHOOL

    @property
    def is_noise(self) -> bool:
        """Whether no term has an effect."""
        return not self.x and not any(self.policy)

    @property
    def shares(self) -> dict[str, float]:
        """Share of each level in the null model, where that is a true model; else none."""
        lasting, own = self.correlation * UNITS, (1.0 - self.correlation) * UNITS
        rows = PUPILS + ROWS + self.x**2
        if any(self.policy):
            return {}
        if self.design == "same_schools":
            known = [COUNTIES, lasting, own, rows]
            names = ["county", "county:school", "county:school:wave", "residual"]
        elif self.design == "new_schools":
            known = [lasting, own, SCHOOLS, rows]
            names = ["county", "county:wave", "county:wave:school", "residual"]
        elif own:
            return {}
        else:
            known = [COUNTIES, UNITS, PUPILS, rows - PUPILS]
            names = ["county", "county:school", "pupil", "residual"]
        return {name: each / sum(known) for name, each in zip(names, known, strict=True)}

    def drawn(self, rng: np.random.Generator) -> Sample:
        """One survey."""
        draw = {"same_pupils": self._followed, "same_schools": self._schools}
        frame, last, coming = draw.get(self.design, self._new_schools)(rng)
        z = rng.normal(size=self.counties)
        frame = frame.assign(z=z[frame["county"].astype(int)], group_kind="a")
        plan = self._plan()
        return Sample(plan, merged(plan, frame), last, coming)

    def _plan(self) -> Plan:
        plan = make_plan(
            self.design,
            waves=WAVES,
            terms=("x", "z", "kind"),
            by_time=("z", "kind"),
            slopes=("x",),
            policy=POLICY,
        )
        plan = replace(
            plan, categories={**plan.categories, "kind": ("a", "b"), "group_kind": ("a",)}
        )
        if any(self.policy):
            plan = replace(plan, protected=(*plan.protected, Term((Factor("kind"),))))
        return crossed(plan) if self.design == "same_pupils" else plan

    def _effects(self, rng: np.random.Generator, units: int) -> np.ndarray:
        """Of units in the waves and in the one to come (units, 4)."""
        return correlated(rng, UNITS * common(self.correlation, len(WAVES) + 1), units)

    def _lots(self, rng: np.random.Generator, *shape: int) -> np.ndarray:
        return np.argsort(rng.random(shape), axis=-1) % 2 == 0

    def _frame(self, rng, places, mean: np.ndarray, treated: np.ndarray) -> pd.DataFrame:
        """Rows at places (county, school, pupil, wave) with a mean but for x and the policy."""
        c, s, p, t = places
        x = rng.normal(size=c.size)
        ids = {
            name: v.astype(str)
            for name, v in zip(("county", "school", "pupil"), (c, s, p), strict=True)
        }
        y = mean + self.x * x + treated * np.array(self.policy)[t]
        kind = np.where(treated, "b", "a")
        return pd.DataFrame({**ids, WAVE: np.array(WAVES)[t], "kind": kind, "x": x, "y": y})

    def _of_schools(self, county: np.ndarray, school: np.ndarray):
        """What is compared, and the wave to come, of schools with effects (c, s, 4)."""
        units = list(np.ndindex(self.counties, self.schools))
        last = {(str(c), str(s)): float(county[c] + school[c, s, 2]) for c, s in units}
        return last, {(str(c), str(s)): float(school[c, s, 3]) for c, s in units}

    def _schools(self, rng: np.random.Generator):
        shape = (self.counties, self.schools)
        county = np.sqrt(COUNTIES) * rng.normal(size=self.counties)
        school = self._effects(rng, self.counties * self.schools).reshape(*shape, 4)
        lots = self._lots(rng, *shape)
        places = np.indices((*shape, self.pupils, 3)).reshape(4, -1)
        c, s, _, t = places
        noise = np.sqrt(PUPILS + ROWS) * rng.normal(size=c.size)
        frame = self._frame(rng, places, county[c] + school[c, s, t] + noise, lots[c, s])
        return frame, *self._of_schools(county, school)

    def _new_schools(self, rng: np.random.Generator):
        shape = (self.counties, 3, self.schools)
        county = self._effects(rng, self.counties)
        school, lots = np.sqrt(SCHOOLS) * rng.normal(size=shape), self._lots(rng, *shape)
        c, t, s, p = np.indices((*shape, self.pupils)).reshape(4, -1)
        noise = np.sqrt(PUPILS + ROWS) * rng.normal(size=c.size)
        mean = county[c, t] + school[c, t, s] + noise
        frame = self._frame(rng, (c, s, p, t), mean, lots[c, t, s])
        ids = [(str(c),) for c in range(self.counties)]
        last, coming = (dict(zip(ids, county[:, t].tolist(), strict=True)) for t in (2, 3))
        return frame, last, coming

    def _followed(self, rng: np.random.Generator):
        shape = (self.counties, self.schools)
        county = np.sqrt(COUNTIES) * rng.normal(size=self.counties)
        school = self._effects(rng, self.counties * self.schools).reshape(*shape, 4)
        lots = self._lots(rng, *shape)
        c, s, p = np.indices((*shape, self.pupils)).reshape(3, -1)
        pupil, number = np.sqrt(PUPILS) * rng.normal(size=c.size), np.arange(c.size)
        frames = []
        for t in range(3):
            noise = np.sqrt(ROWS) * rng.normal(size=c.size)
            mean, places = county[c] + school[c, s, t] + pupil + noise, (c, s, number)
            frames.append(self._frame(rng, (*places, np.full(c.size, t)), mean, lots[c, s]))
            leave = 1.0 / (1.0 + np.exp(2.0 + frames[-1]["y"].to_numpy()))
            stays = rng.random(c.size) > leave
            moves = (rng.random(c.size) < MOVERS) * (t == 0)
            s = np.where(moves, (s + rng.integers(1, self.schools, size=c.size)) % self.schools, s)
            c, s, pupil, number = c[stays], s[stays], pupil[stays], number[stays]
        return pd.concat(frames, ignore_index=True), *self._of_schools(county, school)


def worlds(size: str) -> dict[str, World]:
    """Three designs, small or large: effects of units of one wave, without signal, with a policy
    whose effect differs by wave, and effects that last.
    """
    small = {"same_pupils": (8, 4, 20), "same_schools": (8, 4, 20), "new_schools": (8, 4, 15)}
    large = {"same_pupils": (12, 6, 20), "same_schools": (12, 6, 20), "new_schools": (40, 4, 12)}
    sizes = {"small": small, "large": large}[size]
    found = {}
    for design, of_design in sizes.items():
        changing = World(design, *of_design, 0.0)
        found |= {
            f"{design}, 0": changing,
            f"{design}, 0.5, noise": replace(changing, correlation=0.5, x=0.0),
            f"{design}, 0.9, policy": replace(changing, correlation=0.9, policy=(0.2, 0.4, 0.1)),
            f"{design}, 1": replace(changing, correlation=1.0),
        }
    return found
