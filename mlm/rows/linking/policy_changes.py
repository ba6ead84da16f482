"""Units that are in another group of a policy in a later wave."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mlm.configuration.models import Configuration
from mlm.results.survey.survey import GroupsInWaves
from mlm.rows.linking.survey_rows import SurveyRows
from mlm.rows.linking.tracks import Track, units_of_entries


def groups_in_waves(
    configuration: Configuration, rows: SurveyRows, tracks: Mapping[str, Track]
) -> Iterator[GroupsInWaves]:
    """Units of each group of each policy in one wave, by their group in each later wave.

    Counted are the pupils where they are followed, otherwise the units that the policy's variable
    describes, where these recur.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    rows : SurveyRows
        Cleaned rows of all waves.
    tracks : mapping of str to Track
        Units of the levels.
    """
    for name, level in counted_policies(configuration):
        categories = [None, *configuration.variables[name].categories]
        places = categories_of(configuration, rows, tracks[level], name) + 1
        for i, j in itertools.combinations(range(len(rows.waves)), 2):
            counts = np.zeros((len(categories),) * 2, dtype=np.int64)
            np.add.at(counts, (places[i], places[j]), 1)
            counts[0, 0] = 0  # in neither wave
            for a, b in np.argwhere(counts):
                yield GroupsInWaves(
                    variable=name,
                    level=level,
                    wave=rows.waves[i],
                    other=rows.waves[j],
                    category=categories[a],
                    other_category=categories[b],
                    units=int(counts[a, b]),
                )


def counted_policies(configuration: Configuration) -> Iterator[tuple[str, str]]:
    """Policies whose groups are counted, each with the level of the units that are counted.

    Where the lowest level is followed, its units; otherwise those that the policy's variable
    describes, where they recur.
    """
    for name in dict.fromkeys(v for a in configuration.analyses.values() for v in a.policy):
        variable = configuration.variables[name]
        level = variable.level
        if configuration.design.follows_lowest:
            level = configuration.level_names[-1]
        elif level not in configuration.levels_above_time:
            continue
        if variable.is_category:
            yield name, level


def categories_of(
    configuration: Configuration, rows: SurveyRows, units: Track, name: str
) -> np.ndarray:
    """Place (T, G) of the category that each unit has in each wave; -1 where none is known."""
    number = units_of_entries(configuration, rows, units)
    places = np.full((len(rows.waves), units.n_units), -1, dtype=np.int16)
    for wave, own in enumerate(places):
        found, values = rows.present_values(number, name, wave)
        own[found] = values
    return places


def changed_groups_problems(
    configuration: Configuration, found: Sequence[GroupsInWaves]
) -> Iterator[str]:
    """Policies whose groups are declared as assigned although units change them afterwards.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    found : sequence of GroupsInWaves
        Units by their groups in two waves.
    """
    waves = configuration.wave_names
    for name, wave in _assigned(configuration):
        for first, other in itertools.combinations(waves[waves.index(wave) :], 2):
            same = [
                item
                for item in found
                if (item.variable, item.wave, item.other) == (name, first, other)
                if None not in (item.category, item.other_category)
            ]
            changed = sum(item.units for item in same if item.category != item.other_category)
            if changed:
                level = configuration.level(same[0].level)
                yield (
                    f"analyses: policy: {name} is declared 'as: assigned' in wave {wave}, but "
                    f"{changed} of {sum(item.units for item in same)} "
                    f"{level.plural or level.name + 's'} in waves {first} and {other} have "
                    f"another category in {other}; say 'as: attended', or give the group assigned "
                    "in a variable of its own"
                )
                break


def _assigned(configuration: Configuration) -> Iterator[tuple[str, str]]:
    """Policies declared as assigned, each with its wave of assignment."""
    claims = (item for a in configuration.analyses.values() for item in a.policy.items())
    known = {(name, claim.wave): None for name, claim in claims if claim.groups == "assigned"}
    return iter(known)
