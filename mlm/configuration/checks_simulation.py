"""Checks of the simulated truth: sizes, fixed effects, variances and covariates."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.configuration.document import KeyPath
from mlm.configuration.effects import parse_effect
from mlm.configuration.models import Configuration
from mlm.configuration.names import nearest

Problem = tuple[KeyPath, str]


def simulation_problems(configuration: Configuration) -> Iterator[Problem]:
    """All problems of the key simulate, with the key path of each."""
    yield from _outcome(configuration)
    yield from _sizes(configuration)
    yield from _fixed(configuration)
    yield from _random(configuration)
    yield from _covariates(configuration)


def _outcome(configuration: Configuration) -> Iterator[Problem]:
    outcome = configuration.simulate.outcome
    if outcome not in configuration.variables:
        hint = nearest(outcome, configuration.variables)
        yield ("simulate", "outcome"), f"{outcome!r} is not a variable; {hint}"


def _sizes(configuration: Configuration) -> Iterator[Problem]:
    sizes, levels = configuration.simulate.sizes, configuration.level_names
    yield from _same_keys(("simulate", "sizes"), sizes, levels, "level")
    for level, size in sizes.items():
        options = size.values() if isinstance(size, dict) else [size]
        if isinstance(size, dict):
            yield from _same_keys(
                ("simulate", "sizes", level), size, configuration.wave_names, "wave"
            )
            if level in configuration.levels_above_time:
                yield ("simulate", "sizes", level), "units that recur have one size for all waves"
        for option in options:
            if isinstance(option, tuple) and option[0] > option[1]:
                yield ("simulate", "sizes", level), "expected [lowest, highest]"


def _same_keys(path: KeyPath, given, expected, kind: str) -> Iterator[Problem]:
    for name in given:
        if name not in expected:
            yield (*path, name), f"{name!r} is not a {kind}; {nearest(name, expected)}"
    for name in expected:
        if name not in given:
            yield path, f"the {kind} {name!r} is required but not given"


def _fixed(configuration: Configuration) -> Iterator[Problem]:
    if "Intercept" not in configuration.simulate.fixed:
        yield ("simulate", "fixed"), "the term Intercept is required but not given"
    for term in configuration.simulate.fixed:
        try:
            parse_effect(term, configuration)
        except ValueError as error:
            yield ("simulate", "fixed", term), str(error)


def _random(configuration: Configuration) -> Iterator[Problem]:
    simulate = configuration.simulate
    groups = [level.key for level in configuration.model_levels]
    yield from _same_keys(("simulate", "variances"), simulate.variances, groups, "group")
    for i, slope in enumerate(simulate.slopes):
        path: KeyPath = ("simulate", "slopes", i)
        if slope.group not in groups[:-1]:
            hint = nearest(slope.group, groups[:-1])
            yield (*path, "group"), f"{slope.group!r} is not a group; {hint}"
        elif slope.covariance**2 > slope.variance * simulate.variances.get(slope.group, 0.0):
            yield (*path, "covariance"), "the correlation would be beyond 1; make it smaller"
        variable = configuration.variables.get(slope.variable)
        if variable is None or variable.is_category:
            yield (*path, "variable"), f"{slope.variable!r} is not a number variable"


def _covariates(configuration: Configuration) -> Iterator[Problem]:
    simulate = configuration.simulate
    others = [name for name in configuration.read_variables if name != simulate.outcome]
    yield from _same_keys(("simulate", "covariates"), simulate.covariates, others, "variable")
    for name, covariate in simulate.covariates.items():
        variable = configuration.variables.get(name)
        path: KeyPath = ("simulate", "covariates", name)
        if variable is None:
            continue
        if variable.type == "time" or variable.scores is not None:
            yield path, "variables of type time, and scores of categories, are not simulated"
        elif variable.is_category and covariate.shares is None:
            yield path, "a category needs 'shares' (category: share)"
        elif variable.is_category:
            codes = variable.categories or {}
            yield from _same_keys((*path, "shares"), covariate.shares, codes, "category")
            if abs(sum(covariate.shares.values()) - 1) > 1e-9:
                yield (*path, "shares"), "the shares must add to 1"
        elif covariate.shares is not None:
            yield (*path, "shares"), "shares belong to a category; this variable is a number"
