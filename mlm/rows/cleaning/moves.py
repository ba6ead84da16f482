"""Units that are found under another parent in another wave, from the ids of the wave files."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlm.configuration.models import Configuration
from mlm.rows.cleaning.ids import Ids, numbered_together, path_numbers
from mlm.rows.cleaning.intake import ids_of_wave


def moved_rows(
    configuration: Configuration,
    wave: str,
    i: int,
    ids: Mapping[str, Ids],
    kept: np.ndarray,
) -> np.ndarray:
    """Kept rows (bool, n) whose unit the policy of level i leaves out of a wave.

    Parameters
    ----------
    configuration, wave
        The survey and the wave.
    i : int
        Place of the level from the top; its policy is ``first`` or ``drop``.
    ids : mapping of str to Ids
        Ids of the wave's rows.
    kept : ndarray of int (n,)
        Rows of the wave that are still kept.
    """
    names = configuration.path_in_wave(configuration.level_names[i])
    waves = list(configuration.wave_names)
    is_first = configuration.levels[i].moves == "first"
    others = waves[: waves.index(wave)] if is_first else [w for w in waves if w != wave]
    found: list[Mapping[str, Ids]] = [ids_of_wave(configuration, w)[0] for w in others]
    found.append({name: ids[name].with_codes(ids[name].codes[kept]) for name in names})
    unit, _ = numbered_together([wave[names[-1]] for wave in found])
    parent = path_numbers(found, names[:-1])
    first = np.empty(int(unit.max()) + 1, dtype=parent.dtype)
    first[unit[::-1]] = parent[::-1]  # of several rows the first one stays
    moved = parent != first[unit]
    if not is_first:
        several = np.zeros(len(first), dtype=bool)
        several[unit[moved]] = True
        moved = several[unit]
    return moved[len(unit) - len(kept) :]
