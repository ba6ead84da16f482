"""Whether a wave can be cleaned in parts, each unit at the top by itself."""

from __future__ import annotations

from mlm.configuration.models import Configuration
from mlm.nouns.levels import WAVE


def fits_parts(configuration: Configuration, wave: str) -> bool:
    """Whether the rows of a wave can be cleaned unit by unit of the highest level.

    Not where a statement looks at all rows together: sampling weights and plausible values, ids
    below the top that are one unit wherever they are found, units that are crossed, policies and
    statistics over waves, numbers that are centred or standardised over the wave; nor drawn waves,
    and files that hold imputations below the observed rows.
    """
    levels = configuration.levels
    whole = (
        configuration.simulate is not None,
        configuration.is_sampled,
        configuration.observed_are_stacked,
        configuration.waves_looked_at(wave) != (wave,),
        len(levels) < 2 or levels[0].id is None,
        any(level.ids == "global" or level.crossed is not None for level in levels[1:]),
        configuration.crossed_level is not None,
        any(
            variable.standardise or variable.centre == WAVE
            for variable in configuration.variables.values()
        ),
    )
    return not any(whole)
