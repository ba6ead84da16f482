"""Simulated surveys: waves as a data owner would deliver them, from known true parameters.

A survey grows from the top: a table of units is expanded level by level, and at each level the
units draw their covariates and their random effects. What lies above time is drawn once, each wave
from random numbers of its own; so a further wave leaves the files of the earlier waves unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import ValidationError

from mlm.configuration import Configuration, load_configuration
from mlm.configuration.effects import EffectFactor, parse_effect
from mlm.configuration.simulated import Covariate, Simulation
from mlm.errors import ConfigurationError
from mlm.nouns.levels import ROW, WAVE
from mlm.rows.simulating.truth import true_parameters

_EFFECT = " effect"
_PART = " part of "
_SLOPE = " slope of "
# a blank starts the names of working columns, which no variable and no level can have


def simulate(
    survey: Configuration | str | Path,
    *,
    seed: int | None = None,
    sizes: Mapping[str, object] | None = None,
) -> tuple[dict[str, pd.DataFrame], dict]:
    """Waves of a simulated survey, and the truth they were drawn from.

    Parameters
    ----------
    survey : Configuration or path
        A configuration with the key ``simulate``, or its file.
    seed : int, optional
        Another seed than the configuration's.
    sizes : mapping, optional
        Level: number of units in each parent unit, [low, high], or one of these by wave;
        replaces the configuration's sizes level by level.

    Returns
    -------
    waves : dict of DataFrame
        Wave name: its rows; all cells are text, a missing cell is empty.
    truth : dict
        fixed, variances, slopes and terms_without_effect (see ``true_parameters``).

    Raises
    ------
    ConfigurationError
        The configuration describes no simulated survey.

    Examples
    --------
    >>> waves, truth = simulate("config/science.yaml", sizes={"county": 2})
    >>> list(waves)
    ['1984', '1992']
    """
    configuration = survey if isinstance(survey, Configuration) else load_configuration(survey)
    return simulate_survey(configuration, seed=seed, sizes=sizes)


def simulate_survey(
    configuration: Configuration,
    *,
    seed: int | None = None,
    sizes: Mapping[str, object] | None = None,
) -> tuple[dict[str, pd.DataFrame], dict]:
    """Waves and truth of a loaded configuration; see ``simulate``."""
    plan = configuration.simulate
    if plan is None:
        raise ConfigurationError(
            f"{configuration.path}: the survey is not simulated; add the key 'simulate' with its "
            "sizes and true parameters"
        )
    plan = _changed(plan, seed, sizes)
    growth = _Growth(configuration, plan)
    waves = {
        wave: _delivered(configuration, plan, wave, rows, random)
        for wave, rows, random in growth.waves()
    }
    return waves, true_parameters(configuration, plan)


def _changed(plan: Simulation, seed: int | None, sizes: Mapping[str, object] | None) -> Simulation:
    values = plan.model_dump()
    values["seed"] = plan.seed if seed is None else seed
    if unknown := set(sizes or {}) - set(plan.sizes):
        raise ConfigurationError(
            f"sizes: no level is named {', '.join(sorted(unknown))}; known: {', '.join(plan.sizes)}"
        )
    values["sizes"] = values["sizes"] | dict(sizes or {})
    try:
        return Simulation.model_validate(values)
    except ValidationError as error:
        raise ConfigurationError(
            [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        ) from None


class _Growth:
    """Growth of the units of a survey, from the top to the rows.

    A table has one row for each unit of the level grown last: its ids, its covariates, the sum of
    the random effects above it, and its random slopes.
    """

    def __init__(self, configuration: Configuration, plan: Simulation):
        self.configuration = configuration
        self.plan = plan
        self.levels = {level.place: level for level in configuration.model_levels}
        self.parent_of_rows, self.rows = configuration.model_levels[-2:]

    def waves(self) -> Iterator[tuple[str, pd.DataFrame, np.random.Generator]]:
        """Name, rows and random generator of each wave."""
        random = np.random.default_rng([self.plan.seed, 0])
        units = pd.DataFrame({_EFFECT: [0.0]})
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
            yield wave, rows.assign(**{_EFFECT: self._outcome(rows, wave)}), random

    def _expand(self, units: pd.DataFrame, level: str, wave: str | None, random) -> pd.DataFrame:
        """One row for each unit of a level; ids count from 1 in each parent, as text."""
        size = self.plan.sizes[level]
        if isinstance(size, dict):
            size = size[wave]
        low, high = size if isinstance(size, tuple) else (size, size)
        counts = random.integers(low, high + 1, size=len(units))
        parents = np.repeat(np.arange(len(units)), counts)
        number = np.arange(len(parents)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
        width = max(2, len(str(high)))
        ids = np.char.zfill(number.astype(str), width)
        return units.take(parents).reset_index(drop=True).assign(**{level: ids})

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
        return units.assign(**drawn, **{_EFFECT: units[_EFFECT] + effect})

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

    def _outcome(self, rows: pd.DataFrame, wave: str) -> np.ndarray:
        total = rows[_EFFECT].to_numpy().copy()
        for term, effect in self.plan.fixed.items():
            column = np.full(len(rows), effect)
            for factor in parse_effect(term, self.configuration):
                column *= self._factor(rows, factor, wave)
            total += column
        for slope in self.plan.slopes:
            size = rows[f"{_SLOPE}{slope.variable} {slope.group}"].to_numpy()
            total += size * rows[slope.variable].to_numpy()
        return total

    def _factor(self, rows: pd.DataFrame, factor: EffectFactor, wave: str) -> np.ndarray | float:
        time = self.configuration.time
        if time is not None and factor.name == time.name:
            if factor.category is None:
                return self.configuration.time_in_models(wave) ** factor.power
            return float(factor.category == wave)
        values = rows[factor.name].to_numpy()
        if factor.category is not None:
            return (values == factor.category).astype(float)
        return values**factor.power


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


def _delivered(
    configuration: Configuration, plan: Simulation, wave: str, rows: pd.DataFrame, random
) -> pd.DataFrame:
    """Rows as a data owner delivers them: all cells text, some of them empty."""
    cells = {}
    for level in configuration.levels_with_ids:
        cells[configuration.id_column_of(level, wave)] = rows[level].to_numpy()
    for name in configuration.read_variables:
        if name == plan.outcome:
            text = _text(rows[_EFFECT].to_numpy(), plan.outcome_decimals)
            missing = plan.outcome_missing
        else:
            covariate = plan.covariates[name]
            values = rows[name].to_numpy()
            text = values if covariate.shares is not None else _text(values, covariate.decimals)
            missing = covariate.missing
        empty = random.random(len(rows)) < missing
        cells[configuration.column_of(name, wave)] = np.where(empty, "", text)
    return pd.DataFrame(cells, dtype=object)


def _text(values: np.ndarray, decimals: int) -> np.ndarray:
    return np.array([f"{value:.{decimals}f}" for value in values.tolist()], dtype=object)
