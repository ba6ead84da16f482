"""What elimination left of the groups of a level, some groups at a time.

Of a pooled level it left one gain a pattern; the sums of its groups are made again, a part of them
at a time, so that no answer holds those of millions of pupils.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.elimination import EliminatedLevel
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.pooled.pool import Pool
from mlm.statistics.likelihood.pooled.weighed import WeighedEffects, weighed_groups
from mlm.statistics.likelihood.unit_shares import SharedWeights
from mlm.statistics.likelihood.working_tree import WorkingTree

ERRORS_AT_A_TIME = 1 << 13
"""Whose errors, with those of all effects around them, are looked at together."""


@dataclass(frozen=True)
class GroupsApart:
    """Groups of a level that stand together.

    Attributes
    ----------
    groups : slice
        Which of the level.
    done : EliminatedLevel
        What elimination left of them, each by itself; of those that were pooled without ``S+``.
    """

    groups: slice
    done: EliminatedLevel


@dataclass(frozen=True)
class LevelsApart:
    """The levels of a tree after elimination, their groups apart.

    Parameters
    ----------
    tree : WorkingTree
        The levels.
    pool : Pool or None
        The innermost level, where it was pooled.
    at : Evaluation
        What elimination left behind.
    """

    tree: WorkingTree
    pool: Pool | None
    at: Evaluation

    def of(self, place: int) -> Iterator[GroupsApart]:
        """All groups of a level, in their order."""
        size = self.tree.sizes[place]
        for start in range(0, max(size, 1), ERRORS_AT_A_TIME):
            groups = slice(start, min(start + ERRORS_AT_A_TIME, size))
            yield GroupsApart(groups, self._some(place, groups))

    def weighed(self, place: int, weights: SharedWeights) -> WeighedEffects | None:
        """Sums of effects of a pooled level; None where they are found group by group."""
        if self.pool is None or place + 1 != len(self.tree.levels):
            return None
        found = weighed_groups(self.tree, self.pool, weights.shares)
        if found is None:
            return None
        return found.effects(self.tree, self.pool, self.at.remains[place].gain, weights.onto)

    def _some(self, place: int, groups: slice) -> EliminatedLevel:
        done = self.at.remains[place]
        if done.wide is None:
            pattern = self.pool.pattern[groups]
            gain, inner = done.gain[:, :, pattern], done.inner[:, :, pattern]
            return EliminatedLevel(gain, inner, self.tree.levels[place].some(groups))
        if groups == slice(0, done.gain.shape[2]):
            return done
        parts = (done.gain, done.inner, done.wide, done.left)
        return EliminatedLevel(*(part[:, :, groups] for part in parts))


def left_of(done: EliminatedLevel) -> np.ndarray:
    """``S+`` (w, q, n) of groups, of those that were pooled made anew."""
    if done.left is not None:
        return done.left
    return done.wide - batched.apply(done.inner, batched.apply(done.gain, done.wide))
