"""Checks of the simulated truth: outcomes, sizes, fixed effects, variances and covariates."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.configuration.document import KeyPath
from mlm.configuration.effects import parse_effect
from mlm.configuration.models import Configuration
from mlm.configuration.names import nearest
from mlm.configuration.simulation.checks_sample import measurement_problems, sample_problems
from mlm.configuration.simulation.keys import same_keys

Problem = tuple[KeyPath, str]


def simulation_problems(configuration: Configuration) -> Iterator[Problem]:
    """All problems of the key simulate, with the key path of each."""
    simulate = configuration.simulate
    yield from _outcomes(configuration)
    yield from _sizes(configuration)
    yield from _fixed(configuration, ("simulate", "fixed"), simulate.fixed)
    yield from _variances(configuration, ("simulate", "variances"), simulate.variances)
    for name, other in simulate.further_outcomes.items():
        path: KeyPath = ("simulate", "further_outcomes", name)
        yield from _fixed(configuration, (*path, "fixed"), other.fixed)
        yield from _variances(configuration, (*path, "variances"), other.variances)
    yield from _slopes(configuration)
    yield from _covariates(configuration)
    yield from sample_problems(configuration)
    yield from measurement_problems(configuration)


def _outcomes(configuration: Configuration) -> Iterator[Problem]:
    """Outcomes are variables of the files, but for those of which they hold plausible values."""
    simulate, known = configuration.simulate, configuration.variables
    measured = simulate.plausible_values
    if simulate.outcome in simulate.further_outcomes:
        path: KeyPath = ("simulate", "further_outcomes", simulate.outcome)
        yield path, f"{simulate.outcome!r} is the outcome itself; the further ones are others"
    for name in simulate.outcomes:
        path = ("simulate", "outcome")
        if name in simulate.further_outcomes:
            path = ("simulate", "further_outcomes", name)
        if name not in known and (measured is None or name not in measured.columns):
            yield path, f"{name!r} is not a variable; {nearest(name, known)}"
        elif name in known and (known[name].is_category or not known[name].is_read):
            yield path, f"{name!r} must be a number that the files hold"


def _sizes(configuration: Configuration) -> Iterator[Problem]:
    sizes, levels = configuration.simulate.sizes, configuration.level_names
    yield from same_keys(("simulate", "sizes"), sizes, levels, "level")
    for level, size in sizes.items():
        options = size.values() if isinstance(size, dict) else [size]
        if isinstance(size, dict):
            yield from same_keys(
                ("simulate", "sizes", level), size, configuration.wave_names, "wave"
            )
            if level in configuration.levels_above_time:
                yield ("simulate", "sizes", level), "units that recur have one size for all waves"
        for option in options:
            if isinstance(option, tuple) and option[0] > option[1]:
                yield ("simulate", "sizes", level), "expected [lowest, highest]"


def _fixed(configuration: Configuration, path: KeyPath, fixed) -> Iterator[Problem]:
    if "Intercept" not in fixed:
        yield path, "the term Intercept is required but not given"
    for term in fixed:
        try:
            factors = parse_effect(term, configuration)
        except ValueError as error:
            yield (*path, term), str(error)
            continue
        for name in (factor.name for factor in factors):
            if name in configuration.variables and not _is_known(configuration, name):
                yield (
                    (*path, term),
                    f"{name!r} is not drawn; true effects are those of 'covariates', of time, and "
                    "of the mean of a covariate over the rows of a unit (aggregate)",
                )


def _is_known(configuration: Configuration, name: str) -> bool:
    """Whether a variable is drawn, or a mean of one that is, in each wave."""
    variable, drawn = configuration.variables[name], configuration.simulate.covariates
    mean = variable.aggregate
    if mean is None:
        return name in drawn
    plain = variable.centre is None and variable.standardise is None and mean.waves == "each"
    return plain and mean.statistic == "mean" and mean.of in drawn


def _variances(configuration: Configuration, path: KeyPath, variances) -> Iterator[Problem]:
    groups = [level.key for level in configuration.model_levels]
    yield from same_keys(path, variances, groups, "group")


def _slopes(configuration: Configuration) -> Iterator[Problem]:
    simulate = configuration.simulate
    groups = [level.key for level in configuration.model_levels]
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
    made = {*simulate.outcomes, *_made(configuration)}
    others = [name for name in configuration.read_variables if name not in made]
    yield from same_keys(("simulate", "covariates"), simulate.covariates, others, "variable")
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
            yield from same_keys((*path, "shares"), covariate.shares, codes, "category")
            if abs(sum(covariate.shares.values()) - 1) > 1e-9:
                yield (*path, "shares"), "the shares must add to 1"
        elif covariate.shares is not None:
            yield (*path, "shares"), "shares belong to a category; this variable is a number"


def _made(configuration: Configuration) -> set[str]:
    """Variables whose columns the sample and the measurement make, in every wave."""
    columns = set(configuration.simulate.made_columns)
    return {
        name
        for name in configuration.read_variables
        if columns.issuperset(configuration.column_of(name, w) for w in configuration.wave_names)
    }
