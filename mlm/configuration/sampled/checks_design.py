"""Checks of the sample: weights by level, clusters, replicates."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.configuration.document import KeyPath
from mlm.configuration.models import Configuration
from mlm.configuration.names import nearest
from mlm.configuration.sampled.keys import Sampling, SurveyReplicates
from mlm.configuration.sampled.planning import level_key, sampling_design
from mlm.errors import ModelError
from mlm.nouns.levels import ROW
from mlm.nouns.replicates import Method
from mlm.nouns.sampling import OF_ONE_LEVEL

Problem = tuple[KeyPath, str]

MADE: tuple[Method, ...] = ("jk1", "jk2", "jkn")
"""Methods whose replicates can be made of clusters."""


def sampling_problems(configuration: Configuration) -> Iterator[Problem]:
    """Weights, clusters and replicates that make no design of this survey."""
    if configuration.sampling is None:
        return
    problems = [*_crossed(configuration), *_weights(configuration), *_psu(configuration)]
    problems += _replicates(configuration)
    yield from problems
    if not problems:
        yield from _design(configuration)


def _crossed(configuration: Configuration) -> Iterator[Problem]:
    """Units that are crossed, for which there is no weighted likelihood."""
    moved, crossing = configuration.crossed_level, configuration.crossing_levels
    if moved is not None:
        yield (
            ("sampling",),
            f"sampling weights beside crossed units: each {moved} that changes its unit stays one "
            f"('moves: crossed' of {moved}), and the weighted likelihood is a sum over outermost "
            f"units that share none. Say moves: episode (another {moved} in each unit), first or "
            "drop for it, or leave out 'sampling'",
        )
    if crossing:
        names, lowest = ", ".join(crossing), configuration.level_names[-1]
        yield (
            ("sampling",),
            f"sampling weights beside crossed units: {names} is crossed with {lowest}, and the "
            "weighted likelihood is a sum over outermost units whose parts lie in each other. "
            f"Leave the level {names} out, or 'sampling'",
        )


def _weights(configuration: Configuration) -> Iterator[Problem]:
    weights = configuration.sampling.weights
    levels = (*configuration.level_names, ROW)
    level_of: dict[str, str] = {}
    keys: dict[str, str] = {}
    for level, entry in weights.items():
        where, name = ("sampling", "weights", level), entry.column
        other = level_of.setdefault(name, level)
        if level not in levels:
            yield where, f"{level!r} is not a level; {nearest(level, levels)}"
            continue
        same = keys.setdefault(level_key(configuration, level), level)
        if same != level:
            yield where, f"{level} and {same} are the same, each row is one; keep one of them"
        elif other != level:
            yield where, f"{name!r} is the weight of {other} too; each level has its own"
        elif entry.factors and name in {*configuration.variables, *configuration.level_names}:
            yield where, f"{name!r} is a name of the codebook; call the product otherwise"
        else:
            for part in entry.parts:
                if part.column in configuration.variables:
                    yield from _entry(configuration, where, part.column, level)


def _entry(
    configuration: Configuration, where: KeyPath, name: str, level: str
) -> Iterator[Problem]:
    """What is wrong with the codebook entry of a weight."""
    entry = configuration.variables[name]
    if entry.has_categories:
        yield where, f"{name!r} is a category; a weight is a number"
    elif not entry.is_read:
        yield (
            where,
            f"{name!r} is computed, and a weight is read before anything is; write it into the "
            "files",
        )
    elif _is_below(configuration, entry.level, level):
        yield (
            where,
            f"{name!r} is at level {entry.level}; the weight of {level} has one value in "
            f"each {level}: correct its level, or name the level that it is the weight of",
        )


def _is_below(configuration: Configuration, level: str, weighted: str) -> bool:
    """Whether a variable of a level may differ within the units of another one."""
    if level not in (*configuration.level_names, ROW):
        return False
    lowest = len(configuration.levels) - 1
    bottom = lowest + 1 if configuration.design.follows_lowest else lowest
    return min(configuration.depth(level), bottom) > min(configuration.depth(weighted), bottom)


def _psu(configuration: Configuration) -> Iterator[Problem]:
    """Clusters that are a level which does not hold whole units of the models."""
    sampling, where = configuration.sampling, ("sampling", "psu")
    names = [entry.column for entry in sampling.psu or ()]
    if not names or names[0] not in configuration.level_names:
        return
    level, groups = names[0], [g.group for g in configuration.model_levels if g.group]
    is_lowest = level == configuration.level_names[-1]
    if len(names) > 1:
        yield where, f"{level} is a level, which is a cluster by itself: name it alone"
    elif is_lowest and not configuration.design.follows_lowest:
        yield where, f"each {level} is a row; name the level of the units that were drawn first"
    elif groups and level not in groups[0] and not _are_replicated(sampling):
        yield (
            where,
            f"units of {groups[0][-1]}, the outermost of the models, lie in several clusters of "
            f"{level}: the likelihood does not split into clusters. Leave the level "
            f"{groups[0][-1]} out (its units may be strata), or give replicate weights",
        )


def _are_replicated(sampling: Sampling) -> bool:
    """Whether errors come from replicates, which need no sums of clusters."""
    return sampling.replicates is not None and sampling.standard_errors in (None, "replicates")


def _replicates(configuration: Configuration) -> Iterator[Problem]:
    sampling = configuration.sampling
    entry, where = sampling.replicates, ("sampling", "replicates")
    if entry is None:
        if sampling.standard_errors == "replicates":
            yield (
                ("sampling", "standard_errors"),
                "errors by replicates need the key 'replicates'; add it, or choose linearised or "
                "jackknife",
            )
        return
    yield from _of_method(entry, where)
    if entry.columns is None:
        return
    has_rows = bool({ROW, configuration.level_names[-1]} & sampling.weights.keys())
    if sampling.weights_are == "conditional":
        yield (
            where,
            "replicate weights are replicates of overall weights, and 'weights_are' says "
            "conditional; give the overall weights, or leave 'replicates' out and name psu and "
            "strata",
        )
    elif not has_rows:
        yield (
            where,
            "replicate weights are those of rows, and 'weights' gives rows none; add the weight "
            f"that they are replicates of: {configuration.level_names[-1]}: <column>",
        )


def _of_method(entry: SurveyReplicates, where: KeyPath) -> Iterator[Problem]:
    """Keys that a method needs, and keys that mean nothing for it."""
    method, is_made = entry.method, entry.unit is not None or entry.zone is not None
    if entry.columns is None and method not in MADE:
        yield where, f"replicates by {method} are read from the files; add 'columns'"
    elif entry.columns is None and entry.unit is None:
        yield where, f"replicates by {method} need 'columns', or 'unit' of which they are made"
    elif entry.columns is not None and is_made:
        yield where, "replicates are read from 'columns' or made of 'unit' ('zone'): keep one"
    elif is_made and method != "jk1" and entry.zone is None:
        yield where, f"replicates by {method} are made in strata or pairs; add 'zone', their column"
    elif is_made and method == "jk1" and entry.zone is not None:
        yield (*where, "zone"), "jk1 leaves out one cluster of all; remove the key, or say jkn"
    if method == "fay" and entry.factor is None:
        yield where, "fay needs its factor, as 'factor: 0.5' (PISA and TALIS)"
    if method != "fay" and entry.factor is not None:
        yield (*where, "factor"), f"{method} has no factor; remove the key, or say fay"
    if method != "jk2" and entry.halves is not None:
        yield (*where, "halves"), f"only pairs (jk2) have halves, not {method}; remove the key"
    if is_made and (entry.scale is not None or entry.scales):
        key = "scale" if entry.scale is not None else "scales"
        yield (*where, key), "replicates that are made count for what they are; remove the key"


def _design(configuration: Configuration) -> Iterator[Problem]:
    """What contradicts the models: unknown chances of units, scalings, and the design itself."""
    sampling, where = configuration.sampling, ("sampling",)
    groups = [level for level in configuration.model_levels if level.group]
    keys = {level_key(configuration, level) for level in sampling.weights}
    inner = configuration.level_names[-2]
    if sampling.school_weight and inner in keys:
        yield (
            (*where, "school_weight"),
            f"{inner} has a column of weights, and is to have the mean of those of its rows; keep "
            "one of the two",
        )
    elif sampling.school_weight and (sampling.weights_are != "overall" or ROW not in keys):
        yield (
            (*where, "school_weight"),
            f"the weight of each {inner} is the mean of the overall weights of its rows; give "
            "'weights' of rows, and no 'weights_are: conditional'",
        )
    elif keys == {ROW} and sampling.weights_are == "overall" and not sampling.school_weight:
        yield (
            (*where, "weights"),
            f"rows have overall weights and no unit has one: how likely each {inner} was to be "
            f"drawn is not known. Add {inner}: <column>; or school_weight: mean, which gives each "
            "the mean weight of its rows; or say weights_are: conditional where all are in the "
            "sample",
        )
    elif sampling.scaling in OF_ONE_LEVEL and len(groups) > 1:
        names = ", ".join(level.name for level in groups)
        yield (
            (*where, "scaling"),
            f"{sampling.scaling} is defined for rows in one level of units; the models have "
            f"{len(groups)} ({names}). Choose effective, size or none",
        )
    else:
        try:
            sampling_design(configuration)
        except ModelError as error:
            yield where, str(error).rstrip(".")
