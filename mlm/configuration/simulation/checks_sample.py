"""Checks of how a simulated survey is sampled and measured."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.configuration.document import KeyPath
from mlm.configuration.models import Configuration
from mlm.configuration.names import nearest
from mlm.configuration.simulation.keys import known_keys, same_keys
from mlm.configuration.simulation.sample import SampleReplicates
from mlm.errors import listed
from mlm.nouns.design import CROSS_SECTION, NEW_SCHOOLS
from mlm.nouns.levels import ROW
from mlm.nouns.replicates import columns_of

Problem = tuple[KeyPath, str]

SAMPLE: KeyPath = ("simulate", "sample")
MEASUREMENT: KeyPath = ("simulate", "plausible_values")


def sample_problems(configuration: Configuration) -> Iterator[Problem]:
    """Problems of the key simulate.sample, and of the columns that it makes."""
    yield from _columns(configuration)
    if configuration.simulate.sample is None:
        return
    design = configuration.design
    if design.recurs:
        yield (
            SAMPLE,
            f"samples are drawn anew in each wave, and in {design} the {design.recurring}s recur; "
            f"use {NEW_SCHOOLS} or {CROSS_SECTION}, or leave the key out",
        )
        return
    yield from _sizes(configuration)
    yield from _strata(configuration)
    yield from _selection(configuration)
    yield from _response(configuration)
    if configuration.simulate.sample.replicates is not None:
        yield from _replicates(configuration, configuration.simulate.sample.replicates)


def _columns(configuration: Configuration) -> Iterator[Problem]:
    made = configuration.simulate.made_columns
    twice = sorted({name for i, name in enumerate(made) if name in made[:i]})
    if twice:
        yield ("simulate",), f"columns {listed(twice)} are made twice; give each its own name"
    ids = {
        configuration.id_column_of(level, wave)
        for level in configuration.levels_with_ids
        for wave in configuration.wave_names
    }
    if both := sorted(ids & set(made)):
        yield ("simulate",), f"columns {listed(both)} hold ids of a level; choose other names"


def _sizes(configuration: Configuration) -> Iterator[Problem]:
    sizes, levels = configuration.simulate.sample.sizes, configuration.level_names[-2:]
    path: KeyPath = (*SAMPLE, "sizes")
    yield from same_keys(path, sizes, levels, "level that is drawn from")
    for level in levels:
        if isinstance(size := sizes.get(level), dict):
            if level == levels[-1]:
                yield (*path, level), f"one number of {level}s is drawn in each {levels[0]}"
            else:
                yield from same_keys((*path, level), size, configuration.wave_names, "wave")
    if min(_units(configuration).values(), default=2) < 2:
        yield (*path, levels[0]), "two units at least are drawn; of one nothing is known"


def _units(configuration: Configuration) -> dict[str, int]:
    """Units drawn by wave, as far as it is said."""
    size = configuration.simulate.sample.sizes.get(configuration.level_names[-2])
    if isinstance(size, dict):
        return size
    return {} if size is None else dict.fromkeys(configuration.wave_names, size)


def _strata(configuration: Configuration) -> Iterator[Problem]:
    sample, known = configuration.simulate.sample, configuration.variables
    *above, unit, _ = configuration.level_names
    for i, name in enumerate(sample.strata):
        path: KeyPath = (*SAMPLE, "strata", i)
        if name in above:
            continue
        variable = known.get(name)
        if variable is None:
            yield (
                path,
                f"{name!r} is no level above {unit} and no variable; "
                + nearest(name, (*above, *known)),
            )
        elif not variable.is_category or not _is_of_units(configuration, name):
            yield path, f"{name!r} must be a category that is drawn, of level {unit} or above"
    for i, name in enumerate(sample.sorted_by):
        path = (*SAMPLE, "sorted_by", i)
        if name not in known:
            yield path, f"{name!r} is not a variable; {nearest(name, known)}"
        elif not _is_of_units(configuration, name):
            yield path, f"{name!r} must be a variable that is drawn, of level {unit} or above"


def _is_of_units(configuration: Configuration, name: str) -> bool:
    levels = configuration.level_names[:-1]
    is_drawn = name in configuration.simulate.covariates
    return is_drawn and configuration.variables[name].level in levels


def _selection(configuration: Configuration) -> Iterator[Problem]:
    sample, levels = configuration.simulate.sample, configuration.level_names[-2:]
    kind = "level that is drawn from"
    yield from known_keys((*SAMPLE, "informative"), sample.informative, levels, kind)
    if abs(sample.informative.get(levels[0], 0.0)) >= 1.0:
        yield (*SAMPLE, "informative", levels[0]), "a correlation between -1 and 1 is expected"
    elif sample.informative.get(levels[0]):
        group = next(e.key for e in configuration.model_levels if e.place == levels[0])
        if not configuration.simulate.variances.get(group):
            yield (*SAMPLE, "informative", levels[0]), f"units of {group} have no variance"
    yield from known_keys((*SAMPLE, "weights"), sample.weights, levels, kind)
    if levels[1] not in sample.weights:
        yield (*SAMPLE, "weights"), f"the column of the weights of {levels[1]}s is required"


def _response(configuration: Configuration) -> Iterator[Problem]:
    response, levels = configuration.simulate.sample.response, configuration.level_names[-2:]
    path: KeyPath = (*SAMPLE, "response")
    yield from known_keys(path, response, levels, "level that is drawn from")
    if isinstance(response.get(levels[0]), dict):
        yield (*path, levels[0]), "one share is expected"
    shares = response.get(levels[1])
    if not isinstance(shares, dict):
        return
    if len(shares) != 1:
        yield (*path, levels[1]), "one variable, with a share for each category, is expected"
    for name, each in shares.items():
        where, variable = (*path, levels[1], name), configuration.variables.get(name)
        drawn = configuration.simulate.covariates
        if variable is None or not variable.is_category or name not in drawn:
            yield where, f"{name!r} must be a category that is drawn"
        elif variable.level != ROW:
            yield where, f"{name!r} is of level {variable.level}; one of level row is expected"
        else:
            yield from same_keys(where, each, variable.categories or {}, "category")


def _replicates(configuration: Configuration, replicates: SampleReplicates) -> Iterator[Problem]:
    path, method = (*SAMPLE, "replicates"), replicates.method
    pairs = (replicates.zone, replicates.unit)
    if method == "jk2":
        if replicates.columns is not None or None in pairs:
            yield path, "jk2 writes zones and units: name the columns 'zone' and 'unit' alone"
        return
    if replicates.columns is None or pairs != (None, None):
        yield path, f"{method} writes replicate weights: name their 'columns' alone"
        return
    count = len(columns_of(replicates.columns))
    for wave, units in _units(configuration).items():
        if method == "jk1" and count != units:
            yield (
                (*path, "columns"),
                f"{count} columns for {units} units drawn in wave {wave}; jk1 leaves one out at a "
                "time and needs as many columns",
            )
    if method != "jk1" and count % 4:
        yield (*path, "columns"), f"{count} columns; balanced replicates are a multiple of 4"


def measurement_problems(configuration: Configuration) -> Iterator[Problem]:
    """Problems of the keys simulate.plausible_values and simulate.cuts."""
    simulate = configuration.simulate
    yield from known_keys(("simulate", "cuts"), simulate.cuts, simulate.outcomes, "outcome")
    measured = simulate.plausible_values
    if measured is None:
        return
    if configuration.design.follows_lowest:
        yield (
            MEASUREMENT,
            f"plausible values of {configuration.design}, whose scores depend on each other over "
            "the waves, are not simulated; leave the key out",
        )
    path: KeyPath = (*MEASUREMENT, "columns")
    yield from known_keys(path, measured.columns, simulate.outcomes, "outcome")
    counts = {name: len(columns_of(text)) for name, text in measured.columns.items()}
    for name, count in counts.items():
        if count < 2:
            yield (*path, name), "two plausible values or more are expected: PV{1..10}MATH"
    if len(set(counts.values())) > 1:
        yield (
            path,
            f"outcomes have {listed(counts.values())} plausible values; expected as many each",
        )
    if isinstance(measured.reliability, dict):
        where = (*MEASUREMENT, "reliability")
        yield from same_keys(where, measured.reliability, measured.columns, "outcome")
    chosen = measured.conditioning.covariates or ()
    where = (*MEASUREMENT, "conditioning", "covariates")
    yield from known_keys(where, chosen, simulate.covariates, "covariate that is drawn")
