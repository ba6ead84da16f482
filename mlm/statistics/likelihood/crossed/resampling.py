"""Units drawn again, where the lowest units are crossed with them: a refusal.

A unit that is drawn twice stands for two units with lower units of their own. A lower unit that was
in several units would be in one copy of each, or in both: samples of units do not say which.
"""

from __future__ import annotations

from typing import NoReturn

from mlm.statistics.likelihood.crossed.root import WorkingCrossing
from mlm.statistics.likelihood.refusals import NotWhereCrossed


def pieces(crossing: WorkingCrossing) -> NoReturn:
    """Refuse.

    Raises
    ------
    NotWhereCrossed
        Always.
    """
    raise NotWhereCrossed("units drawn again", crossing.n_effects)
