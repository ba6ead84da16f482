"""Growth of a simulated survey: units expanded level by level, with covariates and effects.

What lies above time is drawn once, each wave from random numbers of its own; so a further wave
leaves the rows of the earlier ones unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlm.configuration import Configuration
from mlm.configuration.effects import EffectFactor, parse_effect
from mlm.configuration.simulation.truth import Covariate, Simulation
from mlm.nouns.distributions import normal_tail
from mlm.nouns.levels import ROW, WAVE

_EFFECT = "effect of "
_OWN = "own effect of "
_PART = " part of "
_SLOPE = " slope of "
UNIT = " unit"
# a blank is in the names of working columns, which no variable and no level can have


@dataclass(frozen=True)
class Grown:
    """Rows of a wave as they have grown.

    Attributes
    ----------
    wave : str
        Its name.
    rows : DataFrame
        Ids by level, covariates, and working columns; ``UNIT`` is the place of the unit directly
        above each row.
    scores : dict of str to ndarray (n,)
        True values of each outcome.
    random : Generator
        The wave's random numbers, after growth.
    """

    wave: str
    rows: pd.DataFrame
    scores: dict[str, np.ndarray]
    random: np.random.Generator

    def own_effects(self, place: str) -> np.ndarray:
        """Effects (n,) on the outcome of the units of a level alone, by row."""
        return self.rows[_OWN + place].to_numpy()


class Growth:
    """Growth of the units of a survey, from the top to the rows.

    A table has one row for each unit of the level grown last: its ids, its covariates, the sums of
    the random effects above it, and its random slopes.
    """

    def __init__(self, configuration: Configuration, plan: Simulation):
        self.configuration = configuration
        self.plan = plan
        self.levels = {level.place: level for level in configuration.model_levels}
        self.parent_of_rows, self.rows = configuration.model_levels[-2:]

    def waves(self) -> Iterator[Grown]:
        """Each wave in order."""
        random = np.random.default_rng([self.plan.seed, 0])
        units = pd.DataFrame({_EFFECT + name: [0.0] for name in self.plan.outcomes})
        for level in self.configuration.levels_above_time:
            units = self._draw(self._expand(units, level, None, random), level, random)
        for i, wave in enumerate(self.configuration.wave_names):
            random = np.random.default_rng([self.plan.seed, i + 1])
            if i and self.configuration.design.recurs:
                stays = random.random(len(units)) >= self.plan.attrition
                units = units[stays].reset_index(drop=True)
            rows = units
            if WAVE in self.levels:
                rows = self._draw(rows, WAVE, random)
            for level in self.configuration.levels_below_time:
                rows = self._draw(self._expand(rows, level, wave, random), level, random)
            if self.configuration.design.follows_lowest:
                rows = self._draw(rows, self.rows.place, random)
            rows = rows.assign(**self._means_of_units(rows))
            yield Grown(wave, rows, self._scores(rows, wave), random)

    def _scores(self, rows: pd.DataFrame, wave: str) -> dict[str, np.ndarray]:
        scores = {self.plan.outcome: self._outcome(rows, wave, self.plan.outcome, self.plan.fixed)}
        for slope in self.plan.slopes:
            size = rows[f"{_SLOPE}{slope.variable} {slope.group}"].to_numpy()
            scores[self.plan.outcome] += size * rows[slope.variable].to_numpy()
        for name, other in self.plan.further_outcomes.items():
            scores[name] = self._outcome(rows, wave, name, other.fixed)
        return scores

    def _expand(self, units: pd.DataFrame, level: str, wave: str | None, random) -> pd.DataFrame:
        """One row for each unit of a level; ids count from 1 in each parent, as text."""
        size = self.plan.sizes[level]
        if isinstance(size, dict):
            size = size[wave]
        low, high = size if isinstance(size, tuple) else (size, size)
        counts = random.integers(low, high + 1, size=len(units))
        if level == self.configuration.level_names[-1]:
            counts = self._informative(units, counts, low, high, random)
        parents = np.repeat(np.arange(len(units)), counts)
        number = np.arange(len(parents)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
        width = max(2, len(str(high)))
        ids = np.char.zfill(number.astype(str), width)
        rows = units.take(parents).reset_index(drop=True)
        return rows.assign(**{level: ids, UNIT: parents})

    def _informative(self, units: pd.DataFrame, counts, low: int, high: int, random):
        """Sizes (n,) of units that are correlated with their effects where the sample says so."""
        place = self.configuration.level_names[-2]
        sample = self.plan.sample
        correlation = sample.informative.get(place, 0.0) if sample is not None else 0.0
        if not correlation:
            return counts
        effect = units[_OWN + place].to_numpy()
        sd = np.sqrt(self.plan.variances[self.levels[place].key])
        rest = random.standard_normal(len(units))
        share = normal_tail(-(correlation * effect / sd + np.sqrt(1 - correlation**2) * rest))
        return np.minimum(low + np.floor(share * (high - low + 1)).astype(int), high)

    def _draw(self, units: pd.DataFrame, place: str, random) -> pd.DataFrame:
        """Units of a level with their covariates, random effects and slopes."""
        drawn, level = {}, self.levels[place]
        for name, covariate in self.plan.covariates.items():
            variable = self.configuration.variables[name]
            if variable.level == (ROW if level.is_residual else place):
                drawn[name] = self._covariate(units, name, covariate, random)
            elif level == self.parent_of_rows and variable.level == ROW:
                drawn[_PART + name] = random.standard_normal(len(units))
        effect = self._random_effects(units, level.key, drawn, random)
        main = self.plan.outcome
        drawn[_EFFECT + main] = units[_EFFECT + main] + effect
        if self.plan.sample is not None:
            drawn[_OWN + place] = effect
        for name, other in self.plan.further_outcomes.items():
            own = np.sqrt(1.0 - other.correlation**2) * random.standard_normal(len(units))
            if self.plan.variances[level.key]:
                own += other.correlation * effect / np.sqrt(self.plan.variances[level.key])
            own *= np.sqrt(other.variances[level.key])
            drawn[_EFFECT + name] = units[_EFFECT + name] + own
        return units.assign(**drawn)

    def _covariate(self, units: pd.DataFrame, name: str, covariate: Covariate, random):
        n = len(units)
        if covariate.shares is not None:
            return _allotted(covariate.shares, n, random)
        score = random.standard_normal(n)
        if _PART + name in units:
            between = covariate.clustering
            score = np.sqrt(between) * units[_PART + name] + np.sqrt(1 - between) * score
        value = covariate.mean + covariate.sd * np.asarray(score)
        low, high = self.configuration.variables[name].range or (-np.inf, np.inf)
        return np.clip(value, low, high).round(covariate.decimals)

    def _random_effects(self, units: pd.DataFrame, group: str, drawn: dict, random) -> np.ndarray:
        """Intercept effect of each unit; slopes, correlated with it, are put into ``drawn``."""
        slopes = [slope for slope in self.plan.slopes if slope.group == group]
        if not slopes:
            return np.sqrt(self.plan.variances[group]) * random.standard_normal(len(units))
        covariance = np.diag([self.plan.variances[group], *(slope.variance for slope in slopes)])
        for i, slope in enumerate(slopes, start=1):
            covariance[0, i] = covariance[i, 0] = slope.covariance
        effects = random.standard_normal((len(units), len(covariance))) @ _root(covariance).T
        for i, slope in enumerate(slopes, start=1):
            drawn[f"{_SLOPE}{slope.variable} {group}"] = effects[:, i]
        return effects[:, 0]

    def _outcome(self, rows: pd.DataFrame, wave: str, name: str, effects) -> np.ndarray:
        total = rows[_EFFECT + name].to_numpy().copy()
        for term, effect in effects.items():
            total += self.column(rows, term, wave, effect)
        return total

    def column(self, rows: pd.DataFrame, term: str, wave: str, effect: float = 1.0) -> np.ndarray:
        """Column (n,) of a term by its name, times an effect."""
        column = np.full(len(rows), effect)
        for factor in parse_effect(term, self.configuration):
            column *= self._factor(rows, factor, wave)
        return column

    def _means_of_units(self, rows: pd.DataFrame) -> dict[str, np.ndarray]:
        """Means of rows in their units, of the variables of true effects that are such means."""
        fixed = (self.plan.fixed, *(other.fixed for other in self.plan.further_outcomes.values()))
        terms = [term for effects in fixed for term in effects]
        names = {f.name for term in terms for f in parse_effect(term, self.configuration)}
        means = {}
        for name in sorted(names & self.configuration.variables.keys()):
            aggregate = self.configuration.variables[name].aggregate
            if aggregate is not None:
                path = list(self.configuration.path_in_wave(aggregate.within))
                groups = rows.groupby(path, sort=False)[aggregate.of]
                means[name] = groups.transform("mean").to_numpy()
        return means

    def _factor(self, rows: pd.DataFrame, factor: EffectFactor, wave: str) -> np.ndarray | float:
        time = self.configuration.time
        if time is not None and factor.name == time.name:
            if factor.category is None:
                return self.configuration.time_in_models(wave) ** factor.power
            return float(factor.category == wave)
        return factor.of(rows)


def _allotted(shares: dict[str, float], n: int, random) -> np.ndarray:
    """Categories (n,) in random order, their numbers as near to the shares as n allows."""
    bounds = np.round(np.cumsum(list(shares.values())) * n).astype(int)
    counts = np.diff([0, *bounds])
    return random.permutation(np.repeat(np.array(list(shares), dtype=object), counts))


def _root(covariance: np.ndarray) -> np.ndarray:
    """Matrix R with R R' = covariance, also where a variance is zero.

    Its columns are the principal axes in ascending order, the first of the largest entries of each
    negative: processors whose decompositions differ in signs make the same rows.
    """
    values, vectors = np.linalg.eigh(covariance)
    size = np.abs(vectors)
    first = np.argmax(size >= size.max(axis=0) - 1e-9, axis=0)
    signs = -np.sign(vectors[first, np.arange(len(values))])
    return vectors * signs * np.sqrt(np.clip(values, 0, None))
