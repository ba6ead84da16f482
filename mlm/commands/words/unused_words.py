"""Columns of the files that nothing reads although results rest on them. Layer: commands.

Weights, replicates and plausible values are known by their names alone; what they hold is not read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from mlm.configuration.names import parse_term
from mlm.configuration.sampled.columns import sampled_columns
from mlm.errors import listed
from mlm.nouns.levels import ROW
from mlm.rows.cleaning.blocks import is_of_units
from mlm.rows.scaffold.column_names import is_sampled, is_weight, plausible_value
from mlm.rows.scaffold.roles import replicates_among, values_among

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.rows.cleaning.clean_wave import CleanWave

_BODIES = re.compile(r"height|bmi|stature", re.I)
_OF_SCHOOLS = re.compile(r"sch|etab|inst|clus", re.I)


def unused_words(
    configuration: Configuration,
    columns: Mapping[str, Sequence[str]],
    waves: Mapping[str, CleanWave],
) -> Iterator[str]:
    """What the configuration leaves unsaid of the sample, and what it seems to say otherwise.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    columns : mapping of str to sequence of str
        All columns of the files of each wave.
    waves : mapping of str to CleanWave
        The cleaned waves.
    """
    names = list(dict.fromkeys(name for own in columns.values() for name in own))
    used = _used(configuration, columns)
    yield from _draws(configuration, names, used)
    yield from _weights(configuration, names, used)
    yield from _of_units(configuration, waves)
    yield from _auxiliary_terms(configuration)


def _used(configuration: Configuration, waves: Collection[str]) -> set[str]:
    """Columns that the configuration reads."""
    found = set()
    for wave in waves:
        found.update(configuration.id_column_of(n, wave) for n in configuration.levels_with_ids)
        for name in configuration.read_variables:
            found.update(configuration.columns_of(name, wave))
        found.update(c.column_in(wave) for c in sampled_columns(configuration).values())
    return found


def _first_and_last(columns: Sequence[str]) -> str:
    return f"{columns[0]} to {columns[-1]}"


def _draws(configuration: Configuration, names: Sequence[str], used: set[str]) -> Iterator[str]:
    """Plausible values of which one is taken, or some, or none."""
    families = values_among(names)
    outcomes = dict.fromkeys(entry.outcome for entry in configuration.analyses.values())
    for outcome in outcomes:
        drawn = outcome in configuration.plausible_values
        own = _columns_of_outcome(configuration, outcome)
        scores = {named[0] for column in own if (named := plausible_value(column))}
        for score in scores & families.keys():
            family = families.pop(score)
            taken = sum(column in used for column in family)
            if taken < len(family):
                how = "more of them" if drawn else "the others"
                yield (
                    f"please look: {outcome}: {taken} of the {len(family)} plausible values "
                    f"{_first_and_last(family)} {'are' if taken > 1 else 'is'} used, so that "
                    f"errors lack that of the measurement; name {how} too: plausible_values: "
                    f"{{{outcome}: {family[0]}-{family[-1]}}}"
                )
    if not configuration.plausible_values:
        unused = [own for own in families.values() if not used.intersection(own)]
        if unused:
            yield (
                "please look: plausible values that nothing reads: "
                f"{listed([_first_and_last(own) for own in unused])}; an outcome that is measured "
                "by them is said under plausible_values"
            )


def _columns_of_outcome(configuration: Configuration, outcome: str) -> tuple[str, ...]:
    """Columns in which an outcome stands, in any wave."""
    if outcome in configuration.plausible_values:
        return tuple(configuration.plausible_values[outcome].columns)
    if outcome not in configuration.read_variables:
        return ()
    waves = configuration.wave_names
    return tuple(c for wave in waves for c in configuration.columns_of(outcome, wave))


def _weights(configuration: Configuration, names: Sequence[str], used: set[str]) -> Iterator[str]:
    """Weights and replicates that are there and not used."""
    measured = any(map(_BODIES.search, names))
    likely = [n for n in names if is_weight(n, None) and (not measured or is_sampled(n, None))]
    families = replicates_among(likely)
    replicates = {column for own in families.values() for column in own}
    weights = [name for name in likely if name not in replicates | used]
    sampling = configuration.sampling
    if sampling is None:
        if weights:
            yield (
                "please look: columns that are named as sampling weights are, and that nothing "
                f"uses: {listed(weights)}; every row counts alike. Where the sample was drawn "
                "with unequal chances name them under sampling: weights"
            )
        return
    own = [name for name in weights if _OF_SCHOOLS.search(name)]
    if sampling.school_weight == "mean" and own:
        yield (
            "please look: school_weight: mean stands beside columns that are named as weights of "
            f"units are: {listed(own)}; where one is, name it under sampling: weights in its place"
        )
    for family in families.values():
        taken = sum(column in used for column in family)
        unsaid = taken == 0 and sampling.replicates is None
        if unsaid or 0 < taken < len(family):
            yield (
                f"please look: {taken or 'none'} of the {len(family)} columns "
                f"{_first_and_last(family)}, which are named as replicate weights are, "
                f"{'are' if taken else 'is'} used; a part of them gives other standard errors: "
                f"sampling: replicates: columns: {family[0]}-{family[-1]}"
            )


def _of_units(configuration: Configuration, waves: Mapping[str, CleanWave]) -> Iterator[str]:
    """Terms that are declared of rows and have one value in each unit, in every wave."""
    terms = {
        name
        for analysis in configuration.analyses.values()
        for text in analysis.terms
        for name in parse_term(text).variables
    }
    levels = [n for n in configuration.level_names[:-1] if n not in configuration.crossing_levels]
    for name, variable in configuration.read_variables.items():
        if name not in terms or variable.level != ROW or name in configuration.plausible_values:
            continue
        for level in levels if waves else ():
            if all(is_of_units(wave, name, level) for wave in waves.values()):
                yield (
                    f"please look: {name}: it is declared 'level: {_lowest(configuration)}' and "
                    f"has one value in each {level}; if it describes the {level}, say 'level: "
                    f"{level}'"
                )
                break


def _lowest(configuration: Configuration) -> str:
    return ROW if configuration.design.follows_lowest else configuration.level_names[-1]


def _auxiliary_terms(configuration: Configuration) -> Iterator[str]:
    """Auxiliary variables of an imputation that are terms of every analysis already."""
    for name in configuration.missing.auxiliary:
        analyses = [
            title
            for title, analysis in configuration.analyses.items()
            if any(name in parse_term(text).variables for text in analysis.terms)
        ]
        if len(analyses) == len(configuration.analyses):
            yield (
                f"please look: missing: auxiliary: {name} is a term of "
                f"{listed(analyses)}, so that the imputation has it anyway; auxiliary are "
                "variables beside the terms"
            )
