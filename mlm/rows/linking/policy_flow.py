"""Units of the groups of a policy followed over the waves: seen, gone, and with an outcome."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import numpy as np

from mlm.configuration.models import Configuration
from mlm.results.survey.survey import GroupFollowed, OutcomeInGroup
from mlm.rows.linking.policy_changes import categories_of, counted_policies
from mlm.rows.linking.survey_rows import SurveyRows
from mlm.rows.linking.tracks import Track, units_of_entries


def groups_followed(
    configuration: Configuration, rows: SurveyRows, tracks: Mapping[str, Track]
) -> Iterator[GroupFollowed]:
    """Units of each group of each policy in one wave, as they are found in it and in later ones.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    rows : SurveyRows
        Cleaned rows of all waves.
    tracks : mapping of str to Track
        Units of the levels.

    Yields
    ------
    GroupFollowed
        Of each group, of the units whose group is not known, and of those who came later.
    """
    for name, level in counted_policies(configuration):
        units = tracks[level]
        categories = [None, *configuration.variables[name].categories]
        places = categories_of(configuration, rows, units, name) + 1
        found = units.found.T
        known = {
            outcome: _with_a_value(configuration, rows, units, outcome)
            for outcome in _outcomes(configuration, name)
        }
        waves = range(len(rows.waves))
        for i, j in itertools.combinations_with_replacement(waves, 2):
            groups = [(category, True) for category in categories] + [(None, False)]
            for k, (category, there) in enumerate(groups):
                own = found[i] & (places[i] == k) if there else ~found[i] & found[j]
                if own.any():
                    seen = own & found[j]
                    yield GroupFollowed(
                        variable=name,
                        level=level,
                        wave=rows.waves[i],
                        other=rows.waves[j],
                        category=category,
                        there=there,
                        seen=int(seen.sum()),
                        gone=int((own & ~found[j]).sum()),
                        ungrouped=int((seen & (places[j] == 0)).sum()),
                        outcomes=_counted(seen, {o: valued[j] for o, valued in known.items()}),
                    )


def _counted(seen: np.ndarray, known: Mapping[str, np.ndarray]) -> tuple[OutcomeInGroup, ...]:
    """Units that are seen, with and without a value of each outcome."""
    return tuple(
        OutcomeInGroup(
            outcome=outcome,
            known=int((seen & valued).sum()),
            missing=int((seen & ~valued).sum()),
        )
        for outcome, valued in known.items()
    )


def _outcomes(configuration: Configuration, policy: str) -> list[str]:
    """Outcomes of the analyses that declare a policy."""
    analyses = configuration.analyses.values()
    return list(dict.fromkeys(each.outcome for each in analyses if policy in each.policy))


def _with_a_value(
    configuration: Configuration, rows: SurveyRows, units: Track, name: str
) -> np.ndarray:
    """Whether each unit has a row with a value of a variable in each wave, bool (T, G)."""
    number = units_of_entries(configuration, rows, units)
    found = np.zeros((len(rows.waves), units.n_units), dtype=bool)
    for wave, own in enumerate(found):
        own[rows.present_values(number, name, wave)[0]] = True
    return found
