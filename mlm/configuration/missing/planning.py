"""From a configuration to what one of its analyses does about missing values."""

from __future__ import annotations

from collections.abc import Set

from mlm.configuration.models import Configuration
from mlm.nouns.missing_values import MOST_ITERATIONS, USUAL_DRAWS, MissingValues


def missing_values_of(configuration: Configuration, used: Set[str]) -> MissingValues:
    """What an analysis does about rows that lack a covariate.

    Auxiliary variables and shifts are those of the analysis: variables that are its terms are
    auxiliary in others alone, and only what it uses is shifted.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    used : set of str
        Outcome and variables of the terms of the analysis.
    """
    entry = configuration.missing
    auxiliary = tuple(name for name in entry.auxiliary if name not in used)
    return MissingValues(
        method="complete" if configuration.is_sampled else entry.method,
        draws=n_imputations(configuration),
        iterations=entry.iterations or MOST_ITERATIONS,
        auxiliary=auxiliary,
        shift={name: by for name, by in entry.shift.items() if name in (*used, *auxiliary)},
    )


def n_imputations(configuration: Configuration) -> int:
    """Imputations that are drawn, or that the files of each wave hold."""
    entry = configuration.missing
    if entry.draws is not None or entry.method != "files":
        return entry.draws or USUAL_DRAWS
    return len(configuration.imputed_names(configuration.wave_names[0]))
