"""Effects of the levels around crossed units, drawn again given their sums with these.

Rows know the sum of a school's effect and those of its classes better than either. Given these sums
an effect of the school is told by the classes alone, so that a chain which draws the one given the
other does not crawl.
"""

from __future__ import annotations

import numpy as np

from mlm.statistics.imputation.crossed.crossed_sums import Members
from mlm.statistics.imputation.small_matrices import inverse
from mlm.statistics.imputation.tree_effects import LevelMessage


def redrawn_around(
    around: np.ndarray,
    own: np.ndarray,
    parent: np.ndarray,
    members: Members,
    covariances: tuple[np.ndarray, np.ndarray],
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Effects of groups (D, H) and of crossed units in them (d, C), of the same sums on the rows.

    Parameters
    ----------
    around : ndarray (D, H)
        Effects of the groups: those on the rows, then others, which stay.
    own : ndarray (d, C)
        Effects of the units.
    parent : ndarray of int (C,)
        Group of each unit.
    members : Members
        The same, for sums.
    covariances : tuple of ndarray
        Of the effects of the groups (D, D) and of the units (d, d).
    rng : Generator
        Random numbers.

    Source
    ------
    Yu & Meng (2011), J. Comput. Graph. Stat. 20, 531-570, for drawing given sums.
    """
    d = len(own)
    whole, told = own + around[:d, parent], inverse(covariances[1])
    precision = inverse(covariances[0])
    counts = members.sums(np.ones((1, parent.size)))[0]
    linear = told @ members.sums(whole) - precision[:d, d:] @ around[d:]
    follows = inverse(precision[:d, :d])
    message = LevelMessage.of(told[:, :, None] * counts, linear, follows)
    drawn = around.copy()
    drawn[:d] = message.drawn(0.0, rng.standard_normal((d, counts.size)))
    return drawn, whole - drawn[:d, parent]
